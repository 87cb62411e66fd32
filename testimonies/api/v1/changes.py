"""/api/v1/changes/: what other apps follow, so that they show what may be shown and nothing that may be shown no more."""

import json
import threading
import time
from typing import Annotated, Any, TypedDict

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from rest_framework.views import APIView

from testimonies.access import Actor
from testimonies.api import concurrency, stopping
from testimonies.api.permissions import KeyAuthentication
from testimonies.api.saying import says
from testimonies.projections.shapes import Day, Described, Id, TestimonySummary
from testimonies.selectors import changes, filters, parameters
from testimonies.selectors.changes import Changes
from testimonies.selectors.filters import Context
from testimonies.selectors.parameters import Asked, WholeNumber

LONGEST = 30
"""Seconds."""
PAUSE = 0.5
"""Seconds between two looks: so much later than the commit a waiting caller may know of a change."""
LATER = "5"
"""Seconds after which a caller for whom there is no place to wait should ask again."""


class Tombstone(TypedDict):
    """A testimony that is shown to the caller no more. Why is not said."""

    id: Annotated[Id, Described("The testimony. Remove what you keep of it.")]
    day: Annotated[Day, Described("The day on which it went, UTC.")]


class ChangesPage(TypedDict):
    """What changed for the caller since the cursor; each testimony is in it once."""

    testimonies: Annotated[
        list[TestimonySummary], Described("To be added, or to replace what the caller has by the same id.")
    ]
    tombstones: Annotated[list[Tombstone], Described("To be removed.")]
    next_cursor: Annotated[str, Described("Give it as `after` next time, whether or not anything changed.")]
    has_more: Annotated[bool, Described("Whether there is more at once.")]


class ChangesView(APIView):
    """What changed in the list of testimonies that the caller may see: what came or changed, and what is shown no more.

    Without `after` it is the whole list, page by page. Whoever applies every page has what the list has: also what merely began or
    ended is told, and no change is missed, however late it is committed. With `wait`, an empty answer is put off until something
    changes. Where too many wait already, it comes at once with Retry-After.
    """

    http_method_names = ["get", "head"]
    operation = "list_changes"
    summary = "Follow the changes"
    shape = ChangesPage
    asked = (
        Asked("after", "`next_cursor` of the answer before; none: from the beginning.", filters.as_written),
        Asked("page_size", "Changes on a page, at most. Default: 50.", WholeNumber(1, parameters.MAX_PAGE)),
        Asked("wait", "Seconds to wait for a change, if there is none yet. Default: 0.", WholeNumber(0, LONGEST)),
    )

    @says("list_changes", "Follow the changes", shape=ChangesPage)
    def get(self, request: Any) -> HttpResponse:
        given = parameters.read_asked(
            self.asked, dict(request._request.GET.lists()), Context(request.user, request.auth)
        )
        after, size = given.get("after"), given.get("page_size", 50)
        found = changes.page(after, size, request.user)
        is_refused = False
        if given.get("wait", 0) and not _is_some(found):
            is_refused = not _places.acquire(blocking=False)
            if not is_refused:
                try:
                    found = self._wait(request, found, size, time.monotonic() + given["wait"])
                finally:
                    _places.release()
        body = _body(found)
        response = concurrency.answer(request, body, concurrency.of_body(body))
        if is_refused:
            response.headers["Retry-After"] = LATER
        return response

    def _wait(self, request: Any, found: Changes, size: int, until: float) -> Changes:
        """Looks again and again, as whoever the key makes the caller by then. Between two looks it holds no connection."""
        while not _is_some(found) and (left := until - time.monotonic()) > 0:
            if not connection.in_atomic_block:
                connection.close()  # back into the pool
            if not stopping.pause(min(PAUSE, left)):
                break
            actor: Actor = KeyAuthentication().again(request)
            found = changes.page(found.next_cursor, size, actor)
        return found


def _is_some(found: Changes) -> bool:
    return bool(found.testimonies or found.tombstones or found.has_more)


def _body(found: Changes) -> bytes:
    tombstones = [{"id": testimony_id, "day": day} for testimony_id, day in found.tombstones]
    rest = {"tombstones": tombstones, "next_cursor": found.next_cursor, "has_more": found.has_more}
    return f'{{"testimonies":[{",".join(found.testimonies)}],{json.dumps(rest, separators=(",", ":"))[1:]}'.encode()


_places = threading.BoundedSemaphore(settings.CHANGES_WAITING)
"""So many of this process's threads may wait: the others answer everybody else."""
