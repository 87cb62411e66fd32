"""/api/v1/figures/: published statements about a collection or its context."""

from testimonies.api.reading import SharedViewSet, shared
from testimonies.models.collections import FigureScope, FigureStatus
from testimonies.projections import shapes
from testimonies.selectors import filters
from testimonies.selectors.filters import Filter, enumeration


class FigureViewSet(SharedViewSet):
    """Published figures with their sources, never computed from our records: compare their population before use."""

    noun = "figure"
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
