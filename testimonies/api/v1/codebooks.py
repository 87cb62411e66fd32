"""/api/v1/codebooks/: versioned sets of codes, and each as a tree."""

from typing import Any

from django.http import HttpResponse
from rest_framework.decorators import action

from testimonies.api import concurrency
from testimonies.api.reading import SharedViewSet, shared
from testimonies.models.codebooks import CodebookStatus
from testimonies.projections import shapes
from testimonies.selectors import codebooks, filters, parameters
from testimonies.selectors.filters import Filter, enumeration


class CodebookViewSet(SharedViewSet):
    """Versioned sets of codes. A published version is frozen."""

    noun = "codebook"
    shape = item = shapes.Codebook
    declared = shared(
        "codebooks",
        (
            Filter("slug", "Slug of the codebook, for all its versions.", filters.as_written, filters.facet("slug")),
            enumeration("status", "Whether it may still change.", CodebookStatus, filters.facet("status")),
        ),
    )

    @action(detail=True)
    def tree(self, request: Any, pk: str) -> HttpResponse:
        """The codes of the codebook, each below its parent, in order."""
        parameters.nothing(dict(request._request.GET.lists()))
        body = codebooks.tree(pk, request.user)
        return concurrency.answer(request, body, concurrency.of_body(body))
