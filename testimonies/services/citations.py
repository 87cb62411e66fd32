"""Acts on citations: which sources a testimony cites, and which of its fields rest on them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import Invalid
from testimonies.models import Citation, Evidence, Source
from testimonies.services import records
from testimonies.services.acts import act

FIELDS = frozenset(["relation", "locator", "position", "tier"])


@act(Capability.DRAFT)
def create(testimony_id: UUID, *, by: Actor, source_id: UUID, **values: Any) -> Citation:
    """Errors: NotFound, NotAllowedNow, Invalid, Exists."""
    _lock(testimony_id, source_id)
    testimony = records.find_open(testimony_id, by=by)
    last = records.next_position(testimony.citations.all())
    citation = Citation(testimony=testimony, position=last, created_by_id=by.user_id)
    return _store(citation, {"source_id": source_id, **values}, by=by)


@act(Capability.DRAFT)
def change(testimony_id: UUID, citation_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Citation:
    """Errors: NotFound, NotAllowedNow, Overtaken, Invalid, Exists."""
    _lock(testimony_id, values.get("source_id"))
    testimony = records.find_open(testimony_id, by=by)
    return _store(records.part(Citation, citation_id, testimony, version), values, by=by)


@act(Capability.DRAFT)
def remove(testimony_id: UUID, citation_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: NotFound, NotAllowedNow, Overtaken."""
    _lock(testimony_id, None)
    records.delete(records.part(Citation, citation_id, records.find_open(testimony_id, by=by), version), by=by)


def _lock(testimony_id: UUID, source_id: UUID | None) -> None:
    """A source is seen from the highest tier of those that cite it: whoever else cites it may change as well.

    `tiers` finds the sources that are cited already, of which one may no longer be.
    """
    projections.lock(testimony=[testimony_id], source=[source_id] if source_id else [], tiers=True)


def _store(citation: Citation, values: dict[str, Any], *, by: Actor) -> Citation:
    evidence = values.pop("evidence", None)
    if "source_id" in values:
        citation.source = records.related(Source, values.pop("source_id"), "source_id", by=by)
    is_new = citation._state.adding  # noqa: SLF001 - Django's own word for it
    records.put(citation, values, FIELDS)
    records.store(citation)
    if evidence is not None:
        _set_evidence(citation, evidence)
    return citation if is_new or evidence is None else records.touched(citation)


def _set_evidence(citation: Citation, evidence: Iterable[dict[str, Any]]) -> None:
    """The whole list, each field once."""
    citation.evidence.all().delete()
    seen: set[str] = set()
    for number, one in enumerate(evidence):
        if one["field"] in seen:
            raise Invalid((f"/evidence/{number}/field", "repeated", "Name each field once."))
        seen.add(one["field"])
        records.store(Evidence(citation=citation, **one), pointer=f"/evidence/{number}")
