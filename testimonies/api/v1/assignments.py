"""/api/v1/assignments/: who codes what, and how far they are; /api/v1/assignment-shares/: many at once. For staff."""

from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.viewsets import ViewSet

from testimonies import models
from testimonies.access import Capability
from testimonies.api import concurrency, parsing
from testimonies.api.parsing import Choice, Id, Number, Text, Whole
from testimonies.api.parts import StaffOnly
from testimonies.api.reading import ReadViewSet
from testimonies.api.saying import says
from testimonies.api.v1 import fields
from testimonies.api.writing import WriteMixin, record_id
from testimonies.models.assignments import AssignmentState
from testimonies.projections.documents import instant
from testimonies.projections.shapes import Described, Moment, of
from testimonies.projections.shapes import Id as ShownId
from testimonies.selectors import coding, documents, filters, parameters, parts
from testimonies.selectors.filters import Context, Filter, enumeration
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.selectors.sql import Sql, either
from testimonies.services import assignments

STEPS = [choice for choice in AssignmentState.choices if choice[0] != AssignmentState.OPEN]


class Assignment(TypedDict):
    """One coder's task to code one testimony with one codebook version; blind until it is submitted."""

    id: ShownId
    version: Annotated[int, of(models.Assignment)]
    testimony_id: Annotated[ShownId, of(models.Assignment, "testimony")]
    testimony: Annotated[str, of(models.Testimony, "ref")]
    codebook_id: Annotated[ShownId, of(models.Assignment, "codebook")]
    codebook: Annotated[str, Described("The codebook version, as slug@version.")]
    coder: Annotated[str, Described("Name of the coder's account.")]
    state: Annotated[str, Described(model=models.Assignment, choices=AssignmentState)]
    note: Annotated[str, of(models.Assignment)]
    assigned_by: Annotated[str, Described("Name of the account that assigned it; empty where a command did.")]
    assigned_at: Annotated[Moment, Described("When it was assigned.")]
    started_at: Annotated[Moment | None, of(models.Assignment)]
    submitted_at: Annotated[Moment | None, of(models.Assignment)]
    return_reason: Annotated[str, of(models.Assignment)]


class AssignmentShare(TypedDict):
    """What was assigned in one go."""

    seed: Annotated[int, Described("The seed: with it the same records are shared out the same way.")]
    assignments: Annotated[list[Assignment], Described("The new assignments.")]


AssignmentWriteSerializer = fields.body(
    "AssignmentWrite",
    "A task for a coder.",
    testimony_id=Id(help_text="The testimony to code."),
    codebook_id=Id(help_text="The codebook version to code it with: a published one."),
    coder=Text(
        required=False,
        max_length=150,
        help_text="Name of the coder's account; left out: whoever has least to do.",
    ),
    **fields.of(models.Assignment, "note"),
)
AssignmentTransitionSerializer = fields.body(
    "AssignmentTransition",
    "How far it is now.",
    to=Choice(choices=STEPS, help_text="in_progress or submitted by its coder; returned by an editor."),
    reason=Text(required=False, default="", allow_blank=True, max_length=5_000, help_text="Why; needed to return."),
)
AssignmentShareWriteSerializer = fields.body(
    "AssignmentShareWrite",
    "Testimonies to share out among coders.",
    testimony_ids=serializers.ListField(child=Id(), min_length=1, max_length=1_000, help_text="The testimonies."),
    codebook_id=Id(help_text="The codebook version to code them with: a published one."),
    coders=serializers.ListField(
        child=Text(max_length=150), min_length=1, max_length=50, help_text="Names of the coders' accounts."
    ),
    double=Number(
        required=False,
        default=1,
        min_value=0,
        max_value=1,
        help_text="The share, from 0 to 1, that two coders code, so that their agreement can be measured.",
    ),
    seed=Whole(
        required=False,
        default=0,
        min_value=0,
        max_value=2_147_483_647,
        help_text="Chooses which are coded twice, and by whom: the same seed chooses the same.",
    ),
)


def mine(column: str) -> filters.Where:
    """Whether the column holds the caller's account."""

    def where(values: list[Any], context: Context) -> Sql:
        user = context.actor.user_id
        return either([Sql(f"({column} IS NOT DISTINCT FROM %s) = %s", (user, value)) for value in values])

    return where


def of_testimony(values: list[Any], context: Context) -> Sql:
    named = filters.id_or_ref("id", "ref")(values, context)
    return Sql(f"testimony_id IN (SELECT id FROM testimonies_testimony WHERE {named.text})", named.parameters)


def of_codebook(values: list[Any], _: Context) -> Sql:
    return Sql(
        "codebook_id IN (SELECT id FROM testimonies_codebook WHERE slug = ANY (%s) OR slug || '@' || edition = ANY (%s))",
        (values, values),
    )


TESTIMONY = Filter("testimony", "Of this testimony: id or reference.", filters.key("T"), of_testimony)
CODEBOOK = Filter("codebook", "With this codebook: slug, or slug@version.", filters.codebook, of_codebook)


class AssignmentViewSet(WriteMixin, ReadViewSet):
    """Who codes what. A coder sees their own; editors see all, but those of others on what they code themselves."""

    permission_classes = [StaffOnly]
    capability = Capability.CURATE
    http_method_names = ["get", "head", "post", "delete"]
    noun = "assignment"
    service = assignments
    write = AssignmentWriteSerializer
    shape = item = Assignment
    rows = models.Assignment.objects.select_related("testimony", "codebook", "coder", "created_by")
    declared = Declared(
        name="assignments",
        filters=(
            Filter("mine", "true: assigned to whoever asks.", filters.yes_or_no, mine("coder_id")),
            enumeration("state", "How far the coder is.", AssignmentState, filters.column("state")),
            TESTIMONY,
            CODEBOOK,
            Filter(
                "coder",
                "Name of the coder's account.",
                filters.as_written,
                lambda values, _: Sql(
                    "coder_id IN (SELECT id FROM testimonies_user WHERE username = ANY (%s))", (values,)
                ),
            ),
        ),
        orders={"created_at": Order("created_at", "timestamptz")},
        ordering="created_at",
        key=Order("id", "uuid"),
    )

    def page(self, request: Any, query: parameters.Query) -> Page:
        return parts.page(self.rows.all(), shown, coding.seen(models.Assignment, request.user), query)

    def document(self, request: Any, pk: str) -> documents.Document:
        seen = coding.seen(models.Assignment, request.user)
        return parts.document(self.rows.all(), shown, seen, record_id(pk))

    @says("move_assignment", "Move an assignment", body=AssignmentTransitionSerializer)
    @action(detail=True, methods=["post"], capability=Capability.CODE)
    def transition(self, request: Any, pk: str) -> HttpResponse:
        """Begin or submit one's own, once and for all unless it is returned; or return another's, with the reason.

        As long as it is not submitted, its coder sees nobody else's codings there, and nobody the consensus codes.
        """
        values = parsing.read(AssignmentTransitionSerializer, parsing.body(request))
        moved = assignments.move(record_id(pk), by=request.user, **values)
        row = self.rows.get(pk=moved.pk)
        document = parts.made(shown(row), row.version)
        return concurrency.written(document.body, concurrency.of_document(document), 200)


class AssignmentShareViewSet(ViewSet):
    """Many assignments at once."""

    permission_classes = [StaffOnly]
    capability = Capability.CURATE
    http_method_names = ["post"]
    takes_idempotency_key = False
    noun = "assignment_share"
    write = AssignmentShareWriteSerializer
    shape = AssignmentShare

    def create(self, request: Any) -> HttpResponse:
        """Spread testimonies over coders, each to whoever has least to do, and a share of them to two.

        The same again assigns nothing anew: what enough of the coders have already is left as it is.
        """
        values = parsing.read(self.write, parsing.body(request))
        made = assignments.share(by=request.user, **values)
        rows = AssignmentViewSet.rows.filter(pk__in=[one.pk for one in made]).order_by("testimony__ref", "coder")
        shared: AssignmentShare = {"seed": values["seed"], "assignments": [shown(row) for row in rows]}
        document = parts.made(shared, None)
        response = concurrency.written(document.body, concurrency.of_document(document), 201)
        response.headers["Location"] = "/api/v1/assignments/"
        return response


def shown(row: Any) -> Assignment:
    return {
        "id": str(row.pk),
        "version": row.version,
        "testimony_id": str(row.testimony_id),
        "testimony": row.testimony.ref,
        "codebook_id": str(row.codebook_id),
        "codebook": str(row.codebook),
        "coder": row.coder.username,
        "state": row.state,
        "note": row.note,
        "assigned_by": row.created_by.username if row.created_by else "",
        "assigned_at": instant(row.created_at),
        "started_at": instant(row.started_at) if row.started_at else None,
        "submitted_at": instant(row.submitted_at) if row.submitted_at else None,
        "return_reason": row.return_reason,
    }
