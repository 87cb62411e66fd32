"""POST, PUT, PATCH and DELETE of one record: shape here, rules in the service, then the record is read again as the caller may see it."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers

from testimonies.api import concurrency, parsing
from testimonies.errors import NotFound
from testimonies.selectors.filters import as_uuid


class WriteMixin:
    """`service` has create, change and remove; `write` declares the body. Mixed into a ReadViewSet."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "put", "patch", "delete"]
    service: ClassVar[ModuleType]
    write: ClassVar[type[serializers.Serializer]]

    def create(self, request: Any) -> HttpResponse:
        values = parsing.read(self.write, request.data)
        record = self.service.create(by=request.user, **values)
        return self._read_again(request, record.pk, status=201)

    def update(self, request: Any, pk: str) -> HttpResponse:
        """All fields: what is left out takes its default."""
        values = parsing.read(self.write, request.data)
        return self._change(request, pk, values)

    def partial_update(self, request: Any, pk: str) -> HttpResponse:
        """Some fields: what is left out stays."""
        values = parsing.read(self.write, request.data, partial=True)
        return self._change(request, pk, values)

    def destroy(self, request: Any, pk: str) -> HttpResponse:
        version = concurrency.if_match(request)
        self.service.remove(record_id(pk), by=request.user, version=version)
        return HttpResponse(status=204)

    def _change(self, request: Any, pk: str, values: Mapping[str, Any]) -> HttpResponse:
        version = concurrency.if_match(request)
        record = self.service.change(record_id(pk), by=request.user, version=version, **values)
        return self._read_again(request, record.pk, status=200)

    def _read_again(self, request: Any, pk: UUID, *, status: int) -> HttpResponse:
        """Through the door, at a clock that has seen the write."""
        document = self.document(request, str(pk))  # type: ignore[attr-defined]
        response = concurrency.written(document.body, concurrency.of_document(document), status)
        if status == 201:
            response.headers["Location"] = f"{request.path}{pk}/"
        return response


def record_id(pk: str) -> UUID:
    """Writes name a record by its id alone."""
    found = as_uuid(pk)
    if found is None:
        raise NotFound
    return found
