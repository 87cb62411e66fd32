"""The rows of a file as the values that services take, with every problem that can be told without the database.

Shape   values["title"], values["person"]["gender"], values["citations"][0]["source"]["outlet"], values["texts"],
        values["clearances"], values["claims"], values["codes"] (codebook@version/slug), values["external_ids"] (the whole
        list) or values["external_id"] ({system: value or None}: of that system alone). Dates are EDTF strings, tiers Tier,
        moments aware datetimes. What a file has no column for is no key: it changes nothing. An empty cell is the value
        that says nothing: None, "", [] or the word for it.
"""

import copy
import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from testimonies.models.import_mappings import DateFormat
from testimonies.services.importing import columns, files, mappings, parts, readings
from testimonies.services.importing.declaring import Column, ColumnKind, empty_of
from testimonies.services.importing.mappings import ColumnMapping
from testimonies.services.importing.readings import Unfit
from testimonies.services.importing.tables import ABSENT, Options, Row, Unreadable
from testimonies.values import cells, sheets

MOST_SHOWN = 40
MOST_PROBLEMS = 1_000


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and what to do. `column` is the file's own name; `row` is None of the file as a whole."""

    row: int | None
    column: str
    value: str
    """The beginning of the cell; empty where it is protected text."""
    reason: str

    def __str__(self) -> str:
        place = " ".join(part for part in (f"row {self.row}" if self.row else "", self.column) if part)
        return f"{place}: {self.reason}" if place else self.reason


@dataclass(slots=True)
class ReadRow:
    """One row. Where there are problems, `values` lacks what they are about."""

    number: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Bound:
    """A column of ours at its place in the rows."""

    index: int
    header: str
    column: Column
    part: tuple[str, int] | None
    """The list and the place within it, of what a testimony has several of."""
    read: Callable[[Any], Any]
    """Errors: Unfit."""


class Reading:
    """A file with its mapping. Each iteration reads it anew.

    `problems` are those of the columns: with any of them nothing should be imported. `left_out` are headers that are known
    and not taken over, with the reason. Errors: RejectedFile, also in the middle of an iteration.
    """

    def __init__(self, path: Path, mapping: ColumnMapping | None, options: Options) -> None:
        self.table = files.table(path, options)
        self.mapping = mappings.confirmed(self.table.columns) if mapping is None else mapping
        self.problems: list[Problem] = []
        self.left_out: list[tuple[str, str]] = []
        self._bound = list(self._bind())
        self._fixed = list(self._bind_fixed())
        self._check_parts()

    def __iter__(self) -> Iterator[ReadRow]:
        for row in self.table:
            yield self._read(row)

    # --- Columns -------------------------------------------------------------------------------------------------------

    def _problem(self, header: str, reason: str) -> None:
        self.problems.append(Problem(None if self.table.is_json else 1, header, "", reason))

    def _bind(self) -> Iterator[Bound]:
        taken: dict[str, str] = {}
        for header in self.mapping.columns.keys() - set(self.table.columns):
            self._problem(
                header,
                "the mapping names it, and the file has no such column. Choose another mapping, or change this one.",
            )
        for index, header in enumerate(self.table.columns):
            column = self._chosen(header)
            if column is None:
                continue
            if column.name in taken:
                self._problem(header, f"is mapped to {column.name}, as {taken[column.name]} is. Map one of them.")
            elif column.is_read_only:
                self.left_out.append((header, "The service derives or decides it."))
            else:
                taken[column.name] = header
                yield Bound(index, header, column, _part(column), self._reader(column))

    def _chosen(self, header: str) -> Column | None:
        if mappings.is_sealed(header) and columns.find(header) is None:
            self._problem(header, "belongs into the vault, which no import fills. Delete the column from the file.")
            return None
        if header not in self.mapping.columns:
            (guess,) = mappings.guess([header])
            hint = f" Did you mean {guess.column}?" if guess.column else ""
            self._problem(header, f"is no column that is known.{hint} Map it, or say that it is left out.")
            return None
        name = self.mapping.columns[header]
        if name is None:
            self.left_out.append((header, "The mapping leaves it out."))
            return None
        column = columns.find(name)
        if column is None:
            self._problem(
                header, "is mapped to a column that there is not. /api/v1/import-mappings/columns/ lists them."
            )
        return column

    def _bind_fixed(self) -> Iterator[tuple[Column, Any, tuple[str, int] | None]]:
        taken = {bound.column.name for bound in self._bound}
        for name, cell in self.mapping.fixed.items():
            column = columns.find(name)
            if column is None or column.is_read_only:
                self._problem(name, "is fixed by the mapping, and there is no such column to fill.")
            elif name in taken:
                self._problem(
                    name, "is fixed by the mapping, and a column of the file says it too. Choose one of them."
                )
            else:
                try:
                    yield column, value_of(column, cell, self.mapping.date_format), _part(column)
                except Unfit as error:
                    self._problem(name, f"the fixed value {error}")

    def _check_parts(self) -> None:
        """Each source, text and so on has the columns that it needs, and is told of in one way."""
        named = [(bound.column, bound.part) for bound in self._bound] + [
            (column, part) for column, _, part in self._fixed
        ]
        whole = {column.name for column, part in named if part is None}
        numbered = {part for _, part in named if part is not None}
        for key, number in sorted(numbered):
            kind = next(kind for kind in parts.PARTS if kind.key == key)
            prefix = kind.prefix if number == 0 else f"{kind.prefix}.{number + 1}"
            if key in whole:
                self._problem(key, f"says the same as the columns {prefix}.*. Map one of the two.")
            held: dict[str, Any] = {}
            for column, part in named:
                if part == (key, number):
                    _put(held, column.path[2:], "")
            for name in parts.lacks(kind, held):
                self._problem(f"{prefix}.{name}", "is missing. Add the column, or a fixed value.")
        for owner in ("", "person."):
            if f"{owner}external_ids" in whole and any(name.startswith(f"{owner}external_id.") for name in whole):
                self._problem(
                    f"{owner}external_ids", f"says the same as the columns {owner}external_id.*. Map one of the two."
                )

    # --- Rows ----------------------------------------------------------------------------------------------------------

    def _read(self, row: Row) -> ReadRow:
        read = ReadRow(row.number, {})
        if row.reason:
            read.problems.append(Problem(row.number, "", "", row.reason))
            return read
        filled: set[tuple[str, int] | None] = {
            bound.part for bound in self._bound if bound.part and not _is_empty(row.cells[bound.index])
        }
        for bound in self._bound:
            cell = row.cells[bound.index]
            if cell is ABSENT:
                continue
            if bound.part and bound.part not in filled:
                read.values.setdefault(bound.part[0], {})
                continue
            try:
                value = bound.read(cell)
            except Unfit as error:
                shown = _shortened(cell) if bound.column.is_shown else ""
                read.problems.append(Problem(row.number, bound.header, shown, str(error)))
            else:
                _put(read.values, bound.column.path, value)
        self._put_fixed(read.values, filled)
        if not read.problems:
            read.problems += (
                Problem(row.number, column, "", reason) for column, reason in _contradictions(read.values)
            )
        _hand_over_reasons(read.values)
        _list_parts(read.values)
        return read

    def _put_fixed(self, values: dict[str, Any], filled: set[tuple[str, int] | None]) -> None:
        """A fixed value of a source belongs to rows that name one, unless no column of the file is about that source."""
        from_file = {bound.part for bound in self._bound}
        for column, value, part in self._fixed:
            if part is None or part in filled or part not in from_file:
                _put(values, column.path, copy.deepcopy(value))

    def _reader(self, column: Column) -> Callable[[Any], Any]:
        """Spreadsheets say the same few words again and again: what was read of them is remembered."""
        read = functools.partial(value_of, column, date_format=self.mapping.date_format, is_json=self.table.is_json)
        if column.kind not in _REMEMBERED:
            return read
        memory: dict[str, Any] = {}

        def remembered(cell: Any) -> Any:
            if not isinstance(cell, str) or len(cell) > _LONGEST_REMEMBERED:
                return read(cell)
            found = memory.get(cell, memory)
            if found is memory:
                found = read(cell)
                if len(memory) < _MOST_REMEMBERED:
                    memory[cell] = found
            return found.copy() if isinstance(found, (list, dict)) else found

        return remembered


_REMEMBERED = {
    *(ColumnKind.WORD, ColumnKind.WORDS, ColumnKind.DATE, ColumnKind.COUNTRY, ColumnKind.LANGUAGE, ColumnKind.NUMBER),
    *(ColumnKind.FLAG, ColumnKind.TIER, ColumnKind.SLUG, ColumnKind.SLUGS, ColumnKind.CODES, ColumnKind.PAIRS),
}
_MOST_REMEMBERED, _LONGEST_REMEMBERED = 5_000, 200


def value_of(column: Column, cell: Any, date_format: str, *, is_json: bool = False) -> Any:
    """Errors: Unfit."""
    if isinstance(cell, str):
        if not is_json:
            if cell.endswith(sheets.CUT):
                raise Unfit("was cut when it was exported to a workbook. Leave the column out, or take CSV.")
            cell = cells.original(cell)
        if column.kind != ColumnKind.TEXT:
            cell = cell.strip()
    elif isinstance(cell, Unreadable):
        raise Unfit(cell.reason)
    if _is_empty(cell):
        return empty_of(column)
    if date_format != DateFormat.EDTF and column.kind == ColumnKind.DATE and isinstance(cell, str):
        cell = readings.in_order(cell, day_first=date_format == DateFormat.DAY_FIRST)
    return column.read(cell)


def read(path: Path, mapping: ColumnMapping | None = None, *, options: Options | None = None) -> Reading:
    """Without a mapping, columns that have our very names are read. Errors: RejectedFile."""
    return Reading(path, mapping, options or Options())


@dataclass(slots=True)
class Check:
    """All that is wrong with a file, as far as can be told without the database: the first `MOST_PROBLEMS`, and how many more."""

    n_rows: int = 0
    problems: list[Problem] = field(default_factory=list)
    n_more: int = 0

    def add(self, found: list[Problem]) -> None:
        room = MOST_PROBLEMS - len(self.problems)
        self.problems += islice(found, room)
        self.n_more += max(len(found) - room, 0)

    def lines(self) -> list[str]:
        return [*map(str, self.problems), *([f"and {self.n_more:,} more"] if self.n_more else [])]


def check(reading: Reading) -> Check:
    """Errors: RejectedFile."""
    found = Check()
    found.add(reading.problems)
    for row in reading:
        found.n_rows += 1
        found.add(row.problems)
    return found


def _part(column: Column) -> tuple[str, int] | None:
    match column.path:
        case (str(key), int(number), *_):
            return key, number
    return None


def _is_empty(cell: Any) -> bool:
    return cell is None or cell is ABSENT or (isinstance(cell, str) and (not cell or cell.isspace()))


def _put(values: dict[Any, Any], path: tuple[str | int, ...], value: Any) -> None:
    for step in path[:-1]:
        values = values.setdefault(step, {})
    values[path[-1]] = value


def _list_parts(values: dict[str, Any]) -> None:
    """What was gathered by number, in order; numbers that a row does not fill are no entries."""
    for part in parts.PARTS:
        if isinstance(found := values.get(part.key), dict):
            values[part.key] = [found[number] for number in sorted(found)]


def _hand_over_reasons(values: dict[str, Any]) -> None:
    """Lists and details say in one place why something of the testimony or of its person is missing; each keeps its own."""
    said = values.get("missing") or {}
    theirs = {name: said.pop(name) for name in columns.MISSING_OF_PERSON if name in said}
    if theirs:
        values.setdefault("person", {}).setdefault("missing", theirs)


def _contradictions(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What does not fit together, as the database would say later."""
    if {"age_from", "age_to"} <= values.keys():
        least, most = values["age_from"], values["age_to"]
        if (least is None) != (most is None) or (least is not None and least > most):
            yield "age_to", "age_from and age_to come together, the least first. Write an exact age into both."
    person = values.get("person", {})
    if person.get("name_kind") == "none" and person.get("name"):
        yield "person.name", "a person whose name_kind is none has no name."


def _shortened(cell: Any) -> str:
    text = cell if isinstance(cell, str) else "" if isinstance(cell, Unreadable) else repr(cell)[: MOST_SHOWN + 1]
    printed = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text[: MOST_SHOWN + 1])
    return printed if len(printed) <= MOST_SHOWN else f"{printed[: MOST_SHOWN - 1]}…"
