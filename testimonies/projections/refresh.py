"""Keeps the projection rows true: rebuilds what a transaction made stale, rebuilds all.

Triggers mark whatever a statement makes stale, and no transaction commits with a mark left (migration 0002). Here the
marks of the running transaction are taken and their rows made anew, read in a new statement after the locks.
"""

import datetime as dt
from collections.abc import Callable, Collection, Container, Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from testimonies.models.projections import ROWS
from testimonies.projections import reading, shared_storage, showings, storage
from testimonies.projections.frozen import Change
from testimonies.projections.locks import (
    PARENTS,
    Marks,
    Reached,
    apart,
    holding,
    lock_for_building,
    lock_reached,
    marks_of,
    taken_made,
)
from testimonies.projections.prepared import at_once, fetch
from testimonies.projections.shapes import SHAPE
from testimonies.projections.shared import NOUNS

MANY = 1_000
"""A change with more dependants hides them at once and rebuilds them in batches after the commit."""
BATCH = 500
KINDS = (*PARENTS, "testimony")
"""What has projections, in the order in which they are made."""


@contextmanager
def refreshed(judge: Callable[[Change], None] | None = None) -> Iterator[None]:
    """A transaction that leaves its projections true: writes in the block, then `refresh`, then the commit.

    `judge` is told what becomes of what is shown of published testimonies, and may refuse.
    """
    with transaction.atomic(), holding():
        yield
        change = refresh()
        if judge:
            judge(change)


def refresh() -> Change:
    """Make true whatever this transaction made stale. Must run inside a transaction, after its last write.

    Returns how what is shown below restricted of published testimonies changes.
    """
    marks, asked, now = _take_marks()
    if not marks:
        return Change.NONE
    stale = lock_reached(marks, asked, cited=marks.pop("cited", set()))
    testimonies = stale.pop("testimony", set())
    with at_once():
        if sources := marks.get("source"):
            shared_storage.store_source_tiers(sources)
        changes = [
            shared_storage.store(noun, batch, now)
            for noun, ids in sorted(stale.items())
            for batch in _batches(sorted(ids))
        ]
        made = taken_made("testimony")
        if len(testimonies) > MANY:
            new = _without_rows(testimonies - made) | (testimonies & made)
            changes += [_store(batch, now, made=new) for batch in _batches(sorted(new))]
            testimonies -= new
        if len(testimonies) > MANY:
            changes.append(_change_of_many(sorted(testimonies), now))
            _hide(testimonies)
            transaction.on_commit(rebuild)
        else:
            changes.append(_store(testimonies, now, made=made))
    return max(changes)


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _without_rows(ids: set[UUID]) -> set[UUID]:
    """Those that are new, as all others have rows at the restricted tier: there is nothing to compare them with, or to hide."""
    rows = fetch("SELECT testimony_id FROM projection_restricted WHERE testimony_id = ANY (%s)", [list(ids)])
    return ids - {testimony_id for (testimony_id,) in rows}


def _change_of_many(ids: list[UUID], now: dt.datetime) -> Change:
    """In batches, as far as needed."""
    found = Change.NONE
    for batch in _batches(ids):
        found = max(found, _store(batch, now, dry=True))
        if found == max(Change):
            break
    return found


def _store(
    ids: Iterable[UUID], now: dt.datetime, *, made: Collection[UUID] = (), anew: bool = False, dry: bool = False
) -> Change:
    found = {UUID(record.id): record for record in reading.testimonies(list(ids))}
    wanted = {testimony_id: found.get(testimony_id) for testimony_id in ids}
    change = storage.store(wanted, now, made=made, anew=anew, dry=dry)
    if wanted and not dry:
        showings.note(wanted)
        if gone := wanted.keys() - found.keys():
            showings.forget(gone)
    return change


_TAKEN = """
WITH taken AS (DELETE FROM projection_stale RETURNING noun, record_id),
  known AS (SELECT array_agg(noun::text) AS nouns, array_agg(record_id) AS ids
            FROM (SELECT DISTINCT noun, record_id FROM taken WHERE noun <> 'cited') AS marks)
SELECT NULL AS is_part, noun::text AS of_noun, record_id, now(), set_config('plan_cache_mode', 'force_generic_plan', true) FROM taken
UNION ALL SELECT r.*, NULL, NULL FROM known, testimonies_reached(known.nouns, known.ids) AS r
"""


def _take_marks() -> tuple[Marks, Reached, dt.datetime]:
    """With what the marked records reach, and the transaction's moment.

    What reads records is planned once from here on: it always goes by their ids.
    """
    marks, now, reached = marks_of({}), storage.NEVER, []
    for is_part, noun, record_id, moment, _ in fetch(_TAKEN, None):
        if is_part is None:
            now = moment
            marks[noun].add(record_id)
        else:
            reached.append((is_part, noun, record_id))
    return marks, apart(reached), now


def _now() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def _hide(ids: set[UUID]) -> None:
    """Rows that hold at no time, kept for what they remember: when each tier last saw them change."""
    with connection.cursor() as cursor:
        for model in ROWS.values():
            statement = f"UPDATE {model._meta.db_table} SET during = 'empty', shape = 0 WHERE testimony_id = ANY (%s)"
            cursor.execute(statement, [list(ids)])
        cursor.execute("DELETE FROM projection_text WHERE testimony_id = ANY (%s)", [list(ids)])
    showings.hide(ids)


# --- Rebuilding all -------------------------------------------------------------------------------------------------

_UNBUILT_TESTIMONIES = """
SELECT t.id FROM testimonies_testimony t
WHERE %(everything)s OR NOT EXISTS (SELECT FROM projection_restricted r WHERE r.testimony_id = t.id AND r.shape = %(shape)s)
ORDER BY t.id
"""
_UNBUILT_SHARED = """
SELECT t.id FROM "{table}" t
WHERE %(everything)s OR NOT EXISTS (SELECT FROM projection_shared r WHERE r.noun = %(noun)s AND r.record_id = t.id AND r.shape = %(shape)s)
ORDER BY t.id
"""


def is_whole() -> bool:
    """Whether every record has rows of the present shape."""
    return not any(ids for _, ids in unbuilt(most=1))


def unbuilt(*, everything: bool = False, most: int | None = None) -> list[tuple[str, list[UUID]]]:
    """Records without rows of the present shape (or simply all), as (noun, ids); at `most` so many of each kind."""
    found = []
    with connection.cursor() as cursor:
        for noun in KINDS:
            statement = _UNBUILT_TESTIMONIES if noun == "testimony" else _UNBUILT_SHARED.format(table=NOUNS[noun].table)
            cursor.execute(
                f"{statement} LIMIT %(most)s", {"everything": everything, "shape": SHAPE, "noun": noun, "most": most}
            )
            found.append((noun, [record_id for (record_id,) in cursor.fetchall()]))
    return found


def _join_writers() -> None:
    """Let a data migration that hides rows wait until these are made, or wait for it.

    It locks the table of marks (migration 0002), on which everybody who writes has a lock.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE projection_stale IN ROW EXCLUSIVE MODE")


def _do_not_wait_for_the_disk() -> None:
    """What a crash takes back is found without rows of the present shape, and made once more."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def rebuild(
    *,
    everything: bool = False,
    progress: Callable[[int, int], None] | None = None,
    kinds: Container[str] = KINDS,
    share: tuple[int, int] = (0, 1),
) -> int:
    """Make rows anew in batches, each in a transaction of its own; stopped in the middle, the next call goes on.

    Several processes may do it together: each makes its `share`, (number, of how many). Testimonies are made of what is
    stored of sources, so all processes must have made the other kinds before any begins with testimonies.
    Returns how many records were rebuilt: those without rows of the present shape, or `everything`.
    """
    number, of = share
    work = [
        (noun, [record_id for record_id in ids if record_id.int % of == number])
        for noun, ids in unbuilt(everything=everything)
        if noun in kinds
    ]
    total, done = sum(len(ids) for _, ids in work), 0
    for noun, ids in work:
        for batch in _batches(ids):
            with transaction.atomic():
                _join_writers()
                _do_not_wait_for_the_disk()
                if noun == "testimony":
                    _store(lock_reached(marks_of({noun: batch}))[noun], _now(), anew=True)
                else:
                    lock_for_building(noun, batch)
                    if noun == "source":
                        shared_storage.store_source_tiers(batch)
                    shared_storage.store(noun, batch, _now())
            done += len(batch)
            if progress:
                progress(done, total)
    return done
