"""/api/v1/testimonies/{testimony_id}/clearances/: what a testimony may be used for, and on what basis. For staff."""

from typing import Annotated, Any, TypedDict

from rest_framework import serializers

from testimonies import models
from testimonies.access import Capability, Use
from testimonies.api.parsing import Choice
from testimonies.api.parts import PartViewSet, declared
from testimonies.api.v1 import fields
from testimonies.models.clearances import Basis
from testimonies.projections.documents import instant
from testimonies.projections.shapes import Described, Id, Moment, of
from testimonies.services import clearances


class Clearance(TypedDict):
    """Permission for some uses during some time."""

    id: Id
    version: Annotated[int, of(models.Clearance)]
    basis: Annotated[str, Described(model=models.Clearance, choices=Basis)]
    uses: Annotated[list[str], Described(model=models.Clearance, choices=Use)]
    starts_at: Annotated[Moment, of(models.Clearance)]
    ends_at: Annotated[Moment | None, of(models.Clearance)]
    withdrawn_at: Annotated[Moment | None, of(models.Clearance)]
    evidence: Annotated[str, of(models.Clearance)]
    reviewed_by: Annotated[str, of(models.Clearance)]


ClearanceWriteSerializer = fields.body(
    "ClearanceWrite",
    "A clearance, as written. Once withdrawn it stays withdrawn.",
    **fields.of(models.Clearance, "basis"),
    uses=serializers.ListField(
        child=Choice(choices=Use.choices),
        allow_empty=False,
        max_length=len(Use),
        help_text="What the testimony may be used for.",
    ),
    **fields.of(models.Clearance, "starts_at", "ends_at", "withdrawn_at", "evidence", "reviewed_by"),
)


class ClearanceViewSet(PartViewSet):
    """For what one testimony is cleared. For staff; editors enter and withdraw."""

    noun = "clearance"
    capability = Capability.CURATE
    acts = clearances
    write = ClearanceWriteSerializer
    shape = item = Clearance
    rows = models.Clearance.objects.all()
    declared = declared("clearances", order="starts_at", column_type="timestamptz")

    @staticmethod
    def show(row: Any) -> Clearance:
        return {
            "id": str(row.pk),
            "version": row.version,
            "basis": row.basis,
            "uses": row.uses,
            "starts_at": instant(row.starts_at),
            "ends_at": instant(row.ends_at) if row.ends_at else None,
            "withdrawn_at": instant(row.withdrawn_at) if row.withdrawn_at else None,
            "evidence": row.evidence,
            "reviewed_by": row.reviewed_by,
        }
