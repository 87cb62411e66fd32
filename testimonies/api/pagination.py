"""A page of ready documents as the list's answer, with links to its neighbours."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from testimonies.api import concurrency, exporting
from testimonies.selectors import pages
from testimonies.selectors.exports import Listing
from testimonies.selectors.filters import Context
from testimonies.selectors.parameters import Declared, Query, read


def query_of(request: Any, declared: Declared) -> Query:
    values = dict(request._request.GET.lists())
    return read(declared, values, Context(request.user, request.auth))


def listed(request: Any, listing: Listing) -> HttpResponseBase:
    """A page of the list, or all of it as a file."""
    if listing.query.is_of_pages:
        return respond(request, listing.page(listing.query))
    return exporting.respond(request, listing)


def respond(request: Any, page: pages.Page) -> HttpResponse:
    head = pages.head(
        page,
        next_link=_link(request, page.next_cursor),
        previous_link=_link(request, page.previous_cursor),
        count_of="" if page.count is None else _count_of(request),
    )
    body = pages.envelope(head, page.items)
    etag = concurrency.of_body(body) if page.stamps is None else concurrency.of_parts(head, *page.stamps)
    return concurrency.answer(request, body, etag)


def _count_of(request: Any) -> str:
    """Such as: testimonies of press-testimonies (people who spoke to named news outlets), for tier public."""
    actor, reference = request.user, request.auth
    asked = dict.fromkeys(request._request.GET.getlist("collection"))
    named = [slug for slug in asked if reference.has("collection", slug, actor.tier)]
    known = reference.populations
    of = " or ".join(f"{slug} ({known[slug]})" if known[slug] else slug for slug in named)
    kind = request.path.strip("/").rpartition("/")[2].replace("-", " ")
    return (
        f"{kind} of {of}, for tier {request.user.tier.label}" if of else f"{kind}, for tier {request.user.tier.label}"
    )


def _link(request: Any, cursor: str | None) -> str | None:
    """The address of this list with another cursor, everything else as it was."""
    if cursor is None:
        return None
    pairs = [(name, value) for name, values in request._request.GET.lists() for value in values if name != "cursor"]
    return f"{request.build_absolute_uri(request.path)}?{urlencode([*pairs, ('cursor', cursor)])}"
