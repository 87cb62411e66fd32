"""Which rows a change depends on and reaches, and the one order in which they are locked.

Parents come before testimonies, each kind in the order of ids. A foreign key's own lock does not conflict with renaming
what it points to: without these locks, renaming a person while another session adds their testimony would commit a stale
row (docs/adr/0003).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from uuid import UUID

from django.db import connection, transaction

from testimonies.projections import storage
from testimonies.projections.shared import NOUNS

Marks = dict[str, set[UUID]]
"""Kind of record -> ids."""
PARENTS = ("codebook", "code", "collection", "source", "figure", "group", "person")
"""The order in which shared records are locked; testimonies come last."""
TABLES = {noun: NOUNS[noun].table for noun in PARENTS} | {"testimony": "testimonies_testimony"}
REFERENCE = {"codebook", "code", "collection", "group"}
"""What each process keeps in memory (selectors/reference.py)."""

_DEPENDING = (
    "SELECT 'testimony', testimonies_dependants(%s, %s) "
    "UNION ALL SELECT of_noun, record_id FROM testimonies_shared_dependants(%s, %s)"
)
_PARTS_OF_TESTIMONIES = """
SELECT 'person', person_id FROM testimonies_testimony WHERE id = ANY (%(ids)s)
UNION SELECT 'group', m.group_id FROM testimonies_testimony t JOIN testimonies_membership m ON m.id = t.membership_id WHERE t.id = ANY (%(ids)s)
UNION SELECT 'source', source_id FROM testimonies_citation WHERE testimony_id = ANY (%(ids)s)
UNION SELECT 'source', source_id FROM testimonies_claim WHERE testimony_id = ANY (%(ids)s) AND source_id IS NOT NULL
UNION SELECT 'collection', collection_id FROM testimonies_collectionitem WHERE testimony_id = ANY (%(ids)s)
UNION SELECT 'collection', collection_id FROM testimonies_caselink WHERE testimony_id = ANY (%(ids)s)
UNION SELECT 'code', code_id FROM testimonies_consensuscode WHERE testimony_id = ANY (%(ids)s)
UNION SELECT 'code', d.id FROM testimonies_consensuscode cc JOIN testimonies_code c ON c.id = cc.code_id
      JOIN testimonies_code d ON d.codebook_id = c.codebook_id AND d.slug = c.dimension WHERE cc.testimony_id = ANY (%(ids)s)
UNION SELECT 'codebook', c.codebook_id FROM testimonies_consensuscode cc JOIN testimonies_code c ON c.id = cc.code_id
      WHERE cc.testimony_id = ANY (%(ids)s)
"""
_PARTS_OF_PARENTS = """
SELECT 'group', group_id FROM testimonies_membership WHERE person_id = ANY (%(person)s)
UNION SELECT 'source', source_id FROM testimonies_figuresource WHERE figure_id = ANY (%(figure)s)
UNION SELECT 'collection', collection_id FROM testimonies_figure WHERE id = ANY (%(figure)s)
UNION SELECT 'codebook', codebook_id FROM testimonies_collection WHERE id = ANY (%(collection)s) AND codebook_id IS NOT NULL
UNION SELECT 'codebook', codebook_id FROM testimonies_code WHERE id = ANY (%(code)s)
UNION SELECT 'code', parent_id FROM testimonies_code WHERE id = ANY (%(code)s) AND parent_id IS NOT NULL
"""
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
    tiers: bool = False,
    memberships: bool = False,
    **written: Iterable[UUID],
) -> None:
    """Lock what is about to be written (person=…, source=…, testimony=…) and all whose rows depend on it.

    Called first in a transaction, it takes every lock that `refresh` will want, in the one order in which no two sessions
    wait for each other (tests/lock_order.py holds every act to it).

    written      An empty list where rows of that kind will only be added.
    linked       Records to which something will newly point, but which are not written: {"group": …}.
    tiers        Whether a tier, the person of a testimony, or what it cites may change, and with it who sees the sources
                 that are cited; or the tier or slug of a dimension, and with it all codes of its codebook.
    memberships  Whether memberships of those who testify may change: they stand in the document of the person.
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

    while True:
        mine = _union(mine, reached(found()))
        parts = _union(parts, _union(_parts_of(mine), _ask(_PARTS_OF_LINKED, codes, "code")))
        before = transaction.savepoint()
        _lock_rows(mine, parts)
        known = _union(_parts_of(mine), _ask(_PARTS_OF_LINKED, codes, "code"))
        if not (_beyond(reached(found()), mine) or _beyond(known, parts)):
            transaction.savepoint_commit(before)
            return
        # what turned up while waiting would be locked too late: let all go, and take all in order
        transaction.savepoint_rollback(before)


def lock_reached(marks: Marks, *, cited: Iterable[UUID] = ()) -> Marks:
    """Lock all that the marked records reach, and what its rows are made of; return what was reached.

    Those of the `cited` sources whose effective tier has moved become marked themselves. What depends on a record is
    known for certain only once it is locked, so both questions are asked again after the locks, until nothing new turns up.
    """
    mine = marks_of({})
    while True:
        if moved := storage.moved_sources(cited):
            marks["source"] |= moved
        if not (new := _beyond(reached(marks), mine)):
            return mine
        _lock_rows(new, _parts_of(new))
        mine = _union(mine, new)


def lock_for_building(noun: str, ids: Iterable[UUID]) -> None:
    """Lock shared records whose documents are built anew, and what these are made of."""
    mine = marks_of({noun: ids})
    _lock_rows(mine, _parts_of(mine))


def marks_of(ids: Mapping[str, Iterable[UUID]]) -> Marks:
    return defaultdict(set, {noun: set(found) for noun, found in ids.items()})


def reached(marks: Marks) -> Marks:
    """Testimonies whose rows embed something of the marked records, and shared records whose documents do."""
    found, asked = marks_of({}), [(noun, list(ids)) for noun, ids in marks.items() if ids]
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join([_DEPENDING] * len(asked)), [part for noun, ids in asked for part in (noun, ids) * 2]
            )
            for of_noun, record_id in cursor.fetchall():
                found[of_noun].add(record_id)
    return found


def _parts_of(mine: Marks) -> Marks:
    """What the rows of these records are made of, beside themselves."""
    testimonies = {"ids": mine["testimony"]}
    return _union(
        _ask(_PARTS_OF_TESTIMONIES, testimonies, "ids"),
        _ask(_PARTS_OF_PARENTS, mine, "person", "figure", "collection", "code"),
    )


def _ask(statement: str, marks: Marks, *names: str) -> Marks:
    """The answer to a statement that selects kinds and ids, given the ids of these names."""
    found, parameters = marks_of({}), {name: list(marks.get(name, ())) for name in names}
    if any(parameters.values()):
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            for noun, record_id in cursor.fetchall():
                found[noun].add(record_id)
    return found


def _union(one: Marks, other: Marks) -> Marks:
    return marks_of({noun: one.get(noun, set()) | other.get(noun, set()) for noun in one.keys() | other.keys()})


def _beyond(some: Marks, known: Marks) -> Marks:
    return marks_of({noun: ids - known[noun] for noun, ids in some.items() if ids - known[noun]})


def _lock_rows(mine: Marks, parts: Marks) -> None:
    """What is written is locked against everybody; what is only read is locked against its writers.

    Both in one order of ids: else two sessions, each of which writes what the other reads, would wait for each other.
    """
    statements, parameters = [], []
    for noun, table in TABLES.items():
        written = mine.get(noun, set())
        for is_written, ids in groupby(sorted(written | parts.get(noun, set())), key=written.__contains__):
            strength = "NO KEY UPDATE" if is_written else "SHARE"
            statements.append(f'SELECT 1 FROM "{table}" WHERE id = ANY (%s) ORDER BY id FOR {strength}')
            parameters.append(list(ids))
    if statements:
        with connection.cursor() as cursor:  # one after the other, sent at once
            cursor.execute("; ".join(statements), parameters)
