"""Compares every stored row with one computed afresh from the base tables."""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

from django.db import connection, transaction

from testimonies.access import Tier
from testimonies.models.projections import ROWS
from testimonies.projections import documents, reading, records, redaction, storage
from testimonies.projections.locks import PARENTS
from testimonies.projections.refresh import BATCH, unbuilt
from testimonies.projections.shared import NOUNS
from testimonies.values.folding import searchable


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
    found = {UUID(record.id): record for record in reading.testimonies(ids)}
    all_stored = storage.rows_of(ids)
    for tier in Tier:
        stored = all_stored[tier]
        vectors = _vectors(tier, ids)
        for testimony_id, record in found.items():
            before = stored[testimony_id]
            rows = documents.project(record, tier)
            # the moment is history, not derived: it is taken from the stored row and must stand in its document
            computed = [
                storage.stored_row(record, row, old["updated_at"]) for row, old in zip(rows, before, strict=False)
            ]
            kept = [{key: value for key, value in old.items() if key != "id"} for old in before]
            expected = [_vector(row) for row in rows]
            if len(rows) != len(before) or computed != kept or expected != vectors.get(testimony_id, []):
                yield f"testimony {testimony_id} at tier {tier.label}"
    yield from _texts(found)


def _vectors(tier: Tier, ids: list[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    with connection.cursor() as cursor:
        table = ROWS[tier]._meta.db_table
        cursor.execute(
            f"SELECT testimony_id, vector::text FROM {table} WHERE testimony_id = ANY (%s) ORDER BY lower(during) NULLS FIRST",
            [ids],
        )
        for testimony_id, vector in cursor.fetchall():
            found.setdefault(testimony_id, []).append(vector)
    return found


def _vector(row: documents.Row) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({storage.VECTOR})::text", storage.vector_parameters(row))
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def _texts(found: dict[UUID, records.Testimony]) -> Iterator[str]:
    stored = storage.texts_of(found)
    for testimony_id, record in found.items():
        for text in redaction.texts(record.texts):
            if stored.pop(UUID(text.id), None) != storage.stored_text(testimony_id, text) or not _text_vector_is_right(
                text
            ):
                yield f"text {text.id} of testimony {testimony_id}"
    yield from (f"text {text_id}" for text_id in stored)


def _text_vector_is_right(text: records.Text) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT vector = to_tsvector(%s::regconfig, %s) FROM projection_text WHERE text_id = %s",
            [storage.configuration(text.language), searchable(text.body), text.id],
        )
        row = cursor.fetchone()
        return bool(row and row[0])


def _shared(noun: str, ids: list[UUID]) -> Iterator[str]:
    if noun == "source":
        yield from (f"effective tier of source {source_id}" for source_id in sorted(storage.moved_sources(ids)))
    old = storage.shared_of(noun, ids)
    now = dt.datetime.now(dt.UTC)
    new = {(row["record_id"], row["tier"]): row for row in storage.shared_rows(noun, ids, old, now)}
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
