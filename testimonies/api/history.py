"""What staff read of a record's past, and going back to it. Mixed into the views of whatever has an address of its own."""

import datetime as dt
import json
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.decorators import action

from testimonies.api import concurrency, pagination, parsing
from testimonies.api.parsing import StrictSerializer, Whole
from testimonies.api.parts import StaffOnly
from testimonies.api.saying import says
from testimonies.api.writing import record_id
from testimonies.selectors import history, parameters, past
from testimonies.selectors.documents import Document
from testimonies.selectors.exports import Listing
from testimonies.selectors.parameters import Declared
from testimonies.services import reverting


class RevertSerializer(StrictSerializer):
    """Which version to go back to."""

    version = Whole(
        min_value=1, max_value=2_147_483_647, help_text="A version that the record had, as its history names it."
    )


class HistoryMixin:
    """`history/`, `revert/` and `?as_of=` of records of one kind. For staff."""

    noun: ClassVar[str]
    past: ClassVar[Declared] = history.DECLARED

    def retrieve(self, request: Any, pk: str) -> HttpResponse:
        moment = _as_of(request)
        if moment is None:
            return super().retrieve(request, pk)  # type: ignore[misc,no-any-return]
        document = self.as_of(request, self._id(request, pk), moment)
        return concurrency.answer(request, document.body, concurrency.of_body(document.body))

    def as_of(self, request: Any, found: UUID, moment: dt.datetime) -> Document:  # noqa: ARG002
        return past.as_of(self.noun, found, moment)

    @says("get_{one}_history", "Get a {one}'s history", shape=history.HistoryEntry, lists=history.DECLARED)
    @action(detail=True, permission_classes=[StaffOnly])
    def history(self, request: Any, pk: str) -> HttpResponseBase:
        """What became of the record and of its parts, newest first: when, by whom, through what, why, field by field."""
        query, record = pagination.query_of(request, self.past), self._id(request, pk)
        page = partial(history.page, self.noun, record, actor=request.user)
        return pagination.listed(request, Listing(self.past.name, history.HistoryEntry, query, page))

    @says("revert_{one}", "Revert a {one}", body=RevertSerializer, takes_if_match=True)
    @action(detail=True, methods=["post"], permission_classes=[StaffOnly])
    def revert(self, request: Any, pk: str) -> HttpResponse:
        """Make a new version that says what an earlier one said. It is checked like any other change, and may be refused."""
        values = parsing.read(RevertSerializer, parsing.body(request))
        version = concurrency.if_match(request)
        record = reverting.revert(self.noun, record_id(pk), by=request.user, to=values["version"], version=version)
        return self._read_again(request, record.pk, status=200)  # type: ignore[attr-defined,no-any-return]

    def _id(self, request: Any, pk: str) -> UUID:
        """Through the door. Errors: NotFound, hidden or never there."""
        return UUID(json.loads(self.document(request, pk).body)["id"])  # type: ignore[attr-defined]


def _as_of(request: Any) -> dt.datetime | None:
    """The moment asked about. Below restricted there is no such parameter."""
    values = dict(request._request.GET.lists())
    if "as_of" not in values or not request.user.is_staff:
        return None
    return parameters.moment("as_of", values)
