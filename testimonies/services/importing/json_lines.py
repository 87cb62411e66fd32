"""JSON Lines: one object on each line. What lies within an object has a name with dots: `person.gender`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from testimonies.services.importing import columns, readings
from testimonies.services.importing.tables import (
    ABSENT,
    MOST_COLUMNS,
    MOST_ROWS,
    Notes,
    Options,
    Row,
    headers,
    refused,
)

MOST_BYTES_IN_LINE = 4_000_000
_BOM = b"\xef\xbb\xbf"


class JsonLines:
    """A Table whose columns are all the keys of all lines, in the order in which they first come."""

    is_json = True

    def __init__(self, path: Path, options: Options) -> None:
        if options.encoding and options.encoding.lower() not in {"utf-8", "utf8"}:
            raise refused("JSON Lines are in UTF-8.")
        self._path = path
        self.notes = Notes(encoding="utf-8")
        found: dict[str, None] = {}
        reasons: list[str] = []
        for number, cells, reason in self._lines():
            if reason and not reasons:
                reasons.append(f" Line {number} {reason}")
            found.update(dict.fromkeys(cells))
            if len(found) > MOST_COLUMNS:
                raise refused(f"There are more than {MOST_COLUMNS} different keys. Is each line one testimony?")
        if not found:
            raise refused(f"There is no object in the file. Write one on each line.{''.join(reasons)}")
        if not all(name.strip() for name in found):
            raise refused("An object has a key without a name.")
        self.columns = headers(found)

    def __iter__(self) -> Iterator[Row]:
        for number, cells, reason in self._lines():
            yield Row(number, [] if reason else [cells.get(name, ABSENT) for name in self.columns], reason)

    def _lines(self) -> Iterator[tuple[int, dict[str, Any], str]]:
        with self._path.open("rb") as file:
            number = 0
            while line := file.readline(MOST_BYTES_IN_LINE + 1):
                number += 1
                if len(line) > MOST_BYTES_IN_LINE:
                    raise refused(
                        f"holds more than {MOST_BYTES_IN_LINE:,} bytes. Write one object on each line.", number
                    )
                if number > MOST_ROWS:
                    raise refused(f"There are more than {MOST_ROWS:,} lines. Import the file in parts.")
                if number == 1:
                    line = line.removeprefix(_BOM)
                if line.strip():
                    try:
                        yield number, _flat(readings.from_json(line)), ""
                    except readings.Unfit as error:
                        yield number, {}, str(error)


def _flat(value: Any) -> dict[str, Any]:
    """Objects within objects as dotted names, down to what is a column as a whole. Errors: Unfit."""
    if not isinstance(value, Mapping):
        raise readings.Unfit("is no object, in {braces}.")
    found: dict[str, Any] = {}
    for name, what in _named(value, ""):
        if name in found:
            raise readings.Unfit("says one thing twice: with dots and as an object.")
        found[name] = what
    return found


def _named(value: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, what in value.items():
        whole = f"{prefix}{name}"
        if isinstance(what, Mapping) and what and columns.find(whole) is None:
            yield from _named(what, f"{whole}.")
        else:
            yield whole, what
