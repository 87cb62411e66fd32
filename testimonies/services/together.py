"""A testimony and its parts at once, as one form writes them: all of it, or nothing.

The ordinary acts do the work, within one transaction. All that any of them will lock is locked first, in the one order
in which everybody locks; they then find it held.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import Any
from uuid import UUID

from django.db import transaction

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import DomainError, Overtaken
from testimonies.models import Citation, Claim, Clearance, Code, Testimony, Text
from testimonies.services import citations, claims, clearances, consensus_codes, records, testimonies, texts
from testimonies.services.acts import act

KINDS: dict[type[Any], ModuleType] = {Text: texts, Citation: citations, Claim: claims, Clearance: clearances}
"""What belongs to one testimony alone, and the acts on it."""


class Refused(Exception):
    """What was refused, by the name of the part; "" is the testimony itself. Nothing was written."""

    def __init__(self, errors: Mapping[str, DomainError]) -> None:
        super().__init__(", ".join(sorted(errors)))
        self.errors = errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What becomes of one part: made anew without an `id`, removed without `values`, else changed at `version`."""

    name: str
    kind: type[Any]
    id: UUID | None = None
    version: int | None = records.ANY_VERSION
    values: Mapping[str, Any] | None = field(default_factory=dict)


@act(Capability.DRAFT)
def write(
    testimony_id: UUID | None,
    *,
    by: Actor,
    version: int | None,
    values: Mapping[str, Any],
    parts: Sequence[Part] = (),
    codes: Sequence[UUID] | None = None,
) -> Testimony:
    """A new testimony without an id, else the changes of one: only what is given is touched.

    Errors  NotFound; Overtaken; Refused with all that is wrong, the record's and the parts' at once.
    """
    _lock(testimony_id, values, parts, codes or ())
    errors: dict[str, DomainError] = {}

    def attempt(name: str, step: Callable[[], Any]) -> Any:
        try:
            with transaction.atomic():
                return step()
        except DomainError as error:
            errors.setdefault(name, error)

    if testimony_id is None:
        testimony = attempt("", lambda: testimonies.create(by=by, **values))
        if testimony is None:
            raise Refused(errors)
        if parts and not by.sees_every_state:
            projections.refresh()  # a coder sees what the rows say is theirs
    else:
        testimony = records.find(Testimony, testimony_id, by=by)
        if values or codes is not None:
            records.at_version(testimony, version)
        _check_versions(testimony, parts)
        if values:
            attempt("", lambda: testimonies.change(testimony.pk, by=by, version=records.ANY_VERSION, **values))
    for name, step in _steps(testimony.pk, parts, by):
        attempt(name, step)
    if codes is not None:
        attempt("", lambda: _set_codes(testimony.pk, codes, by))
    if errors:
        raise Refused(errors)
    testimony.refresh_from_db()
    return testimony  # type: ignore[no-any-return]


def _set_codes(testimony_id: UUID, codes: Sequence[UUID], by: Actor) -> None:
    consensus_codes.change(testimony_id, by=by, version=records.ANY_VERSION, codes=codes)


def _steps(testimony_id: UUID, parts: Sequence[Part], by: Actor) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What goes makes room first, last entered first: a translation before its original."""
    for part in reversed(parts):
        if part.values is None and part.id is not None:
            yield part.name, partial(KINDS[part.kind].remove, testimony_id, part.id, by=by, version=records.ANY_VERSION)
    for part in parts:
        if part.values is None:
            continue
        acts = KINDS[part.kind]
        if part.id is None:
            yield part.name, partial(acts.create, testimony_id, by=by, **part.values)
        else:
            change = partial(acts.change, testimony_id, part.id, by=by, version=records.ANY_VERSION)
            yield part.name, partial(change, **part.values)


def _check_versions(testimony: Testimony, parts: Sequence[Part]) -> None:
    """All at once, before the first is written: one act may move another part on, as a preferred claim does."""
    for kind in KINDS:
        wanted = {part.id: part.version for part in parts if part.kind is kind and part.id is not None}
        if not wanted:
            continue
        found = dict(kind._default_manager.filter(testimony=testimony, pk__in=wanted).values_list("pk", "version"))  # noqa: SLF001
        for part_id, version in wanted.items():
            if part_id not in found:
                raise Overtaken(0)
            if version is not records.ANY_VERSION and found[part_id] != version:
                raise Overtaken(found[part_id])


def _lock(testimony_id: UUID | None, values: Mapping[str, Any], parts: Sequence[Part], codes: Iterable[UUID]) -> None:
    sources = {part.values["source_id"] for part in parts if part.values and part.values.get("source_id")}
    found = list(Code.objects.filter(pk__in=list(codes)).values_list("pk", "codebook_id")) if codes else []
    projections.lock(
        testimony=[testimony_id] if testimony_id else [],
        source=sources,
        linked={
            **testimonies.linked(testimonies.named(values)),
            "code": [pk for pk, _ in found],
            "codebook": {codebook_id for _, codebook_id in found},
        },
        tiers=True,
    )
