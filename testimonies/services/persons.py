"""Acts on persons: somebody who testifies."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability, Tier
from testimonies.models import Person, PersonExternalId, PersonName
from testimonies.services import records
from testimonies.services.acts import act

FIELDS = frozenset(
    ["name", "name_kind", "gender", "nationality", "residence_before", "origin_stated", "disclosure", "tier",
     "raised", "missing"],
)  # fmt: skip
"""What an act may set; `other_names` and `external_ids` are set as whole lists."""


@act(Capability.DRAFT)
def create(*, by: Actor, **values: Any) -> Person:
    person = Person(created_by_id=by.user_id)
    return _store(person, values)


@act(Capability.DRAFT)
def change(person_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Person:
    """Errors: NotFound, Overtaken, Invalid; NotAllowedNow where a coder would change what is published."""
    projections.lock(person=[person_id], tiers=True)
    person = records.at_version(records.find(Person, person_id, by=by), version)
    records.check_draft(person, by=by)
    return _store(person, values)


@act(Capability.DRAFT)
def remove(person_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: InUse, as long as a testimony is theirs."""
    projections.lock(person=[person_id], tiers=True)
    person = records.at_version(records.find(Person, person_id, by=by), version)
    records.check_draft(person, by=by, may_hide=False)
    records.delete(person, by=by)


def _store(person: Person, values: dict[str, Any]) -> Person:
    names, external_ids = values.pop("other_names", None), values.pop("external_ids", None)
    is_new = person._state.adding  # noqa: SLF001 - Django's own word for it
    records.put(person, values, FIELDS)
    records.store(person)
    if names is not None:
        _set_names(person, names)
    if external_ids is not None:
        records.set_external_ids(PersonExternalId, person, external_ids)
    return person if is_new or (names is None and external_ids is None) else records.touched(person)


def _set_names(person: Person, names: Iterable[dict[str, Any]]) -> None:
    wanted = list(names)
    there = [{"value": name.value, "kind": name.kind, "tier": name.tier} for name in person.other_names.order_by("pk")]
    if there == [{"tier": Tier.RESTRICTED, **name} for name in wanted]:
        return  # nothing for the history to tell
    person.other_names.all().delete()
    for name in wanted:
        records.store(PersonName(person=person, **name), pointer="/other_names")
