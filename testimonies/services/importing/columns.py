"""The columns that a row may have: one table of names, kinds, and where the value goes.

A column is named as the API's list item and detail of a testimony name the value, with dots for what lies within:
`title`, `person.gender`. What a testimony has several of is numbered from the second on: `source.outlet`,
`source.2.outlet`. A system's own ids have a column each: `external_id.SYSTEM`.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from testimonies import models
from testimonies.access import Tier
from testimonies.models import persons as person_models
from testimonies.models import testimonies as testimony_models
from testimonies.models.fields import Missing
from testimonies.models.persons import NameKind
from testimonies.projections.documents import UNNAMED
from testimonies.services.importing import declaring, parts, readings
from testimonies.services.importing.declaring import Column, ColumnKind
from testimonies.services.importing.readings import Reading, Unfit


def find(name: str) -> Column | None:
    """The column of exactly that name, numbered ones and ids of systems included."""
    return COLUMNS.get(name) or _numbered(name) or _of_system(name)


def _pairs(name: str, names: tuple[str, ...], help_text: str, *, value: str, read: Reading, words: list[str]) -> Column:
    """Fields with a word each."""
    help_text = f"{help_text}: `{names[0]}={words[-1]}`, several with a semicolon between them. The whole list."
    reading = readings.pairs("field", value, read, names)
    return Column(name, ColumnKind.PAIRS, help_text, tuple(name.split(".")), reading, {}, tuple(words))


MISSING_OF_PERSON, _MISSING = ("nationality", "residence_before"), ("given", "given_country", "joined", "left")


def _missing(name: str, names: tuple[str, ...]) -> Column:
    what, read = "Why dates or countries are missing", readings.word(Missing.choices)
    return _pairs(name, names, what, value="reason", read=read, words=Missing.values)


def _raised(name: str, names: tuple[str, ...]) -> Column:
    what = "Fields that need a higher tier than usual"
    return _pairs(name, names, what, value="tier", read=_raised_tier, words=Tier.labels[1:])


def _raised_tier(value: Any) -> Tier:
    found = readings.tier(value)
    if found == Tier.PUBLIC:
        raise Unfit("is no higher tier. A tier is raised, never lowered.")
    return found


_cases = readings.pairs("collection", "is_case", readings.flag)


def _read_cases(value: Any) -> list[dict[str, Any]]:
    return [{"collection": readings.slug(name), "is_case": is_case} for name, is_case in _cases(value).items()]


_NAME = readings.text(200, one_line=True)


def _other_name(value: Any) -> dict[str, Any]:
    """`name (kind)`, or {value, kind, tier}."""
    if isinstance(value, Mapping):
        if not {"value", "kind"} <= value.keys() <= {"value", "kind", "tier"}:
            raise Unfit("needs value and kind, and may have tier.")
        name, kind, tier = value["value"], value["kind"], value.get("tier", "restricted")
    else:
        found = re.fullmatch(r"(.+) \(([a-z_ ]+)\)", readings.as_text(value))
        if found is None:
            raise Unfit("write the name and its kind in parentheses: `Name (kunya)`.")
        name, kind, tier = found[1], found[2], "restricted"
    kind = readings.word(NameKind.choices)(kind)
    if kind == NameKind.NONE:
        raise Unfit("is no name. Leave it out.")
    return {"value": _NAME(name), "kind": kind, "tier": readings.tier(tier)}


def _testimony() -> Iterator[Column]:
    yield declaring.key("id", "testimony")
    yield declaring.ref("ref", "testimony")
    yield declaring.external_ids("external_ids", "testimony")
    yield from declaring.of(
        models.Testimony,
        *("title", "summary", "summary_language", "kind", "speaking_conditions", "account_language", "given"),
        *("given_country", "age_from", "age_to", "credibility", "content_warnings", "coding_status", "embargo_until"),
        *("tier", "notes_internal"),
    )
    yield Column("group", ColumnKind.SLUG, "Slug of the group; empty: no membership.", ("group",), readings.slug, None)
    yield replace(next(declaring.of(models.Membership, "belonging")), name="membership")
    yield from declaring.of(models.Membership, "role_in_group", "joined", "left")
    yield Column(
        "collections",
        ColumnKind.SLUGS,
        "Slugs of the collections: the whole list.",
        ("collections",),
        readings.several(readings.slug),
        [],
    )
    codes = "Consensus codes as codebook@version/slug: the whole list."
    yield Column("codes", ColumnKind.CODES, codes, ("codes",), readings.several(readings.code), [])
    cases = "Known cases of figures: `collection=true`, several with a semicolon between them. The whole list."
    yield Column("cases", ColumnKind.PAIRS, cases, ("cases",), _read_cases, [])
    yield _missing("missing", (*_MISSING, *MISSING_OF_PERSON))
    yield _raised("raised", testimony_models.RAISABLE)
    same = "External ids (`system: value`) of testimonies that may be by the same person; they may be in later rows or files."
    yield Column(
        "same_person_as",
        ColumnKind.EXTERNAL_IDS,
        same,
        ("same_person_as",),
        readings.several(readings.external_id),
        [],
        is_shown=False,
    )


def _unless_unnamed(read: Reading) -> Reading:
    """Whoever has no name is `unnamed` in what the service shows."""
    return lambda value: "" if value == UNNAMED else read(value)


def _person() -> Iterator[Column]:
    yield declaring.key("person.id", "person")
    yield declaring.ref("person.ref", "person")
    yield declaring.external_ids("person.external_ids", "person")
    fields = ("name", "name_kind", "gender", "nationality", "residence_before", "origin_stated", "disclosure", "tier")
    for column in declaring.of(models.Person, *fields, prefix="person.", to=("person",)):
        yield replace(column, read=_unless_unnamed(column.read)) if column.name == "person.name" else column
    names = "Other names with their kinds: `Name (kunya); Name (initials)`. The whole list."
    yield Column(
        "person.other_names",
        ColumnKind.PARTS,
        names,
        ("person", "other_names"),
        readings.several(_other_name),
        [],
        tuple(kind for kind in NameKind.values if kind != NameKind.NONE),
        is_shown=False,
    )
    yield _missing("person.missing", MISSING_OF_PERSON)
    yield _raised("person.raised", person_models.RAISABLE)


READ_ONLY = (
    *(
        "updated_at",
        "given_earliest",
        "given_latest",
        "joined_earliest",
        "joined_latest",
        "left_earliest",
        "left_latest",
    ),
    *("outlets", "cleared_for", "status", "snippets", "caveats", "version"),
)
"""What the service derives or decides: an export holds it, and an import leaves it out, saying so."""


def _all() -> Iterator[Column]:
    yield from _testimony()
    yield from _person()
    for part in parts.PARTS:
        help_text = f"All of them at once, as a list of JSON; instead of the columns {part.prefix}.*."
        read = readings.several(parts.entry(part))
        yield Column(part.key, ColumnKind.PARTS, help_text, (part.key,), read, [], is_shown=False)
        for name in part.columns:
            yield _at(part, name, 0, f"{part.prefix}.{name}")
    for name in READ_ONLY:
        yield Column(name, ColumnKind.READ_ONLY, "The service derives or decides it: left out of an import.")


_NUMBERED = re.compile(r"(?P<prefix>[a-z]+)\.(?:(?P<number>[0-9]{1,2})\.)?(?P<name>[a-z_]+)", re.ASCII)
_SYSTEM = re.compile(r"(?P<owner>person\.|source\.)?external_id\.(?P<system>.{1,80})")


@functools.lru_cache(maxsize=2_000)
def _numbered(name: str) -> Column | None:
    found = _NUMBERED.fullmatch(name)
    part = parts.BY_PREFIX.get(found["prefix"]) if found else None
    if found is None or part is None or found["name"] not in part.columns:
        return None
    number = int(found["number"] or 1)
    return _at(part, found["name"], number - 1, name) if 1 <= number <= parts.MOST_OF_A_KIND else None


def _at(part: parts.PartKind, inner: str, index: int, name: str) -> Column:
    column = part.columns[inner]
    return replace(column, name=name, path=(part.key, index, *column.path))


@functools.lru_cache(maxsize=2_000)
def _of_system(name: str) -> Column | None:
    """`external_id.SYSTEM`: one id in each cell."""
    found = _SYSTEM.fullmatch(name)
    if found is None:
        return None
    system, owner = found["system"], (found["owner"] or "").rstrip(".")
    path: tuple[str | int, ...] = {"": (), "person": ("person",), "source": ("citations", 0, "source")}[owner]

    def read(value: Any) -> str:
        return readings.external_id({"system": system, "value": readings.as_text(value).strip()})["value"]

    help_text = f"What {system} calls the {owner or 'testimony'}: ids of other systems stay as they are."
    return Column(name, ColumnKind.EXTERNAL_ID, help_text, (*path, "external_id", system), read, None, is_shown=False)


COLUMNS: Mapping[str, Column] = {column.name: column for column in _all()}
"""Every column that has one name; the first of those that are numbered."""
