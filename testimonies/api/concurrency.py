"""ETags, conditional requests and compression (RFC 9110). Whether something may be seen is asked before whether it changed."""

import gzip
import hashlib
from typing import Any

from django.http import HttpResponse

from testimonies.access import Actor, Tier
from testimonies.errors import VersionNeeded
from testimonies.selectors.documents import Document

LARGE = 8_000
"""Bytes from which an answer is worth compressing."""


def of_document(document: Document) -> str:
    """The digest of the tier's document; at restricted the record's version stands before it, for If-Match.

    Of the whole body: what was changed and changed back differs by `updated_at` alone.
    """
    digest = _digest(document.body)
    return f'"{digest}"' if document.version is None else f'"{document.version}-{digest}"'


def of_body(body: bytes) -> str:
    """The digest of the answer itself: right by construction, whatever the answer was made of."""
    return f'"{_digest(body)}"'


def of_parts(*parts: str) -> str:
    """The digest of what stands for an answer, part by part: there is another one whenever the answer is another."""
    return of_body("\0".join(parts).encode())


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def matches(header: str, etag: str) -> bool:
    """If-None-Match compares weakly."""
    return header.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in header.split(",")}


def if_match(request: Any) -> int | None:
    """The version that a change was made on, from an ETag of the restricted tier; None for `*`, which overwrites out loud.

    Errors: VersionNeeded without the header; Overtaken's own answer is decided by the service, under the lock.
    """
    header = request.META.get("HTTP_IF_MATCH", "").strip()
    if not header:
        raise VersionNeeded
    if header == "*":
        return None
    version = header.removeprefix("W/").strip('"').partition("-")[0]
    # an ETag of another tier, or of nothing, has no version that could be the current one
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0


def written(body: bytes, etag: str, status: int) -> HttpResponse:
    """What was written, read again; never kept by anybody."""
    response = HttpResponse(body, status=status, content_type="application/json")
    response.headers["ETag"] = etag
    response.headers["Vary"] = "Authorization"
    response.headers["Cache-Control"] = "no-store"
    return response


def answer(request: Any, body: bytes, etag: str, content_type: str = "application/json") -> HttpResponse:
    """The body, or 304 where the caller has it already; compressed where it is large and the caller can read that.

    What is compressed has other bytes, so its ETag is weak.
    """
    is_compressed = len(body) >= LARGE and reads_gzip(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    etag = f"W/{etag}" if is_compressed else etag
    if (header := request.META.get("HTTP_IF_NONE_MATCH")) is not None and matches(header, etag.removeprefix("W/")):
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
    else:
        # the fastest level: a list of fifty shrinks to a fifth in a millisecond
        response = HttpResponse(gzip.compress(body, 1, mtime=0) if is_compressed else body, content_type=content_type)
        if is_compressed:
            response.headers["Content-Encoding"] = "gzip"
    actor: Actor = request.user
    response.headers["ETag"] = etag
    response.headers["Vary"] = "Authorization, Accept-Encoding"
    response.headers["Cache-Control"] = "private, no-cache" if actor.tier == Tier.PUBLIC else "no-store"
    return response


def reads_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header allows gzip."""
    for offer in header.lower().split(","):
        name, _, weight = offer.partition(";")
        if name.strip() == "gzip":
            return not weight.strip() or weight.strip().removeprefix("q=").strip("0.") != ""
    return False
