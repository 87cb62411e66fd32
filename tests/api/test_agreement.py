"""/api/v1/agreement/: how far coders agree, and where they differ. All records are invented."""

import datetime as dt
import json
from itertools import count
from pathlib import Path

import pytest
from django.db import connection

from testimonies.access import Role
from testimonies.analysis.agreement import DRAWS, Units
from testimonies.analysis.agreement import alpha as alpha_of
from testimonies.models import Assignment, Coding, User
from tests import factories as make

pytestmark = pytest.mark.django_db
URL = "/api/v1/agreement/"
CONFUSIONS = f"{URL}confusions/"
GOLD = json.loads((Path(__file__).parents[1] / "analysis" / "reliability_gold.json").read_text())
SIX_DIGITS = GOLD["tolerance"]
NUMBER = count()


class Desk:
    """One codebook version of one dimension, some coders, and what they coded."""

    def __init__(self, coders=2, codes=("one", "two"), dimension=None):
        self.top = dimension or make.make_code(slug="leaving")
        self.book = self.top.codebook
        self.codes = {slug: make.make_code(parent=self.top, slug=slug) for slug in codes}
        self.coders = [make.make_user(role=Role.CODER, username=f"coder-{n}-{next(NUMBER)}") for n in range(coders)]

    @property
    def version(self):
        return f"{self.book.slug}@{self.book.edition}"

    def testimony(self, *said, state="submitted", **values):
        """What each coder codes there: slugs, or a mapping from slugs to values of the coding; None is not assigned."""
        testimony = make.make_testimony(status="draft", **values)
        for coder, codes in zip(self.coders, said, strict=False):
            if codes is None:
                continue
            assignment = make.make_assignment(testimony=testimony, codebook=self.book, coder=coder, state=state)
            for slug, extra in (codes if isinstance(codes, dict) else {slug: {} for slug in codes}).items():
                make.make_coding(assignment=assignment, code=self.codes[slug], **extra)
        return testimony

    def ask(self, api, **parameters):
        answer = api.as_("editor").get(URL, {"codebook": self.version, **parameters})
        assert answer.status_code == 200, answer.content
        return answer.json()

    def row(self, api, slug="one", **parameters):
        return next(row for row in self.ask(api, **parameters)["results"] if row["slug"] == slug)


def submit(assignment):
    moments = {"started_at": assignment.created_at, "submitted_at": assignment.created_at}
    with make.batch():
        Assignment.objects.filter(pk=assignment.pk).update(state="submitted", return_reason="", **moments)


@pytest.fixture
def desk(db):
    return Desk()


def columns(example):
    """One list per unit: what each coder said."""
    return zip(*example["data"], strict=True)


def alpha(example, level):
    return example["expected"].get(f"alpha_{level}", {}).get("value")


def check(row, example, level):
    expected = example["expected"]
    assert row["alpha"] == pytest.approx(alpha(example, level), abs=SIX_DIGITS)
    assert (row["alpha_status"], row["alpha_reason"]) == ("value", "none")
    pooled = expected["percent_agreement_pooled_pairs"]
    assert (row["n_agreeing_pairs"], row["n_pairs"]) == (pooled["agreeing_pairs"], pooled["pairs"])
    assert row["percent_agreement"] == pytest.approx(pooled["value"], abs=SIX_DIGITS)
    if mean := expected.get("percent_agreement_mean_of_units"):
        assert row["percent_agreement_mean_of_units"] == pytest.approx(mean, abs=SIX_DIGITS)
    if row["n_units"] >= 10:
        assert row["alpha_low"] <= row["alpha"] <= row["alpha_high"] or row["interval_status"] == "undefined"
    kappas = {(pair["coder"], pair["other_coder"]): pair for pair in row["kappas"]}
    if kappa := expected.get("cohen_kappa"):
        ((_, pair),) = kappas.items()
        assert pair["kappa"] == pytest.approx(kappa["value"], abs=SIX_DIGITS)
    for names, known in expected.get("pairwise", {}).items():
        (pair,) = (
            one
            for key, one in kappas.items()
            if [name.split("-")[1] for name in key] == [str(int(n) - 1) for n in names.split("-")]
        )
        assert (pair["n_units"], pair["n_agreeing"]) == (known["n"], known["agree"])
        assert pair["kappa"] == pytest.approx(known["cohen_kappa"], abs=SIX_DIGITS)


@pytest.mark.parametrize("example", GOLD["examples"], ids=lambda example: example["id"])
def test_published_examples_as_the_choice_of_one_code(api, example):
    """Each category is a code of the dimension; null is a coder who was not assigned."""
    values = sorted({str(value) for row in example["data"] for value in row if value is not None})
    with make.batch():
        desk = Desk(example["coders"], [f"code-{value}" for value in values])
        for column in columns(example):
            desk.testimony(*(None if value is None else [f"code-{value}"] for value in column))
    check(desk.row(api, "leaving", measure="choice"), example, "nominal")


@pytest.mark.parametrize(
    "example",
    [one for one in GOLD["examples"] if {value for row in one["data"] for value in row} in ({0, 1}, {"yes", "no"})],
    ids=lambda example: example["id"],
)
def test_published_binary_examples_as_presence_of_a_code(api, example):
    """0 is a coder who submitted and did not apply the code; every other time it is said in so many words."""
    with make.batch():
        desk = Desk(example["coders"])
        for n, column in enumerate(columns(example)):
            absent = {"one": {"presence": "absent"}} if n % 2 else ()
            desk.testimony(*(["one"] if value in {1, "yes"} else absent for value in column))
    check(desk.row(api), example, "nominal")


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
@pytest.mark.parametrize(
    "example", [one for one in GOLD["examples"] if alpha(one, "ordinal")], ids=lambda example: example["id"]
)
def test_published_examples_of_grades(api, example, level):
    if alpha(example, level) is None:
        return
    with make.batch():
        desk = Desk(example["coders"])
        for column in columns(example):
            desk.testimony(*(None if value is None else {"one": {"grade": value}} for value in column))
    check(desk.row(api, measure="grade", level=level), example, level)


# Missing and absent


def test_who_submitted_and_did_not_apply_a_code_says_that_it_is_absent(api, desk):
    desk.testimony(["one"], [])
    desk.testimony([], [])
    row = desk.row(api)
    assert (row["n_units"], row["n_pairs"], row["n_agreeing_pairs"]) == (2, 2, 1)
    assert row["kappas"][0]["n_units"] == 2


def test_who_was_not_assigned_says_nothing(api):
    desk = Desk(coders=3)
    desk.testimony(["one"], ["one"], None)
    desk.testimony([], [], None)
    desk.testimony(["one"], None, None)
    row = desk.row(api)
    assert (row["n_units"], row["n_pairs"], row["percent_agreement"], row["alpha"]) == (2, 2, 1.0, 1.0)
    assert [pair["n_units"] for pair in row["kappas"]] == [2]


@pytest.mark.parametrize("state", ["open", "in_progress", "returned"])
def test_a_testimony_counts_when_all_have_submitted(api, desk, state):
    testimony = desk.testimony(["one"], ["one"])
    third = make.make_user(role=Role.CODER)
    open_ = make.make_assignment(testimony=testimony, codebook=desk.book, coder=third, state=state)
    found = desk.ask(api)
    assert (found["n_testimonies"], found["n_waiting"], found["coders"]) == (0, 1, [])
    assert {row["alpha_reason"] for row in found["results"]} == {"no_units"}
    submit(open_)
    found = desk.ask(api)
    assert (found["n_testimonies"], found["n_waiting"], len(found["coders"])) == (1, 0, 3)


def test_another_version_of_the_codebook_counts_for_itself(api, desk):
    testimony = desk.testimony(["one"], [])
    other = Desk(
        dimension=make.make_code(codebook=make.make_codebook(slug=desk.book.slug, edition="2"), slug="leaving")
    )
    make.make_assignment(testimony=testimony, codebook=other.book, coder=desk.coders[0], state="open")
    assert desk.ask(api)["n_testimonies"] == 1
    assert other.ask(api)["n_testimonies"] == 0
    assert api.as_("editor").get(URL, {"codebook": desk.book.slug}).status_code == 400


def test_uncertain_is_a_value_of_its_own(api, desk):
    maybe = {"one": {"presence": "uncertain"}}
    desk.testimony(maybe, maybe)
    desk.testimony(maybe, ["one"])
    desk.testimony(maybe, [])
    row = desk.row(api)
    assert (row["n_pairs"], row["n_agreeing_pairs"]) == (3, 1)


def test_of_several_passages_found_anywhere_is_found(api, desk):
    testimony = desk.testimony(["one"], [])
    second = Assignment.objects.get(testimony=testimony, coder=desk.coders[1])
    text = make.make_text(testimony=testimony, body="Invented words, and more of them.")
    for quote, presence in (("words", "absent"), ("more", "present"), ("them", "uncertain")):
        make.make_coding(assignment=second, code=desk.codes["one"], text=text, quote=quote, presence=presence)
    assert desk.row(api)["percent_agreement"] == 1


def test_salience_is_compared_among_those_who_found_the_code(api):
    desk = Desk(coders=3)
    for grades in ((1, 1, None), (3, 2, 2), (2, 2, 3), (None, None, 1)):
        desk.testimony(*({"one": {"salience": grade}} if grade else ["two"] for grade in grades))
    found = desk.ask(api, measure="salience")
    row = next(row for row in found["results"] if row["slug"] == "one")
    assert (found["level"], row["n_units"], row["kappas"]) == ("ordinal", 3, [])
    assert row["n_pairs"] == 7


def test_a_withdrawn_testimony_counts_no_more(api, desk):
    testimony = desk.testimony(["one"], [])
    with connection.cursor() as cursor, make.batch():
        cursor.execute("UPDATE testimonies_testimony SET status = 'withdrawn' WHERE id = %s", [testimony.pk])
    assert desk.ask(api)["n_testimonies"] == 0
    assert api.as_("editor").get(CONFUSIONS).json()["results"] == []


# What is asked for


def test_codes_then_dimensions_then_all(api, desk):
    other = make.make_code(codebook=desk.book, slug="joining")
    desk.codes["three"] = make.make_code(parent=other, slug="three")
    desk.testimony(["one"], ["one", "three"])
    desk.testimony([], ["two"])
    found = desk.ask(api)
    assert [(row["scope"], row["slug"]) for row in found["results"]] == [
        ("code", "one"), ("code", "two"), ("code", "three"), ("dimension", "leaving"), ("dimension", "joining"), ("overall", ""),
    ]  # fmt: skip
    units = {row["slug"]: (row["n_units"], row["n_agreeing_pairs"]) for row in found["results"]}
    assert units == {"one": (2, 2), "two": (2, 1), "three": (2, 1), "leaving": (4, 3), "joining": (2, 1), "": (6, 4)}
    whole = found["results"][-1]
    assert whole["kappas"][0]["n_units"] == 6
    assert whole["mean_alpha_of_codes"] == pytest.approx((1.0 + 0.0 + 0.0) / 3)
    only = desk.ask(api, dimension="joining")
    assert [(row["scope"], row["slug"]) for row in only["results"]] == [("code", "three"), ("dimension", "joining")]


def test_a_dimension_is_as_its_units_in_one_table(api):
    """Alpha over pairs of testimony and code, as anybody would compute it from the table of all of them."""
    desk = Desk(coders=3, codes=("one", "two", "three"))
    said = [
        (["one"], ["one", "two"], []),
        (["two"], ["two"], None),
        ([], ["three"], ["three"]),
        (["one", "three"], ["one"], ["one"]),
    ]
    rows = [[], [], []]
    for of_coders in said:
        desk.testimony(*of_coders)
        for slug in desk.codes:
            for row, codes in zip(rows, of_coders, strict=True):
                row.append(None if codes is None else slug in codes)
    expected = alpha_of(Units.of(rows)).value
    for slug in ("leaving", ""):
        assert desk.row(api, slug)["alpha"] == pytest.approx(expected, abs=SIX_DIGITS)


def test_the_period_is_that_of_the_last_submission(api, desk):
    early, late = desk.testimony(["one"], ["one"]), desk.testimony([], [])
    both = Assignment.objects.filter(testimony=early)
    both.update(submitted_at=dt.datetime(2026, 3, 31, 23, 59, tzinfo=dt.UTC))
    both.filter(coder=desk.coders[0]).update(submitted_at=dt.datetime(2026, 1, 5, tzinfo=dt.UTC))
    Assignment.objects.filter(testimony=late).update(submitted_at=dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
    for period, n in (
        ({}, 2),
        ({"submitted_before": "2026-03-31"}, 1),
        ({"submitted_after": "2026-04"}, 1),
        ({"submitted_after": "2026-01", "submitted_before": "2026-03"}, 1),
        ({"submitted_before": "2026-02"}, 0),
    ):
        assert desk.ask(api, **period)["n_testimonies"] == n, period


def test_a_seed_repeats_the_intervals(api, desk):
    with make.batch():
        for n in range(14):
            desk.testimony(["one"] if n % 2 else [], ["one"] if n % 3 else [])
    first = desk.row(api, seed=7)
    assert desk.row(api, seed=7) == first
    assert first["interval_draws"] == DRAWS
    assert first["alpha_low"] < first["alpha"] < first["alpha_high"]
    assert desk.row(api, seed=8)["alpha_low"] != first["alpha_low"]


@pytest.mark.parametrize(
    ("parameters", "parameter", "code"),
    [
        ({"codebook": None}, "codebook", "required"),
        ({"codebook": "nothing@1"}, "codebook", "unknown_value"),
        ({"measur": "presence"}, "measur", "unknown_parameter"),
        ({"measure": "presense"}, "measure", "unknown_value"),
        ({"level": "ordinal"}, "level", "unknown_value"),
        ({"seed": "-1"}, "seed", "invalid"),
        ({"seed": ["1", "2"]}, "seed", "repeated"),
        ({"submitted_after": "soon"}, "submitted_after", "invalid"),
    ],
)
def test_a_question_that_does_not_fit(api, desk, parameters, parameter, code):
    asked = {name: value for name, value in {"codebook": desk.version, **parameters}.items() if value is not None}
    answer = api.as_("editor").get(URL, asked)
    assert answer.status_code == 400
    assert [(error["parameter"], error["code"]) for error in answer.json()["errors"]] == [(parameter, code)]


def test_grades_below_zero_are_no_ratio_scale(api, desk):
    desk.testimony({"one": {"grade": -1}}, {"one": {"grade": 2}})
    answer = api.as_("editor").get(URL, {"codebook": desk.version, "measure": "grade", "level": "ratio"})
    assert answer.json()["errors"][0]["code"] == "below_zero"


# Blindness


def test_coders_do_not_ask_how_far_they_agree(api, desk):
    for role, status in (("anonymous", 403), ("reader", 403), ("coder", 403), ("editor", 200), ("custodian", 200)):
        for url in (URL, CONFUSIONS):
            assert api.as_(role).get(url, {"codebook": desk.version}).status_code == status, (role, url)


def test_an_editor_who_codes_learns_nothing_of_what_they_have_not_submitted(api, desk):
    """Nor from another version of the codebook: all answers are the same as if the testimony were not there."""
    testimony = desk.testimony(["one"], [])
    editor = User.objects.get(keys__role="editor")
    assert desk.ask(api)["n_testimonies"] == 1
    assert len(api.as_("editor").get(CONFUSIONS).json()["results"]) == 1
    other = make.make_assignment(testimony=testimony, codebook=make.make_codebook(), coder=editor, state="open")
    assert desk.ask(api)["n_testimonies"] == 0
    assert api.as_("editor").get(CONFUSIONS).json()["results"] == []
    assert api.as_("custodian").get(URL, {"codebook": desk.version}).json()["n_testimonies"] == 1
    before = desk.ask(api)
    Coding.objects.filter(testimony=testimony).delete()
    assert desk.ask(api) == before
    submit(other)
    assert desk.ask(api)["n_testimonies"] == 1


# Confusions


def test_where_coders_differ_the_passages_are_shown(api, desk):
    testimony = desk.testimony([], [])
    text = make.make_text(testimony=testimony, body="They took my brother, and I left.")
    first, second = (Assignment.objects.get(testimony=testimony, coder=coder) for coder in desk.coders)
    here = make.make_coding(assignment=first, code=desk.codes["one"], text=text, quote="took my brother")
    make.make_coding(assignment=second, code=desk.codes["two"], text=text, quote="brother, and I")
    (one, two) = api.as_("editor").get(CONFUSIONS).json()["results"]
    assert (one["code"], one["testimony_ref"], one["id"]) == ("one", testimony.ref, str(here.pk))
    found, missed = one["said"]
    assert (found["coder"], found["presence"], found["other_codes"]) == (desk.coders[0].username, "present", [])
    assert found["passages"] == [
        {"coding_id": str(here.pk), "text_id": str(text.pk), "start": 5, "end": 20, "quote": "took my brother"}
    ]
    assert (missed["presence"], missed["passages"], missed["other_codes"]) == ("absent", [], ["two"])
    assert two["code"] == "two"
    assert [said["other_codes"] for said in two["said"]] == [["one"], []]


def test_what_all_say_is_no_confusion(api, desk):
    desk.testimony(["one"], ["one"])
    desk.testimony({"one": {"presence": "absent"}}, [])
    desk.testimony(["two"], ["two"], state="in_progress")
    desk.testimony(["one"], [])
    maybe = {"two": {"presence": "uncertain"}}
    desk.testimony(maybe, maybe)
    desk.testimony(maybe, ["two"])
    found = api.as_("editor").get(CONFUSIONS).json()["results"]
    assert [(one["code"], [said["presence"] for said in one["said"]]) for one in found] == [
        ("one", ["present", "absent"]),
        ("two", ["uncertain", "present"]),
    ]


def test_every_result_links_to_its_confusions(api, desk):
    with make.batch():
        desk.testimony(["one"], [])
        desk.testimony([], ["two"])
        Desk().testimony(["one"], [])
    for row in desk.ask(api)["results"]:
        found = api.as_("editor").get(row["confusions"]).json()["results"]
        assert {one["code"] for one in found} == ({row["slug"]} if row["scope"] == "code" else {"one", "two"})


def test_confusions_are_paged_and_filtered(api, desk):
    with make.batch():
        testimonies = [desk.testimony(["one"], ["two"]) for _ in range(3)]
    client = api.as_("editor")
    ids = [one["id"] for page in client.pages(CONFUSIONS, page_size=2) for one in page["results"]]
    assert len(ids) == len(set(ids)) == 6
    found = client.get(CONFUSIONS, {"testimony": testimonies[1].ref, "code": f"{desk.version}/two"}).json()["results"]
    assert [(one["testimony_ref"], one["code"]) for one in found] == [(testimonies[1].ref, "two")]
    assert client.get(CONFUSIONS, {"codebook": desk.book.slug, "count": "exact"}).json()["count"] == 6
