"""Every record counts its changes, whoever makes them."""

import pytest
from django.apps import apps
from django.db import connection, transaction

from testimonies import projections
from testimonies.models.base import Record

RECORDS = [model for model in apps.get_app_config("testimonies").get_models() if issubclass(model, Record)]
CHANGED = {
    "assignment": "note",
    "coding": "memo",
    "decision": "reason",
    "clearance": "evidence",
    "citation": "locator",
    "claim": "note",
    "code": "example",
    "codebook": "method",
    "correction": "reason",
    "collection": "scope",
    "figure": "note",
    "group": "description",
    "importmapping": "name",
    "membership": "role_in_group",
    "person": "origin_stated",
    "samepersonlink": "note",
    "source": "outlet",
    "testimony": "notes_internal",
    "text": "body",
}


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model._meta.model_name)
def test_a_change_counts_once_and_none_counts_not(world, model):
    row, field = model.objects.first(), CHANGED[model._meta.model_name]
    rows = model.objects.filter(pk=row.pk)

    def version():
        return rows.values_list("version", flat=True).get()

    with projections.refreshed():
        assert version() == 1
        rows.update(**{field: "Invented anew"})
        assert version() == 2
        rows.update(**{field: "Invented anew"})  # the same again
        assert version() == 2
        world.sql(f"UPDATE \"{model._meta.db_table}\" SET {field} = 'Invented by SQL' WHERE id = '{row.pk}'")
        assert version() == 3
        rows.update(version=7)  # nobody else counts
        assert version() == 4
        row.refresh_from_db()
        setattr(row, field, "Invented by the model")
        row.save()
        assert version() == 5


def test_other_rows_keep_their_version(world):
    with projections.refreshed():
        type(world.person).objects.filter(pk=world.person.pk).update(origin_stated="Invented")
    assert type(world.lone_person).objects.get(pk=world.lone_person.pk).version == 1


def test_the_moment_of_a_change_moves(world):
    before = world.person.__class__.objects.get(pk=world.person.pk)
    with projections.refreshed():
        type(world.person).objects.filter(pk=world.person.pk).update(origin_stated="Invented")
    after = world.person.__class__.objects.get(pk=world.person.pk)
    assert after.changed_at > before.changed_at
    assert after.created_at == before.created_at


@pytest.mark.parametrize("noun", ["group", "codebook", "code", "collection", "region"])
@pytest.mark.parametrize("statement", ["INSERT", "UPDATE", "DELETE"])
def test_the_revision_of_the_reference_data_moves(world, noun, statement):
    """Each process keeps these rows in memory and reads them again when the revision is another."""

    def revision():
        with connection.cursor() as cursor:
            cursor.execute("SELECT revision FROM reference_revision")
            return cursor.fetchone()

    before = revision()
    table = f'"testimonies_{noun}"'
    with transaction.atomic():
        world.sql(
            {
                "INSERT": f"INSERT INTO {table} SELECT * FROM {table} WHERE false",
                "UPDATE": f"UPDATE {table} SET slug = slug WHERE false",
                "DELETE": f"DELETE FROM {table} WHERE false",
            }[statement]
        )
    assert revision() != before
    world.sql("DELETE FROM reference_revision")
    world.sql(f"UPDATE {table} SET slug = slug WHERE false")
    assert revision() is not None
