"""Any exception as `application/problem+json` (RFC 9457): one shape for all of 4xx and 5xx.

A problem tells the reader what to do next, and repeats nothing that is protected.
"""

import json
import logging
import math
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework import exceptions

from testimonies.api.problem_kinds import PROBLEMS
from testimonies.errors import DomainError, Invalid, InvalidParameters, Overtaken, TooManyExports

MEDIA_TYPE = "application/problem+json"
PAGE = "/api/problems/"
log = logging.getLogger("testimonies.api")


_BY_STATUS = {problem.status: problem for problem in reversed(PROBLEMS.values())}


def respond(
    request: Any,
    code: str,
    *,
    detail: str = "",
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    problem = PROBLEMS[code]
    body = {
        "type": request.build_absolute_uri(f"{PAGE}#{code}") if _has_host(request) else f"{PAGE}#{code}",
        "title": problem.title,
        "status": problem.status,
        "detail": detail or problem.detail,
        "code": code,
        "request_id": getattr(request, "id", ""),
        "errors": errors or [],
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False), status=problem.status, content_type=MEDIA_TYPE, headers=headers
    )


def _has_host(request: Any) -> bool:
    try:
        request.get_host()
    except SuspiciousOperation:
        return False
    return True


def instead_of(response: HttpResponseBase, request: HttpRequest) -> HttpResponse:
    """A problem in place of what Django itself answered outside the views."""
    fallback = PROBLEMS["internal" if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else "bad_request"]
    kept = {name: value for name, value in response.headers.items() if name in _KEPT}
    return respond(request, _BY_STATUS.get(response.status_code, fallback).code, headers=kept)


_KEPT = frozenset({"Allow", "Retry-After", "WWW-Authenticate"}) | {
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Referrer-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
}


def handler(exception: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's exception handler."""
    request = context["request"]._request
    if isinstance(exception, InvalidParameters):
        errors = [
            {"in": "query", "parameter": e.parameter, "pointer": "", "code": e.code, "detail": e.detail}
            for e in exception.errors
        ]
        return respond(request, "invalid_parameters", errors=errors)
    if isinstance(exception, Invalid):
        at_fault = [
            {"in": "body", "parameter": "", "pointer": pointer, "code": code, "detail": detail}
            for pointer, code, detail in exception.errors
        ]
        return respond(request, "invalid", errors=at_fault)
    if isinstance(exception, Overtaken):
        detail = f"{exception.detail} The current version is {exception.version}."
        return respond(request, exception.code, detail=detail, headers={"ETag": f'"{exception.version}"'})
    if isinstance(exception, DomainError) and exception.code in PROBLEMS:
        wait = {"Retry-After": str(exception.wait)} if isinstance(exception, TooManyExports) else None
        return respond(request, exception.code, detail=exception.detail, headers=wait)
    headers = {}
    if scheme := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = scheme
    if wait := getattr(exception, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    code = _code(exception)
    return respond(request, code, headers=headers, errors=_to_narrow(request) if code == "too_slow" else [])


def _to_narrow(request: HttpRequest) -> list[dict[str, str]]:
    """What the caller may ask differently, by the parameters that they sent."""
    return [
        {"in": "query", "parameter": name[:80], "pointer": "", "code": "narrow", "detail": _NARROWER.get(name, _RARER)}
        for name in request.GET
        if name != "cursor"
    ]


_NARROWER = {
    "count": "Leave it out, or take count=capped.",
    "ordering": "Leave it out, or order by one field.",
    "page_size": "Take smaller pages.",
    "q": "Search for more words, or for rarer ones.",
}
_RARER = "Add a filter, or a value that fewer records have."


def _code(exception: Exception) -> str:
    if getattr(exception.__cause__, "sqlstate", None) == _CANCELLED:
        return "too_slow"
    for kind, code in _CODES:
        if isinstance(exception, kind):
            return code
    # the message of an exception may hold a row's values: only its class and place are noted
    log.error("unhandled %s at %s", type(exception).__name__, _place(exception))
    return "internal"


def _place(exception: Exception) -> str:
    trace = exception.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""


_CODES: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.NotAuthenticated, "not_authenticated"),
    (exceptions.AuthenticationFailed, "invalid_key"),
    (exceptions.PermissionDenied, "forbidden"),
    (PermissionDenied, "forbidden"),
    (exceptions.NotFound, "not_found"),
    (Http404, "not_found"),
    (exceptions.MethodNotAllowed, "method_not_allowed"),
    (exceptions.NotAcceptable, "not_acceptable"),
    (exceptions.UnsupportedMediaType, "unsupported_media_type"),
    (exceptions.Throttled, "too_many_requests"),
    (exceptions.ParseError, "malformed"),
    (RequestDataTooBig, "body_too_large"),
    (TooManyFieldsSent, "bad_request"),
    (SuspiciousOperation, "bad_request"),
    (OperationalError, "unavailable"),
    (InterfaceError, "unavailable"),
)
_CANCELLED = "57014"
"""PostgreSQL's code for a statement that was cancelled, by statement_timeout or by hand."""
