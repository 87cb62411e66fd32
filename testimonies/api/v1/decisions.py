"""/api/v1/decisions/: what editors decided about codings; below a testimony, its codings side by side. For staff."""

from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.viewsets import ViewSet

from testimonies import models
from testimonies.access import Capability
from testimonies.api import concurrency, parsing
from testimonies.api.parsing import Flag, Id, StrictSerializer, Text
from testimonies.api.parts import OfTestimony, StaffOnly
from testimonies.api.reading import ReadViewSet
from testimonies.api.saying import says
from testimonies.api.v1 import fields
from testimonies.api.v1.assignments import CODEBOOK, TESTIMONY
from testimonies.api.writing import WriteMixin, record_id
from testimonies.models.codings import Presence
from testimonies.projections.documents import instant
from testimonies.projections.shapes import Described, Moment, of
from testimonies.projections.shapes import Id as ShownId
from testimonies.selectors import coding, documents, filters, parameters, parts
from testimonies.selectors.filters import Filter
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.selectors.sql import Sql, either
from testimonies.services import decisions


class DecidedCode(TypedDict):
    """What was decided about one code."""

    code_id: Annotated[ShownId, of(models.DecidedCode, "code")]
    code: Annotated[str, of(models.Code, "slug")]
    applies: Annotated[bool, of(models.DecidedCode)]
    is_agreed: Annotated[bool, of(models.DecidedCode)]
    reason: Annotated[str, of(models.DecidedCode)]


class Decision(TypedDict):
    """An editor's adjudication: which codes are published, and why where coders differed. Every coding is kept."""

    id: ShownId
    version: Annotated[int, of(models.Decision)]
    testimony_id: Annotated[ShownId, of(models.Decision, "testimony")]
    codebook_id: Annotated[ShownId, of(models.Decision, "codebook")]
    decided_by: Annotated[str, Described("Name of the account that decided.")]
    decided_at: Annotated[Moment, Described("When it was decided.")]
    reason: Annotated[str, of(models.Decision)]
    codes: Annotated[list[DecidedCode], Described("Every code that a coder used, or that was decided to apply.")]
    coding_ids: Annotated[list[str], Described("Ids of the codings that it settled.")]
    reopened_by: Annotated[str, Described("Name of the account that reopened it; empty while it stands.")]
    reopened_at: Annotated[Moment | None, of(models.Decision)]
    reopen_reason: Annotated[str, of(models.Decision)]


class CoderSaid(TypedDict):
    """What one coder said of one code."""

    coder: Annotated[str, Described("Name of the coder's account.")]
    presence: Annotated[
        str,
        Described("Found anywhere is present. Who submitted and did not apply it counts as absent.", choices=Presence),
    ]
    coding_ids: Annotated[list[str], Described("Ids of the coder's codings with this code.")]


class CodeAsCoded(TypedDict):
    """One code that somebody used, and what every coder said of it."""

    code_id: Annotated[ShownId, of(models.DecidedCode, "code")]
    code: Annotated[str, of(models.Code, "slug")]
    is_agreed: Annotated[bool, Described("Whether all said the same, and none was uncertain.")]
    applies: Annotated[bool, Described("Whether all said that it is there.")]
    said: Annotated[list[CoderSaid], Described("By coder.")]


class CodebookAsCoded(TypedDict):
    """What was coded with one codebook version."""

    codebook_id: Annotated[ShownId, of(models.Decision, "codebook")]
    codebook: Annotated[str, Described("The codebook version, as slug@version.")]
    is_complete: Annotated[bool, Described("Whether all who code it have submitted; before that nothing is compared.")]
    codes: Annotated[list[CodeAsCoded], Described("By the order of the codebook.")]


class Comparison(TypedDict):
    """A testimony's codings side by side."""

    testimony_id: Annotated[ShownId, of(models.Decision, "testimony")]
    codebooks: Annotated[list[CodebookAsCoded], Described("Each codebook version that it was assigned with.")]


class DecidedCodeWrite(StrictSerializer):
    """What is decided about one code."""

    code_id = Id(help_text="The code.")
    applies = Flag(help_text="Whether it applies.")
    reason = Text(required=False, default="", allow_blank=True, max_length=5_000, help_text="Why, where coders differ.")


DecisionWriteSerializer = fields.body(
    "DecisionWrite",
    "A decision on all that was coded of one testimony with one codebook version.",
    testimony_id=Id(help_text="The testimony."),
    codebook_id=Id(help_text="The codebook version."),
    codes=fields.whole_list(
        DecidedCodeWrite,
        "Each code on which coders differ, with the reason; where all agree, nothing need be said.",
        max_length=500,
    ),
    **fields.of(models.Decision, "reason"),
)
ReopeningSerializer = fields.body(
    "DecisionReopening",
    "Why it is to be decided anew.",
    reason=Text(max_length=5_000, help_text="Why, for the history."),
)


class DecisionViewSet(WriteMixin, ReadViewSet):
    """What editors decided. Nobody decides where they coded."""

    permission_classes = [StaffOnly]
    capability = Capability.REVIEW
    http_method_names = ["get", "head", "post"]
    noun = "decision"
    service = decisions
    write = DecisionWriteSerializer
    shape = item = Decision
    rows = models.Decision.objects.select_related("created_by", "reopened_by").prefetch_related(
        "codes__code", "settled"
    )
    declared = Declared(
        name="decisions",
        filters=(
            TESTIMONY,
            CODEBOOK,
            Filter(
                "stands",
                "true: not reopened.",
                filters.yes_or_no,
                lambda values, _: either([Sql("(reopened_at IS NULL) = %s", (value,)) for value in values]),
            ),
        ),
        orders={"created_at": Order("created_at", "timestamptz")},
        ordering="-created_at",
        key=Order("id", "uuid"),
    )

    def page(self, request: Any, query: parameters.Query) -> Page:
        return parts.page(self.rows.all(), _shown, coding.seen(models.Decision, request.user), query)

    def document(self, request: Any, pk: str) -> documents.Document:
        return parts.document(self.rows.all(), _shown, coding.seen(models.Decision, request.user), record_id(pk))

    @says("reopen_decision", "Reopen a decision", body=ReopeningSerializer)
    @action(detail=True, methods=["post"])
    def reopening(self, request: Any, pk: str) -> HttpResponse:
        """Take its consensus codes down, until it is decided anew. The decision is kept, with the reason."""
        values = parsing.read(ReopeningSerializer, parsing.body(request))
        return self._read_again(request, decisions.reopen(record_id(pk), by=request.user, **values).pk, status=200)


class ComparisonViewSet(OfTestimony, ViewSet):
    """A testimony's codings side by side, once all who code it have submitted."""

    permission_classes = [StaffOnly]
    http_method_names = ["get", "head"]
    noun = "comparison"
    shape = Comparison

    def retrieve(self, request: Any) -> HttpResponse:
        parameters.nothing(dict(request._request.GET.lists()))
        owner = self.testimony_id()
        found = coding.side_by_side(owner, request.user)
        shown: Comparison = {"testimony_id": str(owner), "codebooks": [_codebook(one) for one in found]}
        document = parts.made(shown, None)
        return concurrency.answer(request, document.body, concurrency.of_document(document))


def _shown(row: Any) -> Decision:
    codes = sorted(row.codes.all(), key=lambda one: (one.code.position, one.code.slug))
    return {
        "id": str(row.pk),
        "version": row.version,
        "testimony_id": str(row.testimony_id),
        "codebook_id": str(row.codebook_id),
        "decided_by": row.created_by.username if row.created_by else "",
        "decided_at": instant(row.created_at),
        "reason": row.reason,
        "codes": [
            {
                "code_id": str(one.code_id),
                "code": one.code.slug,
                "applies": one.applies,
                "is_agreed": one.is_agreed,
                "reason": one.reason,
            }
            for one in codes
        ],
        "coding_ids": sorted(str(one.coding_id) for one in row.settled.all()),
        "reopened_by": row.reopened_by.username if row.reopened_by else "",
        "reopened_at": instant(row.reopened_at) if row.reopened_at else None,
        "reopen_reason": row.reopen_reason,
    }


def _codebook(found: coding.SideBySide) -> CodebookAsCoded:
    return {
        "codebook_id": str(found.codebook.pk),
        "codebook": str(found.codebook),
        "is_complete": found.is_complete,
        "codes": [_code(one) for one in found.codes],
    }


def _code(one: coding.Compared) -> CodeAsCoded:
    return {
        "code_id": str(one.code.pk),
        "code": one.code.slug,
        "is_agreed": one.is_agreed,
        "applies": one.applies,
        "said": [
            {"coder": said.coder, "presence": said.presence, "coding_ids": [str(row.pk) for row in said.codings]}
            for said in one.said
        ],
    }
