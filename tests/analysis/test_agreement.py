"""Agreement, held to published examples and to the kept libraries."""

import json
import math
import time
import tracemalloc
from collections import Counter
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from statsmodels.stats.inter_rater import cohens_kappa

from testimonies.analysis import agreement
from testimonies.analysis.agreement import Level, Reason, Status, Units

GOLD = json.loads((Path(__file__).parent / "reliability_gold.json").read_text())
SIX_DIGITS = GOLD["tolerance"]
LEVELS = list(Level)

tables = st.integers(1, 5).flatmap(
    lambda coders: st.lists(
        st.lists(st.none() | st.integers(0, 5), min_size=coders, max_size=coders), min_size=1, max_size=25
    )
)
"""One row per unit."""


def by_id(example):
    return example["id"]


@pytest.mark.parametrize("example", GOLD["examples"], ids=by_id)
def test_published_examples(example):
    units, expected = Units.of(example["data"]), example["expected"]
    for level in LEVELS:
        if known := expected.get(f"alpha_{level}"):
            assert agreement.alpha(units, level).value == pytest.approx(known["value"], abs=SIX_DIGITS)
    percent = agreement.percent(units)
    pooled = expected["percent_agreement_pooled_pairs"]
    assert (percent.agreeing, percent.pairs) == (pooled["agreeing_pairs"], pooled["pairs"])
    assert percent.pooled.value == pytest.approx(pooled["value"], abs=SIX_DIGITS)
    if "percent_agreement_mean_of_units" in expected:
        assert percent.mean.value == pytest.approx(expected["percent_agreement_mean_of_units"], abs=SIX_DIGITS)
    if "pairable_units" in expected:
        assert (units.n_units, int(units.many @ units.counts.sum(axis=1))) == (11, 40)
    if kappa := expected.get("cohen_kappa") or expected.get("cohen_kappa_unweighted"):
        answer = agreement.kappa(agreement.crossed(*example["data"]))
        assert answer.value == pytest.approx(kappa["value"], abs=SIX_DIGITS)
    for pair, known in expected.get("pairwise", {}).items():
        one, other = (example["data"][int(number) - 1] for number in pair.split("-"))
        table = agreement.crossed(one, other)
        assert sum(map(sum, table)) == known["n"]
        assert sum(a == b for a, b in zip(one, other, strict=True) if None not in (a, b)) == known["agree"]
        assert agreement.kappa(table).value == pytest.approx(known["cohen_kappa"], abs=SIX_DIGITS)


@pytest.mark.parametrize("example", GOLD["edge_cases"], ids=by_id)
def test_published_edge_cases(example):
    units, expected = Units.of(example["data"]), example["expected"]
    answer, percent = agreement.alpha(units), agreement.percent(units)
    assert (answer.value, answer.reason) == (expected["alpha_nominal"], expected["reason"])
    assert (percent.pooled.value, percent.pairs) == (expected["percent_agreement"], expected["pairs"])


@pytest.mark.parametrize("name", GOLD["edge_cases_kappa"])
def test_published_edge_cases_of_kappa(name):
    (data,) = (case["data"] for case in GOLD["edge_cases"] if case["id"] == name)
    expected = GOLD["edge_cases_kappa"][name]
    answer = agreement.kappa(agreement.crossed(*data))
    assert (answer.value, answer.reason) == (expected["expected"], expected.get("reason"))


@pytest.mark.parametrize("level", LEVELS)
@settings(max_examples=150, deadline=None)
@given(table=tables)
def test_alpha_is_what_the_library_says(level, table):
    rows = list(zip(*table, strict=True))
    answer = agreement.alpha(Units.of(rows), level)
    if answer.reason is None:
        data = np.array([[math.nan if value is None else value for value in row] for row in rows], dtype=float)
        assert answer.value == pytest.approx(krippendorff.alpha(data, level_of_measurement=level), abs=1e-9)
    else:
        kept = [value for unit in table if sum(v is not None for v in unit) > 1 for value in unit if value is not None]
        assert len(set(kept)) < 2


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40))
def test_kappa_is_what_the_libraries_say(pairs):
    table = agreement.crossed(*zip(*pairs, strict=True))
    answer = agreement.kappa(table)
    if answer.reason:
        assert len({value for pair in pairs for value in pair}) == 1
    else:
        with np.errstate(invalid="ignore", divide="ignore"):  # in its own test of significance
            assert answer.value == pytest.approx(cohens_kappa(np.array(table)).kappa, abs=1e-9)
        task = AnnotationTask([(coder, unit, pair[coder]) for unit, pair in enumerate(pairs) for coder in (0, 1)])
        assert answer.value == pytest.approx(task.kappa(), abs=1e-9)


def test_values_of_any_kind_in_any_order():
    rows = [["b", "a", "c", "a"], ["b", "a", "a", None]]
    renamed = [["x", "y", "0", "y"], ["x", "y", "y", None]]
    assert agreement.alpha(Units.of(rows)) == agreement.alpha(Units.of(renamed))
    grades = [["low", "high", "middle"], ["low", "middle", "middle"]]
    ordered = Units.of(grades, points=("low", "middle", "high"))
    numbered = Units.of([[1, 3, 2], [1, 2, 2]])
    assert agreement.alpha(ordered, Level.ORDINAL) == agreement.alpha(numbered, Level.ORDINAL)


def test_an_interval_scale_may_start_anywhere():
    near, far = [[1, 2, 4, 2], [1, 3, 4, 1]], [[2011, 2012, 2014, 2012], [2011, 2013, 2014, 2011]]
    assert agreement.alpha(Units.of(far), Level.INTERVAL).value == pytest.approx(
        agreement.alpha(Units.of(near), Level.INTERVAL).value
    )


def test_a_ratio_scale_has_nothing_below_zero():
    with pytest.raises(ValueError, match="below 0"):
        agreement.alpha(Units.of([[-1, 2], [1, 2]]), Level.RATIO)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[]], Reason.NO_UNITS),
        ([[None, None], [None, None]], Reason.NO_UNITS),
        ([["a", "b", "a"]], Reason.FEWER_THAN_TWO_CODERS),
        ([["a", "b"], [None, None]], Reason.FEWER_THAN_TWO_CODERS),
        ([["a", None], [None, "b"]], Reason.NO_PAIRABLE_UNITS),
        ([["a", "a"], ["a", None]], Reason.NO_VARIATION),
    ],
)
def test_what_has_no_answer_has_a_reason(rows, reason):
    units = Units.of(rows)
    for level in (Level.NOMINAL, Level.ORDINAL):
        assert agreement.alpha(units, level) == agreement.Answer(reason=reason)
        assert agreement.interval(units, level).reason == reason
    assert (agreement.percent(units).pooled.value is None) is (reason is not Reason.NO_VARIATION)


def test_every_reason_is_undefined_or_too_few():
    assert agreement.status(None) is Status.VALUE
    undefined = {reason for reason in Reason if agreement.status(reason) is Status.UNDEFINED}
    assert undefined == {Reason.NO_VARIATION, Reason.TOO_LITTLE_VARIATION}


def test_two_units_have_an_alpha_and_no_interval():
    units = Units.of([["a", "b"], ["a", "b"]])
    assert agreement.alpha(units).value == 1
    assert agreement.interval(units).reason is Reason.FEWER_THAN_TEN_UNITS


def test_a_code_that_is_hardly_ever_used_has_no_interval():
    rare = Units.of([["yes"] + ["no"] * 199, ["yes"] + ["no"] * 199])
    assert agreement.alpha(rare).value == 1
    found = agreement.interval(rare)
    assert (found.low, found.high, found.reason) == (None, None, Reason.TOO_LITTLE_VARIATION)
    assert 0 < found.draws < 950


def plainly(rows, level, draws, seed):
    """The same interval with units drawn one by one, and the library's alpha."""
    random = np.random.default_rng(seed)
    data = np.array(rows, dtype=float)
    data = data[:, (~np.isnan(data)).sum(axis=0) > 1]
    found = []
    for _ in range(draws):
        drawn = data[:, random.integers(data.shape[1], size=data.shape[1])]
        if len(np.unique(drawn[~np.isnan(drawn)])) > 1:
            found.append(krippendorff.alpha(drawn, level_of_measurement=level))
    return np.quantile(found, [0.025, 0.975])


@pytest.mark.parametrize("level", LEVELS)
def test_the_interval_is_that_of_a_plain_bootstrap(level):
    random = np.random.default_rng(7)
    truth = random.integers(1, 5, size=80)
    rows = [np.where(random.random(80) < 0.8, truth, random.integers(1, 5, size=80)).astype(float) for _ in range(3)]
    rows[2][:20] = math.nan
    units = Units.of([[None if math.isnan(value) else value for value in row] for row in rows])
    found = agreement.interval(units, level, draws=4_000, seed=1)
    assert found.low < agreement.alpha(units, level).value < found.high
    assert [found.low, found.high] == pytest.approx(plainly(rows, level, 1_500, 2), abs=0.02)


def test_a_seed_repeats_its_interval_and_another_gives_another(monkeypatch):
    units = Units.of(next(example for example in GOLD["examples"] if example["id"] == "cohen-2x2-50")["data"])
    first = agreement.interval(units, seed=3)
    assert agreement.interval(units, seed=3) == first
    assert agreement.interval(units, seed=4) != first
    monkeypatch.setattr(agreement, "CELLS", 10)  # drawn in small steps, the same draws
    assert agreement.interval(units, seed=3) == first


def test_what_hangs_together_is_drawn_together():
    """Each testimony of ten codes that agree or differ as one: ten times the units, and no narrower an interval."""
    block_of = {"same": (((2, 0), 5), ((0, 2), 5)), "other": (((1, 1), 10),)}
    blocked = Units.blocked({block_of["same"]: 24, block_of["other"]: 6}, (0, 1), n_coders=2)
    apart = Units.counted({(2, 0): 120, (0, 2): 120, (1, 1): 60}, (0, 1), n_coders=2)
    assert blocked.n_units == apart.n_units == 300
    assert agreement.alpha(blocked) == agreement.alpha(apart)
    assert agreement.percent(blocked) == agreement.percent(apart)
    wide, narrow = agreement.interval(blocked), agreement.interval(apart)
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_sixty_codes_of_ten_thousand_testimonies():
    """Goal: under 10 s on one core, in bounded memory; about 0.2 s here, so a loaded machine passes too."""
    random = np.random.default_rng(1)
    truth = random.random((60, 10_000)) < np.linspace(0.005, 0.5, 60)[:, None]
    codes = [
        Counter(map(tuple, np.stack([3 - n, n], axis=1).tolist()))
        for n in ((truth ^ (random.random((3, 60, 10_000)) < 0.05)).sum(axis=0))
    ]
    tracemalloc.start()
    began = time.process_time()
    for patterns in codes:
        units = Units.counted(patterns, (0, 1), n_coders=3)
        assert agreement.alpha(units).value is not None
        assert agreement.interval(units).draws == 1_000
    took, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 10
    assert peak < 50_000_000


@pytest.mark.parametrize("level", LEVELS)
def test_memory_stays_bounded_when_every_unit_is_unlike_the_others(level):
    random = np.random.default_rng(1)
    rows = random.integers(1, 400, size=(2, 5_000)).tolist()
    tracemalloc.start()
    assert agreement.interval(Units.of(rows), level, draws=50).draws == 50
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150_000_000
