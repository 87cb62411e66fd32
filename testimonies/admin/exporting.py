"""What a list of testimonies shows, as one file: asked for with a purpose, recorded, streamed, as the API does."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from testimonies.access import Actor
from testimonies.admin.actors import writer
from testimonies.errors import DomainError, InvalidParameter, InvalidParameters
from testimonies.projections.shapes import TestimonySummary
from testimonies.selectors import documents, exports
from testimonies.selectors.exports import Listing
from testimonies.selectors.pages import Order, Request, Step
from testimonies.selectors.parameters import Query
from testimonies.selectors.sql import Sql
from testimonies.services import exports as services
from testimonies.values import webquery

FORMATS = {
    "xlsx": "a spreadsheet (xlsx)",
    "csv": "comma-separated values (csv)",
    "ndjson": "JSON lines (ndjson)",
    "ris": "citations (RIS)",
    "bibtex": "citations (BibTeX)",
}
NEWEST_FIRST = (
    Step(Order("updated_at", "timestamptz"), descending=True),
    Step(Order("testimony_id", "uuid"), descending=True),
)


def export(request: HttpRequest, rows: QuerySet[Any]) -> HttpResponseBase:
    """The rows' documents. Whatever is refused is told on the list."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    by, style = writer(request), request.POST.get("format", "")
    listed = HttpResponseRedirect(f"{reverse('admin:testimonies_testimony_changelist')}?{request.GET.urlencode()}")
    if style not in FORMATS:
        messages.error(request, "Choose one of the formats.")
        return listed
    listing, names = _listing(rows, style, by), sorted({*request.GET} - {"p", "o"})
    try:
        body = services.Body(
            services.send(
                lambda count: exports.file(listing, count),
                lambda: services.begin(
                    listing.name, style, names, request.get_full_path(), by=by, purpose=request.POST.get("purpose", "")
                ),
                by=by,
                broken_off=exports.BROKEN_OFF.get(style, b""),
            )
        )
    except InvalidParameters as refused:
        messages.error(request, " ".join(map(_detail, refused.errors)))
        return listed
    except DomainError as refusal:
        messages.error(request, refusal.detail)
        return listed
    response: HttpResponse | StreamingHttpResponse
    response = StreamingHttpResponse(body, content_type=exports.MEDIA_TYPES[style])
    response.headers["Content-Disposition"] = f'attachment; filename="{exports.name_of(listing)}"'
    return response


def _detail(error: InvalidParameter) -> str:
    return error.detail


def _listing(rows: QuerySet[Any], style: str, by: Actor) -> Listing:
    """Of the documents that the API would give the same person: the list's own condition, behind the same door."""
    text, parameters = rows.order_by().values("pk").query.sql_with_params()
    query = Query((Sql(f"testimony_id IN ({text})", parameters),), webquery.Query(), Request(NEWEST_FIRST), style)
    found = documents.cited_rows(query, by)[0] if style in exports.CITATIONS else documents.testimony_rows(query, by)
    return Listing("testimonies", TestimonySummary, query, lambda query: documents.testimonies(query, by), found)
