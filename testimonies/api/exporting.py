"""A list as one file: streamed, of everything that the caller may see, with its purpose where that is more than public."""

import json
import zlib
from collections.abc import Generator, Iterable, Iterator
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from testimonies.access import Tier
from testimonies.api import concurrency
from testimonies.errors import PurposeRequired
from testimonies.selectors import exports
from testimonies.selectors.exports import Listing
from testimonies.services import exports as services


def respond(request: Any, listing: Listing) -> HttpResponseBase:
    """Errors: PurposeRequired, TooManyExports; and whatever the list refuses, before the first byte is sent."""
    style, name = listing.query.format, exports.name_of(listing)
    if request.method == "HEAD":
        return headed(HttpResponse(content_type=media_type(style)), name)
    asked = json.dumps([request.path, sorted(request._request.GET.lists())])
    purpose, by = purpose_of(request), request.user
    pieces = services.send(
        lambda count: exports.file(listing, count),
        lambda: services.begin(listing.name, style, listing.query.names, asked, by=by, purpose=purpose),
        by=by,
        broken_off=exports.BROKEN_OFF.get(style, b""),
    )
    return send(request, pieces, media_type(style), name)


def media_type(style: str) -> str:
    return exports.MEDIA_TYPES[style] + ("; charset=utf-8; header=present" if style == "csv" else "")


def purpose_of(request: Any) -> str:
    """The Export-Purpose header: printable characters in UTF-8. Errors: PurposeRequired, where it is none."""
    if request.user.tier == Tier.PUBLIC:
        return ""
    try:
        return str(request.META.get("HTTP_EXPORT_PURPOSE", "")).encode("latin-1").decode("utf-8")
    except UnicodeError:
        raise PurposeRequired from None


def send(request: Any, pieces: Generator[bytes], content_type: str, name: str) -> HttpResponseBase:
    """The answer, once its first piece is there: what is refused before is a problem like any other."""
    body = services.Body(pieces)
    is_compressed = concurrency.reads_gzip(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    body.pieces = _zipped(body.pieces) if is_compressed else body.pieces
    response = StreamingHttpResponse(body, content_type=content_type)
    if is_compressed:
        response.headers["Content-Encoding"] = "gzip"
    return headed(response, name)


def headed(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Vary"] = "Authorization, Accept-Encoding"
    response.headers["Cache-Control"] = "no-store"
    return response


def _zipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    squeeze = zlib.compressobj(1, wbits=31)
    for piece in pieces:
        if squeezed := squeeze.compress(piece):
            yield squeezed
    yield squeeze.flush()
