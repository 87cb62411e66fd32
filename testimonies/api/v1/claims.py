"""/api/v1/testimonies/{testimony_id}/claims/: what each source reports about a field. For staff."""

from typing import Annotated, Any, TypedDict

from testimonies import models
from testimonies.access import Tier
from testimonies.api import parsing
from testimonies.api.parts import PartViewSet, declared
from testimonies.api.v1 import fields
from testimonies.projections.shapes import Id, TierWord, of
from testimonies.selectors import filters
from testimonies.selectors.filters import Filter
from testimonies.services import claims


class Claim(TypedDict):
    """What one source reports about one field, for staff."""

    id: Id
    version: Annotated[int, of(models.Claim)]
    field: Annotated[str, of(models.Claim)]
    value: Annotated[str, of(models.Claim)]
    source_id: Annotated[Id | None, of(models.Claim, "source")]
    note: Annotated[str, of(models.Claim)]
    is_preferred: Annotated[bool, of(models.Claim)]
    position: Annotated[int, of(models.Claim)]
    tier: TierWord


ClaimWriteSerializer = fields.body(
    "ClaimWrite",
    "A claim, as written. Preferring it ends the preference of another one about the same field.",
    **fields.of(models.Claim, "field", "value", "note", "is_preferred", "tier"),
    source_id=parsing.Id(allow_null=True, required=False, default=None, help_text="Who reports it."),
    position=fields.position(),
)


class ClaimViewSet(PartViewSet):
    """What sources report about the fields of one testimony, side by side. For staff."""

    noun = "claim"
    acts = claims
    write = ClaimWriteSerializer
    shape = item = Claim
    rows = models.Claim.objects.all()
    declared = declared(
        "claims", Filter("field", "Name of the field that it is about.", filters.as_written, filters.column("field"))
    )

    @staticmethod
    def show(row: Any) -> Claim:
        return {
            "id": str(row.pk),
            "version": row.version,
            "field": row.field,
            "value": row.value,
            "source_id": str(row.source_id) if row.source_id else None,
            "note": row.note,
            "is_preferred": row.is_preferred,
            "position": row.position,
            "tier": Tier(row.tier).label,
        }
