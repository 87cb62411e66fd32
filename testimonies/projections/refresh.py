"""Keeps the projection rows true: rebuilds what a transaction made stale, rebuilds all.

Triggers mark whatever a statement makes stale, and no transaction commits with a mark left (migration 0002). Here the
marks of the running transaction are taken and their rows made anew, read in a new statement after the locks.
"""

import contextvars
import datetime as dt
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from testimonies.models.projections import ROWS
from testimonies.projections import batches, shared_storage, showings, storage
from testimonies.projections.batches import Batch, Shared, Testimonies
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
    token = _begun.set([])
    try:
        with transaction.atomic(), holding():
            yield
            if _begun.get():
                raise RuntimeError("A refresh was begun and not finished.")
            change = refresh()
            if judge:
                judge(change)
    finally:
        _begun.reset(token)


def refresh() -> Change:
    """Make true whatever this transaction made stale. Must run inside a transaction, after its last write.

    Returns how what is shown below restricted of published testimonies changes.
    """
    found = _taken()
    with at_once():
        return max(map(batches.stored, found), default=Change.NONE)


_begun: contextvars.ContextVar[list[Batch]] = contextvars.ContextVar("testimonies_begun")


def begin_refresh() -> list[Batch]:
    """`refresh` in its first half, within `refreshed`: what the transaction made stale is locked and read.

    Its rows are made by whoever calls, wherever they like, and stored by `finish_refresh` before the block ends.
    """
    found = _taken()
    with at_once():
        for batch in found:
            batch.read()
    _begun.get().extend(found)
    return found


def finish_refresh(found: list[Batch]) -> Change:
    """The other half, once each of these batches has made its rows."""
    with at_once():
        change = max((batch.store() for batch in found), default=Change.NONE)
    _begun.set([batch for batch in _begun.get() if batch not in found])
    return change


def _taken() -> list[Batch]:
    """What is stale, locked and no longer marked."""
    marks, asked, now = _take_marks()
    if not marks:
        return []
    stale = lock_reached(marks, asked, cited=marks.pop("cited", set()))
    testimonies = stale.pop("testimony", set())
    if sources := marks.get("source"):
        shared_storage.store_source_tiers(sources)
    found: list[Batch] = [
        Shared(noun, ids, now) for noun, of_noun in sorted(stale.items()) for ids in _batches(sorted(of_noun))
    ]
    made = taken_made("testimony")
    if len(testimonies) > MANY:
        new = _without_rows(testimonies - made) | (testimonies & made)
        found += [Testimonies(ids, now, made=new) for ids in _batches(sorted(new))]
        testimonies -= new
    found.append(_Many(testimonies, now) if len(testimonies) > MANY else Testimonies(testimonies, now, made=made))
    return found


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _without_rows(ids: set[UUID]) -> set[UUID]:
    """Those that are new, as all others have rows at the restricted tier: there is nothing to compare them with, or to hide."""
    rows = fetch("SELECT testimony_id FROM projection_restricted WHERE testimony_id = ANY (%s)", [list(ids)])
    return ids - {testimony_id for (testimony_id,) in rows}


class _Many:
    """Too many testimonies to make their rows now: they are hidden, and made after the commit."""

    def __init__(self, ids: set[UUID], now: dt.datetime) -> None:
        self.ids, self.now = ids, now

    def read(self) -> None:
        """In batches when they are compared, lest all be held at once."""

    def make(self) -> None:
        """After the commit."""

    def store(self) -> Change:
        change = Change.NONE
        for ids in _batches(sorted(self.ids)):
            batch = Testimonies(ids, self.now)
            batch.read()
            batch.make()
            change = max(change, batch.change())
            if change == max(Change):
                break
        _hide(self.ids)
        transaction.on_commit(rebuild)
        return change


_TAKEN = """
WITH taken AS (DELETE FROM projection_stale RETURNING noun, record_ids),
  marks AS (SELECT DISTINCT noun, unnest(record_ids) AS record_id FROM taken),
  known AS (SELECT array_agg(noun::text) AS nouns, array_agg(record_id) AS ids FROM marks WHERE noun <> 'cited')
SELECT NULL AS is_part, noun::text AS of_noun, record_id, now(), set_config('plan_cache_mode', 'force_generic_plan', true) FROM marks
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
                    batches.stored(Testimonies(lock_reached(marks_of({noun: batch}))[noun], _now(), anew=True))
                else:
                    lock_for_building(noun, batch)
                    if noun == "source":
                        shared_storage.store_source_tiers(batch)
                    batches.stored(Shared(noun, batch, _now()))
            done += len(batch)
            if progress:
                progress(done, total)
    return done
