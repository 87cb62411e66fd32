"""/api/schema/ and /api/docs/: the OpenAPI document, and a page to read it and try it on."""

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt  # what only reads refuses the method, not the missing token
from django.views.decorators.http import require_safe

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.yaml"
"""As it was reviewed. To make it anew takes half a second, and 13 MB that the process keeps (docs/adr/0039)."""


@csrf_exempt
@require_safe
def document(_: HttpRequest) -> HttpResponse:
    """As YAML."""
    return HttpResponse(
        DOCUMENT.read_bytes(),
        content_type="application/vnd.oai.openapi",
        headers={"Content-Disposition": 'inline; filename="openapi.yaml"'},
    )


@csrf_exempt
@require_safe
def docs(request: HttpRequest) -> HttpResponseBase:
    """Swagger UI."""
    from drf_spectacular.views import SpectacularSwaggerSplitView  # noqa: PLC0415 - 4 MB, for a page that people open

    show: Any = SpectacularSwaggerSplitView.as_view(
        template_name="testimonies/docs.html", url="/api/schema/", authentication_classes=[], permission_classes=[]
    )
    answer: HttpResponseBase = show(request)
    return answer
