"""/api/v1/codebooks/: versioned sets of codes, and each as a tree."""

from typing import Any

from django.http import HttpResponse
from rest_framework.decorators import action

from testimonies import models
from testimonies.access import Capability
from testimonies.api import concurrency
from testimonies.api.history import HistoryMixin
from testimonies.api.parsing import Text
from testimonies.api.reading import SharedViewSet, shared
from testimonies.api.saying import says
from testimonies.api.v1 import fields
from testimonies.api.v1.codebook_versions import VersionsMixin
from testimonies.api.v1.qda import QdaMixin
from testimonies.api.writing import WriteMixin
from testimonies.models.codebooks import CodebookStatus
from testimonies.projections import shapes
from testimonies.selectors import codebooks, filters, parameters
from testimonies.selectors.filters import Filter, enumeration
from testimonies.services import codebooks as services

CodebookWriteSerializer = fields.body(
    "CodebookWrite",
    "A codebook version, as written while it is a draft. Setting its status to published freezes it.",
    **fields.of(models.Codebook, "slug"),
    version=Text(source="edition", max_length=20, help_text="The version of the codebook, such as 1.1.0."),
    **fields.of(models.Codebook, "title", "language", "method", "unit_of_coding", "hierarchy_rule"),
    **fields.of(models.Codebook, "reliability_rule", "absence_rule", "status", "tier"),
)


class CodebookViewSet(VersionsMixin, QdaMixin, HistoryMixin, WriteMixin, SharedViewSet):
    """Versioned sets of codes. A published version is frozen."""

    noun = "codebook"
    service = services
    write = CodebookWriteSerializer
    capability = Capability.CURATE
    shape = item = shapes.Codebook
    declared = shared(
        "codebooks",
        (
            Filter("slug", "Slug of the codebook, for all its versions.", filters.as_written, filters.facet("slug")),
            enumeration("status", "Whether it may still change.", CodebookStatus, filters.facet("status")),
        ),
    )

    @says("get_codebook_tree", "Get a codebook's tree", shape=shapes.CodebookTree)
    @action(detail=True)
    def tree(self, request: Any, pk: str) -> HttpResponse:
        """The codes of the codebook, each below its parent, in order."""
        parameters.nothing(dict(request._request.GET.lists()))
        body = codebooks.tree(pk, request.user)
        return concurrency.answer(request, body, concurrency.of_body(body))
