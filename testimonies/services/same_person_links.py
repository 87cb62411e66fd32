"""Acts on 'possibly the same person': anybody who drafts asks, an editor decides, and nothing merges by itself."""

from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import Invalid, NotAllowedNow, NotFound
from testimonies.models import Person, SamePersonLink
from testimonies.models.persons import LinkStatus
from testimonies.services import records
from testimonies.services.acts import act

FIELDS = frozenset(["status", "note"])


@act(Capability.DRAFT)
def create(*, by: Actor, person_id: UUID, other_id: UUID, note: str = "") -> SamePersonLink:
    """The question. Errors: Invalid; Exists, where it was asked before."""
    if person_id == other_id:
        raise Invalid(("/other_id", "same", "A link joins two people."))
    projections.lock(linked={"person": [person_id, other_id]})
    person = records.related(Person, person_id, "person_id", by=by)
    other = records.related(Person, other_id, "other_id", by=by)
    return records.store(SamePersonLink(person=person, other=other, note=note, created_by_id=by.user_id))


@act(Capability.CURATE)
def change(link_id: UUID, *, by: Actor, version: int | None, **values: Any) -> SamePersonLink:
    """The decision, which can be taken back. Errors: NotFound, Overtaken, NotAllowedNow."""
    link = _find(link_id, version, by=by)
    records.put(link, values, FIELDS)
    if link.other_id is None and link.status == LinkStatus.CONFIRMED:
        raise NotAllowedNow("The other record is not loaded yet. Decide when both are here.")
    return records.store(link)


@act(Capability.CURATE)
def remove(link_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: NotFound, Overtaken."""
    records.delete(_find(link_id, version, by=by), by=by)


def _find(link_id: UUID, version: int | None, *, by: Actor) -> SamePersonLink:
    """Whoever decides sees every person."""
    link = SamePersonLink.objects.select_for_update(no_key=True, of=("self",)).filter(pk=link_id).first()
    if link is None or not by.sees_every_state:
        raise NotFound
    return records.at_version(link, version)
