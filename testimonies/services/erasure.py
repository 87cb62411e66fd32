"""Erasing a testimony: its content is destroyed wherever any is kept, at once, and a certificate says that it was.

With it goes what it alone has: its person and what the vault knows of them, unless they have other testimonies; sources that
nothing else cites; and every event of the history of all these. What is left is an id, a day, how many rows went, and
references that nothing else may have.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import OuterRef
from django.db.models.functions import Cast, Coalesce, Concat

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import Forbidden
from testimonies.models import (
    EVENTS,
    Citation,
    Claim,
    Clearance,
    ConsensusCode,
    Correction,
    Erasure,
    FigureSource,
    IdempotencyKey,
    Membership,
    Person,
    PersonExternalId,
    Quote,
    Source,
    SourceExternalId,
    Testimony,
    TestimonyExternalId,
    Text,
    VaultEntry,
    VaultOpening,
)
from testimonies.models.campaigns import SHOWN_WITH_SOURCES
from testimonies.models.history import KEPT
from testimonies.services import barred_ids, history_seals, ledger, records
from testimonies.services.acts import act
from testimonies.services.importing import forgetting

Model = type[models.Model]
ERASED_PURPOSE = "Erased with the person whom it was about."


@act(Capability.WITHDRAW, thaws=True)
def erase(testimony_id: UUID, *, by: Actor, version: int | None) -> Erasure:
    """For good, whatever its status. Errors: NotFound, Overtaken."""
    if by.user_id is None:
        raise Forbidden  # a certificate names who
    _lock(testimony_id)
    testimony = records.at_version(records.find(Testimony, testimony_id, by=by), version)
    return _destroy(testimony, user_id=by.user_id)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an erasure would destroy, as it looks now: for whoever is asked whether they are sure."""

    parts: dict[str, int]
    """How many there are of each kind of part, by its name."""
    person: Person | None
    """Who would go with it; None where they have other testimonies."""
    sources: list[Source]
    """Those that nothing else cites."""


def foresee(testimony: Testimony, *, by: Actor) -> Foreseen:
    """Reads only. Errors: Forbidden."""
    if not by.may(Capability.WITHDRAW):
        raise Forbidden
    going = _what_goes(testimony)
    counts = {
        str(kind._meta.verbose_name_plural): kind._default_manager.filter(testimony=OuterRef("pk")).order_by()  # noqa: SLF001
        for kind in (Text, Citation, Claim, Clearance, ConsensusCode, Correction, Quote)
    }
    numbered = {name: _count(rows) for name, rows in counts.items()}
    found = Testimony.objects.filter(pk=testimony.pk).values_list(*numbered.values())[0]
    return Foreseen(
        parts={name: number for name, number in zip(counts, found, strict=True) if number},
        person=testimony.person if going[Person] else None,
        sources=list(Source.objects.filter(pk__in=going[Source]).order_by("ref")),
    )


def _count(rows: models.QuerySet[Any]) -> Coalesce:
    return Coalesce(models.Subquery(rows.values("testimony").annotate(n=models.Count("pk")).values("n")), 0)


def replay() -> int:
    """Erase again what the ledger says was erased and a restored backup has brought back; how many.

    Runs before anything is served (`make run`, docker-compose.yml). An entry whose testimony is not here changes nothing.
    """
    erased = 0
    for testimony_id in _entered():
        with projections.refreshed():
            _lock(testimony_id)
            testimony = Testimony.objects.select_for_update(no_key=True).filter(pk=testimony_id).first()
            if testimony is not None:
                Erasure.objects.filter(pk=testimony_id).delete()
                _destroy(testimony, user_id=None)
                erased += 1
    return erased


def _destroy(testimony: Testimony, *, user_id: int | None) -> Erasure:
    going = _what_goes(testimony)
    barred = _bar(going)
    destroyed = Counter[str]()
    for kind in (Testimony, Membership, Person, Source):  # what refers to another goes before it
        for row in kind.objects.filter(pk__in=going[kind]):
            destroyed.update({name.partition(".")[2].lower(): n for name, n in row.delete()[1].items()})
    (testimony_id,) = going[Testimony]
    with history_seals.erasing(testimony_id) as erased:
        for model, ids in going.items():
            destroyed.update(_destroy_history(model, ids, erased))
    destroyed.update(_elsewhere(going))
    destroyed["importrow"] += forgetting.forget(testimonies=going[Testimony], persons=going[Person], ids=barred)
    # before the commit: an erasure that then fails is erased with the next replay, as was asked for
    ledger.enter({"testimony_id": str(testimony_id), "sealed_events": erased.number})
    return Erasure.objects.create(
        pk=testimony_id,
        person_id=next(iter(going[Person]), None),
        user_id=user_id,
        destroyed=dict(sorted({kind: n for kind, n in destroyed.items() if n}.items())),
    )


def _entered() -> list[UUID]:
    return list(dict.fromkeys(UUID(e["testimony_id"]) for e in ledger.entries() if "testimony_id" in e))


def _lock(testimony_id: UUID) -> None:
    """All that may go, and all whose rows change with it, in the one order."""
    found = Testimony.objects.filter(pk=testimony_id).values_list("person_id", flat=True)
    sources = [
        *Citation.objects.filter(testimony=testimony_id).values_list("source_id", flat=True),
        *Claim.objects.filter(testimony=testimony_id, source__isnull=False).values_list("source_id", flat=True),
    ]
    projections.lock(testimony=[testimony_id], person=list(found), source=sources, tiers=True)


def _what_goes(testimony: Testimony) -> dict[Model, list[UUID]]:
    """The rows that only this testimony has, by their kind."""
    others = Testimony.objects.exclude(pk=testimony.pk)
    is_last = not others.filter(person=testimony.person_id).exists()
    memberships = Membership.objects.filter(person=testimony.person_id)
    if not is_last:
        told_of = others.filter(membership__isnull=False).values("membership_id")
        memberships = memberships.filter(testimonies=testimony).exclude(pk__in=told_of)
    cited = {*testimony.citations.values_list("source_id", flat=True)}
    cited |= {*testimony.claims.filter(source__isnull=False).values_list("source_id", flat=True)}
    still: set[UUID] = set()
    for stating in (FigureSource, *SHOWN_WITH_SOURCES):
        still |= {*stating._default_manager.filter(source__in=cited).values_list("source_id", flat=True)}  # noqa: SLF001
    for model in (Citation, Claim):
        rows = model._default_manager.filter(source__in=cited).exclude(testimony=testimony)  # noqa: SLF001
        still |= {*rows.values_list("source_id", flat=True)}
    return {
        Testimony: [testimony.pk],
        Membership: list(memberships.values_list("pk", flat=True)),
        Person: [testimony.person_id] if is_last else [],
        Source: sorted(cited - still),
    }


def _bar(going: Mapping[Model, list[UUID]]) -> list[dict[str, str]]:
    """The external ids that must not come back."""
    owned: tuple[models.QuerySet[Any], ...] = (
        TestimonyExternalId.objects.filter(testimony__in=going[Testimony]),
        PersonExternalId.objects.filter(person__in=going[Person]),
        SourceExternalId.objects.filter(source__in=going[Source]),
    )
    ids = [named for rows in owned for named in rows.values("system", "value")]
    barred_ids.bar(ids)
    return ids


# --- What is kept beside the records themselves -------------------------------------------------------------------------


def _destroy_history(model: Model, ids: Iterable[Any], erased: history_seals.Erased) -> Counter[str]:
    """The events of these rows, and of all that ever belonged to them; of what still stands elsewhere nothing."""
    ids, destroyed = list(ids), Counter[str]()
    if not ids:
        return destroyed
    for kept in KEPT:
        for owner in kept.owners:
            if kept.model._meta.get_field(owner).related_model is model:
                events = EVENTS[kept.model]._default_manager.filter(**{f"{owner}__in": ids})  # noqa: SLF001
                belonging = {*events.values_list("pgh_obj_id", flat=True)}
                standing = kept.model._default_manager.filter(pk__in=belonging).values_list("pk", flat=True)  # noqa: SLF001
                destroyed += _destroy_history(kept.model, belonging - {*standing}, erased)
    events = EVENTS[model]._default_manager.filter(pgh_obj_id__in=ids)  # noqa: SLF001
    erased.note(model, events.values_list("pk", flat=True))
    number, _ = events.delete()
    destroyed["events"] += number
    return destroyed


def _elsewhere(going: Mapping[Model, list[UUID]]) -> dict[str, int]:
    """What refers to the rows by their ids alone."""
    people = going[Person]
    openings = VaultOpening.objects.filter(person_id__in=people)
    openings.update(purpose=ERASED_PURPOSE, person_id=None)
    entries, _ = VaultEntry.objects.filter(person_id__in=people).delete()
    ids = [pk for found in going.values() for pk in found]
    IdempotencyKey.objects.filter(record_id__in=ids).delete()
    for pk in ids:  # proposals about others may name them
        said = Correction.objects.annotate(
            said=Concat(*(Cast(name, models.TextField()) for name in ("before", "proposed")))
        )
        said.filter(said__contains=str(pk)).delete()
    return {"vaultentry": entries} if entries else {}
