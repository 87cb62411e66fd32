"""/api/v1/testimonies/{testimony_id}/codes/: the consensus codes, read and set as a whole list. For staff."""

from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.viewsets import ViewSet

from testimonies import models
from testimonies.access import Capability, Tier
from testimonies.api import concurrency, parsing
from testimonies.api.parsing import StrictSerializer, Text
from testimonies.api.parts import OfTestimony, StaffOnly
from testimonies.models.assignments import is_withheld
from testimonies.projections.shapes import Described, Id, of
from testimonies.selectors import parameters, parts
from testimonies.selectors.documents import Document
from testimonies.selectors.filters import as_uuid
from testimonies.services import consensus_codes


class AssignedCode(TypedDict):
    """A consensus code. That a code is absent means not mentioned; it was not denied."""

    code_id: Annotated[Id, of(models.ConsensusCode, "code")]
    codebook: Annotated[str, of(models.Codebook, "slug")]
    version: Annotated[str, of(models.Codebook, "edition")]
    dimension: Annotated[str, of(models.Code)]
    slug: Annotated[str, of(models.Code)]
    tier: Annotated[str, Described("Least tier that may see the code, and that it applies.", choices=Tier)]


class ConsensusCodes(TypedDict):
    """All consensus codes of one testimony, for staff."""

    version: Annotated[int, Described("Version of the testimony: If-Match compares it.")]
    codes: list[AssignedCode]


class CodeName(Text):
    """A code by its id, or by its slug within its codebook."""

    def run_validation(self, data: Any = empty) -> Any:
        name = super().run_validation(data)
        return as_uuid(name) or name


class ConsensusCodesWriteSerializer(StrictSerializer):
    """All consensus codes, as written."""

    codes = serializers.ListField(
        child=CodeName(max_length=200),
        max_length=500,
        help_text="The whole list: each by its id, or as codebook/slug or codebook@version/slug.",
    )


class ConsensusCodesViewSet(OfTestimony, ViewSet):
    """The consensus codes of one testimony. Editors set them, as a whole list."""

    permission_classes = [StaffOnly]
    http_method_names = ["get", "head", "put"]
    noun = "consensus_codes"
    capability = Capability.CURATE
    write = ConsensusCodesWriteSerializer
    shape = ConsensusCodes

    def retrieve(self, request: Any) -> HttpResponse:
        parameters.nothing(dict(request._request.GET.lists()))
        document = self._document()
        return concurrency.answer(request, document.body, concurrency.of_document(document))

    def update(self, request: Any) -> HttpResponse:
        """The whole list: what is left out applies no longer."""
        names = parsing.read(self.write, parsing.body(request))["codes"]
        consensus_codes.change(
            self.testimony_id(),
            by=request.user,
            version=concurrency.if_match(request),
            codes=names,
        )
        document = self._document()
        return concurrency.written(document.body, concurrency.of_document(document), 200)

    def _document(self) -> Document:
        testimony = models.Testimony.objects.get(pk=self.testimony_id())
        rows = testimony.consensus_codes.exclude(is_withheld()).select_related("code__codebook")
        order = ("code__codebook__slug", "code__codebook__edition", "code__position", "code__slug")
        shown: ConsensusCodes = {
            "version": testimony.version,
            "codes": [_shown(row.code) for row in rows.order_by(*order)],
        }
        return parts.made(shown, testimony.version)


def _shown(code: models.Code) -> AssignedCode:
    return {
        "code_id": str(code.pk),
        "codebook": code.codebook.slug,
        "version": code.codebook.edition,
        "dimension": code.dimension,
        "slug": code.slug,
        "tier": Tier(max(code.tier, code.codebook.tier)).label,
    }
