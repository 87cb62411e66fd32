"""Below /api/v1/codebooks/{id}/: the next version, the map to it, what differs, and what is to be coded anew."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, TypedDict
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.decorators import action

from testimonies import models
from testimonies.api import concurrency, pagination, parsing
from testimonies.api.parsing import StrictSerializer, Text
from testimonies.api.parts import StaffOnly
from testimonies.api.saying import query, says
from testimonies.api.v1 import fields
from testimonies.api.writing import record_id
from testimonies.errors import Invalid
from testimonies.projections import shapes
from testimonies.projections.shapes import Described
from testimonies.selectors import codebook_versions as versions
from testimonies.selectors import parameters, parts
from testimonies.selectors.exports import Listing
from testimonies.services import codebook_versions as services


class NextVersionWriteSerializer(StrictSerializer):
    """How the next version is called."""

    version = Text(max_length=20, help_text="The version of the new draft, such as 1.1.0.")


class MappedCodeWrite(StrictSerializer):
    """What a code of the version before becomes."""

    code = Text(max_length=80, help_text="Slug of the code in the version before.")
    into = serializers.ListField(
        child=Text(max_length=80), max_length=200, help_text="Slugs of the codes of this version that come from it."
    )


class CodebookMapWriteSerializer(StrictSerializer):
    """The whole map, as written. Whether a code was kept, renamed, merged, split or dropped follows from it."""

    codes = fields.whole_list(
        MappedCodeWrite,
        "Each code of the version before; one that is left out is dropped.",
        required=True,
        max_length=1_000,
    )


class CarryOverWriteSerializer(StrictSerializer):
    """From which version codes are carried over, so that nobody does it unawares."""

    follows = Text(max_length=20, help_text="The version before, as the map names it.")


class CarriedOver(TypedDict):
    """What was carried over, and what was not."""

    testimonies: Annotated[int, Described("Testimonies of which codes were carried over.")]
    codes: Annotated[int, Described("Consensus codes that became codes of this version.")]
    left: Annotated[int, Described("Consensus codes of the version before that remain: see recode/.")]


WITH = {
    **query("with", "Id of the other version. Its values are those before.", {"type": "string", "format": "uuid"}),
    "required": True,
}


class VersionsMixin:
    """Mixed into the view of codebooks."""

    @says("get_codebook_map", "Get a codebook's map", shape=versions.CodebookMap)
    @action(detail=True, url_path="map", url_name="map")
    def get_map(self, request: Any, pk: str) -> HttpResponse:
        """What became of each code of the version before, as far as the caller sees both."""
        parameters.nothing(dict(request._request.GET.lists()))
        return self._map(request, pk, concurrency.answer)

    @says(
        "replace_codebook_map", "Replace a codebook's map", shape=versions.CodebookMap, takes_if_match=True,
        body=CodebookMapWriteSerializer,
    )  # fmt: skip
    @get_map.mapping.put
    def replace_map(self, request: Any, pk: str) -> HttpResponse:
        """The whole map of a draft. Codes that are copied by next-version/ come from their originals until it is replaced."""
        rows = parsing.read(CodebookMapWriteSerializer, parsing.body(request))["codes"]
        into = {row["code"]: row["into"] for row in rows}
        if len(into) < len(rows):
            raise Invalid(("/codes", "repeated", "Name each code of the version before once."))
        version = concurrency.if_match(request)
        services.change_map(record_id(pk), by=request.user, version=version, into=into)
        return self._map(request, pk, lambda _, body, etag: concurrency.written(body, etag, 200))

    @says(
        "create_codebook_next_version", "Make a codebook's next version", shape=shapes.Codebook, status="201",
        body=NextVersionWriteSerializer,
    )  # fmt: skip
    @action(detail=True, methods=["post"], url_path="next-version")
    def next_version(self, request: Any, pk: str) -> HttpResponse:
        """Make a draft from a published version, with a copy of every code. A version has one next version."""
        values = parsing.read(NextVersionWriteSerializer, parsing.body(request))
        draft = services.begin_next(record_id(pk), by=request.user, edition=values["version"])
        response: HttpResponse = self._read_again(request, draft.pk, status=201)  # type: ignore[attr-defined]
        response.headers["Location"] = request.path.replace(f"{pk}/next-version/", f"{draft.pk}/")
        return response

    @says(
        "compare_codebook",
        "Compare a codebook with another version",
        shape=versions.CodebookComparison,
        parameters=(WITH,),
    )
    @action(detail=True)
    def compare(self, request: Any, pk: str) -> HttpResponse:
        """Codes that were added, removed, renamed, redefined or moved, with what differs before and after."""
        other = parameters.only("with", dict(request._request.GET.lists()))
        body = _body(versions.comparison(pk, other, request.user))
        return concurrency.answer(request, body, concurrency.of_body(body))

    @says("list_codebook_recode", "List what is to be coded anew", shape=versions.RecodeEntry, lists=versions.RECODE)
    @action(detail=True, permission_classes=[StaffOnly])
    def recode(self, request: Any, pk: str) -> HttpResponseBase:
        """Testimonies with consensus codes of the version before that were split or dropped: no one code takes them over."""
        query = pagination.query_of(request, versions.RECODE)
        page = partial(versions.recode, self._row(request, pk), actor=request.user)
        return pagination.listed(request, Listing(versions.RECODE.name, versions.RecodeEntry, query, page))

    @says("create_codebook_carry_over", "Carry consensus codes over", shape=CarriedOver, body=CarryOverWriteSerializer)
    @action(detail=True, methods=["post"], url_path="carry-over")
    def carry_over(self, request: Any, pk: str) -> HttpResponse:
        """Consensus codes of the version before become those that they were kept, renamed or merged into, in one act.

        Split and dropped ones stay, and recode/ lists them. It takes another person than the one who made this version.
        """
        values = parsing.read(CarryOverWriteSerializer, parsing.body(request))
        done = services.carry_over(record_id(pk), by=request.user, follows=values["follows"])
        body = _body(done._asdict())
        return concurrency.written(body, concurrency.of_body(body), 200)

    def _map(self, request: Any, pk: str, respond: Any) -> HttpResponse:
        codebook = self._row(request, pk)
        version = codebook.version if request.user.is_staff else None
        document = parts.made(versions.shown_map(codebook, request.user), version)
        found: HttpResponse = respond(request, document.body, concurrency.of_document(document))
        return found

    def _row(self, request: Any, pk: str) -> models.Codebook:
        """Through the door. Errors: NotFound, hidden or never there."""
        found = json.loads(self.document(request, pk).body)  # type: ignore[attr-defined]
        return models.Codebook.objects.select_related("follows").get(pk=UUID(found["id"]))


def _body(values: Mapping[str, Any]) -> bytes:
    return parts.made(values, None).body
