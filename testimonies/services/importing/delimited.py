"""CSV and its kin: texts with something between them, in whatever encoding, read line by line."""

import codecs
import csv
import re
import string
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO

from testimonies.services.importing.tables import (
    MOST_COLUMNS,
    MOST_IN_CELL,
    MOST_IN_ROW,
    MOST_ROWS,
    Notes,
    Options,
    Row,
    headers,
    refused,
)

DELIMITER_WORDS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
DELIMITERS = (*DELIMITER_WORDS.values(),)
ENCODINGS = (
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "windows-1252", "windows-1250", "windows-1251", "windows-1253"),
    *("windows-1254", "windows-1255", "windows-1256", "iso-8859-1", "iso-8859-9", "iso-8859-15", "mac-roman"),
)
"""Encodings that somebody may say a file has."""
GUESSED = "windows-1252"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_CHUNK = 1 << 20
_SAMPLE = 64 * 1024
_SAMPLED_ROWS = 30
_FOREIGN = 0.25
"""A larger share of bytes beyond ASCII than any language in Latin letters has."""
_HINT = re.compile("sep=(.)\r?\n?", re.IGNORECASE)
"""Excel's own first line, which says what is between the cells."""

csv.field_size_limit(MOST_IN_CELL)  # of the process: the module knows no other way


class Delimited:
    """A Table of a delimited file."""

    is_json = False

    def __init__(self, path: Path, options: Options) -> None:
        self._path = path
        self.notes = Notes()
        self.notes.encoding = _encoding(path, options.encoding, self.notes)
        self._has_hint = False
        self.notes.delimiter = self._delimiter(options.delimiter)
        first = next(self._records(), None)
        if first is None:
            raise refused("The file is empty. Write the names of the columns into its first row.")
        self.columns = headers(first[1])

    def __iter__(self) -> Iterator[Row]:
        width = len(self.columns)
        records = self._records()
        next(records, None)
        for number, cells in records:
            if len(cells) != width:
                while len(cells) > width and not cells[-1]:
                    cells.pop()  # a spreadsheet that once was wider
                if not cells:
                    continue
                if len(cells) != width:
                    yield Row(number, [], f"has {len(cells)} cells, and there are {width} columns.")
                    continue
            if any(cells):
                yield Row(number, cells)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Rows that hold something, numbered as a spreadsheet program shows them."""
        with self._open() as file:
            lines = _Lines(file)
            if self._has_hint:
                next(lines)
            number = int(self._has_hint)
            lines.row = number + 1
            reader = csv.reader(lines, delimiter=self.notes.delimiter, strict=True)
            while True:
                try:
                    cells = next(reader, None)
                except csv.Error as error:
                    raise refused(_what(error), number + 1) from None
                if cells is None:
                    return
                number += 1
                lines.row, lines.taken = number + 1, 0
                if number > MOST_ROWS:
                    raise refused(f"There are more than {MOST_ROWS:,} rows. Import the file in parts.")
                if len(cells) > 2 * MOST_COLUMNS:
                    raise refused(
                        f"There are {len(cells):,} cells in one row; at most {MOST_COLUMNS} columns are read.", number
                    )
                if cells:
                    yield number, cells

    def _open(self) -> IO[str]:
        encoding = "utf-8-sig" if self.notes.encoding == "utf-8" else self.notes.encoding
        return self._path.open(encoding=encoding, errors="strict", newline="")

    def _delimiter(self, said: str) -> str:
        if said and said not in DELIMITERS:
            raise refused("Cells are parted by a comma, a semicolon, a tab or a vertical bar. Name one of these.")
        lines: list[str] = []
        with self._open() as file:
            reader = _Lines(file)
            for line in islice(reader, _SAMPLED_ROWS):
                lines.append(line)
                reader.row += 1
        if lines and (hint := _HINT.fullmatch(lines[0])) and hint[1] in DELIMITERS:
            self._has_hint = True
            return said or hint[1]
        return said or _likeliest(lines)


class _Lines:
    """Lines of a file, none of them longer than a row may be. Errors: RejectedFile."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.row = 1
        self.taken = 0
        """Characters since the row began: a quotation mark that is never closed runs on over lines."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = self._file.readline(MOST_IN_ROW + 1)
        except UnicodeError:
            raise refused(
                "The file is not in the encoding that it was taken for. Save it as UTF-8.", self.row
            ) from None
        if not line:
            raise StopIteration
        self.taken += len(line)
        if self.taken > MOST_IN_ROW:
            what = f"holds more than {MOST_IN_ROW:,} characters. Is a quotation mark not closed, or is this no CSV?"
            raise refused(what, self.row)
        if "\0" in line:
            raise refused("holds a NUL character, which no text has. Save the file as CSV in UTF-8.", self.row)
        return line


def _what(error: csv.Error) -> str:
    if "limit" in str(error):
        return f"A cell holds more than {MOST_IN_CELL:,} characters. Is a quotation mark not closed?"
    return 'A quotation mark is not closed, or stands inside of a cell. Write "" for one inside of a quoted cell.'


def _likeliest(lines: list[str]) -> str:
    """The delimiter with which most rows are as wide as the headers, and these widest."""

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            return 0, 0
        width = len(rows[0]) if rows else 0
        return (sum(len(row) == width for row in rows), width) if width > 1 else (0, 0)

    return max(DELIMITERS, key=fit)  # the first of equals: a comma


def _encoding(path: Path, said: str, notes: Notes) -> str:
    with path.open("rb") as file:
        start = file.read(4)
        if start[:4] in _UTF32:
            raise refused("The file is in UTF-32. Save it as UTF-8.")
        marked = next((encoding for mark, encoding in _MARKS if start.startswith(mark)), "")
        if said:
            if said.lower() not in ENCODINGS:
                raise refused(
                    f"That encoding is not read. Name one of: {', '.join(ENCODINGS)}; or save the file as UTF-8."
                )
            return marked or said.lower()
        if marked:
            return marked
        file.seek(0)
        if _is_utf8(file):
            return "utf-8"
        file.seek(0)
        share = _foreign(file)
    names = ", ".join(ENCODINGS)
    if share > _FOREIGN:
        raise refused(
            f"The file is not in UTF-8, and its letters could be of many encodings. Save it as UTF-8, or name one of: {names}."
        )
    notes.said.append(
        f"The file is not in UTF-8 and was read as {GUESSED}. If letters look wrong, save it as UTF-8 or name its encoding."
    )
    return GUESSED


def _is_utf8(file: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _foreign(file: IO[bytes]) -> float:
    """Of the letters at the beginning, the share that is beyond ASCII."""
    start = file.read(_CHUNK)
    far = len(start.translate(None, _ASCII))
    near = len(start) - len(start.translate(None, _LETTERS))
    return far / max(far + near, 1)


_ASCII = bytes(range(0x80))
_LETTERS = string.ascii_letters.encode()
