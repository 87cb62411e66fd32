"""Which rows a change depends on and reaches, and the one order in which they are locked.

Parents come before testimonies, each kind in the order of ids. A foreign key's own lock does not conflict with renaming
what it points to: without these locks, renaming a person while another session adds their testimony would commit a stale
row (docs/adr/0003).
"""

import contextvars
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from testimonies.projections import shared_storage
from testimonies.projections.prepared import fetch
from testimonies.projections.shared import NOUNS

Marks = dict[str, set[UUID]]
"""Kind of record -> ids."""
Reached = tuple[Marks, Marks]
"""Records whose rows are to be made anew, and those that these rows are made of beside themselves."""
PARENTS = ("codebook", "code", "collection", "source", "figure", "campaign", "campaignuse", "group", "person")
"""The order in which shared records are locked; testimonies come last."""
TABLES = {noun: NOUNS[noun].table for noun in PARENTS} | {"testimony": "testimonies_testimony"}
REFERENCE = {"codebook", "code", "collection", "group"}
"""What each process keeps in memory (selectors/reference.py)."""

_REACHED = "SELECT is_part, of_noun, record_id FROM testimonies_reached(%s, %s)"
_PARTS_OF_LINKED = """
SELECT 'codebook', codebook_id FROM testimonies_code WHERE id = ANY (%(code)s)
UNION SELECT 'code', d.id FROM testimonies_code c JOIN testimonies_code d ON d.codebook_id = c.codebook_id AND d.slug = c.dimension
      WHERE c.id = ANY (%(code)s)
"""
_FOLLOWING = """
SELECT 'source', c.source_id FROM testimonies_citation c JOIN testimonies_testimony t ON t.id = c.testimony_id
WHERE t.id = ANY (%(testimony)s) OR t.person_id = ANY (%(person)s)
UNION SELECT 'source', c.source_id FROM testimonies_claim c JOIN testimonies_testimony t ON t.id = c.testimony_id
WHERE c.source_id IS NOT NULL AND (t.id = ANY (%(testimony)s) OR t.person_id = ANY (%(person)s))
UNION SELECT 'codebook', codebook_id FROM testimonies_code WHERE id = ANY (%(code)s) AND parent_id IS NULL
"""
_TESTIFYING = "SELECT 'person', person_id FROM testimonies_testimony WHERE id = ANY (%(testimony)s)"


def lock(
    *,
    linked: Mapping[str, Iterable[UUID]] | None = None,
    made: Mapping[str, Iterable[UUID]] | None = None,
    tiers: bool = False,
    memberships: bool = False,
    **written: Iterable[UUID],
) -> Marks:
    """Lock what is about to be written (person=…, source=…, testimony=…) and all whose rows depend on it.

    Called first in a transaction, it takes every lock that `refresh` will want, in the one order in which no two sessions
    wait for each other (tests/lock_order.py holds every act to it).

    written      An empty list where rows of that kind will only be added.
    made         Records that will be added, by the ids that they will have: nobody else can have locked them.
    linked       Records to which something will newly point, but which are not written: {"group": …}.
    tiers        Whether a tier, the person of a testimony, or what it cites may change, and with it who sees the sources
                 that are cited; or the tier or slug of a dimension, and with it all codes of its codebook.
    member=…     Persons of whom a membership will be added: none of their testimonies tells of it yet.
    memberships  Whether memberships of those who testify may change: they stand in the document of the person.
    Returns      Which of all these rows are there: one that was looked up before may be gone.
    """
    if written.keys() & REFERENCE:
        # triggers move this one row when reference data change: taken later, it would be waited for in a circle
        with connection.cursor() as cursor:
            cursor.execute("SELECT testimonies_move_reference_revision()")
    wanted, mine, parts = marks_of(written), marks_of({}), marks_of(linked or {})
    codes = marks_of({"code": parts["code"]})

    def found() -> Marks:
        persons = _ask(_TESTIFYING, wanted, "testimony") if memberships else marks_of({})
        following = _ask(_FOLLOWING, wanted, "testimony", "person", "code") if tiers else marks_of({})
        return _union(_union(wanted, persons), following)

    def of_codes() -> Marks:
        return _ask(_PARTS_OF_LINKED, codes, "code")

    while True:
        marks = found()
        more, beside = reached(marks)
        mine, parts = _union(mine, more), _union(parts, _union(beside, of_codes()))
        there, now, now_beside = _lock_rows(mine, parts, marks, "SAVEPOINT before_locks")
        with connection.cursor() as cursor:
            if not (_beyond(now, mine) or _beyond(_union(now_beside, of_codes()), parts) or _beyond(found(), marks)):
                cursor.execute("RELEASE SAVEPOINT before_locks")
                _hold(mine, parts, marks_of(made or {}))
                return there
            # what turned up while waiting would be locked too late: let all go, and take all in order
            cursor.execute("ROLLBACK TO SAVEPOINT before_locks; RELEASE SAVEPOINT before_locks")


@dataclass(slots=True)
class _Held:
    """What `lock` has locked in the running block, against everybody or against writers."""

    depth: int
    mine: Marks = field(default_factory=lambda: marks_of({}))
    parts: Marks = field(default_factory=lambda: marks_of({}))
    made: Marks = field(default_factory=lambda: marks_of({}))


_held: contextvars.ContextVar[_Held | None] = contextvars.ContextVar("testimonies_held", default=None)


@contextmanager
def holding() -> Iterator[None]:
    """A block of one transaction, within which what is locked once need not be locked again."""
    token = _held.set(_Held(len(connection.savepoint_ids)))
    try:
        yield
    finally:
        _held.reset(token)


def _hold(mine: Marks, parts: Marks, made: Marks) -> None:
    held = _held.get()
    # a savepoint within the block may yet let go what it locked
    if held and held.depth == len(connection.savepoint_ids):
        _add(mine, held.mine)
        _add(made, held.mine)
        _add(made, held.made)
        _add(parts, held.parts)


def made(**records: Iterable[UUID]) -> None:
    """Within a block that holds locks: records that it adds, of which `lock` could not know."""
    _hold(marks_of({}), marks_of({}), marks_of(records))


def taken_made(noun: str) -> set[UUID]:
    """Records that the running block has made, of which no row has been made yet. Asked once: then they have."""
    held = _held.get()
    return held.made.pop(noun, set()) if held else set()


def _are_held(mine: Marks, parts: Marks) -> bool:
    held = _held.get()
    return held is not None and not (_beyond(mine, held.mine) or _beyond(_beyond(parts, held.mine), held.parts))


def lock_reached(marks: Marks, asked: Reached | None = None, *, cited: Iterable[UUID] = ()) -> Marks:
    """Lock all that the marked records reach, and what its rows are made of; return what was reached.

    Those of the `cited` sources whose effective tier has moved become marked themselves. What depends on a record is
    known for certain only once it is locked, so both questions are asked again after the locks, until nothing new turns up.
    What was `asked` already when all of it is held is known.
    """
    mine = marks_of({})
    if moved := shared_storage.moved_sources(cited) - marks["source"]:
        marks["source"] |= moved
        asked = None
    found, parts = asked or reached(marks)
    if _are_held(found, parts):
        return found
    while new := _beyond(found, mine):
        mine = _union(mine, new)
        _, found, parts = _lock_rows(new, parts, marks)
        if moved := shared_storage.moved_sources(cited) - marks["source"]:
            marks["source"] |= moved
            found, parts = reached(marks)
    return mine


def lock_for_building(noun: str, ids: Iterable[UUID]) -> None:
    """Lock shared records whose documents are built anew, and what these are made of."""
    mine = marks_of({noun: ids})
    with connection.cursor() as cursor:
        cursor.execute("SELECT of_noun, record_id FROM testimonies_parts(%s, %s)", _side_by_side(mine))
        parts = _gathered(cursor.fetchall())
    _lock_rows(mine, parts, marks_of({}))


def marks_of(ids: Mapping[str, Iterable[UUID]]) -> Marks:
    return defaultdict(set, {noun: set(found) for noun, found in ids.items()})


def reached(marks: Marks) -> Reached:
    """Testimonies whose rows embed something of the marked records, and shared records whose documents do; and what all
    these rows are made of, beside themselves."""
    return apart(fetch(_REACHED, _side_by_side(marks))) if any(marks.values()) else (marks_of({}), marks_of({}))


def _side_by_side(marks: Marks) -> tuple[list[str], list[UUID]]:
    pairs = [(noun, record_id) for noun, ids in marks.items() for record_id in ids]
    return [noun for noun, _ in pairs], [record_id for _, record_id in pairs]


def apart(rows: Iterable[tuple[bool, str, UUID]]) -> Reached:
    found, parts = marks_of({}), marks_of({})
    for is_part, noun, record_id in rows:
        (parts if is_part else found)[noun].add(record_id)
    return found, parts


def _gathered(rows: Iterable[tuple[str, UUID]]) -> Marks:
    found = marks_of({})
    for noun, record_id in rows:
        found[noun].add(record_id)
    return found


def _ask(statement: str, marks: Marks, *names: str) -> Marks:
    """The answer to a statement that selects kinds and ids, given the ids of these names."""
    parameters = {name: list(marks.get(name, ())) for name in names}
    if not any(parameters.values()):
        return marks_of({})
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return _gathered(cursor.fetchall())


def _union(one: Marks, other: Marks) -> Marks:
    return marks_of({noun: one.get(noun, set()) | other.get(noun, set()) for noun in one.keys() | other.keys()})


def _add(some: Marks, known: Marks) -> None:
    for noun, ids in some.items():
        known[noun] |= ids


def _beyond(some: Marks, known: Marks) -> Marks:
    return marks_of({noun: ids - known[noun] for noun, ids in some.items() if ids - known[noun]})


def _lock_rows(mine: Marks, parts: Marks, marks: Marks, before: str = "") -> tuple[Marks, Marks, Marks]:
    """What is written is locked against everybody; what is only read is locked against its writers.

    Both in one order of ids: else two sessions, each of which writes what the other reads, would wait for each other.
    Returns which rows are there, and what the marked records reach once all is locked.
    """
    statements: list[str] = [before] if before else []
    parameters: list[Any] = []
    for noun, table in TABLES.items():
        written = mine.get(noun, set())
        for is_written, ids in groupby(sorted(written | parts.get(noun, set())), key=written.__contains__):
            strength = "NO KEY UPDATE" if is_written else "SHARE"
            statements.append(f"SELECT '{noun}', id FROM \"{table}\" WHERE id = ANY (%s) ORDER BY id FOR {strength}")
            parameters.append(list(ids))
    with connection.cursor() as cursor:  # one after the other, sent at once: each sees what was committed before it
        cursor.execute("; ".join([*statements, _REACHED]), [*parameters, *_side_by_side(marks)])
        there: list[tuple[str, UUID]] = []
        for _ in statements:
            there += cursor.fetchall() if cursor.description else []
            cursor.nextset()
        return _gathered(there), *apart(cursor.fetchall())
