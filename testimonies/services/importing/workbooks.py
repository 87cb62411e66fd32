"""XLSX: one sheet of a workbook, row by row.

A library would read parts of it as a whole and fill up rows to the size that the file claims; here every piece is bounded.
Formulas are neither evaluated nor taken for the value that a program left beside them: what they refer to may have changed.
"""

import re
import tempfile
import weakref
from array import array
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath

from testimonies.services.importing import serials
from testimonies.services.importing.archives import DAMAGED, Archive
from testimonies.services.importing.tables import (
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_IN_CELL,
    MOST_IN_ROW,
    MOST_ROWS,
    Cell,
    Notes,
    Options,
    Row,
    Unreadable,
    headers,
    letters,
    refused,
)

MOST_STRINGS = 4_000_000
_SHORT, _MOST_OFTEN = 80, 20_000
_IN_MEMORY = 8 * 1024 * 1024
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_LONGEST_PLACE, _LONGEST_NUMBER = 12, 400
_FORMULA = Unreadable("is a formula. Copy the cells and paste them as values.")


class Workbook:
    """A Table of one sheet: the one that is named, or the first that is not hidden."""

    is_json = False

    def __init__(self, path: Path, options: Options) -> None:
        self._archive = Archive(path)
        self.notes = Notes()
        parts = _Parts(self._archive)
        self._sheet, self.notes.sheet, said = parts.sheet(options.sheet)
        self.notes.said += said
        self._since_1904 = parts.since_1904
        self._formats = _formats(self._archive, parts.one("styles"))
        self._strings = _Strings(self._archive, parts.one("sharedStrings"))
        first = next(iter(self._rows()), None)
        if first is None:
            raise refused("The sheet is empty. Write the names of the columns into its first row.")
        self._header_row, cells = first
        self.columns = headers(cells, self._header_row)

    def __iter__(self) -> Iterator[Row]:
        width = len(self.columns)
        for number, cells in self._rows():
            if number == self._header_row:
                continue
            if len(cells) > width:
                yield Row(number, [], f"has a cell in column {letters(len(cells))}, and there are {width} columns.")
            else:
                yield Row(number, cells + [None] * (width - len(cells)))

    def _rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Rows that hold something, without the empty cells at their end."""
        sheet = _Sheet(self._strings, self._formats, since_1904=self._since_1904)
        for _ in self._archive.parse(self._sheet, sheet.start, sheet.end, sheet.characters):
            yield from sheet.taken_rows()


class _Parts:
    """Which member of the archive is what."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        (self._workbook, *_) = self._targets("", "officeDocument").values() or [""]
        if not self._workbook:
            raise refused(DAMAGED)
        self._elements = archive.elements(self._workbook)
        self.since_1904 = any(
            name == "workbookPr" and attributes.get("date1904") in {"1", "true"} for name, attributes in self._elements
        )

    def one(self, kind: str) -> str:
        """Empty, where there is none."""
        return next(iter(self._targets(self._workbook, kind).values()), "")

    def sheet(self, wanted: str) -> tuple[str, str, list[str]]:
        """The member, its name for people, and what to say of the choice."""
        targets = self._targets(self._workbook, "worksheet")
        sheets = [
            (found.get("name", ""), found)
            for name, found in self._elements
            if name == "sheet" and found.get("id") in targets
        ]
        names = [name for name, found in sheets if found.get("state", "visible") == "visible"]
        if wanted and wanted not in names:
            raise refused(f"There is no visible sheet of that name. Name one of: {', '.join(names)[:500]}.")
        if not names:
            raise refused("The workbook has no visible sheet.")
        name = wanted or names[0]
        said = (
            [f"Of {len(names)} sheets the first was read. Name another one to read that."]
            if len(names) > 1 and not wanted
            else []
        )
        return next(targets[found["id"]] for other, found in sheets if other == name), name, said

    def _targets(self, source: str, kind: str) -> dict[str, str]:
        """Members of a kind that another one leads to, by the id of the relation. What lies outside of the file is none."""
        path = PurePosixPath(source)
        rels = str(path.parent / "_rels" / f"{path.name}.rels") if source else "_rels/.rels"
        found = {}
        for name, attributes in self._archive.elements(rels) if rels in self._archive.names else []:
            is_meant = name == "Relationship" and attributes.get("Type", "").endswith(f"/{kind}")
            if is_meant and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                member = target[1:] if target.startswith("/") else str(path.parent / target)
                if member in self._archive.names:
                    found[attributes.get("Id", "")] = member
        return found


def _formats(archive: Archive, name: str) -> list[serials.Format]:
    """How each style of a cell shows numbers."""
    codes: dict[int, str] = {}
    found: list[serials.Format] = []
    is_within = False
    for element, attributes in archive.elements(name) if name else ():
        if element in {"cellXfs", "cellStyles", "dxfs"}:
            is_within = element == "cellXfs"
        elif element == "numFmt":
            codes[_number(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")[:255]
        elif element == "xf" and is_within:
            number = _number(attributes.get("numFmtId", ""))
            found.append(serials.format_of(number, codes.get(number, "")))
    return found


def _number(written: str) -> int:
    """Of an index that a workbook writes; -1 of anything else."""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else -1


def _unescaped(text: str) -> str:
    """Characters that XML cannot carry are written as _x000D_."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class _Strings:
    """The texts that cells share, kept aside: many do not fit into memory."""

    def __init__(self, archive: Archive, name: str) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - it lives as long as the table
        weakref.finalize(self, self._file.close)
        self._ends = array("Q")
        self._often: dict[str, str] = {}
        if name:
            reader = _StringReader(self)
            for _ in archive.parse(name, reader.start, reader.end, reader.characters):
                pass

    def add(self, text: str) -> None:
        if len(self._ends) == MOST_STRINGS:
            raise refused(f"The workbook has more than {MOST_STRINGS:,} texts. Import it in parts.")
        self._file.write(text.encode("utf-8", "surrogatepass"))
        self._ends.append(self._file.tell())

    def get(self, written: str) -> str:
        """By the index that a cell holds. Short ones are remembered: words come again and again."""
        if (found := self._often.get(written)) is not None:
            return found
        number = _number(written)
        if not 0 <= number < len(self._ends):
            raise refused(DAMAGED)
        start = self._ends[number - 1] if number else 0
        self._file.seek(start)
        text = _unescaped(self._file.read(self._ends[number] - start).decode("utf-8", "surrogatepass"))
        if len(text) <= _SHORT and len(self._often) < _MOST_OFTEN:
            self._often[written] = text
        return text


class _Gathered:
    """The text of one string or cell, whatever pieces it comes in."""

    def __init__(self) -> None:
        self.is_wanted = False
        self.pieces: list[str] = []
        self._length = 0

    def characters(self, text: str) -> None:
        if self.is_wanted:
            self._length += len(text)
            if self._length > MOST_IN_CELL:
                raise refused(f"A cell holds more than {MOST_IN_CELL:,} characters.")
            self.pieces.append(text)

    def taken(self) -> str:
        text = "".join(self.pieces)
        self.pieces.clear()
        self._length = 0
        return text


class _StringReader(_Gathered):
    def __init__(self, strings: _Strings) -> None:
        super().__init__()
        self._add = strings.add
        self._is_phonetic = False

    def start(self, name: str, _: dict[str, str]) -> None:
        if name == "rPh":
            self._is_phonetic = True
        self.is_wanted = name == "t" and not self._is_phonetic

    def end(self, name: str) -> None:
        self.is_wanted = False
        if name == "rPh":
            self._is_phonetic = False
        elif name == "si":
            self._add(self.taken())


class _Sheet(_Gathered):
    """Gathers cells to rows. Characters are counted: a short cell may stand for a long text that many share."""

    def __init__(self, strings: _Strings, formats: list[serials.Format], *, since_1904: bool) -> None:
        super().__init__()
        self._ready: list[tuple[int, list[Cell]]] = []
        self._strings, self._formats, self._since_1904 = strings, formats, since_1904
        self._row = self._column = 0
        self._cells: list[Cell] = []
        self._type = self._style = ""
        self._is_formula = self._is_phonetic = False
        self._n_in_row = self._n_in_sheet = self._n_waiting = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "v":
            self.is_wanted = True
        elif name == "c":
            self._start_cell(attributes)
        elif name == "row":
            self._start_row(attributes)
        elif name == "t":
            self.is_wanted = not self._is_phonetic
        elif name == "rPh":
            self._is_phonetic = True
        elif name == "f":
            self._is_formula = True
            if attributes.get("t") in {"array", "dataTable"} and ":" in attributes.get("ref", ""):
                raise refused(
                    f"One formula fills the cells {attributes['ref'][:20]}. Copy them and paste them as values."
                )
        elif name == "mergeCell":
            self._refuse_merged(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        self.is_wanted = False
        if name == "c":
            text = self.taken()
            value: Cell = _FORMULA if self._is_formula else self._value(text)
            if value != "":
                self._put(value)
        elif name == "row":
            if self._cells:
                self._ready.append((self._row, self._cells))
        elif name == "rPh":
            self._is_phonetic = False

    def taken_rows(self) -> list[tuple[int, list[Cell]]]:
        """Those that are whole, once."""
        rows, self._ready, self._n_waiting = self._ready, [], 0
        return rows

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = _number(attributes["r"]) if "r" in attributes else self._row + 1
        if number <= self._row:
            raise refused(DAMAGED)
        if number > MOST_ROWS:
            raise refused(f"There are more than {MOST_ROWS:,} rows. Import the sheet in parts.")
        self._row, self._column, self._cells = number, 0, []
        self._n_in_sheet += self._n_in_row
        self._n_in_row = 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        written = attributes.get("r")
        column = self._column + 1
        if written is not None:
            found = _column_of(written[:_LONGEST_PLACE].rstrip("0123456789"))
            if found < column:
                raise refused(DAMAGED)
            column = found
        self._column = column
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._is_formula = False

    def _value(self, text: str) -> Cell:
        """Empty, where nothing is there."""
        if not text:
            return ""
        match self._type:
            case "s":
                return self._strings.get(text)
            case "inlineStr" | "str" | "d":
                return _unescaped(text)
            case "b":
                return "true" if text.strip() == "1" else "false"
            case "e":
                return Unreadable("is an error of the spreadsheet. Write the value.")
        return serials.shown(text[:_LONGEST_NUMBER], self._format(), since_1904=self._since_1904)

    def _format(self) -> serials.Format:
        style = _number(self._style) if self._style else 0
        return self._formats[style] if 0 <= style < len(self._formats) else serials.NUMBER

    def _put(self, value: Cell) -> None:
        if self._column > MOST_COLUMNS:
            raise refused(
                f"has a cell in column {letters(self._column)}; at most {MOST_COLUMNS} columns are read.", self._row
            )
        self._n_in_row += len(value) if isinstance(value, str) else 1
        self._n_waiting += len(value) if isinstance(value, str) else 1
        if max(self._n_in_row, self._n_waiting) > MOST_IN_ROW or self._n_in_sheet + self._n_in_row > MOST_BYTES:
            raise refused("holds more text than is read. Import the sheet in parts.", self._row)
        self._cells += [None] * (self._column - 1 - len(self._cells))
        self._cells.append(value)

    def _refuse_merged(self, ref: str) -> None:
        """People see one value for several rows, and the file holds it for the first one only."""
        raise refused(f"Cells are merged ({ref[:20]}). Unmerge them, and write the value into each row.")


@lru_cache(maxsize=20_000)
def _column_of(written: str) -> int:
    """B is 2. Errors: RejectedFile."""
    number = 0
    for letter in written:
        number = number * 26 + ord(letter) - 64
    if not (1 <= len(written) <= 3 and written.isascii() and written.isalpha() and written.isupper()):
        raise refused(DAMAGED)
    return number
