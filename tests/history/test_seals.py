"""Whoever alters the history in the database is found out; whoever does not, and erases as one may, is not."""

import json
import time
from contextlib import suppress
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from django.core.management import CommandError
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testimonies import models, projections
from testimonies.models import EVENTS, HistorySeal, Person, SealedEvent, Text
from testimonies.services import erasure, history_seals, persons
from tests import factories as make
from tests.commands.conftest import run
from tests.writers import Writers

__all__ = ["run"]
TABLE = "testimonies_textevent"
UNSETTLED = "horizon > pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


@pytest.fixture
def ledger(settings, tmp_path):
    settings.ERASURE_LEDGER = str(tmp_path / "erasures.jsonl")
    return tmp_path / "erasures.jsonl"


@pytest.fixture
def world(transactional_db, ledger):
    """A little history, sealed twice, so that what is below the marks is settled."""
    with make.batch():
        one = make.make_testimony(texts=["Invented.", "Also invented."])
        other = make.make_testimony(texts=["More."])
    with projections.refreshed():
        Text.objects.filter(testimony=one).update(kind="excerpt")
    seal()
    with projections.refreshed():
        Text.objects.filter(testimony=other).update(body="Changed.")
    seal()
    with projections.refreshed():
        Text.objects.filter(testimony=other).update(body="Changed again.")
    seal()
    assert faults() == []
    return SimpleNamespace(one=one, other=other)


def seal():
    """And wait for the transactions that ran when it was made: the horizon is the server's, where other workers run."""
    history_seals.seal()
    until = time.monotonic() + 300
    while HistorySeal.objects.extra(where=[UNSETTLED]).exists():
        assert time.monotonic() < until
        time.sleep(0.1)


def faults():
    return list(history_seals.faults())


def sql(statement, *parameters):
    """As somebody who may write the tables, and keeps the triggers from noticing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, parameters)
        assert cursor.rowcount


def events():
    return list(EVENTS[Text].objects.order_by("pgh_id").values_list("pgh_id", flat=True))


def test_an_altered_event_is_named(world):
    event = events()[1]
    for column, value in (("body", "Forged."), ("pgh_context", '{"user": 7}'), ("pgh_label", "update")):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {column}::text FROM {TABLE} WHERE pgh_id = %s", [event])
            before = cursor.fetchone()[0]
        sql(f"UPDATE {TABLE} SET {column} = %s WHERE pgh_id = %s", value, event)
        assert f"Event {event} of text was altered." in faults()
        sql(f"UPDATE {TABLE} SET {column} = %s WHERE pgh_id = %s", before, event)
    assert faults() == []


def test_a_deleted_event_is_named(world):
    event = events()[0]
    sql(f"DELETE FROM {TABLE} WHERE pgh_id = %s", event)
    assert faults() == [f"Event {event} of text is missing."]


def test_an_event_that_was_put_in_is_named(world):
    high = events()[-2]
    sql(f"DELETE FROM testimonies_sealedevent WHERE kind = 'text' AND event = {high}")
    found = faults()
    assert f"Event {high} of text was put in afterwards." in found
    assert any("was altered, or what it seals was taken away" in fault for fault in found)


def test_an_event_between_two_others_is_named(world):
    """A number that a rolled-back transaction has left free is none for a forger."""
    with suppress(RuntimeError), projections.refreshed():
        Text.objects.update(body="Rolled back.")
        raise RuntimeError
    with projections.refreshed():
        Text.objects.filter(testimony=world.one).update(body="Later.")
    for body in ("Later still.", "Last."):
        seal()
        with projections.refreshed():
            Text.objects.filter(testimony=world.one).update(body=body)
    seal()
    assert faults() == []
    present = events()
    free = next(number for number in range(present[0], present[-1]) if number not in present)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'pgh_id'", [TABLE],
        )  # fmt: skip
        columns = cursor.fetchone()[0]
    sql(f"INSERT INTO {TABLE} (pgh_id, {columns}) SELECT {free}, {columns} FROM {TABLE} WHERE pgh_id = {present[0]}")
    assert faults() == [f"Event {free} of text was put in afterwards."]


def test_events_in_another_order_are_named(world):
    one, two = events()[:2]
    sql(f"UPDATE {TABLE} SET pgh_id = CASE pgh_id WHEN {one} THEN -1 ELSE -2 END WHERE pgh_id IN ({one}, {two})")
    sql(f"UPDATE {TABLE} SET pgh_id = CASE pgh_id WHEN -1 THEN {two} ELSE {one} END WHERE pgh_id IN (-1, -2)")
    assert {f"Event {one} of text was altered.", f"Event {two} of text was altered."} <= set(faults())


def test_a_row_that_was_changed_behind_its_history_is_named(world):
    text = world.one.texts.first()
    sql("UPDATE testimonies_text SET body = 'Behind.' WHERE id = %s", text.pk)
    assert faults() == [f"text {text.pk} is not as its last event says."]
    sql("DELETE FROM testimonies_text WHERE id = %s", text.pk)
    assert faults() == [f"text {text.pk} is not as its last event says."]


def forge_whole_chain():
    """What a forger with every right in the database does: all seals anew, as the service itself would."""
    with transaction.atomic():
        SealedEvent.objects.all().delete()
        HistorySeal.objects.all().delete()
        history_seals._add(1, b"")


def test_a_chain_made_anew_is_not_the_one_in_the_ledger(world):
    sql(f"UPDATE {TABLE} SET body = 'Forged.' WHERE pgh_id = %s", events()[0])
    forge_whole_chain()
    found = faults()
    assert "Seal 1 is another one than the ledger says." in found


def test_without_its_end_the_chain_is_refused(world, run):
    last = HistorySeal.objects.order_by("-number").first()
    number = last.number
    with transaction.atomic():
        last.delete()  # its events with it
    assert f"Seal {number} is missing: the ledger knows it." in faults()
    with pytest.raises(CommandError, match="Run verify_history"):
        run("seal_history")
    with pytest.raises(SystemExit):
        run("verify_history")


def test_a_seal_in_the_middle_is_missed(world):
    with projections.refreshed():
        Text.objects.update(kind="translation")
    history_seals.seal()
    with transaction.atomic():
        HistorySeal.objects.get(number=2).delete()
    assert {"Seals between 1 and 3 are missing.", "Seal 3 does not follow the one before it."} <= set(faults())


def test_an_erasure_leaves_a_chain_that_verifies_and_tells_nothing(world, now):
    custodian = Writers().actor("custodian")
    history_seals.seal()
    erasure.erase(world.one.pk, by=custodian, version=None)
    assert faults() == []
    assert SealedEvent.objects.filter(erased_with=world.one.pk).count() > 5
    history_seals.seal()
    assert faults() == []


def test_equal_events_have_unlike_digests(world):
    """So that nobody who guesses what was erased can try whether they guessed right."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), count(DISTINCT pgh_salt) FROM {TABLE}")
        number, salts = cursor.fetchone()
        cursor.execute(
            f"SELECT sha256(convert_to(jsonb_strip_nulls(to_jsonb(e))::text, 'UTF8')), "
            f"sha256(convert_to(jsonb_strip_nulls(to_jsonb(e) - 'pgh_salt')::text, 'UTF8')) FROM {TABLE} e ORDER BY pgh_id LIMIT 1"
        )
        salted, plain = (bytes(value) for value in cursor.fetchone())
    assert number == salts
    assert SealedEvent.objects.filter(digest=salted).count() == 1
    assert not SealedEvent.objects.filter(digest=plain).exists()


def test_a_deletion_does_not_pass_for_an_erasure(world):
    history_seals.seal()
    erasure.erase(world.one.pk, by=Writers().actor("custodian"), version=None)
    event = events()[0]
    sql(f"DELETE FROM {TABLE} WHERE pgh_id = %s", event)
    sql("UPDATE testimonies_sealedevent SET erased_with = %s WHERE kind = 'text' AND event = %s", world.one.pk, event)
    assert [fault for fault in faults() if f"erased with {world.one.pk}" in fault]
    sql("UPDATE testimonies_sealedevent SET erased_with = %s WHERE kind = 'text' AND event = %s", world.other.pk, event)
    assert [fault for fault in faults() if f"erased with {world.other.pk}" in fault]


def test_an_erasure_that_failed_after_the_ledger_is_told(world):
    with transaction.atomic():
        erasure.erase(world.one.pk, by=Writers().actor("custodian"), version=None)
        transaction.set_rollback(True)
    assert [fault for fault in faults() if "run replay_erasures" in fault]
    assert erasure.replay() == 1
    assert faults() == []


def test_a_late_commit_is_sealed_though_others_were_before_it(world):
    """A transaction that took its numbers earlier and commits after a seal is no forgery."""
    wrote, may_end = Event(), Event()

    def late():
        try:
            with projections.refreshed():
                Text.objects.filter(testimony=world.one).update(body="Late.")
                wrote.set()
                assert may_end.wait(20)
        finally:
            connection.close()

    thread = Thread(target=late)
    thread.start()
    assert wrote.wait(20)
    with projections.refreshed():
        Text.objects.filter(testimony=world.other).update(body="Sooner.")
    history_seals.seal()
    history_seals.seal()
    may_end.set()
    thread.join(20)
    assert faults() == []
    assert history_seals.seal() >= 2
    assert faults() == []
    assert history_seals.seal() == 0


def test_small_seals_cover_everything(world, monkeypatch):
    monkeypatch.setattr(history_seals, "AT_ONCE", 3)
    with projections.refreshed():
        Text.objects.update(kind="translation")
        Person.objects.update(gender="female")
    while history_seals.seal():
        assert faults() == []
    assert SealedEvent.objects.count() == sum(event.objects.count() for event in EVENTS.values())


def test_a_new_chain_begins_after_a_restore(world, run, ledger):
    sql(f"UPDATE {TABLE} SET body = 'From an older backup.' WHERE pgh_id = %s", events()[-1])
    sql("UPDATE testimonies_text SET body = 'From an older backup.' WHERE testimony_id = %s", world.other.pk)
    assert faults()
    out, _ = run("seal_history", "--anew")
    assert int(out.split()[0]) == SealedEvent.objects.count()
    assert faults() == []
    assert HistorySeal.objects.get().number == 4
    assert [entry["seal"] for entry in map(json.loads, ledger.read_text().splitlines()) if entry.get("begins")] == [
        1,
        4,
    ]


def test_the_commands_say_how_it_stands(world, run, settings):
    number, digest = history_seals.head()
    assert f"seal {number}, {digest}" in run("verify_history")[0]
    settings.ERASURE_LEDGER = ""
    assert "no ledger" in run("verify_history")[1]


def test_an_act_seals_when_it_is_due_and_never_fails_of_it(transactional_db, ledger, settings, monkeypatch, caplog):
    w = Writers()
    settings.SEAL_EVERY = 60
    monkeypatch.setattr(history_seals, "_due", 0)
    persons.change(w.person.pk, by=w.actor("editor"), version=None, gender="other")
    assert HistorySeal.objects.count() == 1
    persons.change(w.person.pk, by=w.actor("editor"), version=None, gender="female")
    assert HistorySeal.objects.count() == 1
    monkeypatch.setattr(history_seals, "_due", 0)
    settings.ERASURE_LEDGER = str(ledger.parent / "nowhere" / "ledger")
    persons.change(w.person.pk, by=w.actor("editor"), version=None, gender="male")
    assert Person.objects.get(pk=w.person.pk).gender == "male"
    assert "not sealed: FileNotFoundError" in caplog.text


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["gender", "title", "text", "raw", "roll_back", "delete_text", "seal", "erase"]),
        st.integers(0, 2),
    ),
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_an_untouched_history_verifies_whatever_was_written(transactional_db, ledger, steps):
    w = Writers()
    with make.batch():
        found = [make.make_testimony(texts=["One.", "Two."], status="draft") for _ in range(3)]
    gone = set()
    for number, (step, at) in enumerate(steps):
        testimony = found[at]
        if step == "seal":
            history_seals.seal()
        if at in gone:
            continue
        if step == "gender":
            persons.change(
                testimony.person_id, by=w.actor("editor"), version=None, gender=["male", "female"][number % 2]
            )
        elif step == "text":
            with projections.refreshed():
                testimony.texts.update(body=f"Invented {number}.")
        elif step == "raw":
            with projections.refreshed(), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE testimonies_testimony SET summary = %s WHERE id = %s", [f"{number}", testimony.pk]
                )
        elif step == "roll_back":
            with suppress(RuntimeError), projections.refreshed():
                testimony.texts.all().delete()
                raise RuntimeError
        elif step == "delete_text":
            with projections.refreshed():
                models.Text.objects.filter(pk__in=testimony.texts.values("pk")[:1]).delete()
        elif step == "erase":
            erasure.erase(testimony.pk, by=w.actor("custodian"), version=None)
            gone.add(at)
        assert faults() == []
    history_seals.seal()
    assert faults() == []
