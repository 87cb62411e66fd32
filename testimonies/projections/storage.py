"""How projection rows lie in PostgreSQL: writes what changed, keeps what did not, tells where stored and computed differ."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from psycopg.types.json import Jsonb
from psycopg.types.range import TimestamptzRange

from testimonies.access import Tier
from testimonies.models.projections import ROWS, SharedDocument, TextDocument
from testimonies.models.testimonies import Status
from testimonies.projections import documents, frozen, reading, records, redaction, shared
from testimonies.projections.documents import NO_SNIPPETS, Row, compact, stamped
from testimonies.projections.prepared import fetch
from testimonies.projections.shapes import SHAPE
from testimonies.values.folding import searchable
from testimonies.values.languages import search_config

VECTOR = "setweight(to_tsvector(%s::regconfig, %s), 'A') || setweight(to_tsvector(%s::regconfig, %s), 'B')"
KEPT = ("id", "vector")
"""Columns that are not compared as plain values: the row's own number, and the vector, which only PostgreSQL computes."""

Stored = dict[str, Any]
ALWAYS, NEVER = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)
Moments = dict[tuple[UUID, int], dt.datetime]
"""(record, tier) -> moment."""


def configurations() -> tuple[str, ...]:
    """The text search configurations in use, of migration 0003 and `simple`: by these a query's words are stemmed.

    Fixed by a setting, not by the languages of the texts: a hidden text must change no answer.
    """
    stemmers = dict.fromkeys(search_config(tag) for tag in settings.SEARCH_LANGUAGES)
    return ("simple", *(f"keep_{name}" for name in stemmers if name != "simple"))


def configuration(language: str) -> str:
    """That of a text; `simple` where PostgreSQL has no stemmer, or none that queries use: nobody would find its stems."""
    name = f"keep_{search_config(language)}"
    return name if name in configurations() else "simple"


def _columns(model: type) -> list[str]:
    fields = model._meta.concrete_fields  # type: ignore[attr-defined]
    return [field.column for field in fields if field.column not in KEPT and not field.generated]


def _quoted(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def moment_of(row: Row, old: Iterable[Stored], now: dt.datetime) -> dt.datetime:
    """When the tier's bytes last changed: never in the past of what it saw before, never before the row begins to hold."""
    holds = (not row.starts_at or row.starts_at <= now) and (not row.ends_at or now < row.ends_at)

    def is_the_same(stored: Stored) -> bool:
        # what comes back after a gap is new; a row that is hidden for a rebuild (it holds at no time) is not
        was_seen = stored["during"].isempty or now in stored["during"] or not holds
        return stored["digest"] == row.digest and stored["updated_at"] <= now and was_seen

    kept = [stored["updated_at"] for stored in old if is_the_same(stored)]
    moment = max(kept, default=now)
    return max(moment, row.starts_at) if row.starts_at and row.starts_at > now else moment


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def stored_row(record: records.Testimony, row: Row, moment: dt.datetime) -> Stored:
    """The row as its table keeps it, without number and vector."""
    item = stamped(row.item, moment)
    values = {
        "testimony_id": UUID(record.id),
        "during": TimestamptzRange(row.starts_at, row.ends_at, "[)"),
        "uses": list(row.uses),
        "shape": SHAPE,
        "digest": row.digest,
        "updated_at": moment,
        "item": compact(item)[:-1] + NO_SNIPPETS,
        "extra": compact(row.extra)[1:-1],
        **row.facets,
    }
    for name in ("given", "joined", "left"):
        values[f"{name}_earliest"], values[f"{name}_latest"] = (
            _day(values[f"{name}_earliest"]),
            _day(values[f"{name}_latest"]),
        )
    values["person_id"] = UUID(values["person_id"])
    values["codes"] = [UUID(code) for code in values["codes"]]
    return values


def vector_parameters(row: Row) -> tuple[str, str, str, str]:
    name = configuration(row.language)
    return name, searchable(row.words[0]), name, searchable(row.words[1])


def rows_of(ids: Iterable[UUID]) -> dict[Tier, dict[UUID, list[Stored]]]:
    """All rows of these testimonies, in the order in which they hold, one statement for all tiers."""
    found: dict[Tier, dict[UUID, list[Stored]]] = {tier: defaultdict(list) for tier in Tier}
    columns = ["id", *_columns(ROWS[Tier.PUBLIC])]
    ids, selected = list(ids), _quoted(columns)
    tables = " UNION ALL ".join(
        f"SELECT {int(tier)}, {selected} FROM {model._meta.db_table} WHERE testimony_id = ANY (%s)"
        for tier, model in ROWS.items()
    )
    rows = fetch(tables, [ids] * len(ROWS))
    for tier, *values in rows:
        row = dict(zip(columns, values, strict=True))
        found[Tier(tier)][row["testimony_id"]].append(row)
    for of_tier in found.values():
        for stored in of_tier.values():
            stored.sort(key=lambda row: row["during"].lower or ALWAYS)
    return found


Plan = dict[Tier, dict[UUID, list[tuple[Stored, Row]]]]
"""Tier -> testimony -> its rows, as they are to be stored, and as they were made."""


def planned(
    found: dict[UUID, records.Testimony | None], old: dict[Tier, dict[UUID, list[Stored]]], now: dt.datetime
) -> Plan:
    return {
        tier: {
            testimony_id: [
                (stored_row(record, row, moment_of(row, old[tier][testimony_id], now)), row)
                for row in documents.project(record, tier)
            ]
            if record
            else []
            for testimony_id, record in found.items()
        }
        for tier in Tier
    }


def store(
    found: dict[UUID, records.Testimony | None], now: dt.datetime, *, anew: bool = False, dry: bool = False
) -> frozen.Change:
    """Make the rows of these testimonies true; None stands for a testimony that is no more.

    Rows that are true already stay, unless they are to be written `anew`: their vectors are not compared. Returns how what
    is shown of published ones changes; a `dry` run does nothing else.
    """
    old = rows_of(found)
    plan, texts = planned(found, old, now), texts_of(found)
    change = _change(found, old, plan, texts)
    if not dry:
        _store(found, old, plan, now, anew=anew)
        store_texts(found, texts, anew=anew)
    return change


def _change(
    found: dict[UUID, records.Testimony | None],
    old: dict[Tier, dict[UUID, list[Stored]]],
    plan: Plan,
    texts: dict[UUID, Stored],
) -> frozen.Change:
    """Of those that were published and stay so: at each tier below restricted, what showed beside what will show."""
    changes = [frozen.Change.NONE]
    texts_before: dict[UUID, list[Stored]] = defaultdict(list)
    for text in texts.values():
        texts_before[text["testimony_id"]].append(text)
    for testimony_id, record in found.items():
        was_published = any(row["status"] == Status.PUBLISHED for row in old[Tier.RESTRICTED][testimony_id])
        if record is None or record.status != Status.PUBLISHED or not was_published:
            continue
        texts_after = [stored_text(testimony_id, text) for text in redaction.texts(record.texts)]
        for tier in (Tier.PUBLIC, Tier.PARTNER):
            rows = old[tier][testimony_id]
            waits = any(row["during"].isempty for row in rows)  # to be rebuilt: its texts are not there to compare
            before = _shown(rows, texts_after if waits else texts_before[testimony_id], tier)
            after = _shown([values for values, _ in plan[tier][testimony_id]], texts_after, tier)
            changes.append(frozen.change(before, after))
    return max(changes)


def _shown(rows: list[Stored], texts: list[Stored], tier: Tier) -> list[frozen.Shown]:
    return [frozen.shown(row, [text for text in texts if text["tier"] <= tier]) for row in rows]


def _store(
    found: dict[UUID, records.Testimony | None],
    known_rows: dict[Tier, dict[UUID, list[Stored]]],
    plan: Plan,
    now: dt.datetime,
    *,
    anew: bool,
) -> None:
    shown: dict[str, Moments] = {"person": {}, "source": {}}
    known: dict[str, Moments] = {"person": {}, "source": {}}
    for tier in Tier:
        table, columns = ROWS[tier]._meta.db_table, _columns(ROWS[tier])
        old, gone, new = known_rows[tier], [], []
        for testimony_id in found:
            before, after = old[testimony_id], plan[tier][testimony_id]
            for stored in before:
                _note(known, tier, stored, stored["during"].lower or ALWAYS)
            if anew or [values for values, _ in after] != [{key: stored[key] for key in columns} for stored in before]:
                gone += [stored["id"] for stored in before]
                new += [[values[column] for column in columns] + [*vector_parameters(row)] for values, row in after]
                for values, _ in after:
                    _note(shown, tier, values, values["updated_at"])
        with connection.cursor() as cursor:
            if gone:
                cursor.execute(f"DELETE FROM {table} WHERE id = ANY (%s)", [gone])
            if new:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {table} ({_quoted(columns)}, vector) VALUES ({marks}, {VECTOR})", new)
    for noun, moments in shown.items():
        first = {key: moment for key, moment in moments.items() if moment < known[noun].get(key, NEVER)}
        _show_since(noun, _shown_first(noun, first, found), now)


def _shown_by(row: Stored) -> Iterator[tuple[str, UUID]]:
    """The person and the sources that a row shows. Of a source's keys every other one is its reference."""
    yield "person", row["person_id"]
    yield from (("source", UUID(key)) for key in row["sources"][::2])


def _note(moments: dict[str, Moments], tier: Tier, row: Stored, moment: dt.datetime) -> None:
    """A row shows its person and sources to the tier from this moment on. Staff see them in any case."""
    if tier < Tier.RESTRICTED:
        for noun, record_id in _shown_by(row):
            key = (record_id, int(tier))
            moments[noun][key] = min(moment, moments[noun].get(key, moment))


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
                f"WHERE NOT EXISTS (SELECT FROM {ROWS[tier]._meta.db_table} r WHERE {_SHOWN_BY[noun]} AND r.testimony_id <> ALL (%s) "
                "AND coalesce(lower(r.during), '-infinity') <= w.moment)",
                [list(wanted), list(wanted.values()), ids],
            )
            found |= {(record_id, int(tier)): wanted[record_id] for (record_id,) in cursor.fetchall()}
    return found


def _show_since(noun: str, moments: Moments, now: dt.datetime) -> None:
    """A document that a tier comes to see at a moment has changed at that moment, and not later: that would tell of an embargo.

    Other sessions may be showing the same record for the first time: the rows are locked, in order, and not written anew.
    """
    if not moments:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, record_id, tier, updated_at, document FROM projection_shared "
            "WHERE noun = %s AND record_id = ANY (%s) ORDER BY id FOR NO KEY UPDATE",
            [noun, [record_id for record_id, _ in moments]],
        )
        changed = []
        for row_id, record_id, tier, updated_at, document in cursor.fetchall():
            moment = moments.get((record_id, tier), updated_at)
            if updated_at < moment or max(now, moment) < updated_at:
                text = compact({**json.loads(document), "updated_at": documents.instant(moment)})
                changed.append((moment, text, row_id))
        cursor.executemany("UPDATE projection_shared SET updated_at = %s, document = %s WHERE id = %s", changed)


def stored_text(testimony_id: UUID, text: records.Text) -> Stored:
    document = compact(documents.text_entry(text))
    return {
        "text_id": UUID(text.id),
        "testimony_id": testimony_id,
        "tier": text.tier,
        "position": text.position,
        "digest": documents.digest(document),
        "document": document,
    }


def texts_of(ids: Iterable[UUID]) -> dict[UUID, Stored]:
    columns = _columns(TextDocument)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_quoted(columns)} FROM projection_text WHERE testimony_id = ANY (%s)", [list(ids)])
        return {values[0]: dict(zip(columns, values, strict=True)) for values in cursor.fetchall()}


def store_texts(found: dict[UUID, records.Testimony | None], old: dict[UUID, Stored], *, anew: bool) -> None:
    new = {
        UUID(text.id): (stored_text(testimony_id, text), text)
        for testimony_id, record in found.items()
        for text in (redaction.texts(record.texts) if record else ())
    }
    changed = [(values, text) for text_id, (values, text) in new.items() if anew or old.get(text_id) != values]
    gone = [text_id for text_id in old if text_id not in new] + [values["text_id"] for values, _ in changed]
    with connection.cursor() as cursor:
        if gone:
            cursor.execute("DELETE FROM projection_text WHERE text_id = ANY (%s)", [gone])
        if changed:
            columns = _columns(TextDocument)
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(
                f"INSERT INTO projection_text ({_quoted(columns)}, vector) VALUES ({marks}, to_tsvector(%s::regconfig, %s))",
                [
                    [*(values[column] for column in columns), configuration(text.language), searchable(text.body)]
                    for values, text in changed
                ],
            )


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


def stored_shared(noun: str, whole: shared.Whole, tier: Tier, seen: shared.Shared, moment: dt.datetime) -> Stored:
    staff = tier == Tier.RESTRICTED
    return {
        "noun": noun,
        "record_id": whole.id,
        "tier": int(tier),
        "shape": SHAPE,
        "digest": documents.digest(compact(seen.document)),
        "updated_at": moment,
        "version": whole.version if staff else 0,
        "created_by_id": whole.created_by_id if staff else None,
        "document": compact(stamped(seen.document, moment)),
        "facets": seen.facets,
        "sort_key": seen.sort_key,
    }


def shared_of(noun: str, ids: Iterable[UUID]) -> dict[tuple[UUID, int], Stored]:
    columns = ["id", *_columns(SharedDocument)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_quoted(columns)} FROM projection_shared WHERE noun = %s AND record_id = ANY (%s)",
            [noun, list(ids)],
        )
        rows = [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]
    for row in rows:
        row["facets"] = json.loads(row["facets"]) if isinstance(row["facets"], str) else row["facets"]
    return {(row["record_id"], row["tier"]): row for row in rows}


def shared_rows(
    noun: str, ids: Iterable[UUID], old: dict[tuple[UUID, int], Stored], now: dt.datetime
) -> Iterator[Stored]:
    for whole in shared.read(noun, list(ids)):
        for tier in Tier:
            seen = shared.project(noun, whole.values, tier)
            if seen is None:
                continue
            before = old.get((whole.id, tier))
            same = before is not None and before["digest"] == documents.digest(compact(seen.document))
            yield stored_shared(noun, whole, tier, seen, before["updated_at"] if before and same else now)


def store_shared(noun: str, ids: Iterable[UUID], now: dt.datetime) -> frozen.Change:
    """Make the documents of these records true; records that are no more lose theirs.

    Returns how what published testimonies show of these records changes.
    """
    ids = list(ids)
    old = shared_of(noun, ids)
    new = {(row["record_id"], row["tier"]): row for row in shared_rows(noun, ids, old, now)}
    change = _change_of_shared(noun, old, new)
    columns = _columns(SharedDocument)
    kept = {key for key, row in old.items() if {column: row[column] for column in columns} == new.get(key)}
    changed = [row for key, row in new.items() if key not in kept]
    gone = [row["id"] for key, row in old.items() if key not in new]
    with connection.cursor() as cursor:
        if gone:
            cursor.execute("DELETE FROM projection_shared WHERE id = ANY (%s)", [gone])
        if changed:
            marks = ", ".join(["%s"] * len(columns))
            values: list[list[Any]] = [
                [Jsonb(row[column]) if column == "facets" else row[column] for column in columns] for row in changed
            ]
            moved = ", ".join(f'"{column}" = excluded."{column}"' for column in columns)
            cursor.executemany(
                f"INSERT INTO projection_shared ({_quoted(columns)}) VALUES ({marks}) "
                f"ON CONFLICT (noun, tier, record_id) DO UPDATE SET {moved}",
                values,
            )
    return change


def _change_of_shared(
    noun: str, old: dict[tuple[UUID, int], Stored], new: dict[tuple[UUID, int], Stored]
) -> frozen.Change:
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


_SHOWN_BY = {"person": "r.person_id = w.id", "source": "r.sources @> ARRAY[w.id::text]"}


def _shown_by_some(noun: str, tier: Tier, ids: list[UUID]) -> list[UUID]:
    """Those of the records that a projection row of the tier shows, at whatever time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.id FROM unnest(%s::uuid[]) AS w (id) "
            f"WHERE EXISTS (SELECT FROM {ROWS[tier]._meta.db_table} r WHERE {_SHOWN_BY[noun]})",
            [ids],
        )
        return [record_id for (record_id,) in cursor.fetchall()]
