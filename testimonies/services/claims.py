"""Acts on claims: what one source reports about one field of a testimony."""

from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.models import Claim, Source
from testimonies.services import records
from testimonies.services.acts import act

FIELDS = frozenset(["field", "value", "note", "is_preferred", "position", "tier"])


@act(Capability.DRAFT)
def create(testimony_id: UUID, *, by: Actor, **values: Any) -> Claim:
    """Errors: NotFound, NotAllowedNow, Invalid."""
    _lock(testimony_id, values.get("source_id"))
    testimony = records.find_open(testimony_id, by=by)
    last = records.next_position(testimony.claims.all())
    claim = Claim(testimony=testimony, position=last, created_by_id=by.user_id)
    return _store(claim, values, by=by)


@act(Capability.DRAFT)
def change(testimony_id: UUID, claim_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Claim:
    """Errors: NotFound, NotAllowedNow, Overtaken, Invalid."""
    _lock(testimony_id, values.get("source_id"))
    testimony = records.find_open(testimony_id, by=by)
    return _store(records.part(Claim, claim_id, testimony, version), values, by=by)


@act(Capability.DRAFT)
def remove(testimony_id: UUID, claim_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: NotFound, NotAllowedNow, Overtaken."""
    _lock(testimony_id, None)
    records.delete(records.part(Claim, claim_id, records.find_open(testimony_id, by=by), version), by=by)


def _lock(testimony_id: UUID, source_id: UUID | None) -> None:
    """As of citations: who reports something of a testimony is seen from that testimony's tier."""
    projections.lock(testimony=[testimony_id], source=[source_id] if source_id else [], tiers=True)


def _store(claim: Claim, values: dict[str, Any], *, by: Actor) -> Claim:
    if "source_id" in values:
        source_id = values.pop("source_id")
        claim.source = None if source_id is None else records.related(Source, source_id, "source_id", by=by)
    records.put(claim, values, FIELDS)
    if claim.is_preferred:  # at most one of a field is
        others = Claim.objects.filter(testimony=claim.testimony, field=claim.field, is_preferred=True)
        others.exclude(pk=claim.pk).update(is_preferred=False)
    return records.store(claim)
