"""Acts on sources: publications and recordings."""

from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.models import Source, SourceExternalId
from testimonies.services import records
from testimonies.services.acts import act

FIELDS = frozenset(["outlet", "title", "url", "published", "medium", "reliability", "tier"])
"""What an act may set; `external_ids` is set as a whole list."""


@act(Capability.DRAFT)
def create(*, by: Actor, **values: Any) -> Source:
    """Errors: Invalid, Exists."""
    return _store(Source(created_by_id=by.user_id), values)


@act(Capability.DRAFT)
def change(source_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Source:
    """Errors: NotFound, Overtaken, Invalid, Exists; NotAllowedNow where a coder would change what is published."""
    return _store(_open(source_id, by=by, version=version), values)


@act(Capability.DRAFT)
def remove(source_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: NotFound, Overtaken, NotAllowedNow; InUse, as long as something cites it."""
    records.delete(_open(source_id, by=by, version=version, may_hide=False), by=by)


def _open(source_id: UUID, *, by: Actor, version: int | None, may_hide: bool = True) -> Source:
    projections.lock(source=[source_id], tiers=True)
    source = records.at_version(records.find(Source, source_id, by=by), version)
    records.check_draft(source, by=by, may_hide=may_hide)
    return source


def _store(source: Source, values: dict[str, Any]) -> Source:
    external_ids = values.pop("external_ids", None)
    is_new = source._state.adding  # noqa: SLF001 - Django's own word for it
    records.put(source, values, FIELDS)
    records.store(source)
    if external_ids is None:
        return source
    records.set_external_ids(SourceExternalId, source, external_ids)
    return source if is_new else records.touched(source)
