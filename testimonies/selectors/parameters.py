"""Reads a query string against what a resource declares. Everything that is wrong with it is told at once."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Choices

from testimonies.access import Tier
from testimonies.errors import InvalidParameter, InvalidParameters
from testimonies.selectors.filters import Context, Filter, Read, nearest
from testimonies.selectors.pages import Order, Request, Step, scope
from testimonies.selectors.sql import Sql
from testimonies.values import webquery

MAX_VALUES = 50
MAX_LENGTH = 1_000
MAX_CURSOR = 4_000
"""A cursor holds the values of the row that it starts from, such as a long title."""
MAX_PAGE = 500
COUNTS = ("none", "exact", "capped")
MATCHES = ("possible", "certain")
FORMATS = ("json", "csv", "xlsx", "ndjson")
"""A list is answered as pages of JSON; the others have all of it, as one file."""
CITED = (*FORMATS, "csl-json", "bibtex", "ris")
"""Of lists that can be cited too."""
OF_PAGES = ("page_size", "cursor", "count")
"""What a file of everything does not understand."""

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Declared:
    """What a resource's list understands."""

    name: str
    filters: Sequence[Filter]
    orders: Mapping[str, Order]
    ordering: str
    """The default ordering."""
    key: Order
    """A unique column that ends every ordering."""
    has_search: bool = False
    has_match: bool = False
    formats: Sequence[str] = FORMATS

    _visible: dict[Tier, dict[str, Filter]] = field(init=False, repr=False, default_factory=dict)
    _names: dict[Tier, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        more = [*(["q"] if self.has_search else []), *(["match"] if self.has_match else [])]
        for tier in Tier:
            self._visible[tier] = {declared.name: declared for declared in self.filters if declared.tier <= tier}
            self._names[tier] = (*self._visible[tier], *more, "ordering", *OF_PAGES, "format")

    def visible_to(self, tier: Tier) -> dict[str, Filter]:
        return self._visible[tier]

    def names(self, tier: Tier) -> tuple[str, ...]:
        return self._names[tier]


@dataclass(frozen=True, slots=True)
class Asked:
    """One parameter of what is no list: given at most once."""

    name: str
    help: str
    read: Read
    choices: type[Choices] | None = None
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A query string that fits: conditions, search, and which page. `request` lacks the parameters of relevance.

    format  What to answer with
    names   Parameters that say which records and in what order
    """

    conditions: tuple[Sql, ...]
    search: webquery.Query
    request: Request
    format: str = FORMATS[0]
    names: tuple[str, ...] = ()

    @property
    def is_of_pages(self) -> bool:
        return self.format == FORMATS[0]


def read(declared: Declared, values: Values, context: Context) -> Query:
    """Errors: InvalidParameters, with one entry for each parameter at fault."""
    reader = _Reader(declared, values, context)
    query = reader.query()
    if reader.errors:
        raise InvalidParameters(reader.errors)
    return query


OF_LISTS = frozenset({"q", "ordering", "page_size", "cursor", "count"})


def read_filters(declared: Declared, values: Values, context: Context) -> tuple[Sql, ...]:
    """The conditions alone, for what is no list: without search, order and page. Errors: InvalidParameters."""
    reader = _Reader(declared, {name: given for name, given in values.items() if name not in OF_LISTS}, context)
    query = reader.query()
    for name in OF_LISTS & values.keys():
        reader.refuse(name, "unknown_parameter", "There is no such parameter here: this is no list.")
    if reader.errors:
        raise InvalidParameters(reader.errors)
    return query.conditions


def read_asked(asked: Sequence[Asked], values: Values, context: Context) -> dict[str, Any]:
    """The values that were given. Errors: InvalidParameters, with one entry for each parameter at fault."""
    known, errors, found = {one.name: one for one in asked}, [], {}
    for name, given in values.items():
        if name not in known:
            detail = f"There is no such parameter here.{nearest(name, known)}"
            errors.append(InvalidParameter(name[:80], "unknown_parameter", detail))
        elif len(given) > 1:
            errors.append(InvalidParameter(name, "repeated", "Give this parameter once."))
        elif "\0" in given[0] or len(given[0]) > longest(name):
            errors.append(
                InvalidParameter(name, "invalid", f"Write at most {longest(name):,} characters, without NUL.")
            )
        else:
            try:
                (found[name],) = known[name].read(name, [given[0]], context)
            except InvalidParameter as error:
                errors.append(error)
    errors += [
        InvalidParameter(one.name, "required", f"This is needed. {one.help}")
        for one in asked
        if one.is_required and one.name not in values
    ]
    if errors:
        raise InvalidParameters(errors)
    return found


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """Reads whole numbers within bounds."""

    least: int
    most: int

    def __call__(self, name: str, values: list[str], _: Context) -> list[int]:
        if not all(value.isascii() and value.isdigit() and len(value) < 11 for value in values):
            raise self._refused(name)
        numbers = [int(value) for value in values]
        if not all(self.least <= number <= self.most for number in numbers):
            raise self._refused(name)
        return numbers

    def _refused(self, name: str) -> InvalidParameter:
        return InvalidParameter(name, "invalid", f"Write a whole number from {self.least} to {self.most}.")


whole_number = WholeNumber(0, 2**31 - 1)
"""From 0 to what 31 bits hold."""


def nothing(values: Values) -> None:
    """For what takes no parameters at all."""
    if values:
        raise InvalidParameters(
            [InvalidParameter(name[:80], "unknown_parameter", "This takes no parameters.") for name in values]
        )


def choice(name: str, choices: Sequence[str], values: Values) -> str:
    """The one parameter of what takes only one; its first choice is the default."""
    errors = [
        InvalidParameter(other[:80], "unknown_parameter", f"This takes {name} only.")
        for other in values
        if other != name
    ]
    given = values.get(name, choices[:1])
    if len(given) != 1 or given[0] not in choices:
        errors.append(InvalidParameter(name, "unknown_value", f"Give one of: {', '.join(choices)}."))
    if errors:
        raise InvalidParameters(errors)
    return given[0]


def only(name: str, values: Values) -> str:
    """The one parameter of what needs just one."""
    errors = [
        InvalidParameter(other[:80], "unknown_parameter", f"This takes {name} only.")
        for other in values
        if other != name
    ]
    given = values.get(name, ())
    if len(given) != 1:
        errors.append(InvalidParameter(name, "invalid", "Give this parameter, once."))
    if errors:
        raise InvalidParameters(errors)
    return given[0]


def moment(name: str, values: Values) -> dt.datetime:
    """The one parameter of what takes only one: a moment with its time zone."""
    errors = [
        InvalidParameter(other[:80], "unknown_parameter", f"This takes {name} only.")
        for other in values
        if other != name
    ]
    found: dt.datetime | None = None
    try:
        (text,) = values[name]
        found = dt.datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign that was not encoded arrives as a space
    except ValueError:
        pass
    if found is None or found.tzinfo is None:
        errors.append(InvalidParameter(name, "invalid", "Write one moment with its time zone: 2026-01-05T10:00:00Z."))
    if errors or found is None:
        raise InvalidParameters(errors)
    return found


def longest(name: str) -> int:
    """How many characters a value of the parameter may have."""
    return MAX_CURSOR if name in {"cursor", "after"} else MAX_LENGTH


class _Reader:
    def __init__(self, declared: Declared, values: Values, context: Context) -> None:
        self.declared, self.values, self.context = declared, values, context
        self.errors: list[InvalidParameter] = []

    def query(self) -> Query:
        known = self.declared.names(self.context.actor.tier)
        fitting = {}
        for name, values in self.values.items():
            if name not in known:
                self.refuse(name[:80], "unknown_parameter", f"There is no such parameter here.{nearest(name, known)}")
            elif len(values) > MAX_VALUES:
                self.refuse(name, "too_many_values", f"Repeat a parameter at most {MAX_VALUES} times.")
            elif any("\0" in value or len(value) > longest(name) for value in values):
                self.refuse(name, "invalid", f"Write at most {longest(name):,} characters, without NUL.")
            else:
                fitting[name] = values
        self.values = fitting
        certain = self.one("match", "possible", MATCHES) == "certain"
        context = Context(self.context.actor, self.context.reference, certain)
        conditions = tuple(found for one in self.filters() if (found := self.condition(one, context)) is not None)
        search = self.search()
        ordering, steps = self.steps(search)
        request = Request(
            steps=steps,
            size=self.size(),
            cursor=self.cursor(),
            count=self.one("count", "none", COUNTS),
            scope=self.scope(ordering, certain=certain),
        )
        names = tuple(sorted(name for name in self.values if name not in {*OF_PAGES, "format"}))
        return Query(conditions, search, request, self.format(), names)

    def refuse(self, parameter: str, code: str, detail: str) -> None:
        self.errors.append(InvalidParameter(parameter, code, detail))

    def filters(self) -> list[Filter]:
        visible = self.declared.visible_to(self.context.actor.tier)
        return [visible[name] for name in self.values if name in visible]

    def condition(self, declared: Filter, context: Context) -> Sql | None:
        try:
            return declared.where(declared.read(declared.name, list(self.values[declared.name]), context), context)
        except InvalidParameter as error:
            self.errors.append(error)
            return None

    def single(self, name: str) -> str | None:
        values = self.values.get(name, ())
        if len(values) > 1:
            self.refuse(name, "repeated", "Give this parameter once.")
        return values[0] if values else None

    def one(self, name: str, default: str, choices: Sequence[str]) -> str:
        value = default if (given := self.single(name)) is None else given
        if value not in choices:
            self.refuse(name, "unknown_value", f"Use one of: {', '.join(choices)}.{nearest(value, choices)}")
        return value

    def search(self) -> webquery.Query:
        try:
            return webquery.parse(self.single("q") or "")
        except webquery.QueryTooLong as error:
            self.refuse("q", "too_long", str(error))
            return webquery.Query()

    def steps(self, search: webquery.Query) -> tuple[str, tuple[Step, ...]]:
        """Repeated fields beyond the first say nothing new and are refused with the unknown ones."""
        text = self.declared.ordering if (given := self.single("ordering")) is None else given
        known = [name for name in self.declared.orders if name != "relevance" or search]
        steps, seen = [], set()
        for written in text.split(","):
            name = written.removeprefix("-")
            if name not in known or name in seen:
                hint = " Relevance needs q." if name == "relevance" and not search else nearest(name, known)
                self.refuse(
                    "ordering", "unknown_value", f"Order by {', '.join(known)}, each once, with - for descending.{hint}"
                )
                break
            seen.add(name)
            # the best match first is what anybody means by relevance
            steps.append(Step(self.declared.orders[name], written.startswith("-") or name == "relevance"))
        descending = bool(steps) and steps[-1].descending
        return text, (*steps, Step(self.declared.key, descending))

    def size(self) -> int:
        text = self.single("page_size")
        if text is None:
            return 50
        if text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MAX_PAGE:
            return int(text)
        self.refuse("page_size", "invalid", f"Write a whole number from 1 to {MAX_PAGE}.")
        return 50

    def format(self) -> str:
        chosen = self.one("format", FORMATS[0], self.declared.formats)
        if chosen != FORMATS[0]:
            for name in OF_PAGES:
                if name in self.values:
                    self.refuse(name, "not_with_format", "A file has every record: leave this out, or the format.")
        return chosen

    def cursor(self) -> str | None:
        return self.single("cursor")

    def scope(self, ordering: str, *, certain: bool) -> str:
        chosen = {
            name: sorted(values)
            for name, values in sorted(self.values.items())
            if name not in {*OF_PAGES, "ordering", "match", "format"}
        }
        actor = self.context.actor
        return scope(self.declared.name, int(actor.tier), actor.uses, chosen, ordering, certain)
