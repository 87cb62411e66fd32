"""Any exception as `application/problem+json` (RFC 9457): one shape for all of 4xx and 5xx.

A problem tells the reader what to do next, and repeats nothing that is protected.
"""

import json
import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from testimonies.errors import DomainError, InvalidParameters

MEDIA_TYPE = "application/problem+json"
PAGE = "/api/problems/"
log = logging.getLogger("testimonies.api")


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of problem: its code is stable, its page says more."""

    code: str
    status: int
    title: str
    detail: str


PROBLEMS = {
    problem.code: problem
    for problem in (
        Problem("bad_request", 400, "The request cannot be understood", "Check the address and the headers."),
        Problem("malformed", 400, "The body is not JSON", "Send one JSON value in UTF-8."),
        Problem(
            "invalid_parameters",
            400,
            "The query does not fit the contract",
            "Each parameter at fault is listed under errors.",
        ),
        Problem(
            "not_authenticated",
            401,
            "A key is needed",
            "Send Authorization: Bearer <key>. Keys are made with manage.py create_key.",
        ),
        Problem("invalid_key", 401, "The key does not work", "It is unknown, revoked or expired. Ask for a new one."),
        Problem("forbidden", 403, "People like you do not do this", "Use a key whose role may."),
        Problem(
            "not_found", 404, "There is nothing here", "There is nothing here that you may see. Check the address."
        ),
        Problem("method_not_allowed", 405, "This cannot be done here", "The Allow header lists what can."),
        Problem("not_acceptable", 406, "No such representation", "The OpenAPI document lists the formats."),
        Problem("body_too_large", 413, "The body is too large", "Send less at once."),
        Problem("unsupported_media_type", 415, "The body is of a kind that is not read here", "Send application/json."),
        Problem("too_many_requests", 429, "Too many requests", "Wait as long as Retry-After says."),
        Problem("internal", 500, "Something is broken here", "It was noted under the request id. Try again later."),
        Problem("unavailable", 503, "The service cannot answer now", "Try again in a moment."),
        Problem(
            "too_slow", 503, "The answer takes too long", "Ask for less: narrow the filters, or take smaller pages."
        ),
    )
}
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


def from_status(request: HttpRequest, status: int) -> HttpResponse:
    """A problem in place of what Django itself answered outside the views."""
    fallback = PROBLEMS["internal" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "bad_request"]
    return respond(request, _BY_STATUS.get(status, fallback).code)


def handler(exception: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's exception handler."""
    request = context["request"]._request
    if isinstance(exception, InvalidParameters):
        errors = [
            {"in": "query", "parameter": e.parameter, "pointer": "", "code": e.code, "detail": e.detail}
            for e in exception.errors
        ]
        return respond(request, "invalid_parameters", errors=errors)
    if isinstance(exception, DomainError):
        return respond(request, exception.code, detail=exception.detail)
    headers = {}
    if header := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if isinstance(exception, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    if wait := getattr(exception, "wait", None):
        headers["Retry-After"] = str(max(1, round(wait)))
    return respond(request, _code(exception), headers=headers)


def _code(exception: Exception) -> str:
    for kind, code in _CODES:
        if isinstance(exception, kind):
            return code
    # the message of an exception may hold a row's values: only its class and place are noted
    log.error("unhandled %s", type(exception).__name__, extra={"place": _place(exception)})
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
)
