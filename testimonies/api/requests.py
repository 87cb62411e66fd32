"""What happens to every request and every answer, whatever it asks for."""

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from rest_framework.negotiation import BaseContentNegotiation

from testimonies.api import problems


class RequestMiddleware:
    """Gives each request an id, keeps answers out of caches and search engines, and makes every error a problem.

    Only people in the admin see Django's own error pages, and nobody else those of DEBUG.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.id = uuid.uuid4().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST and _is_page(response) and not _is_of_admin(request):
            response = problems.instead_of(response, request)
        if _is_of_admin(request):
            response.headers.setdefault("Cache-Control", "no-store")
            # without any referrer browsers send forms with "Origin: null", which the check against forgery refuses
            response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


def _is_page(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")


def _is_of_admin(request: HttpRequest) -> bool:
    return request.resolver_match is not None and "admin" in request.resolver_match.app_names


class JsonOnly(BaseContentNegotiation):
    """The API speaks JSON, whatever an Accept header wishes."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        wanted = request.content_type.partition(";")[0].strip()
        return next((parser for parser in parsers if parser.media_type == wanted), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:  # noqa: ARG002
        return renderers[0], renderers[0].media_type
