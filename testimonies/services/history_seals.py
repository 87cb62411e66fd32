"""Seals over the history, so that whoever changes it in the database is found out (docs/adr/0017).

Terms   event: one row of an event table. Its digest is that of all its columns, a random salt among them.
        seal: some events' digests and the digest of the seal before. Sealing looks for committed events that have no seal;
        no writer waits for it.
        head: the newest seal. Each is also entered in the ledger, which is outside the database.
"""

import json
import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.db.models.functions import Now

from testimonies.errors import DomainError
from testimonies.models import EVENTS, HistorySeal, SealedEvent
from testimonies.services import ledger

AT_ONCE = 10_000
"""Most events of one seal."""
_LOCK = 7_105_243
"""Number of the advisory lock of whoever seals, or takes away what is sealed."""
log = logging.getLogger("testimonies.history")

_DIGEST = "sha256(convert_to(jsonb_strip_nulls(to_jsonb(e))::text, 'UTF8'))"
"""Keys are in an order of jsonb's own, moments in UTC. An empty column leaves no trace, so that a new one changes nothing."""
_SEAL = f"""
INSERT INTO testimonies_sealedevent (seal_id, kind, event, digest)
SELECT %s, %s, e.pgh_id, {_DIGEST} FROM {{table}} e
WHERE e.pgh_id > %s AND NOT EXISTS (SELECT FROM testimonies_sealedevent s WHERE s.kind = %s AND s.event = e.pgh_id)
ORDER BY e.pgh_id LIMIT %s RETURNING event
"""
# a horizon that is still to come is that of another server, from before a backup was restored
_SETTLED = """
SELECT marks::text FROM testimonies_historyseal WHERE horizon <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint
OR horizon > pg_snapshot_xmax(pg_current_snapshot())::text::bigint ORDER BY number DESC LIMIT 1
"""
_ALTERED = f"SELECT s.event FROM testimonies_sealedevent s JOIN {{table}} e ON e.pgh_id = s.event WHERE s.kind = %s AND s.digest <> {_DIGEST} ORDER BY 1"
_MISSING = "SELECT s.event FROM testimonies_sealedevent s WHERE s.kind = %s AND s.erased_with IS NULL AND NOT EXISTS (SELECT FROM {table} e WHERE e.pgh_id = s.event) ORDER BY 1"
_BACK = "SELECT s.event FROM testimonies_sealedevent s JOIN {table} e ON e.pgh_id = s.event WHERE s.kind = %s AND s.erased_with IS NOT NULL ORDER BY 1"
_PUT_IN = "SELECT e.pgh_id FROM {table} e WHERE e.pgh_id <= %s AND NOT EXISTS (SELECT FROM testimonies_sealedevent s WHERE s.kind = %s AND s.event = e.pgh_id) ORDER BY 1"
_NOT_AS_RECORDED = """
SELECT coalesce(r.{key}, e.pgh_obj_id)::text FROM {rows} r FULL JOIN (
  SELECT * FROM (SELECT DISTINCT ON (pgh_obj_id) * FROM {table} ORDER BY pgh_obj_id, pgh_id DESC) last WHERE pgh_label <> 'delete'
) e ON e.pgh_obj_id = r.{key}
WHERE e.pgh_id IS NULL OR r.{key} IS NULL OR ({ours}) IS DISTINCT FROM ({theirs}) ORDER BY 1
"""


class Broken(DomainError):
    """What the ledger says was sealed is not what the database has."""


def seal(*, waits: bool = False) -> int:
    """Seal what is committed and has no seal, at most AT_ONCE events; how many. 0 also while somebody else does.

    Errors: Broken, OSError.
    """
    with transaction.atomic():
        if not _lock(waits=waits):
            return 0
        head = HistorySeal.objects.order_by("-number").first()
        entered = _entered()
        if entered and (head is None or head.number < max(entered)):
            raise Broken("The ledger knows later seals than the database. Run verify_history.")
        number = (head.number if head else 0) + 1
        n_events = _add(number, bytes(head.digest) if head else b"")
    _enter_new(after=max(entered, default=0))
    return n_events


def begin_anew() -> int:
    """A new chain over the history as it is now, after a backup was restored or a migration rewrote events; how many events.

    What the chain before said is given up, so it must verify first, or be known to be wrong.
    """
    with transaction.atomic():
        _lock(waits=True)
        entered = _entered(all_chains=True)
        newest = HistorySeal.objects.order_by("-number").values_list("number", flat=True).first() or 0
        SealedEvent.objects.all().delete()
        HistorySeal.objects.all().delete()
        number = max([newest, *entered]) + 1
        n_events = _add(number, b"", is_first=True)
    _enter_new(after=number - 1)
    while more := seal(waits=True):
        n_events += more
    return n_events


_due = time.monotonic() + settings.SEAL_EVERY


def if_due() -> None:
    """After an act: seal, if this process has not for a while. Never fails the act, which is committed."""
    global _due  # noqa: PLW0603 - each process counts for itself
    if not settings.SEAL_EVERY or time.monotonic() < _due or connection.in_atomic_block:
        return
    _due = time.monotonic() + settings.SEAL_EVERY
    try:
        seal()
    except (Broken, DatabaseError, OSError) as error:
        # its message may hold values
        log.error(  # noqa: TRY400
            "the history was not sealed: %s; run verify_history", type(error).__name__
        )


@contextmanager
def erasing(testimony_id: UUID) -> Iterator["Erased"]:
    """Within a transaction that erases events: each is noted as such, so that none of them is missed."""
    _lock(waits=True)
    yield Erased(testimony_id)


class Erased:
    def __init__(self, testimony_id: UUID) -> None:
        self.testimony_id, self.number = testimony_id, 0

    def note(self, model: type[Model], events: Iterable[int]) -> None:
        rows = SealedEvent.objects.filter(kind=model._meta.model_name, event__in=list(events))
        self.number += rows.update(erased_with=self.testimony_id)


# --- Verifying --------------------------------------------------------------------------------------------------------


def faults() -> Iterator[str]:
    """What is not as it was sealed, one line each; nothing of what it says."""
    entries = ledger.entries()  # before the database is looked at: what is in the ledger is committed
    with _one_moment():
        yield from _faults_of_chain(entries)
        yield from _faults_of_erasures(entries)
        floor = _floor()
        for model, table in _tables():
            kind = model._meta.model_name or ""
            for said, statement, parameters in (
                ("was altered", _ALTERED, [kind]),
                ("is missing", _MISSING, [kind]),
                ("was erased and is there again", _BACK, [kind]),
                ("was put in afterwards", _PUT_IN, [floor.get(kind, 0), kind]),
            ):
                for (event,) in _rows(statement.format(table=table), parameters):
                    yield f"Event {event} of {kind} {said}."
            for (row,) in _rows(_not_as_recorded(model, table), []):
                yield f"{kind} {row} is not as its last event says."


def head() -> tuple[int, str] | None:
    """Number and digest of the newest seal, to be kept elsewhere."""
    newest = HistorySeal.objects.order_by("-number").first()
    return (newest.number, bytes(newest.digest).hex()) if newest else None


def _faults_of_chain(entries: list[dict[str, Any]]) -> Iterator[str]:
    entered, previous, number = _of_last_chain(entries), b"", None
    for one in HistorySeal.objects.order_by("number").iterator():
        if number is not None and one.number != number + 1:
            yield f"Seals between {number} and {one.number} are missing."
        if bytes(one.previous) != previous:
            yield f"Seal {one.number} does not follow the one before it."
        if bytes(one.digest) != _digest(one.number, bytes(one.previous)):
            yield f"Seal {one.number} was altered, or what it seals was taken away."
        if entered and one.number < min(entered):
            yield f"Seal {one.number} is none of this chain."
        elif entered.get(one.number, bytes(one.digest).hex()) != bytes(one.digest).hex():
            yield f"Seal {one.number} is another one than the ledger says."
        entered.pop(one.number, None)
        previous, number = bytes(one.digest), one.number
    for missing in sorted(entered):
        yield f"Seal {missing} is missing: the ledger knows it."


def _faults_of_erasures(entries: list[dict[str, Any]]) -> Iterator[str]:
    if not ledger.is_kept():
        return
    begins = max((n for n, entry in enumerate(entries) if entry.get("begins")), default=0)
    said = {UUID(e["testimony_id"]): e.get("sealed_events", 0) for e in entries[begins:] if "testimony_id" in e}
    statement = "SELECT erased_with, count(*) FROM testimonies_sealedevent WHERE erased_with IS NOT NULL GROUP BY 1"
    found = dict(_rows(statement, []))
    for testimony_id in sorted(said.keys() | found.keys()):
        if said.get(testimony_id, 0) != found.get(testimony_id, 0):
            yield (
                f"Of the events erased with {testimony_id} the ledger knows {said.get(testimony_id, 0)}, "
                f"the database {found.get(testimony_id, 0)}. If fewer were erased than the ledger knows, run replay_erasures."
            )


def _not_as_recorded(model: type[Model], table: str) -> str:
    columns = [connection.ops.quote_name(field.attname) for field in model._meta.concrete_fields]
    return _NOT_AS_RECORDED.format(
        key=connection.ops.quote_name(model._meta.pk.attname),
        rows=connection.ops.quote_name(model._meta.db_table),
        table=table,
        ours=", ".join(f"r.{column}" for column in columns),
        theirs=", ".join(f"e.{column}" for column in columns),
    )


@contextmanager
def _one_moment() -> Iterator[None]:
    is_within = connection.in_atomic_block
    with transaction.atomic():
        if not is_within:
            _run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


# --- The chain --------------------------------------------------------------------------------------------------------


def _add(number: int, previous: bytes, *, is_first: bool = False) -> int:
    """A seal over what has none; none if there is nothing, but where a chain begins."""
    low, settled, newest = _floor(), _settled(), _newest("marks")  # what is settled is asked before events are read
    marks, floor, left = {}, {}, AT_ONCE
    for model, table in _tables():
        kind = model._meta.model_name or ""
        since = low.get(kind, 0)
        taken = _first_of(_SEAL.format(table=table), [number, kind, since, kind, left]) if left else []
        last = max([since, *taken])
        is_all = len(taken) < left  # all that could be seen, and so all that a settled seal was too early for
        marks[kind] = max(last, newest.get(kind, 0)) if is_all else last
        floor[kind] = max(since, settled.get(kind, 0) if is_all else min(last, settled.get(kind, 0)))
        left -= len(taken)
    if left == AT_ONCE and not is_first:
        return 0
    (horizon,) = _rows("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint", [])[0]
    HistorySeal.objects.create(
        number=number,
        sealed_at=Now(),
        previous=previous,
        digest=_digest(number, previous),
        horizon=horizon,
        marks=marks,
        floor=floor,
    )
    return AT_ONCE - left


def _digest(number: int, previous: bytes) -> bytes:
    """Over its events too, in their order."""
    made = sha256(previous + f"seal {number}\n".encode())
    for kind, event, digest in (
        SealedEvent.objects.filter(seal=number).order_by("id").values_list("kind", "event", "digest").iterator()
    ):
        made.update(f"{kind} {event} {bytes(digest).hex()}\n".encode())
    return made.digest()


def _floor() -> dict[str, int]:
    """By kind, the event up to which whatever was ever committed is sealed."""
    return _newest("floor")


def _newest(field: str) -> dict[str, int]:
    return HistorySeal.objects.order_by("-number").values_list(field, flat=True).first() or {}


def _settled() -> dict[str, int]:
    """By kind, the event up to which whatever will ever be committed can be seen from now on."""
    rows = _rows(_SETTLED, [])
    return json.loads(rows[0][0]) if rows else {}


def _entered(*, all_chains: bool = False) -> dict[int, str]:
    entries = ledger.entries()
    if all_chains:
        return {entry["seal"]: entry["digest"] for entry in entries if "seal" in entry}
    return _of_last_chain(entries)


def _of_last_chain(entries: list[dict[str, Any]]) -> dict[int, str]:
    found: dict[int, str] = {}
    for entry in entries:
        if entry.get("begins"):
            found = {}
        if "seal" in entry:
            found[entry["seal"]] = entry["digest"]
    return found


def _enter_new(*, after: int) -> None:
    """After the commit: what the ledger says was sealed is so. What a crash kept from it is entered with the next seal."""
    if not ledger.is_kept():
        return
    for one in HistorySeal.objects.filter(number__gt=after).order_by("number"):
        entry: dict[str, Any] = {"seal": one.number, "digest": bytes(one.digest).hex()}
        ledger.enter(entry if one.previous else {**entry, "begins": True})


def _lock(*, waits: bool) -> bool:
    if waits:
        _rows("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        return True
    return bool(_rows("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])[0][0])


def _tables() -> list[tuple[type[Model], str]]:
    return [(model, connection.ops.quote_name(event._meta.db_table)) for model, event in EVENTS.items()]


def _rows(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _first_of(statement: str, parameters: list[Any]) -> list[Any]:
    return [value for (value,) in _rows(statement, parameters)]


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
