"""/api/v1/testimonies/{testimony_id}/erasure/ and /api/v1/erasures/: erasing for good, and that it was done. For custodians."""

from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework.viewsets import ViewSet

from testimonies import models
from testimonies.access import Capability
from testimonies.api import concurrency, parsing
from testimonies.api.parsing import Text
from testimonies.api.parts import CapableOnly, OfTestimony
from testimonies.api.reading import ReadViewSet
from testimonies.api.v1 import fields
from testimonies.api.writing import record_id
from testimonies.errors import Invalid
from testimonies.projections.documents import instant
from testimonies.projections.shapes import Described, Id, Moment, of
from testimonies.selectors import documents, parameters, parts
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.selectors.sql import TRUE
from testimonies.services import erasure


class Destroyed(TypedDict):
    """How many rows of one kind were destroyed."""

    kind: Annotated[str, Described("The kind of row; events are the history's.")]
    rows: Annotated[int, Described("How many.")]


class Erasure(TypedDict):
    """The certificate of an erasure. Nothing in it tells what was erased."""

    id: Annotated[Id, of(models.Erasure)]
    person_id: Annotated[Id | None, of(models.Erasure)]
    at: Annotated[Moment, of(models.Erasure)]
    by: Annotated[
        str, Described("Name of the custodian's account; empty where a restored backup was brought up to date.")
    ]
    destroyed: list[Destroyed]


ErasureWriteSerializer = fields.body(
    "ErasureWrite",
    "Which testimony is meant.",
    confirm=Text(max_length=40, help_text="The testimony's reference once more, so that no other one is erased."),
)


class ErasureViewSet(OfTestimony, ViewSet):
    """Destroy a testimony wherever any of it is kept: with its parts, its history, what only it cites, and its person with
    what the vault knows of them, unless they have other testimonies."""

    permission_classes = [CapableOnly]
    capability = Capability.WITHDRAW
    http_method_names = ["post"]
    noun = "erasure"
    write = ErasureWriteSerializer
    shape = Erasure

    def create(self, request: Any) -> HttpResponse:
        """For good: nothing brings it back, no import either. Answers with the certificate."""
        values = parsing.read(self.write, parsing.body(request))
        version = concurrency.if_match(request) if request.META.get("HTTP_IF_MATCH", "").strip() else None
        testimony_id = self.testimony_id()
        if values["confirm"] != models.Testimony.objects.values_list("ref", flat=True).get(pk=testimony_id):
            raise Invalid(("/confirm", "another", "This is not the testimony's reference."))
        certificate = erasure.erase(testimony_id, by=request.user, version=version)
        document = parts.made(_shown(certificate), None)
        return concurrency.written(document.body, concurrency.of_document(document), 200)


class ErasuresViewSet(ReadViewSet):
    """Certificates of erasures."""

    permission_classes = [CapableOnly]
    capability = Capability.WITHDRAW
    noun = "erasure"
    shape = item = Erasure
    rows = models.Erasure.objects.select_related("user")
    declared = Declared(
        name="erasures", filters=(), orders={"at": Order("at", "timestamptz")}, ordering="-at", key=Order("id", "uuid")
    )

    def page(self, request: Any, query: parameters.Query) -> Page:  # noqa: ARG002
        return parts.page(self.rows.all(), _shown, TRUE, query)

    def document(self, request: Any, pk: str) -> documents.Document:  # noqa: ARG002
        return parts.document(self.rows.all(), _shown, TRUE, record_id(pk))


def _shown(row: Any) -> Erasure:
    return {
        "id": str(row.pk),
        "person_id": str(row.person_id) if row.person_id else None,
        "at": instant(row.at),
        "by": row.user.username if row.user else "",
        "destroyed": [{"kind": kind, "rows": number} for kind, number in sorted(row.destroyed.items())],
    }
