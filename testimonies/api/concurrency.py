"""ETags and conditional requests (RFC 9110). Whether something may be seen is always asked before whether it changed."""

import hashlib
from typing import Any

from django.http import HttpResponse

from testimonies.access import Actor, Tier
from testimonies.selectors.documents import Document


def of_document(document: Document) -> str:
    """The digest of the tier's document; at restricted the record's version stands before it, for If-Match.

    Of the whole body: what was changed and changed back differs by `updated_at` alone.
    """
    digest = _digest(document.body)
    return f'"{digest}"' if document.version is None else f'"{document.version}-{digest}"'


def of_body(body: bytes) -> str:
    """The digest of the answer itself: right by construction, whatever the answer was made of."""
    return f'"{_digest(body)}"'


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def matches(header: str, etag: str) -> bool:
    """If-None-Match compares weakly."""
    return header.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in header.split(",")}


def answer(request: Any, body: bytes, etag: str, content_type: str = "application/json") -> HttpResponse:
    """The body, or 304 where the caller has it already."""
    if (header := request.META.get("HTTP_IF_NONE_MATCH")) is not None and matches(header, etag):
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
    else:
        response = HttpResponse(body, content_type=content_type)
    actor: Actor = request.user
    response.headers["ETag"] = etag
    response.headers["Vary"] = "Authorization"
    response.headers["Cache-Control"] = "private, no-cache" if actor.tier == Tier.PUBLIC else "no-store"
    return response
