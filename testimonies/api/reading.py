"""Lists and details of ready documents. A resource declares what it is; nothing here knows one resource from another."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.viewsets import ViewSet

from testimonies.api import concurrency, exporting, pagination
from testimonies.selectors import documents, parameters
from testimonies.selectors.exports import Listing
from testimonies.selectors.filters import Filter
from testimonies.selectors.pages import Order
from testimonies.selectors.parameters import Declared


class ReadViewSet(ViewSet):
    """GET of a list and of one record. `shape` and `item` are what one record and one list entry look like."""

    http_method_names: Sequence[str] = ["get", "head"]  # OPTIONS says nothing that the OpenAPI document does not
    lookup_value_regex = "[^/]+"
    noun: ClassVar[str]
    declared: ClassVar[Declared]
    shape: ClassVar[type]
    item: ClassVar[type]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """DRF ties the request and the view, which holds the answer, into rings: cut, or each waits for the collector."""
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            self.request.parser_context = {}
            self.__dict__.clear()

    def list(self, request: Any) -> HttpResponseBase:
        query = pagination.query_of(request, self.declared)
        if query.is_of_pages:
            return pagination.respond(request, self.page(request, query))
        return exporting.respond(request, self.listing(request, query))

    def retrieve(self, request: Any, pk: str) -> HttpResponse:
        parameters.nothing(dict(request._request.GET.lists()))
        document = self.document(request, pk)
        return concurrency.answer(request, document.body, concurrency.of_document(document))

    def listing(self, request: Any, query: parameters.Query) -> Listing:
        """All of the list, as exports read it."""
        return Listing(self.declared.name, self.item, query, partial(self.page, request))

    def page(self, request: Any, query: parameters.Query) -> Any:
        raise NotImplementedError

    def document(self, request: Any, pk: str) -> documents.Document:
        raise NotImplementedError


class SharedViewSet(ReadViewSet):
    """Persons, sources, groups, collections, figures, codebooks, codes: documents of projection_shared."""

    prefix: ClassVar[str] = ""
    """Prefix of the references by which records are found beside their ids; empty where there are none."""

    def listing(self, request: Any, query: parameters.Query) -> Listing:
        return replace(super().listing(request, query), rows=documents.shared_rows(self.noun, query, request.user))

    def page(self, request: Any, query: parameters.Query) -> Any:
        return documents.shared(self.noun, query, request.user)

    def document(self, request: Any, pk: str) -> documents.Document:
        return documents.shared_document(self.noun, pk, self.prefix, request.user)


def shared(name: str, filters: Sequence[Filter], formats: Sequence[str] = parameters.FORMATS) -> Declared:
    """What all lists of shared documents have in common."""
    return Declared(
        name=name,
        filters=filters,
        orders={"default": Order("sort_key", "text"), "updated_at": Order("updated_at", "timestamptz")},
        ordering="default",
        key=Order("record_id", "uuid"),
        formats=formats,
    )
