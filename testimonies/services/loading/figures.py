"""Published figures about a collection, and regions: reference data of which the file is the whole truth."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from testimonies.models import Collection, Figure, FigureSource, Region
from testimonies.models.collections import FigureScope, FigureStatus
from testimonies.models.sources import Medium
from testimonies.services.loading.checks import Fields, is_url
from testimonies.services.loading.files import Folder
from testimonies.services.loading.lines import SourceLine
from testimonies.services.loading.rows import Changes, keep
from testimonies.services.loading.sources import Catalogue

REGIONS = "regions.json"
_FIGURE_FIELDS = (
    "scope", "statement", "status", "derivation", "metric", "operator", "value", "range_low", "range_high", "denominator", "filter",
    "conflicts", "note", "position", "tier",
)  # fmt: skip
_ABOUT = ("title", "version", "licence_note", "population", "status_values")
"""What a file of figures says about itself; the manifest says it of the collection."""


@dataclass(frozen=True, slots=True)
class FigureEntry:
    """`sources` come with where in them the figure stands."""

    slug: str
    values: dict[str, Any]
    sources: tuple[tuple[SourceLine, str], ...]


@dataclass(slots=True)
class Figures:
    """What a file of figures holds: figures, and counts that were looked for and could not be found."""

    entries: list[FigureEntry] = field(default_factory=list)
    unavailable: list[str] = field(default_factory=list)


def read(folder: Folder, names: Iterable[str]) -> Figures:
    found = Figures()
    for name in names:
        fields = folder.document(name)
        if fields is None:
            continue
        for about in _ABOUT:
            fields.anything(about)
        found.unavailable += fields.texts("unavailable")
        for item in fields.items("figures"):
            entry = _figure(item, position=len(found.entries))
            if any(other.slug == entry.slug for other in found.entries):
                item.problem("id", "is the id of a figure before it too")
            found.entries.append(entry)
        fields.done()
    return found


def _figure(fields: Fields, position: int) -> FigureEntry:
    low, high = _range(fields)
    query = fields.anything("filter")
    values = {
        "scope": fields.word("scope", FigureScope),
        "statement": fields.text("quote_free"),
        "status": fields.word("status", FigureStatus),
        "derivation": fields.text("derivation", required=False),
        "metric": fields.text("metric", longest=60),
        "operator": fields.text("operator", longest=20),
        "value": fields.scalar("value", longest=60, required=False),
        "range_low": low,
        "range_high": high,
        "denominator": fields.integer("denominator", 0, 2**31 - 1),
        "filter": "" if query is None else json.dumps(query, ensure_ascii=False, separators=(",", ":")),
        "conflicts": [_conflict(item) for item in fields.items("conflicts")],
        "note": fields.text("note", required=False),
        "position": position,
        "tier": 0,
    }
    entry = FigureEntry(fields.slug("id"), values, tuple(source(item) for item in fields.items("sources")))
    fields.done()
    return entry


def _range(fields: Fields) -> tuple[float | None, float | None]:
    value = fields.anything("range")
    if value is None:
        return None, None
    if (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(end, (int, float)) and not isinstance(end, bool) for end in value)
        and value[0] <= value[1]
    ):
        return float(value[0]), float(value[1])
    fields.problem("range", "must be [least, greatest], two numbers in order")
    return None, None


def _conflict(fields: Fields) -> dict[str, str]:
    found = {
        "source": fields.text("source"),
        "statement": fields.text("statement"),
        "value": fields.scalar("value", longest=200, required=False),
    }
    fields.done()
    return found


def source(fields: Fields) -> tuple[SourceLine, str]:
    """`access` tells where somebody found it: an address, perhaps with a remark after it, or a remark alone."""
    address = fields.text("access", required=False).partition(" ")[0]
    line = SourceLine(
        outlet=fields.text("publisher", longest=200),
        title=fields.text("title", longest=500, required=False),
        url=address if len(address) <= 1000 and is_url(address) else "",
        published=fields.edtf("date"),
        medium=Medium.NOT_KNOWN,
    )
    fields.text("key", required=False)
    section = fields.text("section", longest=300, required=False)
    fields.done()
    return line, section


def store(figures: Figures, collection: Collection, catalogue: Catalogue) -> Changes:
    rows = {entry.slug: Figure(collection=collection, slug=entry.slug, **entry.values) for entry in figures.entries}
    changes = keep(
        Figure.objects.filter(collection=collection),
        rows.values(),
        key=("collection_id", "slug"),
        fields=_FIGURE_FIELDS,
    )
    wanted: dict[tuple[Any, Any], FigureSource] = {}
    for entry in figures.entries:
        for position, (line, section) in enumerate(entry.sources):
            figure, stating = rows[entry.slug], catalogue.match(line)
            row = FigureSource(figure=figure, source=stating, locator=section, position=position)
            wanted.setdefault((figure.pk, stating.pk), row)
    catalogue.store()
    links = FigureSource.objects.filter(figure__collection=collection)
    keep(links, wanted.values(), key=("figure_id", "source_id"), fields=("locator", "position"))
    return changes


# --- Regions --------------------------------------------------------------------------------------------------------


def read_regions(folder: Folder) -> list[Region]:
    found: dict[str, Region] = {}
    for item in folder.listing(REGIONS) if folder.has(REGIONS) else ():
        slug, name, source = item.slug("slug"), item.text("name", longest=200), item.text("source", required=False)
        countries = list(item.countries("countries"))
        if not countries:
            item.problem("countries", "is missing or empty")
        if slug in found:
            item.problem("slug", "is the slug of a region before it too")
        item.done()
        found[slug] = Region(slug=slug, name=name, source=source, countries=countries)
    return list(found.values())


def store_regions(regions: list[Region]) -> Changes:
    stored = Region.objects.filter(slug__in=[region.slug for region in regions])
    return keep(stored, regions, key=("slug",), fields=("name", "source", "countries"))
