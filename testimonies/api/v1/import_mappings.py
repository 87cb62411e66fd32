"""/api/v1/import-mappings/: which column of a spreadsheet is which of ours. For editors."""

from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework.decorators import action

from testimonies import models
from testimonies.access import Capability
from testimonies.api import concurrency
from testimonies.api.parsing import StrictSerializer, Text
from testimonies.api.parts import CapableOnly
from testimonies.api.reading import ReadViewSet
from testimonies.api.saying import says
from testimonies.api.v1 import fields
from testimonies.api.writing import WriteMixin, record_id
from testimonies.models.import_mappings import DateFormat
from testimonies.projections.documents import compact
from testimonies.projections.shapes import Described, Id, of
from testimonies.selectors import documents, parameters, parts
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.selectors.sql import TRUE
from testimonies.services import import_mappings
from testimonies.services.importing import columns, tables
from testimonies.services.importing.declaring import Column, ColumnKind

MOST_FIXED = 100
LONGEST_NAME = 120
LONGEST_CELL = 2_000


class MappedColumn(TypedDict):
    """A column of the file, and what it is."""

    header: Annotated[str, Described("The column's name in the file.")]
    column: Annotated[str | None, Described("The column of ours that it is; null: it is left out.")]


class FixedColumn(TypedDict):
    """A column of ours that the file does not have."""

    column: Annotated[str, Described("The column of ours.")]
    value: Annotated[str, Described("The cell that every row has there.")]


class ImportMapping(TypedDict):
    """How files of one kind are read."""

    id: Id
    version: Annotated[int, of(models.ImportMapping)]
    name: Annotated[str, of(models.ImportMapping)]
    columns: Annotated[list[MappedColumn], of(models.ImportMapping)]
    fixed: Annotated[list[FixedColumn], of(models.ImportMapping)]
    date_format: Annotated[str, Described(model=models.ImportMapping, choices=DateFormat)]


class ImportColumn(TypedDict):
    """A column that a row may have."""

    name: Annotated[str, Described("As a list of testimonies names the value, with dots for what lies within.")]
    kind: Annotated[str, Described("What its cells hold.", choices=ColumnKind)]
    help: Annotated[str, Described("What it says, and how it is written.")]
    words: Annotated[list[str], Described("The words that its cells may hold; empty: others too.")]
    is_numbered: Annotated[bool, Described("Whether there are more of it: source.outlet, source.2.outlet.")]
    may_be_empty: Annotated[bool, Described("Whether its cells may be empty.")]


class ImportColumns(TypedDict):
    """Every column that a row may have. Beside them there is `external_id.SYSTEM` for each system's own ids."""

    columns: list[ImportColumn]


class MappedColumnWrite(StrictSerializer):
    """A column of the file, and what it is."""

    header = Text(max_length=tables.MOST_IN_HEADER, help_text="The column's name in the file.")
    column = Text(
        max_length=LONGEST_NAME, allow_null=True, help_text="The column of ours that it is; null: it is left out."
    )


class FixedColumnWrite(StrictSerializer):
    """A column of ours that the file does not have."""

    column = Text(max_length=LONGEST_NAME, help_text="The column of ours.")
    value = Text(max_length=LONGEST_CELL, allow_blank=True, help_text="The cell that every row has there.")


ImportMappingWriteSerializer = fields.body(
    "ImportMappingWrite",
    "How files of one kind are read, as written.",
    **fields.of(models.ImportMapping, "name"),
    columns=fields.whole_list(
        MappedColumnWrite, "Columns of the file: the whole list.", max_length=tables.MOST_COLUMNS
    ),
    fixed=fields.whole_list(FixedColumnWrite, "What every row says: the whole list.", max_length=MOST_FIXED),
    **fields.of(models.ImportMapping, "date_format"),
)


class ImportMappingViewSet(WriteMixin, ReadViewSet):
    """Which column of a spreadsheet is which of ours: confirmed once by a person, then used for every file of its kind."""

    permission_classes = [CapableOnly]
    capability = Capability.IMPORT
    noun = "import_mapping"
    service = import_mappings
    write = ImportMappingWriteSerializer
    shape = item = ImportMapping
    rows = models.ImportMapping.objects.all()
    declared = Declared(
        name="import-mappings",
        filters=(),
        orders={"name": Order("name", "text")},
        ordering="name",
        key=Order("id", "uuid"),
    )

    def page(self, request: Any, query: parameters.Query) -> Page:  # noqa: ARG002
        return parts.page(self.rows.all(), _shown, TRUE, query)

    def document(self, request: Any, pk: str) -> documents.Document:  # noqa: ARG002
        return parts.document(self.rows.all(), _shown, TRUE, record_id(pk))

    @says("list_import_columns", "List what a row may say", shape=ImportColumns)
    @action(detail=False)
    def columns(self, request: Any) -> HttpResponse:
        """Every column that a row of an import may have: its name, what its cells hold, and how they are written."""
        parameters.nothing(dict(request._request.GET.lists()))
        body = compact({"columns": [_column(column) for column in columns.COLUMNS.values()]}).encode()
        return concurrency.answer(request, body, concurrency.of_body(body))


def _shown(row: models.ImportMapping) -> ImportMapping:
    return {
        "id": str(row.pk),
        "version": row.version,
        "name": row.name,
        "columns": [{"header": one["header"], "column": one["column"]} for one in row.columns],
        "fixed": [{"column": one["column"], "value": one["value"]} for one in row.fixed],
        "date_format": row.date_format,
    }


def _column(column: Column) -> ImportColumn:
    return {
        "name": column.name,
        "kind": column.kind.value,
        "help": column.help,
        "words": list(column.words),
        "is_numbered": column.is_numbered,
        "may_be_empty": column.may_be_empty,
    }
