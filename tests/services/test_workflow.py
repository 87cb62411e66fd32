"""The workflow as a table of literals: who may take which step from where, and why not."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from testimonies import models, projections
from testimonies.errors import DomainError, Forbidden, NotAllowedNow, NotFound, Overtaken, OwnWork
from testimonies.models.projections import PublicTestimony
from testimonies.services import citations, persons, sources, testimonies, texts, workflow
from tests import factories as make
from tests.writers import Writers, nothing_is_stale

STATES = ("draft", "in_review", "published", "withdrawn")
EXPECT = {
    # from, to                    reader     author         editor     publisher  custodian
    ("draft", "in_review"):      (Forbidden, None,          None,      None,      None),
    ("draft", "published"):      (Forbidden, Forbidden,     NotAllowedNow, NotAllowedNow, NotAllowedNow),
    ("draft", "withdrawn"):      (Forbidden, Forbidden,     Forbidden, Forbidden, None),
    ("in_review", "draft"):      (Forbidden, Forbidden,     None,      None,      None),
    ("in_review", "published"):  (Forbidden, Forbidden,     OwnWork,   None,      None),
    ("in_review", "withdrawn"):  (Forbidden, Forbidden,     Forbidden, Forbidden, None),
    ("published", "draft"):      (Forbidden, None,          None,      None,      None),
    ("published", "in_review"):  (Forbidden, NotAllowedNow, NotAllowedNow, NotAllowedNow, NotAllowedNow),
    ("published", "withdrawn"):  (Forbidden, Forbidden,     Forbidden, Forbidden, None),
    ("withdrawn", "draft"):      (Forbidden, NotFound,      NotAllowedNow, NotAllowedNow, NotAllowedNow),
    ("withdrawn", "in_review"):  (Forbidden, NotFound,      NotAllowedNow, NotAllowedNow, NotAllowedNow),
    ("withdrawn", "published"):  (Forbidden, Forbidden,     NotAllowedNow, NotAllowedNow, NotAllowedNow),
}  # fmt: skip
WHO = ("reader", "author", "editor", "publisher", "custodian")


@pytest.fixture
def w(transactional_db) -> Writers:
    """The draft is cleared, by the editor."""
    w = Writers()
    w.clearance = make.make_clearance(testimony=w.draft, created_by=w.users["editor"])
    return w


def change(row, **values):
    with projections.refreshed():
        type(row).objects.filter(pk=row.pk).update(**values)


def put(w, status):
    change(w.draft, status=status, published_at=timezone.now() if status == "published" else None)


def move(w, name, to, **options):
    return workflow.move(w.draft.pk, by=w.actor(name), to=to, **options)


def status_of(w):
    return models.Testimony.objects.get(pk=w.draft.pk).status


def is_public(w):
    moment = w.actor("editor").now
    return PublicTestimony.objects.filter(testimony_id=w.draft.pk, during__contains=moment).exists()


@pytest.mark.parametrize(("start", "to"), EXPECT)
def test_the_table(w, start, to):
    for name, refusal in zip(WHO, EXPECT[start, to], strict=True):
        put(w, start)
        if refusal is None:
            moved = move(w, name, to)
            assert (moved.status, status_of(w)) == (to, to)
            assert is_public(w) == (to == "published")
        else:
            with pytest.raises(refusal) as caught:
                move(w, name, to)
            assert type(caught.value) is refusal
            assert status_of(w) == start
    assert nothing_is_stale()


@pytest.mark.parametrize("start", STATES)
def test_what_is_told_is_what_is_done(w, start):
    put(w, start)
    for name in ("author", "editor", "publisher", "custodian"):
        told = {
            str(step.to): step for step in workflow.steps(models.Testimony.objects.get(pk=w.draft.pk), w.actor(name))
        }
        assert set(told) == {
            to for before, to in EXPECT if before == start and any(r is None for r in EXPECT[before, to])
        }
        for to, step in told.items():
            refusal = EXPECT[start, to][WHO.index(name)]
            assert (step.allowed, bool(step.reason)) == (refusal is None, refusal is not None)
            assert refusal is None or type(step.refusal) is refusal


def test_any_coder_hides_what_is_published_at_once_and_only_a_custodian_withdraws(w):
    put(w, "published")
    assert is_public(w)
    assert move(w, "coder", "draft", note="Invented: somebody could be recognised.").status == "draft"
    assert not is_public(w)
    with pytest.raises(NotFound):
        move(w, "coder", "in_review")  # a draft is its author's again
    put(w, "published")
    with pytest.raises(Forbidden):
        move(w, "coder", "withdrawn")
    assert is_public(w)
    assert nothing_is_stale()


def test_publishing_is_recorded_with_its_moment(w):
    put(w, "in_review")
    first = move(w, "publisher", "published", note="Invented reason.")
    assert first.published_at is not None
    back = move(w, "publisher", "draft")
    assert (back.published_at, back.version) == (first.published_at, first.version + 1)
    move(w, "author", "in_review")
    assert move(w, "publisher", "published").published_at > first.published_at
    assert nothing_is_stale()


LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
REASONS = {
    "no clearance": (lambda w: models.Clearance.objects.filter(pk=w.clearance.pk).delete(), ["clearance"]),
    "clearance to come": (
        lambda w: change_clearance(w, starts_at=timezone.now() + dt.timedelta(days=1)),
        ["clearance"],
    ),
    "clearance over": (lambda w: change_clearance(w, ends_at=LONG_AGO + dt.timedelta(days=1)), ["clearance"]),
    "clearance withdrawn": (lambda w: change_clearance(w, withdrawn_at=LONG_AGO), ["clearance"]),
    "no summary": (lambda w: models.Testimony.objects.filter(pk=w.draft.pk).update(summary=" "), ["summary"]),
    "both": (
        lambda w: (
            change_clearance(w, withdrawn_at=LONG_AGO),
            models.Testimony.objects.filter(pk=w.draft.pk).update(summary=""),
        ),
        ["clearance", "summary"],
    ),
}


def change_clearance(w, **values):
    models.Clearance.objects.filter(pk=w.clearance.pk).update(**values)


@pytest.mark.parametrize("case", REASONS)
def test_what_is_missing_for_publication_is_said(w, case):
    spoil, words = REASONS[case]
    put(w, "in_review")
    with projections.refreshed():
        spoil(w)
    with pytest.raises(NotAllowedNow) as caught:
        move(w, "publisher", "published")
    assert [word for word in ("clearance", "summary") if word in caught.value.detail] == words
    with projections.refreshed():
        models.Clearance.objects.filter(testimony=w.draft).delete()
        models.Testimony.objects.filter(pk=w.draft.pk).update(summary="Invented.")
    make.make_clearance(testimony=w.draft, ends_at=timezone.now() + dt.timedelta(days=1))
    assert move(w, "publisher", "published").status == "published"


OWN = {
    "testimony": lambda w, mine: change(w.draft, created_by=mine),
    "person": lambda w, mine: change(w.person, created_by=mine),
    "membership": lambda w, mine: change(w.draft, membership=make.make_membership(person=w.person, created_by=mine)),
    "text": lambda w, mine: make.make_text(testimony=w.draft, created_by=mine),
    "citation": lambda w, mine: make.make_citation(testimony=w.draft, created_by=mine),
    "claim": lambda w, mine: make.make_claim(testimony=w.draft, created_by=mine),
    "clearance": lambda w, mine: make.make_clearance(testimony=w.draft, created_by=mine),
}


@pytest.mark.parametrize("part", OWN)
def test_nobody_publishes_their_own_work(w, part):
    OWN[part](w, w.users["publisher"])
    put(w, "in_review")
    with pytest.raises(OwnWork):
        move(w, "publisher", "published")
    assert status_of(w) == "in_review"
    assert move(w, "custodian", "published").status == "published"


def test_who_publishes_is_somebody(w):
    put(w, "in_review")
    nobody = w.actor("publisher").__class__(**{**_fields(w.actor("publisher")), "user_id": None})
    with pytest.raises(NotAllowedNow):
        workflow.move(w.draft.pk, by=nobody, to="published")
    assert status_of(w) == "in_review"


def _fields(actor):
    return {name: getattr(actor, name) for name in actor.__slots__}


def test_an_overtaken_step_is_not_taken(w):
    version = models.Testimony.objects.get(pk=w.draft.pk).version
    change(w.draft, title="Invented anew")
    with pytest.raises(Overtaken):
        move(w, "author", "in_review", version=version)
    assert status_of(w) == "draft"
    assert move(w, "author", "in_review", version=version + 1).status == "in_review"


def test_of_two_who_publish_at_once_one_does(w, monkeypatch):
    put(w, "in_review")
    both, lock = Barrier(2), projections.lock

    def lock_together(**written):
        both.wait(timeout=30)
        lock(**written)

    monkeypatch.setattr(projections, "lock", lock_together)

    def publish(by):
        try:
            return workflow.move(w.draft.pk, by=by, to="published").status
        except DomainError as error:
            return type(error), error.detail
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(publish, [w.actor("publisher"), w.actor("custodian")]))
    refused = (NotAllowedNow, "It is published. From there it goes to: draft, withdrawn.")
    assert sorted(found, key=str) == sorted(["published", refused], key=str)
    assert nothing_is_stale()


# --- Nobody publishes what they changed ---------------------------------------------------------------------------------


def test_whoever_changed_the_record_leaves_publishing_to_another(w):
    testimonies.change(w.draft.pk, by=w.actor("publisher"), version=None, title="Invented: in other words")
    put(w, "in_review")
    with pytest.raises(OwnWork):
        move(w, "publisher", "published")
    assert move(w, "custodian", "published").status == "published"


def touch_text(w):
    text = texts.create(w.draft.pk, by=w.actor("author"), language="en", kind="transcript", body="Invented words.")
    texts.change(w.draft.pk, text.pk, by=w.actor("publisher"), version=None, body="Other invented words.")


def touch_and_remove_text(w):
    text = texts.create(w.draft.pk, by=w.actor("publisher"), language="en", kind="transcript", body="Invented words.")
    texts.remove(w.draft.pk, text.pk, by=w.actor("author"), version=None)


def touch_person(w):
    persons.change(w.person.pk, by=w.actor("publisher"), version=None, gender="other")


def touch_names(w):
    names = [{"value": "Invented Uno", "kind": "kunya", "tier": 0}]
    persons.change(w.person.pk, by=w.actor("publisher"), version=None, other_names=names)


def touch_membership(w):
    values = {"group": make.make_group().slug, "belonging": "says_member"}
    testimonies.change(w.draft.pk, by=w.actor("author"), version=None, **values)
    testimonies.change(w.draft.pk, by=w.actor("publisher"), version=None, role_in_group="driver")


def touch_source(w):
    citations.create(
        w.draft.pk, by=w.actor("editor"), source_id=w.unseen_source.pk, relation="original", locator="", tier=0
    )
    sources.change(w.unseen_source.pk, by=w.actor("publisher"), version=None, outlet="Invented Weekly")


def touch_external_ids(w):
    testimonies.change(w.draft.pk, by=w.actor("publisher"), version=None, external_ids=[{"system": "x", "value": "1"}])


TOUCHES = (
    touch_text,
    touch_and_remove_text,
    touch_person,
    touch_names,
    touch_membership,
    touch_source,
    touch_external_ids,
)


@pytest.mark.parametrize("touch", TOUCHES, ids=lambda touch: touch.__name__)
def test_a_change_of_any_row_that_the_document_shows_counts(w, touch):
    touch(w)
    put(w, "in_review")
    with pytest.raises(OwnWork):
        move(w, "publisher", "published")
    assert move(w, "custodian", "published").status == "published"


def test_steps_of_the_workflow_are_no_changes_of_what_is_said(w):
    move(w, "publisher", "in_review")
    move(w, "publisher", "draft")
    move(w, "publisher", "in_review")
    move(w, "publisher", "published")
    move(w, "publisher", "draft")
    move(w, "author", "in_review")
    assert move(w, "publisher", "published").status == "published"


def test_what_was_published_since_no_longer_counts(w):
    testimonies.change(w.draft.pk, by=w.actor("publisher"), version=None, title="Invented: in other words")
    move(w, "author", "in_review")
    move(w, "custodian", "published")
    move(w, "custodian", "draft")
    move(w, "author", "in_review")
    assert move(w, "publisher", "published").status == "published"


def test_a_change_while_published_counts(w):
    move(w, "author", "in_review")
    move(w, "publisher", "published")
    testimonies.change(w.draft.pk, by=w.actor("publisher"), version=None, notes_internal="Invented.")
    move(w, "custodian", "draft")
    move(w, "author", "in_review")
    with pytest.raises(OwnWork):
        move(w, "publisher", "published")


def test_plain_sql_locks_nobody_out(w):
    change(w.draft, title="Invented: by a migration")
    change(w.person, gender="other")
    put(w, "in_review")
    assert move(w, "publisher", "published").status == "published"
