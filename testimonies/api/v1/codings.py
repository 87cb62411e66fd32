"""/api/v1/codings/, and below a testimony: what coders coded, as far as the caller is not blind. For staff."""

from typing import Annotated, Any, TypedDict

from testimonies import models
from testimonies.access import Capability
from testimonies.api.parsing import Id, Text, Whole
from testimonies.api.parts import OfTestimony, StaffOnly
from testimonies.api.reading import ReadViewSet
from testimonies.api.v1 import fields
from testimonies.api.v1.assignments import CODEBOOK, TESTIMONY, mine
from testimonies.api.writing import WriteMixin, record_id
from testimonies.models.codings import Anchor, Presence
from testimonies.projections.documents import instant
from testimonies.projections.shapes import Described, Moment, of
from testimonies.projections.shapes import Id as ShownId
from testimonies.selectors import coding, documents, filters, parameters, parts
from testimonies.selectors.filters import Context, Filter, enumeration
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.selectors.sql import Sql, both
from testimonies.services import codings

CODE_POINTS = "in Unicode code points from 0: not bytes, and not the UTF-16 units of JavaScript's length"


class Coding(TypedDict):
    """One coder applied one code: to a passage of a text, or to the whole testimony."""

    id: ShownId
    version: Annotated[int, of(models.Coding)]
    assignment_id: Annotated[ShownId, of(models.Coding, "assignment")]
    testimony_id: Annotated[ShownId, of(models.Coding, "testimony")]
    codebook_id: Annotated[ShownId, of(models.Coding, "codebook")]
    coder: Annotated[str, Described("Name of the coder's account.")]
    code_id: Annotated[ShownId, of(models.Coding, "code")]
    code: Annotated[str, of(models.Code, "slug")]
    presence: Annotated[str, Described(model=models.Coding, choices=Presence)]
    salience: Annotated[int | None, of(models.Coding)]
    grade: Annotated[float | None, of(models.Coding)]
    memo: Annotated[str, of(models.Coding)]
    text_id: Annotated[ShownId | None, of(models.Coding, "text")]
    start: Annotated[int | None, of(models.Coding)]
    end: Annotated[int | None, of(models.Coding)]
    quote: Annotated[str, of(models.Coding)]
    prefix: Annotated[str, of(models.Coding)]
    suffix: Annotated[str, of(models.Coding)]
    anchor: Annotated[str, Described(model=models.Coding, choices=Anchor)]
    created_at: Annotated[Moment, of(models.Coding)]
    updated_at: Annotated[Moment, of(models.Coding, "changed_at")]


CodingWriteSerializer = fields.body(
    "CodingWrite",
    "A code applied to a passage, or, without text_id, start, end and quote, to the whole testimony.",
    testimony_id=Id(help_text="The testimony: one that is assigned to the caller. It stays the same."),
    code_id=Id(help_text="A code of the codebook version that is assigned."),
    **fields.of(models.Coding, "presence"),
    salience=Whole(
        required=False,
        default=None,
        allow_null=True,
        min_value=1,
        max_value=3,
        help_text="How much weight it has: 1 in passing, 2 clearly, 3 central.",
    ),
    **fields.of(models.Coding, "grade", "memo"),
    text_id=Id(required=False, default=None, allow_null=True, help_text="The text that the passage is of."),
    start=Whole(
        required=False,
        default=None,
        allow_null=True,
        min_value=0,
        max_value=2_147_483_647,
        help_text=f"Where the passage starts, {CODE_POINTS}.",
    ),
    end=Whole(
        required=False,
        default=None,
        allow_null=True,
        min_value=0,
        max_value=2_147_483_647,
        help_text=f"The first position after the passage, {CODE_POINTS}.",
    ),
    quote=Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=200_000,
        help_text="The words of the passage, exactly as the text has them there: they are compared.",
    ),
)


def _mine(values: list[Any], context: Context) -> Sql:
    own = mine("coder_id")(values, context)
    return Sql(f"assignment_id IN (SELECT id FROM testimonies_assignment WHERE {own.text})", own.parameters)


def _any_code(values: list[Any], _: Context) -> Sql:
    return Sql("code_id = ANY (%s::uuid[])", ([code_id for ids in values for code_id in ids],))


def _declared(name: str, *more: Filter) -> Declared:
    return Declared(
        name=name,
        filters=(
            *more,
            CODEBOOK,
            Filter("code", "With this code or one below it: slug, or codebook/slug.", filters.code, _any_code),
            Filter("mine", "true: made by whoever asks.", filters.yes_or_no, _mine),
            enumeration("presence", "Whether the code is there.", Presence, filters.column("presence")),
            enumeration("anchor", "How it holds on to its text.", Anchor, filters.column("anchor")),
        ),
        orders={"created_at": Order("created_at", "timestamptz")},
        ordering="created_at",
        key=Order("id", "uuid"),
    )


ROWS = models.Coding.objects.select_related("assignment__coder", "code")


class CodingViewSet(WriteMixin, ReadViewSet):
    """What coders coded. Until their assignment is submitted, coders see their own alone."""

    permission_classes = [StaffOnly]
    capability = Capability.CODE
    noun = "coding"
    service = codings
    write = CodingWriteSerializer
    shape = item = Coding
    declared = _declared("codings", TESTIMONY)

    def page(self, request: Any, query: parameters.Query) -> Page:
        return parts.page(ROWS.all(), _shown, coding.seen(models.Coding, request.user), query)

    def document(self, request: Any, pk: str) -> documents.Document:
        return parts.document(ROWS.all(), _shown, coding.seen(models.Coding, request.user), record_id(pk))


class TestimonyCodingViewSet(OfTestimony, ReadViewSet):
    """What coders coded of one testimony, as far as the caller is not blind."""

    __test__ = False  # not a test, whatever its name begins with

    permission_classes = [StaffOnly]
    noun = "coding"
    shape = item = Coding
    declared = _declared("testimony-codings")

    def page(self, request: Any, query: parameters.Query) -> Page:
        owner = self.testimony_id()
        seen = both([Sql("testimony_id = %s", (owner,)), coding.seen(models.Coding, request.user)])
        return parts.page(ROWS.all(), _shown, seen, query, of=owner)


def _shown(row: Any) -> Coding:
    return {
        "id": str(row.pk),
        "version": row.version,
        "assignment_id": str(row.assignment_id),
        "testimony_id": str(row.testimony_id),
        "codebook_id": str(row.codebook_id),
        "coder": row.assignment.coder.username,
        "code_id": str(row.code_id),
        "code": row.code.slug,
        "presence": row.presence,
        "salience": row.salience,
        "grade": row.grade,
        "memo": row.memo,
        "text_id": str(row.text_id) if row.text_id else None,
        "start": row.start,
        "end": row.end,
        "quote": row.quote,
        "prefix": row.prefix,
        "suffix": row.suffix,
        "anchor": row.anchor,
        "created_at": instant(row.created_at),
        "updated_at": instant(row.changed_at),
    }
