"""What happens to every request and every answer, whatever it asks for."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from rest_framework.negotiation import BaseContentNegotiation

from testimonies.api import problems

API = "/api/"


class RequestMiddleware:
    """Gives each request an id, keeps answers out of caches and search engines, and makes every API error a problem."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.id = uuid.uuid4().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        if (
            request.path.startswith(API)
            and response.status_code >= 400
            and response.headers.get("Content-Type") != problems.MEDIA_TYPE
        ):
            response = problems.from_status(request, response.status_code)
        response.headers["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


class JsonOnly(BaseContentNegotiation):
    """The API speaks JSON, whatever an Accept header wishes."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        wanted = request.content_type.partition(";")[0].strip()
        return next((parser for parser in parsers if parser.media_type == wanted), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:  # noqa: ARG002
        return renderers[0], renderers[0].media_type
