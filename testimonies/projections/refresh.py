"""Keeps the projection rows true: takes locks, rebuilds what a transaction made stale, rebuilds all.

Triggers mark whatever a statement makes stale, and no transaction commits with a mark left (migration 0002). Here the
marks of the running transaction are taken and their rows made anew. Parents are locked before testimonies, each kind in
the order of ids, and everything is read in a new statement after the locks: otherwise renaming a person while another
session adds their testimony would commit a stale row, since a foreign key's lock does not conflict with the renaming.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from testimonies.models.projections import ROWS
from testimonies.projections import reading, storage
from testimonies.projections.shapes import SHAPE
from testimonies.projections.shared import NOUNS

Marks = dict[str, set[UUID]]
PARENTS = ("codebook", "code", "collection", "source", "figure", "group", "person")
"""The order in which shared records are locked; testimonies come last."""
REFERENCE = {"codebook", "code", "collection", "group"}
"""What each process keeps in memory (selectors/reference.py)."""
MANY = 1_000
"""A change with more dependants hides them at once and rebuilds them in batches after the commit."""
BATCH = 500

_PARENTS_OF = """
SELECT 'person', person_id FROM testimonies_testimony WHERE id = ANY (%(ids)s)
UNION SELECT 'group', m.group_id FROM testimonies_testimony t JOIN testimonies_membership m ON m.id = t.membership_id WHERE t.id = ANY (%(ids)s)
UNION SELECT 'source', source_id FROM testimonies_citation WHERE testimony_id = ANY (%(ids)s)
UNION SELECT 'source', source_id FROM testimonies_claim WHERE testimony_id = ANY (%(ids)s) AND source_id IS NOT NULL
UNION SELECT 'collection', collection_id FROM testimonies_collectionitem WHERE testimony_id = ANY (%(ids)s)
UNION SELECT 'collection', collection_id FROM testimonies_caselink WHERE testimony_id = ANY (%(ids)s)
UNION SELECT 'code', code_id FROM testimonies_consensuscode WHERE testimony_id = ANY (%(ids)s)
UNION SELECT 'codebook', c.codebook_id FROM testimonies_consensuscode cc JOIN testimonies_code c ON c.id = cc.code_id
      WHERE cc.testimony_id = ANY (%(ids)s)
"""


@contextmanager
def refreshed() -> Iterator[None]:
    """A transaction that leaves its projections true: writes in the block, then `refresh`, then the commit."""
    with transaction.atomic():
        yield
        refresh()


def lock(**wanted: Iterable[UUID]) -> None:
    """Lock the records that are about to be written (person=…, source=…, testimony=…): parents first, each kind by id."""
    marks = {noun: set(ids) for noun, ids in wanted.items()}
    if marks.keys() & REFERENCE:
        # triggers move this one row when reference data change: taken later, it would be waited for in a circle
        with connection.cursor() as cursor:
            cursor.execute("SELECT testimonies_move_reference_revision()")
    _lock_parents(marks, marks)
    _lock_rows("testimonies_testimony", marks.get("testimony", set()), "NO KEY UPDATE")


def refresh() -> None:
    """Make true whatever this transaction made stale. Must run inside a transaction, after its last write."""
    marks = _take_marks()
    if not marks:
        return
    stale = _lock_all(marks, cited=marks.pop("cited", set()))
    now = _now()
    storage.store_source_tiers(marks["source"])
    for noun, ids in sorted(_shared_dependants(marks).items()):
        storage.store_shared(noun, ids, now)
    if len(stale) > MANY:
        _hide(stale)
        transaction.on_commit(rebuild)
    else:
        _store(stale, now)


def _store(ids: Iterable[UUID], now: dt.datetime, *, anew: bool = False) -> None:
    found = {UUID(record.id): record for record in reading.testimonies(list(ids))}
    storage.store({testimony_id: found.get(testimony_id) for testimony_id in ids}, now, anew=anew)


def _take_marks() -> Marks:
    marks: Marks = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM projection_stale RETURNING noun, record_id")
        for noun, record_id in cursor.fetchall():
            marks[noun].add(record_id)
    return marks


def _now() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def _dependants(marks: Marks) -> set[UUID]:
    with connection.cursor() as cursor:
        found: set[UUID] = set()
        for noun, ids in marks.items():
            cursor.execute("SELECT testimonies_dependants(%s, %s)", [noun, list(ids)])
            found |= {record_id for (record_id,) in cursor.fetchall()}
    return found


def _shared_dependants(marks: Marks) -> Marks:
    found: Marks = defaultdict(set)
    with connection.cursor() as cursor:
        for noun, ids in marks.items():
            cursor.execute("SELECT * FROM testimonies_shared_dependants(%s, %s)", [noun, list(ids)])
            for of_noun, record_id in cursor.fetchall():
                found[of_noun].add(record_id)
    return found


def _parents(ids: set[UUID]) -> Marks:
    found: Marks = defaultdict(set)
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_PARENTS_OF, {"ids": list(ids)})
            for noun, record_id in cursor.fetchall():
                found[noun].add(record_id)
    return found


def _lock_rows(table: str, ids: set[UUID], strength: str) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT 1 FROM "{table}" WHERE id = ANY (%s) ORDER BY id FOR {strength}', [list(ids)])


def _lock_parents(wanted: Marks, written: Marks) -> None:
    """What is written is locked against everybody; what is only read is locked against its writers."""
    for noun in PARENTS:
        table, mine = NOUNS[noun].table, written.get(noun, set())
        _lock_rows(table, mine, "NO KEY UPDATE")
        _lock_rows(table, wanted.get(noun, set()) - mine, "SHARE")


def _lock_all(marks: Marks, cited: set[UUID]) -> set[UUID]:
    """Lock the marked records, all testimonies that embed them, and everything that these embed; return the testimonies.

    Those of the `cited` sources whose effective tier has moved become marked themselves. What depends on a record is
    known for certain only once it is locked, so both questions are asked again after the locks, until nothing new turns up.
    """
    stale: set[UUID] = set()
    unlocked = marks
    marks["source"] |= storage.moved_sources(cited)
    while True:
        new = _dependants(marks) - stale
        _lock_parents(_parents(new), unlocked)
        _lock_rows("testimonies_testimony", new, "NO KEY UPDATE")
        stale |= new
        unlocked = {"source": storage.moved_sources(cited) - marks["source"]}
        marks["source"] |= unlocked["source"]
        if not unlocked["source"] and _dependants(marks) <= stale:
            return stale


def _hide(ids: set[UUID]) -> None:
    tables = [*(model._meta.db_table for model in ROWS.values()), "projection_text"]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {table} WHERE testimony_id = ANY (%s)", [list(ids)])


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


def unbuilt(*, everything: bool = False) -> list[tuple[str, list[UUID]]]:
    """Records without rows of the present shape (or simply all), as (noun, ids)."""
    found = []
    with connection.cursor() as cursor:
        for noun in (*PARENTS, "testimony"):
            statement = _UNBUILT_TESTIMONIES if noun == "testimony" else _UNBUILT_SHARED.format(table=NOUNS[noun].table)
            cursor.execute(statement, {"everything": everything, "shape": SHAPE, "noun": noun})
            found.append((noun, [record_id for (record_id,) in cursor.fetchall()]))
    return found


def rebuild(*, everything: bool = False, progress: Callable[[int, int], None] | None = None) -> int:
    """Make rows anew in batches, each in a transaction of its own; stopped in the middle, the next call goes on.

    Returns how many records were rebuilt: those without rows of the present shape, or `everything`.
    """
    work = unbuilt(everything=everything)
    total, done = sum(len(ids) for _, ids in work), 0
    for noun, ids in work:
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            with transaction.atomic():
                marks: Marks = defaultdict(set, {noun: set(batch)})
                if noun == "testimony":
                    _store(_lock_all(marks, cited=set()), _now(), anew=True)
                else:
                    _lock_parents({}, marks)
                    storage.store_source_tiers(marks["source"])
                    storage.store_shared(noun, batch, _now())
            done += len(batch)
            if progress:
                progress(done, total)
    return done
