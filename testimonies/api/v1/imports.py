"""/api/v1/imports/: spreadsheets brought in, checked, applied; and what became of each row. For editors."""

from functools import partial
from typing import Annotated, Any, TypedDict

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser, MultiPartParser

from testimonies import models
from testimonies.access import Capability
from testimonies.api import concurrency, pagination, parsing
from testimonies.api.parsing import Choice, StrictSerializer, Text
from testimonies.api.parts import CapableOnly
from testimonies.api.reading import ReadViewSet
from testimonies.api.saying import says
from testimonies.api.writing import record_id
from testimonies.errors import Invalid, RejectedFile
from testimonies.models.imports import FileKind, ImportState, OnError, RowOutcome
from testimonies.projections.documents import instant
from testimonies.projections.shapes import Described, Id, Moment, of
from testimonies.selectors import documents, filters, parameters, parts
from testimonies.selectors.exports import Listing
from testimonies.selectors.filters import enumeration
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.selectors.sql import TRUE, Sql
from testimonies.services import imports
from testimonies.services.importing.delimited import DELIMITER_WORDS, ENCODINGS
from testimonies.services.importing.files import Options

AROUND = 1024 * 1024
"""Bytes of a form around its file."""


class ImportProblem(TypedDict):
    """What is wrong with a value, a row or a file."""

    column: Annotated[str, Described("Name of the column in the file; empty: all of it.")]
    value: Annotated[str, Described("The beginning of what stands there, as far as it may be repeated.")]
    code: Annotated[str, Described("What kind of problem it is.")]
    reason: Annotated[str, Described("What is wrong, and what to do.")]


class Import(TypedDict):
    """A file that somebody brings in: how far it is, and what became of its rows."""

    id: Id
    state: Annotated[str, Described(model=models.Import, choices=ImportState)]
    file_name: Annotated[str, of(models.Import)]
    digest: Annotated[str, of(models.Import)]
    size: Annotated[int, of(models.Import)]
    kind: Annotated[str, Described(model=models.Import, choices=FileKind)]
    mapping: Annotated[str, of(models.Import, "mapping_name")]
    on_error: Annotated[str, Described(model=models.Import, choices=OnError)]
    dry_run: Annotated[bool, of(models.Import)]
    collection: Annotated[str, of(models.Import)]
    created_by: Annotated[str, Described("Name of the account; empty: a command's.")]
    created_at: Annotated[Moment, of(models.Import)]
    checked_at: Annotated[Moment | None, of(models.Import)]
    ended_at: Annotated[Moment | None, of(models.Import)]
    rows_done: Annotated[int, of(models.Import)]
    rows_total: Annotated[int | None, of(models.Import)]
    n_created: Annotated[int, of(models.Import)]
    n_updated: Annotated[int, of(models.Import)]
    n_unchanged: Annotated[int, of(models.Import)]
    n_rejected: Annotated[int, of(models.Import)]
    refusal: Annotated[str, of(models.Import)]
    problems: Annotated[list[ImportProblem], of(models.Import)]


class ImportChange(TypedDict):
    """A field that differs."""

    field: Annotated[str, Described("Name of the field, such as person.gender.")]
    before: Annotated[str | None, Described("What is stored; null: nothing.")]
    after: Annotated[str | None, Described("What the row says; null: nothing.")]


class ImportRow(TypedDict):
    """What became of one row, or would."""

    number: Annotated[int, of(models.ImportRow)]
    outcome: Annotated[str, Described(model=models.ImportRow, choices=RowOutcome)]
    testimony_id: Annotated[Id | None, of(models.ImportRow)]
    changes: Annotated[list[ImportChange], of(models.ImportRow)]
    problems: Annotated[list[ImportProblem], of(models.ImportRow)]


@extend_schema_field(OpenApiTypes.BINARY)
class File(serializers.FileField):
    """An uploaded file."""


class FormFlag(parsing.Flag):
    """true or false, as a form spells them."""

    def to_internal_value(self, data: Any) -> bool:
        return super().to_internal_value({"true": True, "false": False}.get(data, data))


class ImportWriteSerializer(StrictSerializer):
    """A file, and what is to become of it."""

    file = File(
        allow_empty_file=True,
        help_text=f"CSV, XLSX or JSON Lines; at most {imports.MOST_BYTES // 1024 // 1024} MB. It is kept until the import has ended.",
    )
    mapping = Text(
        source="mapping_name",
        max_length=120,
        required=False,
        default="",
        allow_blank=True,
        help_text="Name of a saved mapping of columns; left out: columns have our names.",
    )
    on_error = Choice(
        choices=OnError.choices,
        required=False,
        default=OnError.REJECT.value,
        help_text="reject: one row that cannot be stored refuses the file; skip: such rows are left out.",
    )
    dry_run = FormFlag(
        required=False, default=False, help_text="Whether it stops after the check, until it is applied."
    )
    collection = Text(
        max_length=80,
        required=False,
        default="",
        allow_blank=True,
        help_text="Slug of a collection to which each row belongs, beside those that it names.",
    )
    encoding = Choice(
        choices=[(name, name) for name in ENCODINGS],
        required=False,
        help_text="Encoding of a CSV file; left out: UTF-8 and marked UTF-16 are told apart, others are assumed where that is safe.",
    )
    delimiter = Choice(
        choices=[(word, word) for word in DELIMITER_WORDS],
        required=False,
        help_text="What is between the cells of a CSV file; left out: found out.",
    )
    sheet = Text(
        max_length=200,
        required=False,
        default="",
        allow_blank=True,
        help_text="Name of a workbook's sheet; left out: the first that is not hidden.",
    )


ROWS = Declared(
    name="import-rows",
    filters=(enumeration("outcome", "What became of the row, or would.", RowOutcome, filters.column("outcome")),),
    orders={"number": Order("number", "int")},
    ordering="number",
    key=Order("id", "uuid"),
)


class ImportViewSet(ReadViewSet):
    """Spreadsheets and JSON Lines brought in: all of a file or, if asked, its good rows. New records are drafts."""

    permission_classes = [CapableOnly]
    capability = Capability.IMPORT
    http_method_names = ["get", "head", "post", "delete"]
    takes_idempotency_key = False
    noun = "import"
    shape = item = Import
    rows_of = models.ImportRow.objects.all()
    rows = models.Import.objects.select_related("created_by")
    declared = Declared(
        name="imports",
        filters=(enumeration("state", "How far it is.", ImportState, filters.column("state")),),
        orders={"created_at": Order("created_at", "timestamptz")},
        ordering="-created_at",
        key=Order("id", "uuid"),
    )

    def get_parsers(self) -> list[BaseParser]:
        is_upload = getattr(self, "action_map", {}).get("post") == "create"
        return [MultiPartParser()] if is_upload else super().get_parsers()

    def page(self, request: Any, query: parameters.Query) -> Page:  # noqa: ARG002
        return parts.page(self.rows.all(), _shown, TRUE, query)

    def document(self, request: Any, pk: str) -> documents.Document:  # noqa: ARG002
        return parts.document(self.rows.all(), _shown, TRUE, record_id(pk))

    @says("create_import", "Bring in a file", shape=Import, body=ImportWriteSerializer, status="202")
    def create(self, request: Any) -> HttpResponse:
        """The file is looked at by a worker: ask for the import again to see how far it is.

        Records are found by the external ids of a row, or by id or reference; what none is found for is new.
        """
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > imports.MOST_BYTES + AROUND:
            raise RequestDataTooBig
        form = parsing.body(request)
        values = parsing.read(ImportWriteSerializer, {name: _only(name, form.getlist(name)) for name in form})
        file = values.pop("file")
        try:
            said = {name: values.pop(name, "") for name in ("encoding", "delimiter", "sheet")}
            options = Options(**said | {"delimiter": DELIMITER_WORDS.get(said["delimiter"], "")})
            made = imports.create(by=request.user, file=file, name=file.name or "", options=options, **values)
        except RejectedFile as error:
            raise Invalid(*(("/file", "rejected_file", problem) for problem in error.problems)) from None
        return self._answer(request, made.pk)

    @says("list_import_rows", "List an import's rows", shape=ImportRow, lists=ROWS)
    @action(detail=True, url_path="rows", url_name="rows")
    def list_rows(self, request: Any, pk: str) -> HttpResponseBase:
        """What became of each row, or would: with what differs field by field, and what is wrong."""
        self.document(request, pk)
        query = pagination.query_of(request, ROWS)
        where = Sql("of_import_id = %s", (record_id(pk),))
        page = partial(parts.page, self.rows_of.all(), _row, where, of=record_id(pk))
        return pagination.listed(request, Listing(ROWS.name, ImportRow, query, page))

    @says("apply_import", "Apply an import", shape=Import, status="202")
    @action(detail=True, methods=["post"])
    def apply(self, request: Any, pk: str) -> HttpResponse:
        """Do exactly what the check found. Refused where records have changed since, so that it would do something else."""
        applied = imports.apply(record_id(pk), by=request.user)
        return self._answer(request, applied.pk)

    @says("cancel_import", "Cancel an import", status="204")
    def destroy(self, request: Any, pk: str) -> HttpResponse:
        """Nothing of it is stored; one that is being written stops soon. Its file is destroyed."""
        imports.cancel(record_id(pk), by=request.user)
        return HttpResponse(status=204)

    def _answer(self, request: Any, pk: Any) -> HttpResponse:
        document = self.document(request, str(pk))
        response = concurrency.written(document.body, concurrency.of_document(document), 202)
        response.headers["Location"] = f"/api/v1/imports/{pk}/"
        return response


def _only(name: str, values: list[Any]) -> Any:
    if len(values) > 1:
        raise Invalid((f"/{name}", "repeated", "Send it once."))
    return values[0]


def _shown(row: Any) -> Import:
    return {
        "id": str(row.pk),
        "state": row.state,
        "file_name": row.file_name,
        "digest": row.digest,
        "size": row.size,
        "kind": row.kind,
        "mapping": row.mapping_name,
        "on_error": row.on_error,
        "dry_run": row.dry_run,
        "collection": row.collection,
        "created_by": row.created_by.username if row.created_by else "",
        "created_at": instant(row.created_at),
        "checked_at": instant(row.checked_at) if row.checked_at else None,
        "ended_at": instant(row.ended_at) if row.ended_at else None,
        "rows_done": row.rows_done,
        "rows_total": row.rows_total,
        "n_created": row.n_created,
        "n_updated": row.n_updated,
        "n_unchanged": row.n_unchanged,
        "n_rejected": row.n_rejected,
        "refusal": row.refusal,
        "problems": row.problems,
    }


def _row(row: Any) -> ImportRow:
    return {
        "number": row.number,
        "outcome": row.outcome,
        "testimony_id": str(row.testimony_id) if row.testimony_id else None,
        "changes": row.changes,
        "problems": row.problems,
    }
