"""What an act holds is not locked twice; what it has let go of is; what has gone before it was locked is not linked to."""

import threading
from contextlib import suppress

import pytest
from django.db import connection, transaction

from testimonies import models, projections
from testimonies.errors import Invalid
from testimonies.projections import locks
from testimonies.services import testimonies
from tests import factories as make
from tests.writers import Writers, nothing_is_stale


class Undone(Exception):
    pass


@pytest.fixture
def w(transactional_db) -> Writers:
    w = Writers()
    with make.batch():
        w.group, w.collection = make.make_group(), make.make_collection()
    return w


@pytest.fixture
def locked(monkeypatch) -> list[dict]:
    """What each round of locks is about to lock."""
    found, real = [], locks._lock_rows

    def noted(mine, parts, *args):
        found.append({noun: ids for noun, ids in mine.items() if ids})
        return real(mine, parts, *args)

    monkeypatch.setattr(locks, "_lock_rows", noted)
    return found


def create(w, **values):
    needed = {"title": "Invented", "kind": "interview", "account_language": "en"}
    named = {"group": w.group.slug, "collections": [w.collection.slug]}
    return testimonies.create(by=w.actor("editor"), person_id=w.person.pk, **needed, **named, **values)


def rename(person, name):
    models.Person.objects.filter(pk=person.pk).update(name=name)


def test_what_is_held_is_locked_once(w, locked):
    row = create(w)
    assert locked == [{"person": {w.person.pk}}]
    testimonies.change(row.pk, by=w.actor("editor"), version=None, summary="Invented anew.")
    assert locked[1:] == [{"testimony": {row.pk}}]
    assert nothing_is_stale()


def test_what_was_not_locked_before_is_locked_before_its_rows_are_made(w, locked):
    with projections.refreshed():
        rename(w.person, "Invented Anew")
    assert locked == [{"person": {w.person.pk}, "testimony": {w.draft.pk}}]


def test_what_a_savepoint_let_go_is_locked_again(w, locked):
    with projections.refreshed():
        with suppress(Undone), transaction.atomic():
            projections.lock(person=[w.person.pk])
            raise Undone
        rename(w.person, "Invented Anew")
    assert locked[0] == locked[1] == {"person": {w.person.pk}, "testimony": {w.draft.pk}}


def test_what_an_earlier_block_held_is_locked_again(w, locked):
    for name in ("Invented Anew", "Invented Once More"):
        with projections.refreshed():
            projections.lock(person=[w.person.pk])
            rename(w.person, name)
    assert len(locked) == 2


def test_rows_made_twice_in_one_act_are_true(w):
    """A desk refreshes in the middle of an act: from then on its own new testimony has rows."""
    with projections.refreshed():
        row = models.Testimony(person=w.person, title="Invented", kind="interview", account_language="en")
        projections.lock(made={"testimony": [row.pk]}, linked={"person": [w.person.pk]})
        row.save()
        projections.refresh()
        models.Testimony.objects.filter(pk=row.pk).update(title="Invented anew")
    assert nothing_is_stale()


def elsewhere(step):
    """On another connection, and committed."""

    def run():
        with projections.refreshed():
            step()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_what_goes_between_the_look_and_the_lock_is_unknown(w, monkeypatch):
    real = testimonies.named

    def named(values):
        found = real(values)
        elsewhere(models.Collection.objects.filter(pk=w.collection.pk).delete)
        return found

    monkeypatch.setattr(testimonies, "named", named)
    before = models.Testimony.objects.count()
    with pytest.raises(Invalid) as refused:
        create(w)
    assert [error[:2] for error in refused.value.errors] == [("/collections", "unknown")]
    assert (models.Testimony.objects.count(), models.Membership.objects.filter(person=w.person).count()) == (before, 0)


@pytest.mark.parametrize("name", ["author", "editor"])
def test_what_a_write_answers_is_what_reading_answers(w, name):
    """The version and the digest too: the answer to a write is read through the door."""
    body = {
        "person_id": str(w.person.pk), "title": "Invented", "kind": "interview", "account_language": "en",
        "group": w.group.slug, "membership": "says_member", "left": "2016", "collections": [w.collection.slug],
    }  # fmt: skip
    made = w.ask(name, "post", "testimonies/", body)
    assert made.status_code == 201, made.content
    again = w.ask(name, "get", f"testimonies/{made.json()['id']}/")
    assert (again.content, again.headers["ETag"]) == (made.content, made.headers["ETag"])
    assert (made.json()["group"], made.json()["left"]) == (w.group.slug, "2016")
