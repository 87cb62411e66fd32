"""Rows can be made anew at any time, and whatever is wrong with one is named."""

import importlib

import pytest
from django.apps import apps
from django.db import connection

from testimonies import projections
from testimonies.models.projections import ROWS, SharedDocument
from testimonies.projections import verify
from testimonies.projections.shapes import SHAPE
from tests.projections.world import PROJECTIONS

refreshing = importlib.import_module("testimonies.projections.refresh")

TABLES = (*PROJECTIONS, "projection_shared", "projection_source_tier")


def contents():
    """Every projection row as text, without its number."""
    with connection.cursor() as cursor:
        found = {}
        for table in TABLES:
            cursor.execute(f"SELECT (to_jsonb(p) - 'id')::text FROM {table} p ORDER BY 1")
            found[table] = [text for (text,) in cursor.fetchall()]
    return found


def count(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount


def test_rebuilding_everything_makes_the_same_rows(world, monkeypatch):
    monkeypatch.setattr(refreshing, "BATCH", 2)
    before, steps = contents(), []
    done = projections.rebuild(everything=True, progress=lambda done, total: steps.append((done, total)))
    assert contents() == before
    assert steps[-1] == (done, done)
    assert [done for done, _ in steps] == sorted({done for done, _ in steps})
    for table in TABLES:
        assert count(f"DELETE FROM {table}") > 0
    assert projections.rebuild() == done
    assert list(verify.differences()) == []


def test_nothing_is_rebuilt_where_nothing_is_missing(world):
    assert projections.rebuild() == 0


def test_only_what_is_missing_is_rebuilt(world):
    before = contents()
    for table in PROJECTIONS:
        world.sql(f"DELETE FROM {table} WHERE testimony_id = {{testimony}}")
    world.sql("DELETE FROM projection_shared WHERE record_id IN ({person}, {figure})")
    assert projections.rebuild() == 3
    # the documents are those of before; that they are here again is news to whoever asks what changed
    assert {table: len(rows) for table, rows in contents().items()} == {
        table: len(rows) for table, rows in before.items()
    }
    assert list(verify.differences()) == []


def test_a_rebuild_that_is_stopped_goes_on(world, monkeypatch):
    monkeypatch.setattr(refreshing, "BATCH", 3)
    for table in TABLES:
        count(f"DELETE FROM {table}")

    def stop(done, total):
        if done >= total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        projections.rebuild(progress=stop)
    missing = sum(len(ids) for _, ids in refreshing.unbuilt())
    total = sum(len(ids) for _, ids in refreshing.unbuilt(everything=True))
    assert 0 < missing <= total / 2
    assert projections.rebuild() == missing
    assert list(verify.differences()) == []


def test_rows_of_an_old_shape_are_rebuilt(world):
    before = contents()
    for model in (*ROWS.values(), SharedDocument):
        model.objects.filter(
            **{
                "testimony_id" if model is not SharedDocument else "record_id__in": world.testimony.pk
                if model is not SharedDocument
                else [world.person.pk]
            }
        ).update(shape=SHAPE - 1)
    assert projections.rebuild() == 2
    assert contents() == before


def copied(table, where, **changes):
    """SQL that inserts a row once more with some values changed."""
    (model,) = (model for model in apps.get_models() if model._meta.db_table == table)
    columns = [field.column for field in model._meta.concrete_fields if not field.generated]
    values = ", ".join(changes.get(column, f'"{column}"') for column in columns)
    return f"INSERT INTO {table} ({', '.join(map(quoted, columns))}) SELECT {values} FROM {table} WHERE {where}"


def quoted(column):
    return f'"{column}"'


WRONG = {
    # what is done to one row by SQL: what verify says
    "item": ("UPDATE projection_public SET item = '{{}}' WHERE testimony_id = {testimony}", "testimony {testimony} at tier public"),
    "extra": ("UPDATE projection_partner SET extra = extra || ' ' WHERE testimony_id = {testimony}", "testimony {testimony} at tier partner"),
    "digest": ("UPDATE projection_restricted SET digest = 'x' WHERE testimony_id = {testimony}", "testimony {testimony} at tier restricted"),
    "moment": ("UPDATE projection_public SET updated_at = now() WHERE testimony_id = {testimony}", "testimony {testimony} at tier public"),
    "shape": ("UPDATE projection_public SET shape = 0 WHERE testimony_id = {testimony}", "testimony {testimony} at tier public"),
    "uses": ("UPDATE projection_public SET uses = '{{media}}' WHERE testimony_id = {testimony}", "testimony {testimony} at tier public"),
    "during": (
        "UPDATE projection_public SET during = tstzrange('2019-01-01Z', NULL) WHERE testimony_id = {testimony}",
        "testimony {testimony} at tier public",
    ),
    "vector": ("UPDATE projection_public SET vector = vector || 'secret:1A' WHERE testimony_id = {testimony}", "testimony {testimony} at tier public"),
    "row deleted": ("DELETE FROM projection_public WHERE testimony_id = {testimony}", "testimony {testimony} at tier public"),
    "row too many": (
        copied("projection_public", "testimony_id = {testimony}", id="1000000", testimony_id="{lone_testimony}"),
        "testimony {lone_testimony} at tier public",
    ),
    "orphan": (
        copied("projection_partner", "testimony_id = {testimony}", id="1000000", testimony_id="{person}"),
        "testimony {person} is no more, but projection_partner has it",
    ),
    "text": ("UPDATE projection_text SET document = '{{}}' WHERE text_id = {text}", "text {text} of testimony {testimony}"),
    "tier of a text": ("UPDATE projection_text SET tier = 2 WHERE text_id = {text}", "text {text} of testimony {testimony}"),
    "vector of a text": ("UPDATE projection_text SET vector = '' WHERE text_id = {text}", "text {text} of testimony {testimony}"),
    "text deleted": ("DELETE FROM projection_text WHERE text_id = {text}", "text {text} of testimony {testimony}"),
    "text of another": ("UPDATE projection_text SET testimony_id = {far} WHERE text_id = {text}", "text {text} of testimony {testimony}"),
    "text too many": (
        copied("projection_text", "text_id = {text}", text_id="{person}"),
        "text {person}",
    ),
    "orphan of a text": (
        copied("projection_text", "text_id = {text}", text_id="{person}", testimony_id="{person}"),
        "testimony {person} is no more, but projection_text has it",
    ),
    "shared document": ("UPDATE projection_shared SET document = '{{}}' WHERE record_id = {person} AND tier = 0", "person {person} at tier public"),
    "facets": ("UPDATE projection_shared SET facets = '{{}}' WHERE record_id = {source} AND tier = 1", "source {source} at tier partner"),
    "sort key": ("UPDATE projection_shared SET sort_key = 'z' WHERE record_id = {code} AND tier = 2", "code {code} at tier restricted"),
    "version of a document": ("UPDATE projection_shared SET version = 9 WHERE record_id = {group} AND tier = 2", "group {group} at tier restricted"),
    "document deleted": ("DELETE FROM projection_shared WHERE record_id = {figure} AND tier = 0", "figure {figure} at tier public"),
    "orphan of a document": (
        copied("projection_shared", "record_id = {group} AND tier = 0", id="1000000", record_id="{testimony}"),
        "group {testimony} is no more, but projection_shared has it",
    ),
    "document of no kind": (
        copied("projection_shared", "record_id = {group} AND tier = 0", id="1000000", noun="'ghost'"),
        "ghost {group} is no kind of record, but projection_shared has it",
    ),
    "tier of a source": ("UPDATE projection_source_tier SET tier = 1 WHERE source_id = {source}", "effective tier of source {source}"),
    "tier of a source deleted": ("DELETE FROM projection_source_tier WHERE source_id = {source}", "effective tier of source {source}"),
    "tier of no source": (
        "INSERT INTO projection_source_tier (source_id, tier) VALUES ({person}, 0)",
        "source {person} is no more, but has an effective tier",
    ),
}  # fmt: skip
DERIVED = ("item", "extra", "digest", "updated_at", "shape", "uses", "during", "vector", "id", "testimony_id")
FACETS = [field for field in ROWS[0]._meta.concrete_fields if field.name not in DERIVED and not field.generated]


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(world, name):
    statement, said = WRONG[name]
    keys = {name: row.pk for name, row in vars(world).items()}
    world.sql(statement)
    assert said.format(**keys) in set(verify.differences())
    if "orphan" not in name and "no " not in name and "too many" not in name:
        projections.rebuild(everything=True)
        assert list(verify.differences()) == []


@pytest.mark.parametrize("name", [field.name for field in FACETS])
def test_every_column_that_filters_look_at_is_compared(world, name):
    other = {
        "BooleanField": "false",
        "CharField": "'x'",
        "TextField": "'invented other'",
        "UUIDField": "gen_random_uuid()",
        "DateField": "date '1999-09-09'",
        "ArrayField": "'{{}}'",
        "PositiveSmallIntegerField": "9",
        "SmallIntegerField": "9",
        "PositiveIntegerField": "9",
        "BigIntegerField": "9",
    }
    column = ROWS[0]._meta.get_field(name)
    world.sql(
        f'UPDATE projection_public SET "{column.column}" = {other[column.get_internal_type()]} WHERE testimony_id = {{testimony}}'
    )
    assert list(verify.differences()) == [f"testimony {world.testimony.pk} at tier public"]
