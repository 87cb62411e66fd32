"""A folder of collection files: bytes to JSON, with whatever is wrong with the files themselves."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from testimonies.services.loading.checks import Fields, Place, Problems


class _NotOurs(ValueError):
    """JSON by Python's measure, but not by the standard's or ours."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _NotOurs("a field is there twice in one object")
    return found


def _no_number(_: str) -> float:
    raise _NotOurs("NaN and Infinity are no numbers")


class Folder:
    """Where collection files lie. Nothing outside of it is read, whatever a manifest says."""

    def __init__(self, path: Path, problems: Problems) -> None:
        self.path = path
        self.problems = problems

    def has(self, name: str) -> bool:
        return (self.path / name).is_file()

    def document(self, name: str) -> Fields | None:
        """The object that a JSON file holds; None, and a problem, when it cannot be read."""
        place = Place(name)
        return next((Fields(value, place, self.problems) for value in self._values(name, place)), None)

    def listing(self, name: str) -> Iterator[Fields]:
        """The objects of a JSON file that holds a list of them."""
        for value in self._values(name, Place(name)):
            yield from Fields({"": value}, Place(name), self.problems).items("")

    def lines(self, name: str) -> Iterator[Fields | None]:
        """The objects of a file with one on each line, None for what is no JSON. Empty lines are skipped."""
        # bytes know the line ends of files only; others that Unicode knows may stand inside of a JSON text
        for number, data in enumerate((self._read(name) or b"").splitlines(), 1):
            if data.strip():
                place = Place(name, number)
                yield next((Fields(value, place, self.problems) for value in self._parse(data, place)), None)

    def _values(self, name: str, place: Place) -> Iterator[Any]:
        data = self._read(name)
        if data is not None:
            yield from self._parse(data, place)

    def objection(self, name: str) -> str:
        """Why a file must not be read, if there is a reason: names and links must not lead out of the folder."""
        is_plain = name not in {"", ".", ".."} and not set(name) & set("/\\\0:")
        if not is_plain or (self.path / name).resolve().parent != self.path.resolve():
            return "must be the plain name of a file in the folder"
        return "" if self.has(name) else "there is no such file in the folder"

    def _read(self, name: str) -> bytes | None:
        what = self.objection(name)
        try:
            if not what:
                return (self.path / name).read_bytes().removeprefix(codecs.BOM_UTF8)
        except OSError as error:
            what = f"cannot be read: {error.strerror}"
        self.problems.add(Place(name), what)
        return None

    def _parse(self, data: bytes, place: Place) -> Iterator[Any]:
        """The value, or a problem and nothing: a value may be null."""
        try:
            yield json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_number)
        except UnicodeDecodeError as error:
            line = place.line or data.count(b"\n", 0, error.start) + 1
            self.problems.add(Place(place.file, line), "is not UTF-8")
        except json.JSONDecodeError as error:
            line = place.line or error.lineno
            self.problems.add(Place(place.file, line), f"is not JSON: {error.msg} (column {error.colno})")
        except _NotOurs as error:
            self.problems.add(place, f"is not JSON: {error}")
        except (ValueError, RecursionError):
            self.problems.add(place, "is not JSON: a number is too long, or brackets are nested too deep")
