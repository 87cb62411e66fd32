"""Reads JSON objects field by field and notes every problem, so that a file hears at once of all that is wrong with it.

A message says where (file, line, field) and what would fit. It never repeats a value: names and words are protected.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import TextChoices

from testimonies.access import Tier
from testimonies.values import dates, languages, places

LAST_DAY = dt.date(9998, 12, 31)
"""The last day that is followed by another one, in every time zone."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}", re.ASCII)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")
_COUNTRY = "must be a country as ISO 3166-1 alpha-2, such as SY"
_is_url = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class Place:
    """A file, a line of it where lines count, and a field."""

    file: str
    line: int | None = None
    path: str = ""

    def at(self, name: str | int) -> "Place":
        step = f"[{name}]" if isinstance(name, int) else f".{name}" if self.path else name
        return replace(self, path=self.path + step)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.path}" if self.path else where


@dataclass(slots=True)
class Problems:
    lines: list[str] = field(default_factory=list)

    def add(self, place: Place, what: str) -> None:
        self.lines.append(f"{place}: {what}")


class Fields:
    """One JSON object being read. Each method takes one field; `done` complains about those that nobody took.

    A field that is not there is read like null. After a problem the methods return something harmless, so that reading
    goes on: nothing is stored once there is a problem.
    """

    def __init__(self, value: object, place: Place, problems: Problems, *, quiet: bool = False) -> None:
        self.place = place
        self._problems = problems
        self._values: dict[str, Any] = value if isinstance(value, dict) else {}
        self._taken: set[str] = set()
        self._quiet = quiet or not isinstance(value, dict)
        """What is not there at all is said once, not again for each of its fields."""
        if not isinstance(value, dict):
            problems.add(place, "must be an object, in {braces}")

    def problem(self, name: str, what: str) -> None:
        if not self._quiet:
            self._problems.add(self.place.at(name), what)

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def anything(self, name: str) -> Any:
        self._taken.add(name)
        return self._values.get(name)

    def count(self, name: str) -> int:
        """How many entries a field has that is left out: it is not looked into."""
        value = self.anything(name)
        return len(value) if isinstance(value, (dict, list)) else 0

    def done(self) -> None:
        for name in self._values.keys() - self._taken:
            # a key is text that somebody else wrote: it is repeated only where it looks like the name of a field
            if _PLAIN_NAME.fullmatch(name):
                self.problem(name, "there is no such field")
            else:
                self._problems.add(self.place, "has a field whose name is not known")

    def _take(self, name: str, kind: type | tuple[type, ...], what: str, *, required: bool) -> Any:
        value = self.anything(name)
        if value is None:
            if required:
                self.problem(name, "is missing")
        elif not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.problem(name, f"must be {what}")
            return None
        return value

    # --- Texts -----------------------------------------------------------------------------------------------------

    def text(self, name: str, *, longest: int = 0, required: bool = True) -> str:
        value: str | None = self._take(name, str, "a text", required=required)
        if value is None:
            return ""
        if required and not value.strip():
            self.problem(name, "is empty")
        self._check_text(self.place.at(name), value, longest)
        return value

    def _check_text(self, place: Place, value: str, longest: int) -> None:
        if _UNKEEPABLE.search(value):
            self._problems.add(place, "holds a character that no database keeps: NUL, or half of a pair of surrogates")
        elif longest and len(value) > longest:
            self._problems.add(place, f"has more than {longest} characters")

    def slug(self, name: str) -> str:
        value = self.text(name, longest=80)
        if value and not _SLUG.fullmatch(value):
            self.problem(name, "must be lower-case letters, digits and single hyphens")
        return value

    def word(self, name: str, words: type[TextChoices], *, default: str = "") -> str:
        value = self.text(name, required=not default) or default
        if value and value not in words.values:
            self.problem(name, f"must be one of {', '.join(words.values)}")
        return value

    def tier(self, name: str) -> Tier:
        value = self.text(name)
        if value and value not in Tier.labels:
            self.problem(name, f"must be one of {', '.join(Tier.labels)}")
        return tier_named(value)

    def edtf(self, name: str) -> str | None:
        value = self.text(name, required=False)
        try:
            return value if value and dates.bounds(value) else None
        except dates.InvalidDate:
            self.problem(name, "must be an EDTF date, such as 2014, 2014-09-25, 2014-06~ or 2014/2015")
            return None

    def country(self, name: str) -> str | None:
        value = self.text(name, required=False)
        if value and not places.is_country(value):
            self.problem(name, _COUNTRY)
        return value or None

    def language(self, name: str) -> str:
        value = self.text(name)
        if value and not languages.is_language(value):
            self.problem(name, "must be a language as a BCP 47 tag, such as en or ar")
        return value

    def url(self, name: str) -> str:
        value = self.text(name, longest=1000, required=False)
        if value and not is_url(value):
            self.problem(name, "must be an address that starts with http:// or https://")
        return value

    def day(self, name: str, *, required: bool = False) -> dt.date | None:
        value = self.text(name, required=required)
        if not value:
            return None
        try:
            day = dt.date.fromisoformat(value) if _DAY.fullmatch(value) else None
        except ValueError:
            day = None
        if day is None or day > LAST_DAY:
            self.problem(name, "must be a day, such as 2020-01-15")
            return None
        return day

    def scalar(self, name: str, *, longest: int, required: bool = True) -> str:
        """A text or a number, as text: 58 and 58.0 are `58`."""
        value = self.anything(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(int(value)) if value == int(value) else str(value)
        return self.text(name, longest=longest, required=required)

    # --- Numbers and truths ----------------------------------------------------------------------------------------

    def integer(self, name: str, low: int, high: int, *, required: bool = False) -> int | None:
        value: int | None = self._take(name, int, "a whole number", required=required)
        if value is not None and not low <= value <= high:
            self.problem(name, f"must be from {low} to {high}")
            return None
        return value

    def flag(self, name: str) -> bool | None:
        value: bool | None = self._take(name, bool, "true or false", required=False)
        return value

    # --- Lists and objects -----------------------------------------------------------------------------------------

    def _list(self, name: str) -> list[Any]:
        return self._take(name, list, "a list, in [brackets]", required=False) or []

    def texts(self, name: str, *, longest: int = 0) -> tuple[str, ...]:
        found: list[str] = []
        for n, value in enumerate(self._list(name)):
            place = self.place.at(name).at(n)
            if not isinstance(value, str) or not value.strip():
                self._problems.add(place, "must be a text that is not empty")
            elif value in found:
                self._problems.add(place, "is there twice")
            else:
                self._check_text(place, value, longest)
            found.append(value if isinstance(value, str) else "")
        return tuple(found)

    def countries(self, name: str) -> tuple[str, ...]:
        found = self.texts(name)
        for n, value in enumerate(found):
            if value and not places.is_country(value):
                self.problem(f"{name}[{n}]", _COUNTRY)
        return found

    def words(self, name: str, words: Collection[str]) -> tuple[str, ...]:
        found = self.texts(name)
        for n, value in enumerate(found):
            if value and value not in words:
                self.problem(f"{name}[{n}]", f"must be one of {', '.join(words)}")
        return found

    def inner(self, name: str) -> "Fields":
        value = self._take(name, dict, "an object, in {braces}", required=True)
        return Fields({} if value is None else value, self.place.at(name), self._problems, quiet=value is None)

    def items(self, name: str) -> Iterator["Fields"]:
        for n, value in enumerate(self._list(name)):
            yield Fields(value, self.place.at(name).at(n), self._problems)


def tier_named(label: str) -> Tier:
    return next((tier for tier in Tier if tier.label == label), Tier.RESTRICTED)


def is_url(text: str) -> bool:
    try:
        _is_url(text)
    except ValidationError:
        return False
    return True


def start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
