"""Ratios are taken within a round, and everybody's answers are compared with ours before anything is measured."""

import re
from itertools import pairwise

from benchmarks import checks, compare, report
from benchmarks.load import Window


def rounds(*rates):
    return [Window(rate, 1, 2, 1024, 0, 100) for rate in rates]


def test_a_ratio_is_the_median_of_the_ratios_of_each_round():
    # the machine was slow in the second round, for both
    of = {"product": rounds(100, 10, 120), "plain": rounds(10, 1, 10)}
    assert compare.ratios(of, "plain") == {"product": 10, "plain": 1}


def test_the_table_has_a_row_for_everybody_and_a_dash_for_what_they_cannot_do():
    table = report.table({"L": {"product": rounds(100), "plain": rounds(10)}, "C": {"plain": rounds(5)}})
    ours = next(line for line in table.splitlines() if "this service" in line)
    assert ours == "| **this service** | 100 · 10 | - |"


def test_plots_are_drawn_of_what_was_measured():
    of = {"L": {"product": rounds(100), "plain": rounds(10)}}
    assert "product 10" in report.bars(of)
    assert "deep page 1.20" in report.lines(({"K": {20_000: 1.0, 200_000: 1.2}}, {20_000: 5.0, 200_000: 50.0}))


def test_no_title_of_a_plot_stands_on_another():
    of = {work: {20_000: 1.0, 200_000: 1.0 + n / 100} for n, work in enumerate("LFDK")}
    drawn = report.lines((of, {20_000: 5.0, 200_000: 50.0}))
    heights = sorted(int(y) for y in re.findall(r'<text x="486" y="(\d+)"', drawn))
    assert len(heights) == 4
    assert min(b - a for a, b in pairwise(heights)) >= 12


ITEM = {"id": "1", "updated_at": "2026-01-05T10:00:00.123456Z", "person": {"name": "x"}, "texts": [{"body": "b", "tier": "public"}]}  # fmt: skip


def test_the_same_moment_in_another_spelling_is_no_difference():
    assert checks.differences(ITEM, {"id": "1", "updated_at": "2026-01-05T11:00:00.123+01:00"}) == []


def test_other_values_and_other_rows_are_differences():
    assert checks.differences(ITEM, {**ITEM, "person": {"name": "y"}}) == ["person"]
    assert checks.differences(ITEM, {**ITEM, "texts": [{"body": "c"}]}) == ["texts"]
    assert "other rows" in checks.differences(ITEM, {**ITEM, "id": "2"})


def test_an_item_of_a_list_has_every_field_of_ours():
    page = {"results": [ITEM]}
    assert checks.differences(page, {"results": [{"id": "1"}]}) == ["person", "texts", "updated_at"]
