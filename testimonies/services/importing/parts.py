"""What a testimony has several of, and one row too: citations with their sources, texts, clearances, claims."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from testimonies import models
from testimonies.access import Use
from testimonies.selectors.filters import nearest
from testimonies.services.importing import declaring
from testimonies.services.importing.declaring import REQUIRED, Column, empty_of
from testimonies.services.importing.readings import Reading, Unfit

MOST_OF_A_KIND = 20
"""Numbered columns: so many sources, texts, clearances and claims one row may have."""


@dataclass(frozen=True, slots=True)
class PartKind:
    """What a testimony has several of: how its columns begin, and the key of the list among a row's values."""

    prefix: str
    key: str
    columns: Mapping[str, Column]
    """By name without prefix; paths are within the part."""


def _source() -> Iterator[Column]:
    """Of a citation and, within it, its source."""
    yield from declaring.of(models.Citation, "relation", "locator")
    yield replace(next(declaring.of(models.Citation, "tier")), name="citation_tier", path=("tier",))
    yield declaring.key("id", "source", "source", "id")
    yield replace(declaring.ref("ref", "source"), path=("source", "ref"))
    yield replace(declaring.external_ids("external_ids", "source"), path=("source", "external_ids"))
    yield from declaring.of(
        models.Source, "outlet", "title", "url", "published", "medium", "reliability", "tier", to=("source",)
    )


def _clearance() -> Iterator[Column]:
    yield from declaring.of(models.Clearance, "basis")
    (uses,) = declaring.of(models.Clearance, "uses")
    yield replace(uses, words=tuple(Use.values))
    yield from declaring.of(models.Clearance, "starts_at", "ends_at", "withdrawn_at", "evidence", "reviewed_by")


def _claim() -> Iterator[Column]:
    yield from declaring.of(models.Claim, "field", "value", "note", "is_preferred", "tier")


def _by_name(found: Iterator[Column]) -> dict[str, Column]:
    return {column.name: column for column in found}


PARTS = (
    PartKind("source", "citations", _by_name(_source())),
    PartKind("text", "texts", _by_name(declaring.of(models.Text, "language", "kind", "body", "tier"))),
    PartKind("clearance", "clearances", _by_name(_clearance())),
    PartKind("claim", "claims", _by_name(_claim())),
)
BY_PREFIX = {part.prefix: part for part in PARTS}
_UNREAD = frozenset(["supports", "version", "position", "translation_of", "source_id"])
"""What the entries of such a list may hold beside; the order of the list is their position."""


def entry(part: PartKind) -> Reading:
    """One object of a list in JSON, as the API shows or takes it."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Unfit("is no object, in {braces}.")
        found: dict[str, Any] = {}
        for name, what in _cells(part, value):
            column = part.columns.get(name)
            if column is None:
                raise Unfit("has a field whose name is not known." + nearest(name, part.columns))
            place = found
            for step in column.path[:-1]:
                place = place.setdefault(str(step), {})
            try:
                place[str(column.path[-1])] = empty_of(column) if what in (None, "") else column.read(what)
            except Unfit as error:
                raise Unfit(f"{name}: {error}") from None
        if lacking := lacks(part, found):
            raise Unfit(f"needs {', '.join(lacking)}.")
        return found

    return read


def _cells(part: PartKind, entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    inner = entry.get(part.prefix)
    for name, value in entry.items():
        is_ours = name in _UNREAD or (name == "id" and name not in part.columns)
        if is_ours or (isinstance(inner, Mapping) and name == part.prefix):
            continue
        if isinstance(inner, Mapping):  # the object itself is ours alone, and what it holds the columns name plainly
            if name != "id":
                yield ("citation_tier" if name == "tier" else name), value
        else:
            yield name, value
    if isinstance(inner, Mapping):
        yield from inner.items()


def lacks(part: PartKind, found: Mapping[str, Any]) -> list[str]:
    """Columns that one of these needs and that are not among its values."""
    held = {
        (name, *inner)
        for name, value in found.items()
        for inner in (value if isinstance(value, dict) else [()])
        for inner in [(inner,) if inner != () else ()]
    }
    is_known = part.prefix == "source" and not held.isdisjoint({("source", "id"), ("source", "ref")})
    return [
        name
        for name, column in part.columns.items()
        if column.empty is REQUIRED and column.path not in held and not (is_known and column.path[0] == "source")
    ]
