"""XLSX as spreadsheet programs write it: dates, numbers as people see them, formulas, sheets."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from testimonies.errors import RejectedFile
from testimonies.services.importing import files, serials
from testimonies.services.importing.files import Kind, Options
from testimonies.services.importing.tables import Unreadable
from tests.services.importing.making import archive, sheet, workbook

MORNING, MIDNIGHT = map(dt.datetime.fromisoformat, ["2014-09-25T10:30:00", "2014-09-25"])


def read(path: Path, **options: str) -> list[tuple[int, list[object]]]:
    return [(row.number, row.cells) for row in files.table(path, Options(**options))]


def only(path: Path) -> object:
    ((_, (cell, *_)),) = read(path)
    return cell


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(RejectedFile) as caught:
        list(files.table(path, Options(**options)))
    return " ".join(caught.value.problems)


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (2014, "General", "2014"),
        (2014.0, "General", "2014"),
        (0.1 + 0.2, "General", "0.3"),
        (-3, "General", "-3"),
        (12, "00000", "00012"),
        (0.5, "0%", "0.5"),
        (1e300, "General", "1e+300"),
        (True, "General", "true"),
        (False, "General", "false"),
        ("007", "@", "007"),
        ("zwei\nZeilen", "General", "zwei\nZeilen"),
        (" blank ", "General", " blank "),
        (dt.date(2014, 9, 25), "yyyy-mm-dd", "2014-09-25"),
        (dt.date(2014, 9, 25), "dd/mm/yy", "2014-09-25"),
        (dt.date(2014, 9, 25), "[$-407]d. mmmm yyyy;@", "2014-09-25"),
        (dt.date(2014, 9, 1), "mmm-yy", "2014-09"),  # somebody wrote 'Sep 2014'; no day was said
        (dt.date(2014, 1, 1), "yyyy", "2014"),
        (dt.date(1900, 1, 1), "yyyy-mm-dd", "1900-01-01"),
        (dt.date(1900, 2, 28), "yyyy-mm-dd", "1900-02-28"),
        (dt.date(1900, 3, 1), "yyyy-mm-dd", "1900-03-01"),
        (MORNING, "yyyy-mm-dd hh:mm", "2014-09-25T10:30:00"),
        (MORNING, "yyyy-mm-dd", "2014-09-25"),  # the time is not seen
        (MIDNIGHT, "yyyy-mm-dd hh:mm", "2014-09-25"),
        (dt.time(12, 30), "hh:mm", "12:30"),
        (dt.time(12, 30, 5), "hh:mm:ss", "12:30:05"),
        (41907, '0 "days"', "41907"),
        (41907, "[Red]0", "41907"),
        (41907, "#,##0\\ \\d", "41907"),
    ],
)
def test_a_cell_is_what_people_see(tmp_path: Path, value: object, code: str, expected: str) -> None:
    path = workbook(tmp_path / "x", [["a"], [value]], {"A2": code})
    assert files.detect(path) == Kind.XLSX
    assert only(path) == expected


@pytest.mark.parametrize(("number", "code"), [(-1, "yyyy-mm-dd"), (3_000_000, "yyyy"), (1e300, "d.m.y")])
def test_a_date_that_is_none_is_told(tmp_path: Path, number: float, code: str) -> None:
    path = workbook(tmp_path / "x", [["a"], [number]], {"A2": code})
    assert only(path) == Unreadable("is no date that a spreadsheet program shows.")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1e999", "is a larger number than any here."),
        ("nan", "is a larger number than any here."),
        ("x", "is no number. Write it anew."),
    ],
)
def test_a_number_that_is_none_is_told(written: str, expected: str) -> None:
    assert serials.shown(written, serials.NUMBER, since_1904=False) == Unreadable(expected)


def test_every_day_of_a_spreadsheet_is_the_day_that_openpyxl_reads(tmp_path: Path) -> None:
    days = [dt.date(1900, 3, 1) + dt.timedelta(days=step * 997) for step in range(2_900)]
    path = workbook(tmp_path / "x", [["a"], *([day] for day in days)])
    assert [cells for _, cells in read(path)] == [[day.isoformat()] for day in days]


def test_a_workbook_may_count_from_1904(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for value in ("a", dt.date(2014, 9, 25)):
        book.active.append([value])
    book.save(tmp_path / "x")
    assert only(tmp_path / "x") == "2014-09-25"


@pytest.mark.parametrize(
    "formula", ["=1+1", '=HYPERLINK("https://example.org")', "=[1]Sheet1!A1", "=cmd|' /C calc'!A0"]
)
def test_a_formula_is_refused_with_its_place_and_nothing_runs(tmp_path: Path, formula: str) -> None:
    path = workbook(tmp_path / "x", [["a", "b"], ["one", "two"], ["three", formula]])
    reason = "is a formula. Copy the cells and paste them as values."
    assert read(path) == [(2, ["one", "two"]), (3, ["three", Unreadable(reason)])]


def test_what_a_program_left_beside_a_formula_is_not_taken(tmp_path: Path) -> None:
    row = '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>"x"</f><v>x</v></c></row>'
    path = archive(tmp_path / "x", {"xl/worksheets/sheet1.xml": sheet(row)})
    ((_, cells),) = read(path)
    assert all(isinstance(cell, Unreadable) for cell in cells)


def test_one_formula_for_many_cells_is_refused_as_a_whole(tmp_path: Path) -> None:
    """Of these, only the first cell says that it is one."""
    book = openpyxl.Workbook()
    for row in (["a"], [1], [2]):
        book.active.append(row)
    book.active["A2"] = ArrayFormula("A2:A3", "=B2:B3")
    book.save(tmp_path / "x")
    assert refusal(tmp_path / "x") == "One formula fills the cells A2:A3. Copy them and paste them as values."


def test_text_that_looks_like_a_formula_is_text(tmp_path: Path) -> None:
    row = '<row r="2"><c r="A2" t="inlineStr"><is><t>=1+1</t></is></c></row>'
    assert only(archive(tmp_path / "x", {"xl/worksheets/sheet1.xml": sheet(row)})) == "=1+1"


def test_shared_texts_with_runs_and_readings_and_escapes(tmp_path: Path) -> None:
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>one </t></r><r><t>two</t></r></si>'
        "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si><si><t>a_x000D_b_x005F_x0041_</t></si></sst>"
    )
    row = '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c></row><row r="4"><c t="s"><v>2</v></c><c t="e"><v>#N/A</v></c></row>'
    path = archive(tmp_path / "x", {"xl/worksheets/sheet1.xml": sheet(row), "xl/sharedStrings.xml": strings})
    error = Unreadable("is an error of the spreadsheet. Write the value.")
    assert read(path) == [(2, ["one two", "東京"]), (4, ["a\rb_x0041_", error])]


def test_names_with_a_prefix_are_read_too(tmp_path: Path) -> None:
    plain = sheet('<row r="2"><c r="A2"><v>1</v></c></row>')
    prefixed = plain.replace("xmlns=", "xmlns:x=")
    for name in ("worksheet", "sheetData", "row", "c", "is", "t", "v"):
        prefixed = (
            prefixed.replace(f"<{name} ", f"<x:{name} ")
            .replace(f"<{name}>", f"<x:{name}>")
            .replace(f"</{name}>", f"</x:{name}>")
        )
    assert only(archive(tmp_path / "x", {"xl/worksheets/sheet1.xml": prefixed})) == "1"


def test_the_first_visible_sheet_is_read_or_the_one_that_is_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.sheet_state = "hidden"
    for name in ("One", "Two"):
        made = book.create_sheet(name)
        made.append(["a"])
        made.append([name])
    book.save(tmp_path / "x")
    table = files.table(tmp_path / "x")
    assert (table.notes.sheet, table.notes.said) == (
        "One",
        ["Of 2 sheets the first was read. Name another one to read that."],
    )
    assert only(tmp_path / "x") == "One"
    assert read(tmp_path / "x", sheet="Two") == [(2, ["Two"])]
    assert refusal(tmp_path / "x", sheet="Sheet") == "There is no visible sheet of that name. Name one of: One, Two."


def test_rows_keep_the_numbers_that_people_see(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x", [[], ["a", "b"], [], ["one"], [None, "two"], ["", None, "beyond"]])
    found = [(row.number, row.cells, row.reason) for row in files.table(path)]
    assert found == [
        (4, ["one", None], ""),
        (5, [None, "two"], ""),
        (6, [], "has a cell in column C, and there are 2 columns."),
    ]


def test_merged_cells_are_refused(tmp_path: Path) -> None:
    """People see the value in each row, and the file holds it in the first one."""
    book = openpyxl.Workbook()
    for row in (["a"], ["one"], [None]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "x")
    assert refusal(tmp_path / "x") == "Cells are merged (A2:A3). Unmerge them, and write the value into each row."


def test_headers_that_say_nothing_or_one_thing_twice_are_told_at_once(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x", [["Title", None, "title", "two\nlines", "=A1"], [1, 2, 3, 4, 5]])
    assert refusal(path) == (
        "Row 1, column B: has no name. Name the column or delete it. "
        "Row 1, column C: has the same name as column A. Rename one of them. "
        "Row 1, column D: is no name of a column. Write a short one, on one line."
    )
