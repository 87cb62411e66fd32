"""/api/v1/codes/: what each code means, when to use it and when not."""

from testimonies.api.reading import SharedViewSet, shared
from testimonies.projections import shapes
from testimonies.selectors import filters
from testimonies.selectors.filters import Filter


class CodeViewSet(SharedViewSet):
    """Codes with their definitions. A child implies its parents."""

    noun = "code"
    shape = item = shapes.Code
    declared = shared(
        "codes",
        (
            Filter(
                "codebook", "Of this codebook: its slug, or slug@version.", filters.codebook, filters.facet_codebook
            ),
            Filter("dimension", "Slug of a dimension.", filters.as_written, filters.facet("dimension")),
            Filter("parent", "Slug of the broader code.", filters.as_written, filters.facet("parent")),
            Filter("slug", "Slug of the code.", filters.as_written, filters.facet("slug")),
            Filter("is_assignable", "Whether coders may apply it.", filters.yes_or_no, filters.facet("is_assignable")),
        ),
    )
