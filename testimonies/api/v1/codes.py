"""/api/v1/codes/: what each code means, when to use it and when not."""

from testimonies import models
from testimonies.access import Capability
from testimonies.api.history import HistoryMixin
from testimonies.api.parsing import Id, Text
from testimonies.api.reading import SharedViewSet, shared
from testimonies.api.v1 import fields
from testimonies.api.writing import WriteMixin
from testimonies.projections import shapes
from testimonies.selectors import filters
from testimonies.selectors.filters import Filter
from testimonies.services import codes

CodeWriteSerializer = fields.body(
    "CodeWrite",
    "A code, as written while its codebook is a draft. Its dimension and level follow from its parent.",
    codebook_id=Id(help_text="The codebook version it belongs to; it stays there."),
    **fields.of(models.Code, "slug"),
    parent=Text(
        max_length=80,
        allow_null=True,
        required=False,
        default=None,
        help_text="Slug of the broader code; null for a dimension.",
    ),
    position=fields.position(),
    **fields.of(models.Code, "is_assignable", "label", "brief_definition", "definition", "inclusion", "exclusion"),
    **fields.of(models.Code, "example", "near_miss", "source_section", "basis", "color", "tier"),
)


class CodeViewSet(HistoryMixin, WriteMixin, SharedViewSet):
    """Codes with their definitions. A child implies its parents."""

    noun = "code"
    service = codes
    write = CodeWriteSerializer
    capability = Capability.CURATE
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
