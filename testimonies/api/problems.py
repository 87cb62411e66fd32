"""Any exception as `application/problem+json` (RFC 9457): one shape for all of 4xx and 5xx.

A problem tells the reader what to do next, and repeats nothing that is protected.
"""

import json
import logging
import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework import exceptions

from testimonies.errors import DomainError, Invalid, InvalidParameters, Overtaken, TooManyExports

MEDIA_TYPE = "application/problem+json"
PAGE = "/api/problems/"
log = logging.getLogger("testimonies.api")


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of problem: its code is stable. `cause` is said on its page, `detail` (the cure) in every answer."""

    code: str
    status: int
    title: str
    cause: str
    detail: str


PROBLEMS = {
    problem.code: problem
    for problem in (
        Problem(
            "bad_request",
            400,
            "The request cannot be understood",
            "The Host header names another service, a header is malformed, or the query has more than 20,000 parameters.",
            "Check the address and the headers.",
        ),
        Problem(
            "malformed",
            400,
            "The body is not JSON",
            "The body cannot be read as JSON in UTF-8.",
            "Send one JSON value in UTF-8.",
        ),
        Problem(
            "invalid_parameters",
            400,
            "The query does not fit the contract",
            "A parameter or a value is unknown, malformed, repeated too often or above the caller's tier. "
            "Nothing is ignored: a misspelt filter would return more than was asked for.",
            "Each parameter at fault is listed under errors.",
        ),
        Problem(
            "purpose_required",
            400,
            "Say what the export is for",
            "Everything of a list was asked for above the public tier, without a purpose. Nothing was sent.",
            "Send Export-Purpose: a sentence of 10 to 500 characters that names nobody. It is recorded.",
        ),
        Problem(
            "invalid",
            400,
            "The body does not fit the contract",
            "A field is unknown, missing, of another type, or against a rule. Nothing was written.",
            "Each value at fault is listed under errors, with a JSON pointer.",
        ),
        Problem(
            "not_authenticated",
            401,
            "A key is needed",
            "No key was sent, and this service does not answer without one.",
            "Send Authorization: Bearer <key>. Keys are made with manage.py create_key.",
        ),
        Problem(
            "invalid_key",
            401,
            "The key does not work",
            "The key is unknown, revoked or expired, or the Authorization header does not read Bearer <key>.",
            "Check the header, or ask for a new key.",
        ),
        Problem(
            "forbidden",
            403,
            "People like you do not do this",
            "The key's role does not do this kind of thing, whatever the record.",
            "Use a key whose role may.",
        ),
        Problem(
            "not_found",
            404,
            "There is nothing here",
            "The address is wrong, or the record is not there for the caller: hidden and never there look the same.",
            "There is nothing here that you may see. Check the address.",
        ),
        Problem(
            "method_not_allowed",
            405,
            "This cannot be done here",
            "The address exists, but not for this method.",
            "The Allow header lists what can.",
        ),
        Problem(
            "own_work",
            409,
            "Nobody publishes their own work",
            "The caller entered the record or has changed something that it shows.",
            "Ask a second person who has not changed this record.",
        ),
        Problem(
            "not_allowed_now",
            409,
            "Not from here",
            "The workflow has no such step from the record's status, or not for this role.",
            "The detail says which step is possible, and for whom.",
        ),
        Problem(
            "not_assigned",
            409,
            "It is not yours to code",
            "Coders code what is assigned to them, and only with the codebook version that was assigned.",
            "Ask an editor to assign it to you: POST /api/v1/assignments/.",
        ),
        Problem(
            "not_cleared",
            409,
            "It may not be used so",
            "A testimony of the use is not published, is under embargo, or has no clearance for the purpose on the day of the "
            "use; or a quote is not approved, or not cleared for quoting. Which it is, is not said.",
            "List what may be used: /api/v1/testimonies/?cleared_for=… and /api/v1/quotes/?cleared_for=…; or ask for a clearance.",
        ),
        Problem(
            "submitted",
            409,
            "It is submitted",
            "Of an assignment that is submitted nothing changes, so that what others saw stays what they saw.",
            "Ask an editor to return it, with a reason.",
        ),
        Problem(
            "being_coded",
            409,
            "Not all have submitted",
            "Nothing is decided as long as somebody still codes the testimony with this codebook version.",
            "Wait until all assignments are submitted, or have one deleted that nobody will work on.",
        ),
        Problem(
            "own_coding",
            409,
            "Nobody decides where they coded",
            "The caller is or was a coder of this testimony.",
            "Ask an editor who has not coded it.",
        ),
        Problem(
            "frozen",
            409,
            "What is published is frozen",
            "The change would show below restricted something else, or more, than a published testimony shows now.",
            "Send the testimony back to draft, or propose a correction. Showing less of it is always allowed.",
        ),
        Problem(
            "recognisable",
            409,
            "Somebody could be recognised",
            "Fewer than three published persons share the gender, origin and age band that publishing would show.",
            "Have the person's disclosure set to banded or withheld, or accept it with a reason: accept_recognition.",
        ),
        Problem(
            "outdated",
            409,
            "What was to be corrected has changed",
            "Since the correction was proposed, somebody changed a field that it is about. Nothing was written.",
            "The detail names the fields. Reject the correction, or propose it anew.",
        ),
        Problem(
            "in_use",
            409,
            "Others need it",
            "Other records refer to the one that was to be deleted.",
            "The detail says what is in the way. Remove or change these first.",
        ),
        Problem(
            "exists",
            409,
            "There is one like it",
            "Another record has the same value where there can be only one.",
            "Change that one, or choose another value.",
        ),
        Problem(
            "vault_shut",
            503,
            "A key of the vault is missing",
            "An entry was sealed under a key that is not among VAULT_KEYS, or has been altered.",
            "Ask whoever runs the service to add that key.",
        ),
        Problem(
            "overtaken",
            412,
            "Somebody else changed it",
            "If-Match names a version that is no longer current. Nothing was written.",
            "Read the record again, and repeat your change on what is there now.",
        ),
        Problem(
            "idempotency_mismatch",
            422,
            "The Idempotency-Key belongs to another request",
            "The same key came with another body or address within the last 24 hours. Nothing was written.",
            "Send another Idempotency-Key with another body.",
        ),
        Problem(
            "version_needed",
            428,
            "Say which version you changed",
            "PUT, PATCH and DELETE need If-Match, so that nobody overwrites what they have not seen.",
            "Send If-Match with the ETag that you read, or * to overwrite whatever is there.",
        ),
        Problem(
            "not_acceptable",
            406,
            "No such representation",
            "The Accept header names only formats that this address does not have.",
            "The OpenAPI document lists the formats.",
        ),
        Problem(
            "body_too_large",
            413,
            "The body is too large",
            "The body has more bytes than are read.",
            "Send less at once.",
        ),
        Problem(
            "unsupported_media_type",
            415,
            "The body is of a kind that is not read here",
            "The Content-Type header names something else than JSON.",
            "Send application/json.",
        ),
        Problem(
            "too_many_requests",
            429,
            "Too many requests",
            "The key was given a rate, and asked more often; or a proxy before the service limits requests.",
            "Wait as long as Retry-After says.",
        ),
        Problem(
            "too_many_exports",
            429,
            "Too many exports at once",
            "The caller, or the service, sends as many files as may be sent at a time.",
            "Wait until one of them has ended.",
        ),
        Problem(
            "internal",
            500,
            "Something is broken here",
            "A fault of the service, not of the request.",
            "It was noted under the request id. Try again later.",
        ),
        Problem(
            "unavailable",
            503,
            "The service cannot answer now",
            "The database cannot be reached, restarts, or has no connection to spare.",
            "Try again in a moment.",
        ),
        Problem(
            "too_slow",
            503,
            "The answer takes too long",
            "The database gave up the statement at its time limit.",
            "Ask for less. What could be narrowed is listed under errors.",
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
