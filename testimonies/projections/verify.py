"""Compares every stored row with one computed afresh from the base tables."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import connection, transaction

from testimonies.access import Tier
from testimonies.models.projections import ROWS
from testimonies.projections import documents, reading, records, redaction, shared_storage, storage
from testimonies.projections.locks import PARENTS
from testimonies.projections.prepared import fetch
from testimonies.projections.refresh import BATCH, unbuilt
from testimonies.projections.shared import NOUNS


def differences() -> Iterator[str]:
    """One line for each record whose stored rows are not what the base tables say: kind, id and where they differ."""
    for noun, ids in unbuilt(everything=True):
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            with transaction.atomic():
                _one_moment()
                yield from (_testimonies(batch) if noun == "testimony" else _shared(noun, batch))
    yield from _orphans()


def _one_moment() -> None:
    """Base tables and rows are compared as of one snapshot: otherwise a commit in between would look like a difference."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def _testimonies(ids: list[UUID]) -> Iterator[str]:
    now = dt.datetime.now(dt.UTC)
    found = {UUID(record.id): record for record in reading.testimonies(ids)}
    stored, texts = storage.stored_of(ids)
    projected = {testimony_id: documents.projected(record) for testimony_id, record in found.items()}
    for tier in Tier:
        vectors = _vectors(tier, ids)
        rows_of = {
            testimony_id: [row for row in rows[tier] if not storage.is_over(tier, row.ends_at, now)]
            for testimony_id, rows in projected.items()
        }
        words = [storage.words_of(row) for rows in rows_of.values() for row in rows]
        expected = iter(_made_of(storage.VECTOR, storage.WORDS, words))
        for testimony_id, rows in rows_of.items():
            # what was over when the row was stored is not there, and what is over since then is read by nobody
            before = [row for row in stored[tier][testimony_id] if not storage.is_over(tier, row["during"].upper, now)]
            # the moment is history, not derived: it is taken from the stored row and must stand in its document
            computed = [
                storage.stored_row(testimony_id, row, old["updated_at"]) for row, old in zip(rows, before, strict=False)
            ]
            kept = [{key: value for key, value in old.items() if key != "id"} for old in before]
            right = [next(expected) for _ in rows]
            found_vectors = [vectors[old["id"]] for old in before]
            if len(rows) != len(before) or computed != kept or right != found_vectors:
                yield f"testimony {testimony_id} at tier {tier.label}"
    yield from _texts(found, texts)


def _vectors(tier: Tier, ids: list[UUID]) -> dict[int, str]:
    """By the number of the row."""
    table = ROWS[tier]._meta.db_table
    return dict(fetch(f"SELECT id, vector::text FROM {table} WHERE testimony_id = ANY (%s)", [ids]))


def _made_of(vector: str, names: Sequence[str], words: list[dict[str, str]]) -> list[str]:
    """The vectors of all these words, in their order."""
    given = ", ".join(f"{name} text" for name in names)
    rows = fetch(
        f"SELECT ({vector})::text FROM ROWS FROM (json_to_recordset(%s::json) AS ({given})) WITH ORDINALITY "
        f"AS of_all ({', '.join(names)}, place) ORDER BY place",
        [json.dumps(words, ensure_ascii=False)],
    )
    return [made for (made,) in rows]


def _texts(found: dict[UUID, records.Testimony], stored: dict[UUID, shared_storage.Stored]) -> Iterator[str]:
    texts = [(owner, text) for owner, record in found.items() for text in redaction.texts(record.texts)]
    expected = _made_of(storage.TEXT_VECTOR, storage.TEXT_WORDS, [storage.words_of_text(text) for _, text in texts])
    vectors = dict(fetch("SELECT text_id, vector::text FROM projection_text WHERE text_id = ANY (%s)", [list(stored)]))
    for (owner, text), vector in zip(texts, expected, strict=True):
        text_id = UUID(text.id)
        if stored.pop(text_id, None) != storage.stored_text(owner, text) or vectors[text_id] != vector:
            yield f"text {text.id} of testimony {owner}"
    yield from (f"text {text_id}" for text_id in stored)


def _shared(noun: str, ids: list[UUID]) -> Iterator[str]:
    if noun == "source":
        yield from (f"effective tier of source {source_id}" for source_id in sorted(shared_storage.moved_sources(ids)))
    old, new = shared_storage.stored_and_computed(noun, shared_storage.read(noun, ids), dt.datetime.now(dt.UTC))
    for key in sorted(old.keys() | new.keys()):
        kept = {name: value for name, value in old.get(key, {}).items() if name != "id"}
        if kept != new.get(key):
            yield f"{noun} {key[0]} at tier {Tier(key[1]).label}"


def _orphans() -> Iterator[str]:
    """Rows of records that are no more."""
    with connection.cursor() as cursor:
        for table in (*(model._meta.db_table for model in ROWS.values()), "projection_text"):
            cursor.execute(
                f"SELECT DISTINCT testimony_id FROM {table} p WHERE NOT EXISTS (SELECT FROM testimonies_testimony t WHERE t.id = p.testimony_id)"
            )
            yield from (f"testimony {record_id} is no more, but {table} has it" for (record_id,) in cursor.fetchall())
        for noun in PARENTS:
            cursor.execute(
                f"SELECT DISTINCT record_id FROM projection_shared p WHERE noun = %s "
                f'AND NOT EXISTS (SELECT FROM "{NOUNS[noun].table}" t WHERE t.id = p.record_id)',
                [noun],
            )
            yield from (
                f"{noun} {record_id} is no more, but projection_shared has it" for (record_id,) in cursor.fetchall()
            )
        cursor.execute("SELECT noun, record_id FROM projection_shared WHERE noun <> ALL (%s)", [list(PARENTS)])
        yield from (
            f"{noun} {record_id} is no kind of record, but projection_shared has it"
            for noun, record_id in cursor.fetchall()
        )
        cursor.execute(
            "SELECT source_id FROM projection_source_tier e WHERE NOT EXISTS (SELECT FROM testimonies_source s WHERE s.id = e.source_id)"
        )
        yield from (f"source {source_id} is no more, but has an effective tier" for (source_id,) in cursor.fetchall())
