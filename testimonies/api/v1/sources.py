"""/api/v1/sources/: publications and recordings."""

from testimonies import models
from testimonies.access import Tier
from testimonies.api.history import HistoryMixin
from testimonies.api.reading import SharedViewSet, shared
from testimonies.api.v1 import fields
from testimonies.api.writing import WriteMixin
from testimonies.models.sources import Medium, Reliability
from testimonies.projections import shapes
from testimonies.selectors import filters
from testimonies.selectors.filters import Filter, enumeration
from testimonies.selectors.parameters import CITED
from testimonies.services import sources

SourceWriteSerializer = fields.body(
    "SourceWrite",
    "A source, as written.",
    **fields.of(models.Source, "outlet", "title", "url", "published", "medium", "reliability", "tier"),
    external_ids=fields.external_ids(),
)


class SourceViewSet(HistoryMixin, WriteMixin, SharedViewSet):
    """Publications and recordings that testimonies and figures cite."""

    noun = "source"
    prefix = "S"
    service = sources
    write = SourceWriteSerializer
    shape = item = shapes.Source
    declared = shared(
        "sources",
        (
            Filter(
                "outlet", "Who published it; case and accents do not matter.", filters.folded, filters.facet("outlet")
            ),
            enumeration("medium", "What kind of publication it is.", Medium, filters.facet("medium")),
            enumeration("reliability", "Admiralty grade of the source.", Reliability, filters.facet("reliability")),
            Filter(
                "updated_since",
                "Changed at or after this moment.",
                filters.moment,
                filters.since("updated_at"),
                format="date-time",
            ),
            enumeration("tier", "Tier of the record itself. For staff.", Tier, filters.facet_tier, Tier.RESTRICTED),
        ),
        CITED,
    )
