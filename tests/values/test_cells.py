"""Cells of spreadsheets: what a spreadsheet would run is harmless, and everything comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testimonies.values import cells


@given(st.text())
def test_what_is_made_harmless_comes_back_unchanged(text: str) -> None:
    cell = cells.harmless(text)

    assert cells.original(cell) == text
    assert cell[:1] not in set("=+-@\t\r\n＝＋－＠")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "'=1"])
def test_a_formula_is_marked(text: str) -> None:
    assert cells.harmless(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["'90s", "plain", "'", ""])
def test_what_somebody_typed_is_left_as_it_is(cell: str) -> None:
    assert cells.original(cell) == cell


words = st.text(min_size=1).filter(lambda text: text == text.strip())


@given(st.lists(words))
def test_several_values_share_a_cell(values: list[str]) -> None:
    assert cells.parted(cells.joined(values)) == values


def test_blanks_around_a_value_and_empty_ones_are_nothing() -> None:
    assert cells.parted(" killing ;; torture;") == ["killing", "torture"]
