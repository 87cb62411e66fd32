"""Acts on groups: organisations that people are said to have belonged to."""

from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.models import Group
from testimonies.services import records
from testimonies.services.acts import act

FIELDS = frozenset(["slug", "name", "description", "tier"])


@act(Capability.CURATE)
def create(*, by: Actor, **values: Any) -> Group:
    """Errors: Invalid, Exists."""
    projections.lock(group=[])
    return _store(Group(created_by_id=by.user_id), values)


@act(Capability.CURATE)
def change(group_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Group:
    """Errors: NotFound, Overtaken, Invalid, Exists."""
    projections.lock(group=[group_id])
    return _store(records.at_version(records.find(Group, group_id, by=by), version), values)


@act(Capability.CURATE)
def remove(group_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: NotFound, Overtaken; InUse, as long as somebody is said to have belonged to it."""
    projections.lock(group=[group_id])
    records.delete(records.at_version(records.find(Group, group_id, by=by), version), by=by)


def _store(group: Group, values: dict[str, Any]) -> Group:
    records.put(group, values, FIELDS)
    return records.store(group)
