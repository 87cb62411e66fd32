"""/api/v1/same-person-links/: 'possibly the same person', asked and decided by people. For staff."""

from typing import Annotated, Any, TypedDict

from django.http import HttpResponse

from testimonies import models
from testimonies.api import parsing
from testimonies.api.parts import StaffOnly
from testimonies.api.reading import ReadViewSet
from testimonies.api.v1 import fields
from testimonies.api.writing import WriteMixin, record_id
from testimonies.models.persons import LinkStatus
from testimonies.projections.shapes import Described, Id, of
from testimonies.selectors import documents, filters, parameters, parts
from testimonies.selectors.filters import Context, Filter, enumeration
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.selectors.sql import Sql, either
from testimonies.services import same_person_links


class SamePersonLink(TypedDict):
    """The question whether two persons are one, and what a human decided. Nothing merges by itself."""

    id: Id
    version: Annotated[int, of(models.SamePersonLink)]
    person_id: Annotated[Id, of(models.SamePersonLink, "person")]
    other_id: Annotated[Id | None, of(models.SamePersonLink, "other")]
    awaits: Annotated[str, of(models.SamePersonLink)]
    status: Annotated[str, Described(model=models.SamePersonLink, choices=LinkStatus)]
    note: Annotated[str, of(models.SamePersonLink)]


SamePersonLinkWriteSerializer = fields.body(
    "SamePersonLinkWrite",
    "The question, as asked.",
    person_id=parsing.Id(help_text="One person."),
    other_id=parsing.Id(help_text="The person who may be the same."),
    **fields.of(models.SamePersonLink, "note"),
)
SamePersonDecisionSerializer = fields.body(
    "SamePersonDecision", "The decision, which can be taken back.", **fields.of(models.SamePersonLink, "status", "note")
)


def _joins(values: list[Any], context: Context) -> Sql:
    named = filters.id_or_ref("id", "ref")(values, context)
    persons = f"(SELECT id FROM testimonies_person WHERE {named.text})"
    return either([Sql(f"{name} IN {persons}", named.parameters) for name in ("person_id", "other_id")])


class SamePersonLinkViewSet(WriteMixin, ReadViewSet):
    """Persons who may be one. Coders ask where they see both; editors decide, and may take it back."""

    permission_classes = [StaffOnly]
    http_method_names = ["get", "head", "post", "patch", "delete"]
    noun = "same_person_link"
    service = same_person_links
    write = SamePersonLinkWriteSerializer
    decide = SamePersonDecisionSerializer
    shape = item = SamePersonLink
    rows = models.SamePersonLink.objects.all()
    declared = Declared(
        name="same-person-links",
        filters=(
            Filter("person", "One of the two, by id or reference.", filters.key("P"), _joins),
            enumeration("status", "What a human decided.", LinkStatus, filters.column("status")),
        ),
        orders={"created_at": Order("created_at", "timestamptz")},
        ordering="-created_at",
        key=Order("id", "uuid"),
    )

    def page(self, request: Any, query: parameters.Query) -> Page:
        return parts.page(self.rows.all(), _shown, parts.links(request.user), query)

    def document(self, request: Any, pk: str) -> documents.Document:
        return parts.document(self.rows.all(), _shown, parts.links(request.user), record_id(pk))

    def partial_update(self, request: Any, pk: str) -> HttpResponse:
        """Decide, or take a decision back."""
        return self._change(request, pk, parsing.read(self.decide, parsing.body(request), partial=True))


def _shown(row: Any) -> SamePersonLink:
    return {
        "id": str(row.pk),
        "version": row.version,
        "person_id": str(row.person_id),
        "other_id": str(row.other_id) if row.other_id else None,
        "awaits": row.awaits,
        "status": row.status,
        "note": row.note,
    }
