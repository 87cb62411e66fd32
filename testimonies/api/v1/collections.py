"""/api/v1/collections/: named sets of testimonies."""

from testimonies import models
from testimonies.access import Capability
from testimonies.api.history import HistoryMixin
from testimonies.api.parsing import Text
from testimonies.api.reading import SharedViewSet, shared
from testimonies.api.v1 import fields
from testimonies.api.v1.beside import BesideMixin
from testimonies.api.writing import WriteMixin
from testimonies.models.collections import Listing
from testimonies.projections import shapes
from testimonies.selectors import filters
from testimonies.selectors.filters import Filter, enumeration
from testimonies.services import collections

CollectionWriteSerializer = fields.body(
    "CollectionWrite",
    "A collection, as written.",
    **fields.of(models.Collection, "slug", "title", "population", "scope", "caveats", "unavailable"),
    codebook=Text(
        max_length=101,
        allow_null=True,
        required=False,
        default=None,
        help_text="The codebook version that it is coded with: slug@version.",
    ),
    **fields.of(models.Collection, "basis_of_use", "permitted_uses", "reviewed_by", "case_status", "listing"),
    **fields.of(models.Collection, "is_invented", "tier"),
)


class CollectionViewSet(BesideMixin, HistoryMixin, WriteMixin, SharedViewSet):
    """Named sets of testimonies with their scope and caveats. Every count names the collection that it counts."""

    noun = "collection"
    service = collections
    write = CollectionWriteSerializer
    capability = Capability.CURATE
    shape = item = shapes.Collection
    declared = shared(
        "collections",
        (
            Filter(
                "is_invented",
                "Whether its records are made up for tests and training.",
                filters.yes_or_no,
                filters.facet("is_invented"),
            ),
            enumeration("listing", "Whether records are listed below restricted.", Listing, filters.facet("listing")),
        ),
    )
