"""What every format of a file becomes: columns, and rows of cells that are read one after another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from testimonies.errors import RejectedFile

MOST_BYTES = 512 * 1024 * 1024
"""Of a file, and of what a workbook unpacks to."""
MOST_COLUMNS = 500
MOST_ROWS = 1_100_000
"""With empty ones; a spreadsheet program holds 1,048,576."""
MOST_IN_CELL = 1_000_000
MOST_IN_ROW = 8_000_000
"""Characters."""
MOST_IN_HEADER = 200


class Absent(Enum):
    """That a row says nothing of a column: an object without that key. An empty cell says something."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that is not read, and why."""

    reason: str


Cell = Any
"""A text; what JSON holds; None (nothing is there); ABSENT; Unreadable."""


@dataclass(slots=True)
class Row:
    """`number` is what a spreadsheet shows at its left (the headers are row 1), or the line of JSON Lines."""

    number: int
    cells: list[Cell]
    """One for each column."""
    reason: str = ""
    """Why the row as a whole cannot be read; then its cells are not."""


@dataclass(frozen=True, slots=True)
class Options:
    """What somebody says of a file that the file does not say itself; empty: find out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


@dataclass(slots=True)
class Notes:
    """What was found out about a file, for a person to confirm."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    said: list[str] = field(default_factory=list)
    """Sentences, such as that an encoding was guessed."""


class Table(Protocol):
    """A file as columns and rows. Each iteration reads the file anew, in constant memory.

    Errors  RejectedFile, while it is opened or in the middle of an iteration: what is wrong with the file as such.
    """

    columns: list[str]
    notes: Notes
    is_json: bool
    """Whether cells are values of JSON; otherwise they are texts as cells hold them (values/cells.py)."""

    def __iter__(self) -> Iterator[Row]: ...


def refused(reason: str, row: int | None = None) -> RejectedFile:
    return RejectedFile([f"Row {row}: {reason}" if row else reason])


def headers(cells: Iterable[Cell], row: int = 1) -> list[str]:
    """The names of the columns. Errors: RejectedFile, with all that is wrong with them."""
    names = ["" if cell is None or isinstance(cell, Unreadable) else str(cell).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise refused(
            f"There are {len(names)} columns; at most {MOST_COLUMNS} are read. Delete those that are not needed."
        )
    problems = []
    if not names:
        problems.append(f"Row {row} is empty. Write the names of the columns there.")
    seen: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        if not name:
            problems.append(f"Row {row}, column {letters(number)}: has no name. Name the column or delete it.")
        elif len(name) > MOST_IN_HEADER or not name.isprintable():
            problems.append(
                f"Row {row}, column {letters(number)}: is no name of a column. Write a short one, on one line."
            )
        elif seen.setdefault(name.casefold(), number) != number:
            first = letters(seen[name.casefold()])
            problems.append(
                f"Row {row}, column {letters(number)}: has the same name as column {first}. Rename one of them."
            )
    if problems:
        raise RejectedFile(problems)
    return names


def letters(number: int) -> str:
    """A column as spreadsheets name it: 1 is A, 27 is AA."""
    found = ""
    while number:
        number, left = divmod(number - 1, 26)
        found = chr(65 + left) + found
    return found
