"""POST, PUT, PATCH and DELETE of one record: shape here, rules in the service, then the record is read again as the caller may see it."""

import functools
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from rest_framework import serializers

from testimonies.access import Capability
from testimonies.api import concurrency, parsing
from testimonies.errors import NotFound
from testimonies.selectors.filters import as_uuid
from testimonies.services import idempotency


class WriteMixin:
    """`service` has create, change and remove; `write` declares the body. Mixed into a ReadViewSet."""

    http_method_names: Sequence[str] = ["get", "head", "post", "put", "patch", "delete"]
    service: Any
    write: ClassVar[type[serializers.Serializer]]
    capability: ClassVar[Capability] = Capability.DRAFT
    noun: ClassVar[str]

    def create(self, request: Any) -> HttpResponse:
        """With an Idempotency-Key, the same request again answers with the record that the first one made."""
        once = _once(request)
        values = parsing.read(self.write, parsing.body(request))
        if once is None:
            pk = self.service.create(by=request.user, **values).pk
        else:
            create = functools.partial(self.service.create, by=request.user, **values)
            key, digest = once
            pk = idempotency.once(create, by=request.user, key=key, digest=digest, noun=self.noun)
        return self._read_again(request, pk, status=201)

    def update(self, request: Any, pk: str) -> HttpResponse:
        """All fields: what is left out takes its default. Whole lists of other rows, and the position, stay."""
        values = parsing.read(self.write, parsing.body(request))
        return self._change(request, pk, values)

    def partial_update(self, request: Any, pk: str) -> HttpResponse:
        """Some fields: what is left out stays."""
        values = parsing.read(self.write, parsing.body(request), partial=True)
        return self._change(request, pk, values)

    def destroy(self, request: Any, pk: str) -> HttpResponse:
        """Refused as long as others need the record."""
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


def _once(request: Any) -> tuple[str, bytes] | None:
    """The Idempotency-Key, if there is one, and a digest of the request that it came with."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not re.fullmatch(r"[\x21-\x7e]{1,200}", key):
        raise SuspiciousOperation("Idempotency-Key")
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    digest.update(request._request.body)
    return key, digest.digest()


def record_id(pk: str) -> UUID:
    """Writes name a record by its id alone."""
    found = as_uuid(pk)
    if found is None:
        raise NotFound
    return found
