"""Whatever changes a row that holds content leaves an event, whoever changes it; what was rolled back leaves none."""

import pytest
from django.db import connection, transaction

from testimonies import models, projections
from testimonies.models import EVENTS, Person, PersonName, Region, Source
from testimonies.selectors import actors
from testimonies.services import collections, persons, workflow
from tests import factories
from tests.client import Api
from tests.projections.test_refusal import CHANGES, statement
from tests.projections.world import World, make_world
from tests.services import folders
from tests.writers import Writers

OTHERS = {
    "samepersonlink",
    "region",
    "codeorigin",
    "coding",
    "decision",
    "decidedcode",
    "settledcoding",
    "quote",
    "usedtestimony",
}
"""What no projection reads."""


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def events_of(model, **where):
    return list(EVENTS[model].objects.filter(**where).order_by("pgh_id"))


def labels(model, **where):
    return [event.pgh_label for event in events_of(model, **where)]


def model_of(table):
    return next(model for model in EVENTS if model._meta.db_table == f"testimonies_{table}")


def test_every_table_of_a_history_is_watched(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, count(*) FILTER (WHERE t.tgname LIKE 'pgtrigger\\_%'), count(*) FILTER (WHERE t.tgname = 'record_truncate') "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgenabled = 'O' GROUP BY 1"
        )
        found = {table: counts for table, *counts in cursor.fetchall() if any(counts)}
    assert found == {model._meta.db_table: [3, 1] for model in EVENTS}
    assert {model._meta.model_name for model in EVENTS} == CHANGES.keys() | OTHERS


@pytest.mark.parametrize("table", CHANGES)
def test_plain_sql_is_recorded(world, table):
    model, event = model_of(table), EVENTS[model_of(table)]
    last = event.objects.order_by("pgh_id").last().pgh_id
    for number, kind in enumerate(("insert", "update", "delete"), 1):
        with projections.refreshed():
            world.sql(statement(world, table, kind))
        found = event.objects.filter(pgh_id__gt=last).order_by("pgh_id")
        assert [one.pgh_label for one in found] == ["insert", "update", "delete"][:number]
        assert found.last().pgh_context is None
        if kind == "update":
            row = model.objects.get(pk=found.last().pgh_obj_id)
            for field in model._meta.concrete_fields:
                assert getattr(found.last(), field.attname) == getattr(row, field.attname)


def test_links_are_recorded_too(world):
    link = models.SamePersonLink.objects.create(person=world.person, other=world.lone_person)
    models.SamePersonLink.objects.update(note="Invented.")
    link.delete()
    assert [(e.pgh_label, e.note, e.other_id) for e in events_of(models.SamePersonLink)] == [
        ("insert", "", world.lone_person.pk), ("update", "Invented.", world.lone_person.pk), ("delete", "Invented.", world.lone_person.pk),
    ]  # fmt: skip


def test_regions_are_recorded_too(db):
    region = factories.make_region(slug="invented-region", name="One")
    Region.objects.filter(pk=region.pk).update(name="Two")
    region.delete()
    assert [(event.pgh_label, event.name) for event in events_of(Region)] == [
        ("insert", "One"), ("update", "Two"), ("delete", "Two"),
    ]  # fmt: skip


def test_a_delete_keeps_what_the_row_last_was(transactional_db):
    person = factories.make_person(name="Invented One", name_kind="kunya")
    with projections.refreshed():
        Person.objects.filter(pk=person.pk).update(name="Invented Two")
    with projections.refreshed():
        person.delete()
    assert [(e.pgh_label, e.name, e.version) for e in events_of(Person)] == [
        ("insert", "Invented One", 1), ("update", "Invented Two", 2), ("delete", "Invented Two", 2),
    ]  # fmt: skip


def test_many_rows_at_once_are_recorded_one_by_one(transactional_db):
    person = factories.make_person()
    with projections.refreshed():
        PersonName.objects.bulk_create(PersonName(person=person, value=f"Invented {n}", kind="kunya") for n in range(5))
        PersonName.objects.update(kind="initials")
        PersonName.objects.all().delete()
    assert labels(PersonName) == ["insert"] * 5 + ["update"] * 5 + ["delete"] * 5


def test_an_update_that_changes_nothing_is_none(transactional_db):
    person = factories.make_person()
    with projections.refreshed():
        Person.objects.filter(pk=person.pk).update(gender=person.gender)
    assert labels(Person) == ["insert"]


def test_what_is_rolled_back_leaves_nothing(transactional_db):
    person = factories.make_person()
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(gender="female")
        transaction.set_rollback(True)
    assert labels(Person) == ["insert"]


def test_truncate_is_recorded_as_the_deletion_of_every_row(world):
    with transaction.atomic():
        world.sql("TRUNCATE testimonies_figuresource")
    model = model_of("figuresource")
    assert labels(model)[-1] == "delete"
    assert len(labels(model)) == 2
    projections.rebuild(everything=True)


def test_an_act_is_ascribed_to_who_did_it_at_one_moment(transactional_db):
    w = Writers()
    actor = w.actor("editor")
    by = type(actor)(
        role=actor.role,
        tier=actor.tier,
        now=actor.now,
        user_id=actor.user_id,
        through="admin",
        request_id="r-1",
        reason="Invented.",
    )
    persons.change(
        w.person.pk, by=by, version=None, gender="male", other_names=[{"value": "Uno", "kind": "kunya", "tier": 0}]
    )
    said = {"user": actor.user_id, "through": "admin", "request": "r-1", "reason": "Invented."}
    changed, named = events_of(Person, pgh_obj=w.person.pk)[-1], events_of(PersonName)[-1]
    assert (changed.pgh_context, named.pgh_context) == (said, said)
    assert changed.pgh_created_at == named.pgh_created_at
    with projections.refreshed():
        Person.objects.filter(pk=w.person.pk).update(gender="female")
    last = events_of(Person, pgh_obj=w.person.pk)[-1]
    assert last.pgh_context is None
    assert last.pgh_created_at > changed.pgh_created_at


def test_within_an_outer_transaction_acts_keep_to_themselves(transactional_db):
    w = Writers()
    with projections.refreshed():
        persons.change(w.person.pk, by=w.actor("editor"), version=None, gender="other")
        persons.change(w.person.pk, by=w.actor("author"), version=None, gender="female")
        Person.objects.filter(pk=w.person.pk).update(gender="not_known")
    *_, first, second, third = events_of(Person, pgh_obj=w.person.pk)
    who = [(event.pgh_context or {}).get("user") for event in (first, second, third)]
    assert who == [w.users["editor"].pk, w.users["author"].pk, None]
    assert first.pgh_created_at < second.pgh_created_at < third.pgh_created_at


def test_the_api_says_who_asked_by_which_key_and_why(transactional_db):
    w = Writers()
    api = Api({"one": {"Authorization": f"Bearer {w.secrets['editor']}"}}, "one")
    response = api.patch(
        f"/api/v1/sources/{w.unseen_source.pk}/", data={"outlet": "Invented Weekly"}, content_type="application/json",
        headers={"If-Match": "*", "Change-Reason": "Neu gepr\u00fcft".encode().decode("latin-1")},
    )  # fmt: skip
    assert response.status_code == 200
    said = events_of(Source, pgh_obj=w.unseen_source.pk)[-1].pgh_context
    key = w.users["editor"].keys.get().name
    assert said == {
        "user": w.users["editor"].pk, "key": key, "through": "api", "request": response.headers["X-Request-ID"], "reason": "Neu gepr\u00fcft",
    }  # fmt: skip


@pytest.mark.parametrize("reason", ["x" * 501, "two\tcolumns", b"\xff".decode("latin-1")])
def test_a_reason_that_cannot_be_printed_is_refused(transactional_db, reason):
    w = Writers()
    before = len(events_of(Source))
    api = Api({"one": {"Authorization": f"Bearer {w.secrets['editor']}"}}, "one")
    response = api.delete(f"/api/v1/sources/{w.unseen_source.pk}/", headers={"If-Match": "*", "Change-Reason": reason})
    assert (response.status_code, response.json()["code"]) == (400, "bad_request")
    assert len(events_of(Source)) == before


def test_a_step_of_the_workflow_gives_its_note_as_the_reason(transactional_db):
    w = Writers()
    workflow.move(w.draft.pk, by=w.actor("author"), to="in_review", note="Ready.")
    last = events_of(models.Testimony, pgh_obj=w.draft.pk)[-1]
    assert (last.status, last.pgh_context) == ("in_review", {"user": w.users["author"].pk, "reason": "Ready."})


def test_what_a_refused_act_wrote_is_not_there(transactional_db):
    w = Writers()
    before = len(events_of(Person))
    with pytest.raises(Exception, match="contract"):
        persons.change(
            w.person.pk,
            by=w.actor("editor"),
            version=None,
            gender="male",
            other_names=[{"value": "", "kind": "kunya", "tier": 0}],
        )
    assert len(events_of(Person)) == before


def test_loading_is_ascribed_to_a_command_or_to_who_imports(transactional_db, tmp_path):
    path = folders.write(tmp_path / "one", folders.line(), files={}, manifest={})
    collections.load(path=path)
    assert {event.pgh_context["through"] for event in events_of(models.Testimony)} == {"command"}
    w = Writers()
    changed = {**folders.line("two")}
    collections.load(path=folders.write(tmp_path / "two", changed, files={}, manifest={}), by=w.actor("editor"))
    assert events_of(models.Testimony)[-1].pgh_context == {"user": w.users["editor"].pk, "through": "import"}


def test_a_command_has_no_account(db):
    assert (actors.of_command().user_id, actors.of_command().through) == (None, "command")
