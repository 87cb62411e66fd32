"""Acts on clearances: on what basis and for which uses a testimony may be used."""

from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import Invalid, NotAllowedNow
from testimonies.models import Clearance
from testimonies.services import records
from testimonies.services.acts import act

FIELDS = frozenset(["basis", "uses", "starts_at", "ends_at", "withdrawn_at", "evidence", "reviewed_by"])


@act(Capability.CURATE)
def create(testimony_id: UUID, *, by: Actor, **values: Any) -> Clearance:
    """Errors: NotFound, Invalid."""
    projections.lock(testimony=[testimony_id])
    clearance = Clearance(testimony=records.find_open(testimony_id, by=by), created_by_id=by.user_id)
    return _store(clearance, values)


@act(Capability.CURATE)
def change(testimony_id: UUID, clearance_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Clearance:
    """Withdrawing it is one such change, and is not taken back. Errors: NotFound, Overtaken, Invalid."""
    projections.lock(testimony=[testimony_id])
    testimony = records.find_open(testimony_id, by=by)
    return _store(records.part(Clearance, clearance_id, testimony, version), values)


@act(Capability.CURATE)
def remove(testimony_id: UUID, clearance_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: NotFound, Overtaken; NotAllowedNow, once something was published on it."""
    projections.lock(testimony=[testimony_id])
    testimony = records.find_open(testimony_id, by=by)
    clearance = records.part(Clearance, clearance_id, testimony, version)
    if testimony.published_at is not None:
        raise NotAllowedNow("What was published rests on it. Withdraw the clearance instead: set withdrawn_at.")
    records.delete(clearance, by=by)


def _store(clearance: Clearance, values: dict[str, Any]) -> Clearance:
    withdrawn_at = clearance.withdrawn_at
    records.put(clearance, values, FIELDS)
    errors = []
    if withdrawn_at and (clearance.withdrawn_at is None or clearance.withdrawn_at > withdrawn_at):
        errors.append(
            ("/withdrawn_at", "stays_withdrawn", "What was withdrawn stays so. Enter a new clearance if there is one.")
        )
    if clearance.ends_at is not None and clearance.ends_at <= clearance.starts_at:
        errors.append(("/ends_at", "not_after_start", "A clearance ends after it starts."))
    if errors:
        raise Invalid(*errors)
    return records.store(clearance)
