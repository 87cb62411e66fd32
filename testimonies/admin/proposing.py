"""What is published is frozen: a refused form keeps what was typed and offers both ways on (docs/adr/0020).

The same form is sent again by another button: as a correction, which a second person approves, or after the testimony was
sent back to draft.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from testimonies.access import Actor
from testimonies.admin.actors import writer
from testimonies.admin.naming import address
from testimonies.admin.parts import refusals
from testimonies.errors import DomainError, NotAllowedNow
from testimonies.models import Correction, Testimony
from testimonies.models.base import Record
from testimonies.models.corrections import CorrectionState
from testimonies.models.testimonies import Status
from testimonies.selectors.visibility import visible
from testimonies.services import corrections, records
from testimonies.services.corrections import Proposal
from testimonies.services.together import Refused

PROPOSE, UNPUBLISH = "_propose", "_unpublish"
"""Names of the buttons."""
MOST_NAMED = 10
"""So many published testimonies that show a record are named on its refused form."""


def is_proposal(request: HttpRequest) -> bool:
    return PROPOSE in request.POST


def is_offered(request: HttpRequest) -> bool:
    return is_proposal(request) or any(refusal.may_be_proposed for refusal in refusals(request).values())


def send(request: HttpRequest, proposals: Callable[[], list[Proposal]]) -> None:
    """Propose what was typed. Errors: Refused."""
    by = writer(request)
    wanted = proposals()
    if not wanted:
        raise Refused({"": NotAllowedNow("Nothing was changed here, so there is nothing to propose.")})
    if not by.reason:
        raise Refused({"": NotAllowedNow("Say why it should be corrected, so that a second person can decide.")})
    try:
        request.proposed = corrections.create_all(wanted, by=by, reason=by.reason)  # type: ignore[attr-defined]
    except DomainError as error:
        raise Refused({"": error}) from None


def answer(request: HttpRequest) -> HttpResponse | None:
    """Where somebody goes who has just proposed."""
    found: list[Correction] = getattr(request, "proposed", [])
    if not found:
        return None
    what = "Your correction is" if len(found) == 1 else f"Your {len(found)} corrections are"
    messages.success(request, f"{what} proposed. Nothing has changed yet: another person decides.")
    there = address(found[0]) if len(found) == 1 else reverse("admin:testimonies_correction_changelist")
    return HttpResponseRedirect(there)


def shown_by(record: Record, request: HttpRequest) -> list[Testimony]:
    """Published testimonies that show a shared record: those that would have to go back to draft."""
    seen = visible(Testimony, writer(request)).filter(pk__in=records.needed_by(record).values("pk"))
    return list(seen.filter(status=Status.PUBLISHED).order_by("ref")[: MOST_NAMED + 1])


def stays_with(testimony: Testimony, by: Actor) -> bool:
    """Whether somebody still sees it once it is a draft. A coder who does not would hide it and save nothing."""
    return by.sees_every_state or (by.user_id is not None and testimony.created_by_id == by.user_id)


def counted(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Records with `open_corrections`: how many of each, or of its parts, wait for somebody to decide."""
    owner = str(rows.model._meta.model_name)
    waiting = Correction.objects.filter(state=CorrectionState.PROPOSED, **{owner: OuterRef("pk")}).order_by()
    numbers = waiting.values(owner).annotate(n=Count("pk")).values("n")
    found: QuerySet[Any] = rows.annotate(open_corrections=Coalesce(Subquery(numbers), 0))
    return found
