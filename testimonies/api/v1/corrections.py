"""/api/v1/corrections/: proposed changes of what is frozen while it is published, and deciding on them. For staff."""

import json
from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Annotated, Any, TypedDict
from uuid import UUID

from django.http import HttpResponse
from rest_framework.decorators import action

from testimonies import models
from testimonies.access import Actor, Tier
from testimonies.api import concurrency, parsing
from testimonies.api.parsing import Choice, Id, StrictSerializer, Text
from testimonies.api.parts import StaffOnly
from testimonies.api.reading import ReadViewSet
from testimonies.api.saying import says
from testimonies.api.v1 import fields
from testimonies.api.v1.citations import CitationWriteSerializer
from testimonies.api.v1.claims import ClaimWriteSerializer
from testimonies.api.v1.clearances import ClearanceWriteSerializer
from testimonies.api.v1.consensus_codes import ConsensusCodesWriteSerializer
from testimonies.api.v1.persons import PersonWriteSerializer
from testimonies.api.v1.sources import SourceWriteSerializer
from testimonies.api.v1.testimonies import TestimonyWriteSerializer
from testimonies.api.v1.texts import TextWriteSerializer
from testimonies.api.writing import WriteMixin, record_id
from testimonies.errors import Invalid
from testimonies.models.corrections import VERDICTS, CorrectedKind, CorrectionState
from testimonies.projections.documents import instant
from testimonies.projections.shapes import Described, Moment, of
from testimonies.projections.shapes import Id as ShownId
from testimonies.selectors import documents, filters, parameters, parts
from testimonies.selectors.filters import Context, Filter, enumeration
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.selectors.sql import Sql
from testimonies.services import corrections


class CorrectedField(TypedDict):
    """One field that would change."""

    field: Annotated[str, Described("Name of the field, as it is written.")]
    before: Annotated[str, Described("What it said when the correction was proposed; lists and mappings as JSON.")]
    proposed: Annotated[str, Described("What it is to say.")]


class Correction(TypedDict):
    """One proposed change of one record, with the difference field by field."""

    id: ShownId
    version: Annotated[int, of(models.Correction)]
    kind: Annotated[str, Described(model=models.Correction, choices=CorrectedKind)]
    testimony_id: Annotated[ShownId | None, of(models.Correction, "testimony")]
    record_id: Annotated[ShownId | None, of(models.Correction)]
    record_version: Annotated[int | None, of(models.Correction)]
    changes: Annotated[list[CorrectedField], Described("What would change.")]
    reason: Annotated[str, of(models.Correction)]
    state: Annotated[str, Described(model=models.Correction, choices=CorrectionState)]
    proposed_by: Annotated[str, Described("Name of the account that proposed it.")]
    proposed_at: Annotated[Moment, Described("When it was proposed.")]
    decided_by: Annotated[str, Described("Name of the account that decided; empty as long as nobody has.")]
    decided_at: Annotated[Moment | None, of(models.Correction)]
    note: Annotated[str, of(models.Correction)]


WRITES: dict[CorrectedKind, type[StrictSerializer]] = {
    CorrectedKind.TESTIMONY: TestimonyWriteSerializer,
    CorrectedKind.PERSON: PersonWriteSerializer,
    CorrectedKind.SOURCE: SourceWriteSerializer,
    CorrectedKind.TEXT: TextWriteSerializer,
    CorrectedKind.CITATION: CitationWriteSerializer,
    CorrectedKind.CLAIM: ClaimWriteSerializer,
    CorrectedKind.CLEARANCE: ClearanceWriteSerializer,
    CorrectedKind.CODES: ConsensusCodesWriteSerializer,
}
PARTS = frozenset({CorrectedKind.TEXT, CorrectedKind.CITATION, CorrectedKind.CLAIM, CorrectedKind.CLEARANCE})


def _proposal(kind: CorrectedKind) -> StrictSerializer:
    write = fields.some(f"{kind.title()}Correction", f"Fields of {kind.label}: those that are to change.", WRITES[kind])
    return write(required=False, help_text=f"Where it corrects {kind.label}.")


CorrectionWriteSerializer = fields.body(
    "CorrectionWrite",
    "A proposed correction: of one kind of record, the values that are to change.",
    record_id=Id(
        required=False, allow_null=True, default=None, help_text="What it corrects; left out, a new part is proposed."
    ),
    testimony_id=Id(
        required=False, allow_null=True, default=None, help_text="Of a part: the testimony to which it belongs."
    ),
    reason=Text(max_length=5_000, help_text="Why it should be corrected."),
    **{kind.value: _proposal(kind) for kind in CorrectedKind},
)
CorrectionDecisionSerializer = fields.body(
    "CorrectionDecision",
    "What becomes of the correction.",
    decision=Choice(
        choices=VERDICTS,
        help_text="approved or rejected by a second person, or withdrawn by whoever proposed it.",
    ),
    note=Text(required=False, default="", allow_blank=True, max_length=5_000, help_text="Why; needed to reject."),
)


def _propose(*, by: Actor, reason: str, record_id: UUID | None, testimony_id: UUID | None, **bodies: Any) -> Any:
    if len(bodies) != 1:
        raise Invalid(("", "one_kind", f"Send one of: {', '.join(CorrectedKind.values)}."))
    ((name, values),) = bodies.items()
    kind = CorrectedKind(name)
    if kind in PARTS and testimony_id is None:
        raise Invalid(("/testimony_id", "required", "Name the testimony to which the part belongs."))
    if record_id is None:
        _check_whole(kind, values)
    return corrections.create(
        by=by, kind=kind, values=values, reason=reason, testimony_id=testimony_id, record_id=record_id
    )


def _check_whole(kind: CorrectedKind, values: Mapping[str, Any]) -> None:
    """A new part needs what a part needs."""
    if kind not in PARTS:
        raise Invalid(("/record_id", "required", "Name the record that is to be corrected."))
    needed = [name for name, field in WRITES[kind]().fields.items() if field.required]
    if missing := [(f"/{kind}/{name}", "required", "A new part needs it.") for name in needed if name not in values]:
        raise Invalid(*missing)


def _of_testimony(values: list[Any], context: Context) -> Sql:
    named = filters.id_or_ref("id", "ref")(values, context)
    return Sql(f"testimony_id IN (SELECT id FROM testimonies_testimony WHERE {named.text})", named.parameters)


class CorrectionViewSet(WriteMixin, ReadViewSet):
    """Proposed changes of what is frozen while it is published. Whoever sees a record proposes; a second person decides."""

    permission_classes = [StaffOnly]
    http_method_names = ["get", "head", "post"]
    noun = "correction"
    service = SimpleNamespace(create=_propose)
    write = CorrectionWriteSerializer
    shape = item = Correction
    rows = models.Correction.objects.select_related("created_by", "decided_by")
    declared = Declared(
        name="corrections",
        filters=(
            enumeration("state", "What became of it.", CorrectionState, filters.column("state")),
            enumeration("kind", "What kind of record it corrects.", CorrectedKind, filters.column("kind")),
            Filter(
                "testimony",
                "Corrects this testimony or a part of it: id or reference.",
                filters.key("T"),
                _of_testimony,
            ),
        ),
        orders={"created_at": Order("created_at", "timestamptz")},
        ordering="-created_at",
        key=Order("id", "uuid"),
    )

    def page(self, request: Any, query: parameters.Query) -> Page:
        return parts.page(self.rows.all(), _shown, parts.corrections(request.user), query)

    def document(self, request: Any, pk: str) -> documents.Document:
        return parts.document(self.rows.all(), _shown, parts.corrections(request.user), record_id(pk))

    @says("decide_correction", "Decide a correction", body=CorrectionDecisionSerializer, refuses=("412",))
    @action(detail=True, methods=["post"])
    def decision(self, request: Any, pk: str) -> HttpResponse:
        """Approve, which makes the change at once and as a whole; reject, with the reason; or withdraw one's own proposal.

        Where a field that it is about has changed since, it is not done: 409 `outdated`.
        """
        values = parsing.read(CorrectionDecisionSerializer, parsing.body(request))
        decided = corrections.decide(record_id(pk), by=request.user, **values)
        row = self.rows.get(pk=decided.pk)
        document = parts.made(_shown(row), row.version)  # what the decision itself may have hidden is still answered
        return concurrency.written(document.body, concurrency.of_document(document), 200)


def _shown(row: Any) -> Correction:
    changes: list[CorrectedField] = [
        {
            "field": _written_as(row.kind, name),
            "before": _words(name, row.before.get(name)),
            "proposed": _words(name, proposed),
        }
        for name, proposed in row.proposed.items()
    ]
    return {
        "id": str(row.pk),
        "version": row.version,
        "kind": row.kind,
        "testimony_id": str(row.testimony_id) if row.testimony_id else None,
        "record_id": str(row.record_id) if row.record_id else None,
        "record_version": row.record_version,
        "changes": sorted(changes, key=lambda change: change["field"]),
        "reason": row.reason,
        "state": row.state,
        "proposed_by": row.created_by.username if row.created_by else "",
        "proposed_at": instant(row.created_at),
        "decided_by": row.decided_by.username if row.decided_by else "",
        "decided_at": instant(row.decided_at) if row.decided_at else None,
        "note": row.note,
    }


@cache
def _written_as(kind: str, name: str) -> str:
    """The field's name in bodies, which may differ from the act's own."""
    return next((key for key, field in WRITES[CorrectedKind(kind)]().fields.items() if field.source == name), name)


def _words(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "tier":
        return str(Tier(value).label)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
