"""Workbooks read back as they were written, by another program's reader."""

import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from testimonies.values import sheets

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["=1+1", "_x000D_", "_x005F_", "a\r\nb", "\x0b", " blank ", "<&>\"'", "\ufeff", "]]>", "عين", "😀"]
)
cells = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts


def read(body):
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True)
    (sheet,) = book.worksheets
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return sheet.title, [[unescape(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=5))
def test_every_cell_comes_back(rows):
    body = b"".join(sheets.workbook("invented", [rows[:1], rows[1:]]))
    _, found = read(body)
    expected = [[None if cell == "" else cell for cell in row] for row in rows]
    assert found == expected
    assert [[type(cell) for cell in row] for row in found] == [[type(cell) for cell in row] for row in expected]


def test_a_text_is_never_a_formula():
    (row,) = openpyxl.load_workbook(io.BytesIO(b"".join(sheets.workbook("x", [[["=1+1"]]])))).active.iter_rows()
    assert (row[0].data_type, row[0].value) == ("s", "=1+1")


def test_a_text_longer_than_a_cell_says_so():
    _, ((found, whole),) = read(b"".join(sheets.workbook("x", [[["x" * 40_000, "y" * 32_767]]])))
    assert len(found) == sheets.MOST_CHARACTERS
    assert found.endswith(sheets.CUT)
    assert whole == "y" * 32_767


@pytest.mark.parametrize("title", ["a & b", '<"x">', "x" * 40])
def test_a_sheet_has_a_title(title):
    assert read(b"".join(sheets.workbook(title, [[["x"]]])))[0] == title[:31]


def test_it_is_sent_as_it_is_made():
    """Nothing waits for the end: after so many rows, most of them have left."""
    made = 0

    def batches():
        nonlocal made
        for number in range(50):
            made = number
            yield [[f"{number} {n} invented" for n in range(20)] for _ in range(100)]

    pieces = sheets.workbook("x", batches())
    next(pieces)
    assert made < 25
    assert len(b"".join(pieces)) > 1_000
