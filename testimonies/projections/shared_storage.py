"""How documents of shared records lie in PostgreSQL, since when each tier sees them, and the effective tiers of sources."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import connection

from testimonies.access import Tier
from testimonies.models.projections import ROWS, SharedDocument
from testimonies.projections import documents, frozen, reading, shared
from testimonies.projections.documents import compact, stamped_text
from testimonies.projections.prepared import fetch_all, insert
from testimonies.projections.shapes import SHAPE

KEPT = ("id", "vector")
"""Columns that are not compared as plain values: the row's own number, and the vector, which only PostgreSQL computes."""
Stored = dict[str, Any]
Moments = dict[tuple[UUID, int], dt.datetime]
"""(record, tier) -> moment."""


def columns_of(model: type) -> list[str]:
    fields = model._meta.concrete_fields  # type: ignore[attr-defined]
    return [field.column for field in fields if field.column not in KEPT and not field.generated]


def quoted(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


_COLUMNS = columns_of(SharedDocument)
_SHOWN_BY = {
    "person": "{rows} r WHERE r.person_id = w.id",
    # found by the citations, not by the index of facets, which reads all that was written lately for each source
    "source": "testimonies_citation c JOIN {rows} r ON r.testimony_id = c.testimony_id AND w.id::text = ANY (r.sources) WHERE c.source_id = w.id",
}
"""Which projection rows show a record w of the kind."""


def moved_sources(ids: Iterable[UUID]) -> set[UUID]:
    """Those of the sources whose effective tier is no longer the stored one."""
    if not (ids := list(ids)):
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id FROM testimonies_source s LEFT JOIN projection_source_tier e ON e.source_id = s.id "
            f"WHERE s.id = ANY (%s) AND e.tier IS DISTINCT FROM {reading.EFFECTIVE_TIER}",
            [ids],
        )
        return {source_id for (source_id,) in cursor.fetchall()}


def store_source_tiers(ids: Iterable[UUID]) -> None:
    """Make the effective tiers of these sources true; sources that are no more lose theirs."""
    ids = list(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO projection_source_tier (source_id, tier) SELECT s.id, {reading.EFFECTIVE_TIER} FROM testimonies_source s "
            "WHERE s.id = ANY (%s) ON CONFLICT (source_id) DO UPDATE SET tier = excluded.tier",
            [ids],
        )
        cursor.execute(
            "DELETE FROM projection_source_tier e WHERE e.source_id = ANY (%s) "
            "AND NOT EXISTS (SELECT FROM testimonies_source s WHERE s.id = e.source_id)",
            [ids],
        )


Written = tuple[str, str]
"""A document as JSON, without its moment, and its digest."""


def stored_shared(
    noun: str, whole: shared.Whole, tier: Tier, seen: shared.Shared, *, written: Written, moment: dt.datetime
) -> Stored:
    staff = tier == Tier.RESTRICTED
    text, digest = written
    return {
        "noun": noun,
        "record_id": whole.id,
        "tier": int(tier),
        "shape": SHAPE,
        "digest": digest,
        "updated_at": moment,
        "version": whole.version if staff else 0,
        "created_by_id": whole.created_by_id if staff else None,
        "document": stamped_text(seen.document, text, moment),
        "facets": seen.facets,
        "sort_key": seen.sort_key,
    }


Rows = dict[tuple[UUID, int], Stored]
"""(Record, tier) -> its row."""
_ROWS_OF = f"SELECT id, {quoted(_COLUMNS)} FROM projection_shared WHERE noun = %s AND record_id = ANY (%s)"


Read = list[list[tuple[Any, ...]]]
"""Rows as they are stored, and records of which they are made, as PostgreSQL sends them."""


def read(noun: str, ids: Iterable[UUID]) -> Read:
    ids = list(ids)
    return fetch_all((_ROWS_OF, [noun, ids]), (shared.NOUNS[noun].statement, [ids]))


def stored_and_computed(noun: str, found: Read, now: dt.datetime) -> tuple[Rows, Rows]:
    """The rows of these records as they are, and as the base tables would have them."""
    rows, wholes = found
    stored = [dict(zip(["id", *_COLUMNS], values, strict=True)) for values in rows]
    for row in stored:
        row["facets"] = json.loads(row["facets"])  # which Django leaves to its own fields
    old = {(row["record_id"], row["tier"]): row for row in stored}
    new = {(row["record_id"], row["tier"]): row for row in _computed(noun, shared.wholes(wholes), old, now)}
    return old, new


def _computed(noun: str, wholes: Iterable[shared.Whole], old: Rows, now: dt.datetime) -> Iterator[Stored]:
    for whole in wholes:
        made: list[tuple[shared.Shared, Written]] = []
        for tier in Tier:
            seen = shared.project(noun, whole.values, tier)
            if seen is None:
                continue
            written = next((known for other, known in made if other == seen), None)  # tiers that see the same
            if written is None:
                text = compact(seen.document)
                written = text, documents.digest(text)
            made.append((seen, written))
            before = old.get((whole.id, tier))
            moment = before["updated_at"] if before and before["digest"] == written[1] else now
            yield stored_shared(noun, whole, tier, seen, written=written, moment=moment)


def store(noun: str, old: Rows, new: Rows) -> frozen.Change:
    """Make the documents of these records true; records that are no more lose theirs.

    Returns how what published testimonies show of these records changes.
    """
    change = _change(noun, old, new)
    kept = {key for key, row in old.items() if {column: row[column] for column in _COLUMNS} == new.get(key)}
    gone = [row["id"] for key, row in old.items() if key not in new]
    if gone:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM projection_shared WHERE id = ANY (%s)", [gone])
    moved = ", ".join(f'"{column}" = excluded."{column}"' for column in _COLUMNS)
    changed = [row for key, row in new.items() if key not in kept]
    insert(SharedDocument, _COLUMNS, changed, instead=f"ON CONFLICT (noun, tier, record_id) DO UPDATE SET {moved}")
    return change


def _change(noun: str, old: Rows, new: Rows) -> frozen.Change:
    """Persons and sources are seen with the published testimonies that need them; others by their own tier, at all times.

    Their rows are asked only about what changes, so that most writes cost no statement.
    """
    changes: dict[tuple[UUID, int], frozen.Change] = {}
    for key in old.keys() | new.keys() if noun in _SHOWN_BY else ():
        before, after = (json.loads(rows[key]["document"]) if key in rows else None for rows in (old, new))
        if key[1] == Tier.RESTRICTED or before == after:
            continue
        hides = after is None or (before is not None and frozen.says_no_more(after, before))
        if before is not None and after is not None and frozen.says_no_more(before, after) and hides:
            continue  # nothing but the moment
        changes[key] = frozen.Change.LESS if hides else frozen.Change.OTHER
    shown = {
        (record_id, int(tier))
        for tier in (Tier.PUBLIC, Tier.PARTNER)
        if (asked := [record_id for record_id, of_tier in changes if of_tier == tier])
        for record_id in _shown_by_some(noun, tier, asked)
    }
    return max((change for key, change in changes.items() if key in shown), default=frozen.Change.NONE)


def _shown_by_some(noun: str, tier: Tier, ids: list[UUID]) -> list[UUID]:
    """Those of the records that a projection row of the tier shows, at whatever time."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT w.id FROM unnest(%s::uuid[]) AS w (id) WHERE EXISTS (SELECT FROM {_shown_by(noun, tier)})",
            [ids],
        )
        return [record_id for (record_id,) in cursor.fetchall()]


def _shown_by(noun: str, tier: Tier) -> str:
    return _SHOWN_BY[noun].format(rows=ROWS[tier]._meta.db_table)


def _shown_first(noun: str, moments: Moments, testimonies: Iterable[UUID]) -> Moments:
    """Those that no other testimony has shown to the tier by that moment."""
    found: Moments = {}
    ids = list(testimonies)
    for tier in (Tier.PUBLIC, Tier.PARTNER):
        wanted = {record_id: moment for (record_id, of_tier), moment in moments.items() if of_tier == tier}
        if not wanted:
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT w.id FROM unnest(%s::uuid[], %s::timestamptz[]) AS w (id, moment) "
                f"WHERE NOT EXISTS (SELECT FROM {_shown_by(noun, tier)} AND r.testimony_id <> ALL (%s) "
                "AND coalesce(lower(r.during), '-infinity') <= w.moment)",
                [list(wanted), list(wanted.values()), ids],
            )
            found |= {(record_id, int(tier)): wanted[record_id] for (record_id,) in cursor.fetchall()}
    return found


def show_since(noun: str, moments: Moments, testimonies: Iterable[UUID], now: dt.datetime) -> None:
    """A document that a tier comes to see at a moment has changed at that moment, and not later: that would tell of an embargo.

    Other sessions may be showing the same record for the first time: the rows are locked, in order, and not written anew.
    """
    moments = _shown_first(noun, moments, testimonies)
    if not moments:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, record_id, tier, updated_at, document FROM projection_shared "
            "WHERE noun = %s AND record_id = ANY (%s) ORDER BY id FOR NO KEY UPDATE",
            [noun, [record_id for record_id, _ in moments]],
        )
        changed: list[tuple[int, dt.datetime, str]] = []
        for row_id, record_id, tier, updated_at, document in cursor.fetchall():
            moment = moments.get((record_id, tier), updated_at)
            if updated_at < moment or max(now, moment) < updated_at:
                text = compact({**json.loads(document), "updated_at": documents.instant(moment)})
                changed.append((row_id, moment, text))
        if changed:
            cursor.execute(
                "UPDATE projection_shared p SET updated_at = m.moment, document = m.document "
                "FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS m (id, moment, document) WHERE p.id = m.id",
                list(map(list, zip(*changed, strict=True))),
            )
