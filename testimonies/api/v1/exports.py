"""/api/v1/exports/: who took everything of a list and what for; and files that are asked for now and fetched later."""

import json
from typing import Annotated, Any, TypedDict
from urllib.parse import parse_qs

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.decorators import action

from testimonies import models
from testimonies.access import Capability, Tier
from testimonies.api import concurrency, exporting, parsing
from testimonies.api.parsing import Choice, Text
from testimonies.api.permissions import MayAsk
from testimonies.api.reading import ReadViewSet
from testimonies.api.saying import query as query_parameter
from testimonies.api.saying import says
from testimonies.api.v1 import fields
from testimonies.api.v1.codebooks import CodebookViewSet
from testimonies.api.v1.codes import CodeViewSet
from testimonies.api.v1.collections import CollectionViewSet
from testimonies.api.v1.figures import FigureViewSet
from testimonies.api.v1.groups import GroupViewSet
from testimonies.api.v1.persons import PersonViewSet
from testimonies.api.v1.sources import SourceViewSet
from testimonies.api.v1.testimonies import TestimonyViewSet
from testimonies.api.writing import record_id
from testimonies.errors import Invalid, InvalidParameters, NotFound
from testimonies.models.exports import ExportFormat, ExportState
from testimonies.projections.documents import instant
from testimonies.projections.shapes import Described, Id, Moment, TierWord, Uri, of
from testimonies.selectors import documents, exports, filters, packages, parameters, parts
from testimonies.selectors.exports import Listing
from testimonies.selectors.filters import Context, Filter, enumeration
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import FORMATS, Declared
from testimonies.selectors.sql import TRUE
from testimonies.services import exports as services
from testimonies.values import tokens

LISTS: dict[str, type[ReadViewSet]] = {
    view.declared.name: view
    for view in (
        TestimonyViewSet, PersonViewSet, SourceViewSet, GroupViewSet, CollectionViewSet, FigureViewSet, CodebookViewSet, CodeViewSet,
    )
}  # fmt: skip
PACKAGE = "package"
RESOURCES = [*((name, f"the list of {name}") for name in LISTS), (PACKAGE, "a data package of all of these")]
MAX_QUERY = 2_000
"""The link holds it."""


class Export(TypedDict):
    """That somebody took everything that a list had for them. Neither what it held nor the words it was chosen by are kept."""

    id: Annotated[Id, of(models.Export)]
    at: Annotated[Moment, of(models.Export)]
    by: Annotated[str, Described("Name of the account; empty where a key belongs to nobody's.")]
    key: Annotated[str, of(models.Export, "key_name")]
    tier: TierWord
    resource: Annotated[str, of(models.Export)]
    format: Annotated[str, Described(model=models.Export, choices=ExportFormat)]
    parameters: Annotated[list[str], of(models.Export)]
    purpose: Annotated[str, of(models.Export)]
    state: Annotated[str, Described(model=models.Export, choices=ExportState)]
    n_records: Annotated[int | None, of(models.Export)]
    n_downloads: Annotated[int, of(models.Export)]
    ended_at: Annotated[Moment | None, of(models.Export)]
    expires_at: Annotated[Moment | None, of(models.Export)]


class PreparedExport(TypedDict):
    """A file that can be fetched. It is made when it is fetched, of what the caller may see then."""

    id: Annotated[Id, of(models.Export)]
    link: Annotated[Uri, Described("Address of the file, for this caller alone. It is told only here.")]
    expires_at: Annotated[Moment, Described("Until when the link works.")]


ExportWriteSerializer = fields.body(
    "ExportWrite",
    "What to export, and what for.",
    resource=Choice(choices=RESOURCES, help_text="A list; or the data package."),
    query=Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=MAX_QUERY,
        help_text="Filters and ordering, as in the list's address: nationality=SY&ordering=title. The package takes none.",
    ),
    format=Choice(choices=ExportFormat.choices, help_text="What the file is to be; of the package: zip."),
    purpose=Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=500,
        help_text="What for, in a sentence that names nobody; needed above the public tier.",
    ),
)


class MayExport(MayAsk):
    """What others exported is for staff to know."""

    def has_permission(self, request: Any, view: Any) -> bool:
        is_done = request.method in view.allowed_methods  # where it is not, the view says 405
        is_account = is_done and view.action in {"list", "retrieve"}
        return super().has_permission(request, view) and (request.user.is_staff or not is_account)


class ExportViewSet(ReadViewSet):
    """Exports: of every file above the public tier who took it, when, as what and what for; and files to fetch later."""

    permission_classes = [MayExport]
    capability = Capability.READ
    http_method_names = ["get", "head", "post"]
    takes_idempotency_key = False
    noun = "export"
    write = ExportWriteSerializer
    shape = item = Export
    created_shape = PreparedExport
    rows = models.Export.objects.select_related("user")
    declared = Declared(
        name="exports",
        filters=(
            Filter("resource", "The list that was exported.", filters.as_written, filters.column("resource")),
            enumeration("state", "How far it came.", ExportState, filters.column("state")),
        ),
        orders={"at": Order("at", "timestamptz")},
        ordering="-at",
        key=Order("id", "uuid"),
    )

    def page(self, request: Any, query: parameters.Query) -> Page:  # noqa: ARG002
        return parts.page(self.rows.all(), _shown, TRUE, query)

    def document(self, request: Any, pk: str) -> documents.Document:  # noqa: ARG002
        return parts.document(self.rows.all(), _shown, TRUE, record_id(pk))

    def create(self, request: Any) -> HttpResponse:
        """Prepare a file. Nothing is stored: it is made when it is fetched, so that what was withdrawn meanwhile is not in it."""
        values = parsing.read(self.write, parsing.body(request))
        asked = json.dumps([values["resource"], values["query"], values["format"]])
        try:
            names = _names(request, values["resource"], values["query"], values["format"])
        except InvalidParameters as refused:
            raise Invalid(*(("/query", one.code, f"{one.parameter}: {one.detail}") for one in refused.errors)) from None
        record = services.prepare(
            values["resource"], values["format"], names, asked, by=request.user, purpose=values["purpose"]
        )
        token = tokens.seal(asked, secret=settings.SECRET_KEY, purpose="exports")
        address = f"/api/v1/exports/{record.pk}/"
        shown: PreparedExport = {
            "id": str(record.pk),
            "link": f"{request.build_absolute_uri(address)}file/?token={token}",
            "expires_at": instant(record.expires_at),  # type: ignore[arg-type]  # a prepared one has it
        }
        document = parts.made(shown, None)
        response = concurrency.written(document.body, concurrency.of_document(document), 201)
        response.headers["Location"] = address
        return response

    @says(
        "get_export_file",
        "Get a prepared file",
        media_type="application/octet-stream",
        is_streamed=True,
        parameters=(
            query_parameter(
                "token",
                "From the link that was told when the file was prepared.",
                {"type": "string", "minLength": 1, "maxLength": parameters.MAX_CURSOR},
                required=True,
            ),
        ),
    )
    @action(detail=True, url_path="file", url_name="file")
    def get_file(self, request: Any, pk: str) -> HttpResponseBase:
        """What the caller may see now, as one file. The link works for whoever prepared it, until it expires."""
        token = parameters.only("token", dict(request._request.GET.lists()))
        try:
            asked = tokens.open_(token, secret=settings.SECRET_KEY, purpose="exports")
        except tokens.Unreadable:
            raise NotFound from None
        resource, query, style = json.loads(asked)
        name, file = _file(request, resource, query, style)
        if request.method == "HEAD":
            services.known(record_id(pk), asked, by=request.user)
            return exporting.headed(HttpResponse(content_type="application/octet-stream"), name)
        pieces = services.send(
            file,
            lambda: services.fetch(record_id(pk), asked, by=request.user),
            by=request.user,
            broken_off=exports.BROKEN_OFF.get(style, b""),
        )
        return exporting.send(request, pieces, "application/octet-stream", name)


def _listing(request: Any, resource: str, query: str, style: str) -> Listing:
    """Errors: InvalidParameters."""
    view = LISTS[resource]()
    values = parse_qs(query, keep_blank_values=True, max_num_fields=1_000)
    wanted = parameters.read(view.declared, {**values, "format": [style]}, Context(request.user, request.auth))
    return view.listing(request, wanted)


def _names(request: Any, resource: str, query: str, style: str) -> tuple[str, ...]:
    """Names of the parameters, once all of it was found to fit. Errors: Invalid, InvalidParameters."""
    if (resource == PACKAGE) != (style == ExportFormat.ZIP):
        raise Invalid(
            ("/format", "unfit", f"Take zip for the package, and one of {', '.join(FORMATS[1:])} for a list.")
        )
    if resource == PACKAGE:
        if query:
            raise Invalid(("/query", "unfit", "The package has everything: leave this out."))
        return ()
    if "format" in parse_qs(query, keep_blank_values=True):
        raise Invalid(("/query", "unfit", "The format stands beside the query: leave it out here."))
    return _listing(request, resource, query, style).query.names


def _file(request: Any, resource: str, query: str, style: str) -> tuple[str, Any]:
    """The file's name, and what makes its pieces."""
    if resource == PACKAGE:
        lists = {name: _listing(request, name, "", "csv") for name in LISTS}
        return "testimony-records.zip", lambda count: packages.file(lists, request.user, count)
    listing = _listing(request, resource, query, style)
    return exports.name_of(listing), lambda count: exports.file(listing, count)


def _shown(row: Any) -> Export:
    return {
        "id": str(row.pk),
        "at": instant(row.at),
        "by": row.user.username if row.user else "",
        "key": row.key_name,
        "tier": Tier(row.tier).label,
        "resource": row.resource,
        "format": row.format,
        "parameters": row.parameters,
        "purpose": row.purpose,
        "state": row.state,
        "n_records": row.n_records,
        "n_downloads": row.n_downloads,
        "ended_at": instant(row.ended_at) if row.ended_at else None,
        "expires_at": instant(row.expires_at) if row.expires_at else None,
    }
