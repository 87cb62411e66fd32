"""/api/v1/figures/: published statements about a collection or its context."""

from testimonies import models
from testimonies.access import Capability
from testimonies.api.history import HistoryMixin
from testimonies.api.parsing import Id, StrictSerializer, Text
from testimonies.api.reading import SharedViewSet, shared
from testimonies.api.v1 import fields
from testimonies.api.writing import WriteMixin
from testimonies.models.collections import FigureScope, FigureStatus
from testimonies.projections import shapes
from testimonies.selectors import filters
from testimonies.selectors.filters import Filter, enumeration
from testimonies.services import figures

ConflictWriteSerializer = fields.body(
    "ConflictWrite",
    "What another source says instead.",
    source=Text(max_length=500, help_text="Who says so."),
    statement=Text(max_length=5_000, help_text="What it says, in our own words."),
    value=Text(max_length=60, allow_blank=True, required=False, default="", help_text="The value that it gives."),
)


class FigureSourceWrite(StrictSerializer):
    """A source that states the figure."""

    source_id = Id(help_text="Who states it.")
    locator = Text(max_length=300, allow_blank=True, required=False, default="", help_text="Where in the source.")


FigureWriteSerializer = fields.body(
    "FigureWrite",
    "A figure, as written.",
    collection=Text(max_length=80, help_text="Slug of the collection whose population it speaks of."),
    **fields.of(models.Figure, "slug", "scope", "statement", "status", "derivation", "metric", "operator", "value"),
    **fields.of(models.Figure, "range_low", "range_high", "denominator", "filter"),
    conflicts=fields.whole_list(ConflictWriteSerializer, "What other sources say instead.", default=list),
    **fields.of(models.Figure, "note"),
    position=fields.position(),
    sources=fields.whole_list(FigureSourceWrite, "Who states it: the whole list."),
    **fields.of(models.Figure, "tier"),
)


class FigureViewSet(HistoryMixin, WriteMixin, SharedViewSet):
    """Published figures with their sources, never computed from our records: compare their population before use."""

    noun = "figure"
    service = figures
    write = FigureWriteSerializer
    capability = Capability.CURATE
    shape = item = shapes.Figure
    declared = shared(
        "figures",
        (
            Filter(
                "collection",
                "Slug of the collection whose population it speaks of.",
                filters.slug_of("collection"),
                filters.facet("collection"),
            ),
            enumeration("scope", "What the figure is about.", FigureScope, filters.facet("scope")),
            enumeration(
                "status", "Whether the source states it or we derived it.", FigureStatus, filters.facet("status")
            ),
            Filter(
                "metric", "What is counted or said, such as count_persons.", filters.as_written, filters.facet("metric")
            ),
        ),
    )
