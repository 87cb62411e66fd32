"""/api/v1/collections/: named sets of testimonies."""

from testimonies.api.reading import SharedViewSet, shared
from testimonies.models.collections import Listing
from testimonies.projections import shapes
from testimonies.selectors import filters
from testimonies.selectors.filters import Filter, enumeration


class CollectionViewSet(SharedViewSet):
    """Named sets of testimonies with their scope and caveats. Every count names the collection that it counts."""

    noun = "collection"
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
