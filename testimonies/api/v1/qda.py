"""REFI-QDA files of codebooks: /api/v1/codebooks/{id}/qdc/ gives one, /api/v1/codebooks/import/ makes a codebook of one."""

from typing import Any

from django.http import HttpResponse
from rest_framework.decorators import action

from testimonies import models
from testimonies.api import concurrency, parsing
from testimonies.api.parsing import Text
from testimonies.api.parts import StaffOnly
from testimonies.api.saying import says
from testimonies.api.v1 import fields
from testimonies.projections import shapes
from testimonies.selectors import parameters, qdc, qdpx
from testimonies.services import qdc as services
from testimonies.values.safe_xml import MOST_BYTES

CodebookFileWriteSerializer = fields.body(
    "CodebookFileWrite",
    "A REFI-QDA codebook file, and what the file does not say of the codebook.",
    **fields.of(models.Codebook, "slug"),
    version=Text(source="edition", max_length=20, help_text="The version of the codebook, such as 1.0.0."),
    **fields.of(models.Codebook, "title", "language", "tier"),
    qdc=Text(source="document", max_length=MOST_BYTES, help_text="The text of the .qdc file."),
)


class QdaMixin:
    """Mixed into the view of codebooks."""

    @says("get_codebook_qdc", "Get a codebook as a REFI-QDA file", media_type=qdc.MEDIA_TYPE)
    @action(detail=True, url_path="qdc", url_name="qdc")
    def get_qdc(self, request: Any, pk: str) -> HttpResponse:
        """A .qdc file for other software: the codes that the caller may see, with their hierarchy, colours and guids."""
        parameters.nothing(dict(request._request.GET.lists()))
        name, body = qdc.export(pk, request.user)
        response = concurrency.answer(request, body, concurrency.of_body(body), qdc.MEDIA_TYPE)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @says("get_codebook_qdpx", "Get what was coded as a REFI-QDA project", media_type=qdpx.MEDIA_TYPE)
    @action(detail=True, url_path="qdpx", url_name="qdpx", permission_classes=[StaffOnly])
    def get_qdpx(self, request: Any, pk: str) -> HttpResponse:
        """A .qdpx file: the texts that were coded with this version, and the codings that the caller may see."""
        parameters.nothing(dict(request._request.GET.lists()))
        name, body = qdpx.export(self._row(request, pk), request.user)  # type: ignore[attr-defined]
        response = concurrency.answer(request, body, concurrency.of_body(body), qdpx.MEDIA_TYPE)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @says(
        "create_codebook_from_qdc", "Make a codebook of a REFI-QDA file", shape=shapes.Codebook, status="201",
        body=CodebookFileWriteSerializer,
    )  # fmt: skip
    @action(detail=False, methods=["post"], url_path="import", url_name="import")
    def from_qdc(self, request: Any) -> HttpResponse:
        """A draft with the codes of a .qdc file. Descriptions that this service wrote become the fields that they were made of."""
        values = parsing.read(CodebookFileWriteSerializer, parsing.body(request))
        made = services.create(by=request.user, **values)
        response: HttpResponse = self._read_again(request, made.pk, status=201)  # type: ignore[attr-defined]
        response.headers["Location"] = request.path.replace("/import/", f"/{made.pk}/")
        return response
