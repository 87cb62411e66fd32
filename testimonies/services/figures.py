"""Acts on figures: published statements about a collection, each with its sources."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.models import Collection, Figure, FigureSource, Source
from testimonies.services import records
from testimonies.services.acts import act

FIELDS = frozenset(
    [
        "slug",
        "scope",
        "statement",
        "status",
        "derivation",
        "metric",
        "operator",
        "value",
        "range_low",
        "range_high",
        "denominator",
        "filter",
        "conflicts",
        "note",
        "position",
        "tier",
    ]
)
"""What an act may set, beside `collection` (a slug) and `sources`, the whole list of {source_id, locator}."""


@act(Capability.CURATE)
def create(*, by: Actor, **values: Any) -> Figure:
    """After the other figures of the collection, unless `position` says where. Errors: Invalid, Exists."""
    projections.lock(figure=[], linked=_linked(values))
    figure = Figure(created_by_id=by.user_id)
    return _store(figure, values, by=by)


@act(Capability.CURATE)
def change(figure_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Figure:
    """Errors: NotFound, Overtaken, Invalid, Exists."""
    projections.lock(figure=[figure_id], linked=_linked(values))
    figure = records.at_version(records.find(Figure, figure_id, by=by), version)
    return _store(figure, values, by=by)


@act(Capability.CURATE)
def remove(figure_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: NotFound, Overtaken."""
    projections.lock(figure=[figure_id])
    records.delete(records.at_version(records.find(Figure, figure_id, by=by), version), by=by)


def _linked(values: dict[str, Any]) -> dict[str, Iterable[UUID]]:
    return {
        "collection": Collection.objects.filter(slug=values.get("collection", "")).values_list("pk", flat=True),
        "source": [one["source_id"] for one in values.get("sources") or ()],
    }


def _store(figure: Figure, values: dict[str, Any], *, by: Actor) -> Figure:
    sources = values.pop("sources", None)
    if "collection" in values:
        figure.collection = records.by_slug(Collection, values.pop("collection"), "collection", by=by)
    is_new = figure._state.adding  # noqa: SLF001 - Django's own word for it
    if is_new:
        figure.position = records.next_position(figure.collection.figures.all())
    records.put(figure, values, FIELDS)
    records.store(figure)
    if sources is None:
        return figure
    _set_sources(figure, sources, by=by)
    return figure if is_new else records.touched(figure)


def _set_sources(figure: Figure, sources: Iterable[dict[str, Any]], *, by: Actor) -> None:
    figure.figure_sources.all().delete()
    for position, one in enumerate(sources):
        source = records.related(Source, one["source_id"], f"sources/{position}/source_id", by=by)
        row = FigureSource(figure=figure, source=source, locator=one["locator"], position=position)
        records.store(row, pointer=f"/sources/{position}")
