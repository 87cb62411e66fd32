"""The vault: legal names, contacts, whereabouts. Custodians open it, for a purpose that they state, and each opening is kept.

What is opened is returned only by an act that has recorded it: the record commits before anybody reads the answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from testimonies.access import Actor, Capability
from testimonies.errors import Exists, Forbidden, Invalid, VaultShut
from testimonies.models import Person, VaultEntry, VaultOpening
from testimonies.models.vault import VaultAct
from testimonies.services import records
from testimonies.services.acts import act
from testimonies.values.folding import fold
from testimonies.values.seals import Keyring, Unopenable

MAX_VALUE = 2_000
BATCH = 500


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry, legible."""

    id: UUID
    kind: str
    value: str
    created_at: datetime


@act(Capability.VAULT)
def open_(*, by: Actor, person_id: UUID, purpose: str) -> tuple[VaultOpening, list[Opened]]:
    """All entries of a person, oldest first. Errors: Invalid, VaultShut."""
    person = records.related(Person, person_id, "person_id", by=by)
    rows = VaultEntry.objects.filter(person_id=person.pk).order_by("created_at", "id")
    opened = [Opened(row.pk, row.kind, _legible(row), row.created_at) for row in rows]
    return _record(VaultAct.OPENED, len(opened), by=by, purpose=purpose, person_id=person.pk), opened


@act(Capability.VAULT)
def look_up(*, by: Actor, value: str, purpose: str) -> tuple[VaultOpening, list[UUID]]:
    """Persons of whom exactly this is known; case, accents and spaces do not matter. Errors: Invalid."""
    digests = list(_keys().indexes(_folded(_checked(value))))
    found = sorted(set(VaultEntry.objects.filter(digest__in=digests).values_list("person_id", flat=True)))
    return _record(VaultAct.LOOKED_UP, len(found), by=by, purpose=purpose), found


@act(Capability.VAULT)
def add(*, by: Actor, person_id: UUID, kind: str, value: str, purpose: str) -> tuple[VaultOpening, VaultEntry]:
    """Errors: Invalid; Exists, where the person has it already."""
    person = records.related(Person, person_id, "person_id", by=by)
    opening = _record(VaultAct.ADDED, 1, by=by, purpose=purpose, person_id=person.pk)
    value, keys = _checked(value), _keys()
    if VaultEntry.objects.filter(
        person_id=person.pk, kind=kind, digest__in=list(keys.indexes(_folded(value)))
    ).exists():
        raise Exists
    entry = VaultEntry(person_id=person.pk, kind=kind, created_by_id=opening.user_id)
    _seal(entry, value, keys)
    return opening, records.store(entry)


@act(Capability.VAULT)
def remove(*, by: Actor, entry_id: UUID, purpose: str) -> VaultOpening:
    """For good: nothing of it is kept but that it was removed. Errors: Invalid."""
    entry = VaultEntry.objects.select_for_update().filter(pk=entry_id).first()
    if entry is None:
        raise Invalid(("/entry_id", "unknown", "There is no such entry. Check the id."))
    records.delete(entry, by=by)
    return _record(VaultAct.REMOVED, 1, by=by, purpose=purpose, person_id=entry.person_id)


def rotate(progress: Callable[[int, int], None] | None = None) -> int:
    """Seal anew, under the first key, what other keys have sealed; how many. Stopped and called again, it goes on.

    Errors: VaultShut, where an entry's key is not among VAULT_KEYS.
    """
    keys = _keys()
    left = VaultEntry.objects.exclude(key_mark=keys.mark)
    total, done = left.count(), 0
    while True:
        with transaction.atomic():
            rows = list(left.order_by("pk").select_for_update()[:BATCH])
            for row in rows:
                _seal(row, _legible(row), keys)
                row.save(update_fields=["sealed", "digest", "key_mark"])
        if not rows:
            return done
        done += len(rows)
        if progress:
            progress(done, total)


def _keys() -> Keyring:
    return settings.VAULT_KEYS


def _seal(entry: VaultEntry, value: str, keys: Keyring) -> None:
    entry.sealed, entry.digest, entry.key_mark = keys.seal(value), keys.index(_folded(value)), keys.mark


def _folded(value: str) -> str:
    return " ".join(fold(value).split())


def _legible(entry: VaultEntry) -> str:
    try:
        return _keys().open(bytes(entry.sealed))
    except Unopenable:
        raise VaultShut from None


def _checked(value: str) -> str:
    value = value.strip()
    if not 1 <= len(value) <= MAX_VALUE:
        raise Invalid(("/value", "invalid", f"Write 1 to {MAX_VALUE} characters."))
    return value


def _record(what: VaultAct, n_entries: int, *, by: Actor, purpose: str, person_id: UUID | None = None) -> VaultOpening:
    if by.user_id is None:
        raise Forbidden  # an opening without somebody who opened would be none
    purpose = purpose.strip()
    if len(purpose) < VaultOpening.MIN_PURPOSE:
        raise Invalid(("/purpose", "too_short", "Say what for, in a sentence that names nobody."))
    opening = VaultOpening(
        user_id=by.user_id,
        act=what,
        person_id=person_id,
        purpose=purpose,
        n_entries=n_entries,
        request_id=by.request_id,
    )
    return records.store(opening)
