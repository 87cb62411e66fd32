"""Acts on corrections: what is frozen while it is published changes when a second person says so (docs/adr/0016).

A correction is proposed in the shape in which its record is written, and done by the ordinary act of its kind, as a whole
or not at all.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from testimonies import models
from testimonies.access import Actor, Capability
from testimonies.errors import DomainError, Forbidden, Invalid, NotAllowedNow, NotFound, Outdated, OwnWork
from testimonies.models import Correction
from testimonies.models.base import Record
from testimonies.models.corrections import CorrectedKind, CorrectionState
from testimonies.selectors.visibility import may_see
from testimonies.services import (
    acts,
    citations,
    claims,
    clearances,
    consensus_codes,
    persons,
    records,
    sources,
    testimonies,
    texts,
)
from testimonies.services.acts import act
from testimonies.services.together import Refused

Values = dict[str, Any]
_MOMENTS = frozenset({"embargo_until", "starts_at", "ends_at", "withdrawn_at"})


@act(Capability.DRAFT)
def create(
    *,
    by: Actor,
    kind: str,
    values: Mapping[str, Any],
    reason: str,
    testimony_id: UUID | None = None,
    record_id: UUID | None = None,
) -> Correction:
    """Propose it, of what the actor sees. Errors: NotFound; Invalid, also where nothing would change.

    record_id  The record to correct. Without one, a part of `testimony_id` is proposed that is not there yet.
    """
    if by.user_id is None:
        raise Forbidden  # nobody would know of whom a second person is the second
    how = KINDS[CorrectedKind(kind)]
    owner, row = _target(how, testimony_id, record_id, by=by)
    now = how.read(row) if row is not None else {}
    said = _plain(how.said(values))
    proposed = {name: value for name, value in said.items() if row is None or value != _plain(now).get(name)}
    if not proposed:
        raise Invalid((f"/{kind}", "unchanged", "It says so already. Propose at least one other value."))
    return records.store(
        Correction(
            kind=kind,
            record_id=None if row is None else row.pk,
            record_version=None if row is None else row.version,
            before={name: value for name, value in _plain(now).items() if name in proposed},
            proposed=proposed,
            reason=reason,
            created_by_id=by.user_id,
            **{how.owner: owner},
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One of several corrections that are proposed at once. `name` tells which, should it be refused."""

    name: str
    kind: CorrectedKind
    values: Mapping[str, Any]
    testimony_id: UUID | None = None
    record_id: UUID | None = None


@act(Capability.DRAFT)
def create_all(proposals: Sequence[Proposal], *, by: Actor, reason: str) -> list[Correction]:
    """All of them, or none. Errors: Refused, with what `create` says of each."""
    found: list[Correction] = []
    errors: dict[str, DomainError] = {}
    for one in proposals:
        try:
            found.append(
                create(
                    by=by,
                    kind=one.kind,
                    values=one.values,
                    reason=reason,
                    testimony_id=one.testimony_id,
                    record_id=one.record_id,
                )
            )
        except DomainError as error:
            errors.setdefault(one.name, error)
    if errors:
        raise Refused(errors)
    return found


@act(Capability.DRAFT, thaws=True)
def decide(correction_id: UUID, *, by: Actor, decision: str, note: str = "") -> Correction:
    """Approve, which does it at once, or reject: by a second person who publishes. Withdraw: by whoever proposed it.

    Errors: Forbidden, NotFound; OwnWork; NotAllowedNow, once it is decided; Outdated; Invalid, without the reason for a
    rejection; those of the act that is done.
    """
    correction = Correction.objects.filter(pk=correction_id).first()
    if correction is None or not may_see(owner_of(correction), by):
        raise NotFound
    if refused := refusal(correction, decision, by=by):
        raise refused
    if decision == CorrectionState.REJECTED and not note.strip():
        raise Invalid(("/note", "required", "Say why, so that whoever proposed it can do better."))
    if decision == CorrectionState.APPROVED:
        _do(correction, by=by)
    # the record is locked by now, and before the correction, as by whoever deletes both
    is_first = Correction.objects.filter(pk=correction.pk, state=CorrectionState.PROPOSED).update(
        state=decision, note=note, decided_by_id=by.user_id, decided_at=Now()
    )
    if not is_first:
        raise NotAllowedNow("Somebody else has decided in the meantime. Read it again.")
    correction.refresh_from_db()
    return correction


def refusal(correction: Correction, decision: str, *, by: Actor) -> DomainError | None:
    """Why the actor does not decide so, of a correction that they see; None: they may."""
    is_own = by.user_id is not None and correction.created_by_id == by.user_id
    if decision == CorrectionState.WITHDRAWN and not is_own:
        return Forbidden("Only whoever proposed it withdraws it. Others reject it.")
    if decision != CorrectionState.WITHDRAWN:
        if not by.may(Capability.PUBLISH) or by.user_id is None:
            return Forbidden()
        if is_own:
            return OwnWork("Nobody decides on their own proposal. Ask a second person, or withdraw it.")
    if correction.state != CorrectionState.PROPOSED:
        return NotAllowedNow(f"It is {correction.state}. Propose a new one.")
    return None


def owner_of(correction: Correction) -> Record:
    """The record through whose door it is seen."""
    found = correction.testimony or correction.person or correction.source
    assert found is not None  # noqa: S101 - a constraint says so
    return found


def _target(
    how: "Kind", testimony_id: UUID | None, record_id: UUID | None, *, by: Actor
) -> tuple[Record, Record | None]:
    if not how.is_part:
        row = None if record_id is None else how.model._default_manager.filter(pk=record_id).first()  # noqa: SLF001
        if row is None or not may_see(row, by):
            raise NotFound
        return row, row
    owner = None if testimony_id is None else models.Testimony.objects.filter(pk=testimony_id).first()
    if owner is None or not may_see(owner, by):
        raise NotFound
    return owner, None if record_id is None else records.part(how.model, record_id, owner, records.ANY_VERSION)


def _do(correction: Correction, *, by: Actor) -> None:
    how = KINDS[CorrectedKind(correction.kind)]
    said = f"Correction {correction.pk}: {correction.reason}"
    acts.explain(by, by.reason or said)
    values = _full(correction.proposed)
    part = [correction.testimony_id] if how.is_part else []
    record_id = correction.record_id
    if record_id is None:
        how.acts.create(*part, by=by, **values)
        return
    row = how.model._default_manager.filter(pk=record_id).first()  # noqa: SLF001
    if row is None:
        raise Outdated(["the record itself, which is no more"])
    if moved := _moved(correction, row):
        raise Outdated(moved)
    # at the version just compared: the act asks again once it has its locks
    how.acts.change(*part, row.pk, by=by, version=row.version, **values)


def moved(correction: Correction) -> list[str]:
    """Names of its fields that have changed since it was proposed; of a record that is no more, all of them."""
    if correction.record_id is None:
        return []
    row = KINDS[CorrectedKind(correction.kind)].model._default_manager.filter(pk=correction.record_id).first()  # noqa: SLF001
    return list(correction.proposed) if row is None else _moved(correction, row)


def _moved(correction: Correction, row: Record) -> list[str]:
    now = _plain(KINDS[CorrectedKind(correction.kind)].read(row))
    return [name for name, value in correction.before.items() if now.get(name) != value]


# --- Values as JSON ---------------------------------------------------------------------------------------------------


def _plain(values: Mapping[str, Any]) -> Values:
    """As they are kept: moments in UTC, ids as text."""
    return json.loads(json.dumps(values, default=_as_text))  # type: ignore[no-any-return]


def _as_text(value: Any) -> str:
    return value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else str(value)


def _full(values: Values) -> Values:
    """As acts take them."""
    return {name: _one(name, value) for name, value in values.items()}


def _one(name: str, value: Any) -> Any:
    if value is not None and name in _MOMENTS:
        return dt.datetime.fromisoformat(value)
    return UUID(value) if value is not None and name.endswith("_id") else value


# --- What a record says now, as it is written -------------------------------------------------------------------------


def _rows(rows: Iterable[Any], *names: str) -> list[Values]:
    return [{name: getattr(row, name) for name in names} for row in rows]


def _external_ids(row: Any) -> list[Values]:
    return _rows(row.external_ids.order_by("system", "value"), "system", "value")


def _of_testimony(row: Any) -> Values:
    membership = row.membership
    cases = row.case_links.select_related("collection").order_by("collection__slug")
    return {
        "person_id": row.person_id,
        "group": membership.group.slug if membership else None,
        **{name: getattr(membership, name) if membership else None for name in sorted(testimonies.MEMBERSHIP)},
        "collections": list(
            row.collection_items.order_by("collection__slug").values_list("collection__slug", flat=True)
        ),
        "cases": [{"collection": case.collection.slug, "is_case": case.is_case} for case in cases],
        "external_ids": _external_ids(row),
    }


def _of_person(row: Any) -> Values:
    names = row.other_names.order_by("pk")
    return {"other_names": _rows(names, "value", "kind", "tier"), "external_ids": _external_ids(row)}


def _of_source(row: Any) -> Values:
    return {"external_ids": _external_ids(row)}


def _of_text(row: Any) -> Values:
    return {"translation_of_id": row.translation_of_id}


def _of_citation(row: Any) -> Values:
    names = [field.name for field in models.Evidence._meta.fields if field.name not in {"id", "citation"}]
    return {"source_id": row.source_id, "evidence": _rows(row.evidence.order_by("field"), *names)}


def _of_claim(row: Any) -> Values:
    return {"source_id": row.source_id}


def _of_codes(row: Any) -> Values:
    return {"codes": consensus_codes.names_of(row.consensus_codes.values_list("code_id", flat=True))}


def _codes_said(values: Mapping[str, Any]) -> Values:
    """By names that people read, which a published codebook keeps."""
    if "codes" not in values:
        return {}
    try:
        return {"codes": consensus_codes.written(values["codes"])}
    except Invalid as error:
        raise Invalid(*((f"/codes{pointer}", code, detail) for pointer, code, detail in error.errors)) from None


def _nothing(row: Any) -> Values:  # noqa: ARG001
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """How records of one kind are written, what is written with them beside their FIELDS, and whose they are."""

    model: type[Record]
    acts: ModuleType
    more: Callable[[Any], Values]
    owner: str = "testimony"
    said: Callable[[Mapping[str, Any]], Values] = dict
    """Values as they are proposed -> as they are kept."""

    @property
    def is_part(self) -> bool:
        """Whether it belongs to one testimony and is written under its address."""
        return self.owner == "testimony" and self.model is not models.Testimony

    def read(self, row: Record) -> Values:
        return {name: getattr(row, name) for name in self.acts.FIELDS} | self.more(row)


KINDS = {
    CorrectedKind.TESTIMONY: Kind(models.Testimony, testimonies, _of_testimony),
    CorrectedKind.PERSON: Kind(models.Person, persons, _of_person, "person"),
    CorrectedKind.SOURCE: Kind(models.Source, sources, _of_source, "source"),
    CorrectedKind.TEXT: Kind(models.Text, texts, _of_text),
    CorrectedKind.CITATION: Kind(models.Citation, citations, _of_citation),
    CorrectedKind.CLAIM: Kind(models.Claim, claims, _of_claim),
    CorrectedKind.CLEARANCE: Kind(models.Clearance, clearances, _nothing),
    CorrectedKind.CODES: Kind(models.Testimony, consensus_codes, _of_codes, said=_codes_said),
}
