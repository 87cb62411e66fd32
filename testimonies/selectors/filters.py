"""Filters as declarations: a name, what it says to a reader, how its values are read, and where they are looked for.

A resource lists its filters in testimonies/api/v1/<segment>.py; the query string is read against that list, and the
OpenAPI document describes it. A filter above the caller's tier does not exist for that caller.
"""

import datetime as dt
import difflib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Choices

from testimonies.access import Actor, Tier
from testimonies.errors import InvalidParameter
from testimonies.selectors.reference import Reference
from testimonies.selectors.sql import Sql, either
from testimonies.selectors.visibility import permitting
from testimonies.values import dates, languages, places, refs
from testimonies.values.folding import fold


@dataclass(frozen=True, slots=True)
class Context:
    """What a filter may ask beside its own values."""

    actor: Actor
    reference: Reference
    certain: bool = False
    """Whether uncertain dates must lie within the bounds as a whole (`match=certain`) or only may."""


Read = Callable[[str, list[str], Context], list[Any]]
"""From the values of a query string to values of the rows: (name, values, context). Raises InvalidParameter."""
Where = Callable[[list[Any], Context], Sql]
"""From values of the rows to a condition that holds where one of them does."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter. Several values are OR, unless the help says otherwise."""

    name: str
    help: str
    read: Read
    where: Where
    choices: type[Choices] | None = None
    format: str = ""
    tier: Tier = Tier.PUBLIC


def enumeration(name: str, help: str, choices: type[Choices], where: Where, tier: Tier = Tier.PUBLIC) -> Filter:  # noqa: A002
    """A filter whose values are the words of the schema."""
    return Filter(name, help, word(choices), where, choices=choices, tier=tier)


# --- Reading values ---------------------------------------------------------------------------------------------------


def nearest(text: str, known: Iterable[str]) -> str:
    """A hint made of the schema's own words, never of rows."""
    found = difflib.get_close_matches(text[:80], list(known), n=1, cutoff=0.6)
    return f" Did you mean {found[0]}?" if found else ""


def word(choices: type[Choices]) -> Read:
    """A word of an enumeration; of Tier, whose values are numbers, the label is the word."""
    known = (
        {str(label): value for value, label in choices.choices}
        if choices is Tier
        else {value: value for value in choices.values}
    )

    def read(name: str, values: list[str], _: Context) -> list[Any]:
        for value in values:
            if value not in known:
                raise InvalidParameter(name, "unknown_value", f"Use one of: {', '.join(known)}.{nearest(value, known)}")
        return [known[value] for value in values]

    return read


def yes_or_no(name: str, values: list[str], _: Context) -> list[bool]:
    if not set(values) <= {"true", "false"}:
        raise InvalidParameter(name, "unknown_value", "Use true or false.")
    return [value == "true" for value in values]


def country(name: str, values: list[str], _: Context) -> list[str]:
    codes = [value.upper() for value in values]
    if not all(places.is_country(code) for code in codes):
        raise InvalidParameter(
            name, "unknown_value", "Write a country as ISO 3166-1 alpha-2: two letters such as SY or DE."
        )
    return codes


def region(name: str, values: list[str], context: Context) -> list[str]:
    """The countries of named regions."""
    known = context.reference.regions
    if any(value not in known for value in values):
        raise InvalidParameter(
            name, "unknown_value", "There is no such region. Use a slug such as western-asia or europe."
        )
    return sorted({code for value in values for code in known[value]})


def language(name: str, values: list[str], _: Context) -> list[str | None]:
    tags = [languages.canonical(value) for value in values]
    if None not in tags:
        return tags
    raise InvalidParameter(name, "unknown_value", "Write a language as a BCP 47 tag such as en, ar or zh-Hant.")


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) in {32, 36} else None
    except ValueError:
        return None


def key(prefix: str) -> Read:
    """A record by id or reference. One that the caller may not see matches nothing, like one that never was."""

    def read(name: str, values: list[str], _: Context) -> list[UUID | str]:
        found: list[UUID | str] = []
        for value in values:
            record_id, ref = as_uuid(value), refs.normalise_ref(value[:40])
            if record_id is None and not refs.is_ref(ref, prefix):
                raise InvalidParameter(
                    name, "invalid", f"Write an id (a UUID) or a reference ({prefix}-…); check it for a typing error."
                )
            found.append(record_id or ref)
        return found

    return read


def slug_of(noun: str) -> Read:
    """A group or a collection. A hidden one is as unknown as one that never was."""

    def read(name: str, values: list[str], context: Context) -> list[str]:
        if not all(context.reference.has(noun, value, context.actor.tier) for value in values):
            raise InvalidParameter(name, "unknown_value", f"There is no such {noun}. /api/v1/{noun}s/ lists them.")
        return values

    return read


def codebook(name: str, values: list[str], context: Context) -> list[str]:
    if not all(context.reference.has_codebook(value, context.actor.tier) for value in values):
        raise InvalidParameter(
            name,
            "unknown_value",
            "There is no such codebook. Write its slug, or slug@version; /api/v1/codebooks/ lists them.",
        )
    return values


def code(name: str, values: list[str], context: Context) -> list[list[UUID]]:
    """For each code, the ids of it and of all its children."""
    return [_with_children(name, value, context) for value in values]


def _with_children(name: str, value: str, context: Context) -> list[UUID]:
    codes = context.reference.find_codes(value, context.actor.tier)
    if not codes:
        raise InvalidParameter(
            name, "unknown_value", "There is no such code. Write its slug, or codebook/slug; /api/v1/codes/ lists them."
        )
    if len({code.codebook for code in codes}) > 1:
        raise InvalidParameter(name, "ambiguous", "More than one codebook has this code. Write codebook/slug.")
    return context.reference.with_children(codes, context.actor.tier)


def folded(_: str, values: list[str], __: Context) -> list[str]:
    """Words, whatever their case and accents."""
    return [fold(value) for value in values]


def as_written(_: str, values: list[str], __: Context) -> list[str]:
    return values


def day(*, last: bool) -> Read:
    """The first or the last day of an EDTF date."""

    def read(name: str, values: list[str], _: Context) -> list[dt.date]:
        try:
            bounds = [dates.bounds(value)[last] for value in values]
        except dates.InvalidDate as error:
            raise InvalidParameter(name, "invalid", str(error)) from None
        days = [bound for bound in bounds if bound is not None]
        if len(days) < len(bounds):
            raise InvalidParameter(
                name, "invalid", "Write a date that is closed on this side, such as 2014-09-25, 2014-09 or 2014."
            )
        return days

    return read


def moment(name: str, values: list[str], _: Context) -> list[dt.datetime]:
    try:
        # a plus sign that was not encoded arrives as a space
        moments = [dt.datetime.fromisoformat(value.replace(" ", "+")) for value in values]
    except ValueError:
        moments = []
    if not moments or any(found.tzinfo is None for found in moments):
        raise InvalidParameter(name, "invalid", "Write a moment with its time zone, such as 2026-01-05T10:00:00Z.")
    return moments


# --- Where to look ----------------------------------------------------------------------------------------------------


def column(name: str) -> Where:
    def where(values: list[Any], _: Context) -> Sql:
        # one value is spelled as one, so that the index of all facets may meet it with the others'
        return Sql(f"{name} = %s", (values[0],)) if len(values) == 1 else Sql(f"{name} = ANY (%s)", (values,))

    return where


def permitted(values: list[Any], _: Context) -> Sql:
    return permitting(values)


def array(name: str) -> Where:
    """At least one of the values is in the array."""
    return lambda values, _: Sql(f"{name} && %s", (values,))


def id_or_ref(id_column: str, ref_column: str) -> Where:
    def where(values: list[Any], _: Context) -> Sql:
        ids = [value for value in values if isinstance(value, UUID)]
        found = [value for value in values if isinstance(value, str)]
        return Sql(f"({id_column} = ANY (%s::uuid[]) OR {ref_column} = ANY (%s::text[]))", (ids, found))

    return where


def ids_and_refs(name: str) -> Where:
    """The array holds ids and references alike."""
    return lambda values, _: Sql(f"{name} && %s", ([str(value) for value in values],))


def any_code(values: list[list[UUID]], _: Context) -> Sql:
    return Sql("codes && %s::uuid[]", ([code_id for ids in values for code_id in ids],))


def all_codes(values: list[list[UUID]], _: Context) -> Sql:
    return Sql(" AND ".join(["codes && %s::uuid[]"] * len(values)), tuple(values))


def no_code(values: list[list[UUID]], context: Context) -> Sql:
    found = any_code(values, context)
    return Sql(f"NOT {found.text}", found.parameters)


def reaches(name: str) -> Where:
    """The date may lie (or with `match=certain` lies) on or after the earliest of the days."""

    def where(days: list[dt.date], context: Context) -> Sql:
        if context.certain:  # spelled as the index of the ordering has it; what is missing lies nowhere
            return Sql(f"coalesce({name}_earliest, '-infinity'::date) >= %s", (min(days),))
        return Sql(f"{name}_latest >= %s", (min(days),))

    return where


def starts_by(name: str) -> Where:
    """The date may lie (or with `match=certain` lies) on or before the latest of the days."""

    def where(days: list[dt.date], context: Context) -> Sql:
        if context.certain:
            return Sql(f"{name}_latest <= %s", (max(days),))
        return Sql(f"coalesce({name}_earliest, 'infinity'::date) <= %s", (max(days),))

    return where


def since(name: str) -> Where:
    return lambda moments, _: Sql(f"{name} >= %s", (min(moments),))


def facet(name: str) -> Where:
    """A value of a shared document."""
    return lambda values, _: either([Sql("facets @> %s::jsonb", (json.dumps({name: value}),)) for value in values])


def facet_tier(values: list[Any], context: Context) -> Sql:
    """Documents say the tier as a word."""
    return facet("tier")([Tier(value).label for value in values], context)


def facet_codebook(values: list[str], _: Context) -> Sql:
    """`slug`, or `slug@version`."""
    wanted = [dict(zip(("codebook", "version"), value.split("@"), strict=False)) for value in values]
    return either([Sql("facets @> %s::jsonb", (json.dumps(one),)) for one in wanted])
