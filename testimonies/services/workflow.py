"""Where a testimony stands on its way to publication, and who moves it on. The table below is all of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import DomainError, Forbidden, NotAllowedNow, OwnWork, Recognisable
from testimonies.models import Testimony
from testimonies.models.testimonies import Status
from testimonies.selectors import authorship, recognition
from testimonies.services import acts, records
from testimonies.services.acts import act
from testimonies.services.importing import forgetting


@dataclass(frozen=True, slots=True)
class Step:
    """One step that the workflow has from here: allowed now to this actor, or why not."""

    to: Status
    refusal: DomainError | None = None

    @property
    def allowed(self) -> bool:
        return self.refusal is None

    @property
    def may_be_accepted(self) -> bool:
        """Whether the actor may take it all the same, with a reason of their own (`accept_recognition`)."""
        return isinstance(self.refusal, Recognisable)

    @property
    def reason(self) -> str:
        return "" if self.refusal is None else self.refusal.detail


def steps(testimony: Testimony, by: Actor) -> list[Step]:
    """What may come next, and why what may not does not."""
    return [Step(way.to, _refusal(way, testimony, by)) for way in _ways_from(testimony.status)]


@act(Capability.DRAFT)
def move(
    testimony_id: UUID,
    *,
    by: Actor,
    to: str,
    note: str = "",
    accept_recognition: str = "",
    version: int | None = None,
) -> Testimony:
    """Take the step. Errors: Forbidden, NotFound, Overtaken; NotAllowedNow, OwnWork or Recognisable, with the reason.

    note                Why, for the history of the record.
    accept_recognition  Why somebody who could be recognised is published all the same; for the history too.
    """
    if not any(by.may(way.capability) for way in WAYS if way.to == to):
        raise Forbidden  # whatever the record
    projections.lock(testimony=[testimony_id])
    testimony = records.at_version(records.find(Testimony, testimony_id, by=by), version)
    way = next((way for way in _ways_from(testimony.status) if way.to == to), None)
    if way is None:
        raise NotAllowedNow(_no_way(testimony.status))
    refusal = _refusal(way, testimony, by)
    is_accepted = isinstance(refusal, Recognisable) and bool(accept_recognition.strip())
    if refusal is not None and not is_accepted:
        raise refusal
    accepted = f"Recognition accepted: {accept_recognition.strip()}" if is_accepted else ""
    acts.explain(by, "\n".join(filter(None, (note, accepted))))
    moment = {"published_at": Now()} if to == Status.PUBLISHED else {}
    Testimony.objects.filter(pk=testimony.pk).update(status=to, **moment)
    if to == Status.WITHDRAWN:
        forgetting.forget(testimonies=[testimony.pk])
    testimony.refresh_from_db()
    return testimony


# --- Conditions: what is missing, in words; nothing when it holds ----------------------------------------------------


def _is_cleared(testimony: Testimony) -> str:
    now = Q(starts_at__lte=Now()) & (Q(ends_at=None) | Q(ends_at__gt=Now()))
    if testimony.clearances.filter(now & (Q(withdrawn_at=None) | Q(withdrawn_at__gt=Now()))).exists():
        return ""
    return "No clearance covers it now. Enter one first."


def _has_words(testimony: Testimony) -> str:
    missing = [name for name in ("title", "summary") if not getattr(testimony, name).strip()]
    return f"It has no {' and no '.join(missing)}." if missing else ""


def _is_of_another(testimony: Testimony, by: Actor) -> DomainError | None:
    """Nobody publishes what they entered or since changed, were it one row that the document shows (docs/adr/0010)."""
    if by.user_id is None:
        return NotAllowedNow("Publish with a key of an account, so that it is known that two people have seen it.")
    rows = [testimony, testimony.person, testimony.membership]
    if any(row is not None and row.created_by_id == by.user_id for row in rows):
        return OwnWork()
    parts = (testimony.texts, testimony.citations, testimony.claims, testimony.clearances)
    first, *others = (part.filter(created_by_id=by.user_id).values("pk") for part in parts)
    is_own = first.union(*others, all=True).exists() or authorship.has_changed(testimony, by.user_id)
    return OwnWork() if is_own else None


# --- The table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Way:
    start: Status
    to: Status
    capability: Capability
    conditions: tuple[Callable[[Testimony], str], ...] = ()
    needs_another: bool = False


WAYS = (
    Way(Status.DRAFT, Status.IN_REVIEW, Capability.DRAFT),
    Way(Status.IN_REVIEW, Status.PUBLISHED, Capability.PUBLISH, (_is_cleared, _has_words), needs_another=True),
    Way(Status.IN_REVIEW, Status.DRAFT, Capability.REVIEW),
    Way(Status.PUBLISHED, Status.DRAFT, Capability.DRAFT),  # hiding is always allowed, alone and at once
    *(
        Way(start, Status.WITHDRAWN, Capability.WITHDRAW)
        for start in (Status.DRAFT, Status.IN_REVIEW, Status.PUBLISHED)
    ),
)


def _ways_from(status: str) -> Iterator[Way]:
    return (way for way in WAYS if way.start == status)


def _refusal(way: Way, testimony: Testimony, by: Actor) -> DomainError | None:
    if not by.may(way.capability):
        return Forbidden()
    if way.needs_another and (refusal := _is_of_another(testimony, by)):
        return refusal
    if reasons := " ".join(found for condition in way.conditions if (found := condition(testimony))):
        return NotAllowedNow(reasons)
    # last, since it alone can be accepted
    return Recognisable() if way.to == Status.PUBLISHED and recognition.is_recognisable(testimony.pk) else None


def _no_way(status: str) -> str:
    words = [str(Status(way.to).value) for way in _ways_from(status)]
    return f"It is {status}. From there it goes to: {', '.join(words) or 'nowhere'}."
