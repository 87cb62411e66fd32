"""/api/v1/testimonies/{testimony_id}/citations/: which sources a testimony cites. For staff."""

from typing import Annotated, Any, TypedDict

from rest_framework import serializers

from testimonies import models
from testimonies.access import Tier
from testimonies.api import parsing
from testimonies.api.parsing import StrictSerializer
from testimonies.api.parts import PartViewSet, declared
from testimonies.api.v1 import fields
from testimonies.models.sources import Relation
from testimonies.projections.shapes import Described, Id, TierWord, of
from testimonies.services import citations


class EvidenceEntry(TypedDict):
    """A field that rests on the citation."""

    field: Annotated[str, of(models.Evidence)]
    basis: Annotated[str, Described(model=models.Evidence, choices=models.Evidence.Basis)]
    note: Annotated[str, of(models.Evidence)]


class Citation(TypedDict):
    """How a testimony cites a source, for staff."""

    id: Id
    version: Annotated[int, of(models.Citation)]
    source_id: Annotated[Id, of(models.Citation, "source")]
    relation: Annotated[str, Described(model=models.Citation, choices=Relation)]
    locator: Annotated[str, of(models.Citation)]
    evidence: Annotated[list[EvidenceEntry], Described("Which fields rest on it.")]
    position: Annotated[int, of(models.Citation)]
    tier: TierWord


class EvidenceWriteSerializer(StrictSerializer):
    """A field that rests on the citation, as written."""

    field, basis, note = fields.of(models.Evidence, "field", "basis", "note").values()


CitationWriteSerializer = fields.body(
    "CitationWrite",
    "A citation, as written.",
    source_id=parsing.Id(help_text="What it cites."),
    **fields.of(models.Citation, "relation", "locator", "tier"),
    evidence=serializers.ListField(
        child=EvidenceWriteSerializer(),
        required=False,
        max_length=100,
        help_text="Which fields rest on it: the whole list.",
    ),
    position=fields.position(),
)


class CitationViewSet(PartViewSet):
    """The sources that one testimony cites. For staff."""

    noun = "citation"
    acts = citations
    write = CitationWriteSerializer
    shape = item = Citation
    rows = models.Citation.objects.prefetch_related("evidence")
    declared = declared("citations")

    @staticmethod
    def show(row: Any) -> Citation:
        return {
            "id": str(row.pk),
            "version": row.version,
            "source_id": str(row.source_id),
            "relation": row.relation,
            "locator": row.locator,
            "evidence": [
                {"field": one.field, "basis": one.basis, "note": one.note}
                for one in sorted(row.evidence.all(), key=lambda one: one.field)
            ],
            "position": row.position,
            "tier": Tier(row.tier).label,
        }
