"""The feed of changes: whoever follows it has what the list has, whatever was done, in whatever order, at whatever time."""

import datetime as dt
import random
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from testimonies import projections
from testimonies.access import Role, Tier
from testimonies.models import ApiKey, Assignment, Clearance, Collection, CollectionItem, Testimony
from testimonies.projections import showings
from testimonies.selectors import actors, changes, cursors
from testimonies.services import erasure
from tests import factories as make
from tests.access.worlds import World, change_above
from tests.client import Api
from tests.contract.seed import SEED
from tests.following import URL, Follower, listed

Testimony.__test__ = False
pytestmark = pytest.mark.django_db(transaction=True)
CALLERS = ("anonymous", "reader", "campaigner", "coder", "editor")


@pytest.fixture
def api(settings) -> Api:
    """As everywhere, with the key of an app that may use what is cleared for campaigns only."""
    settings.PUBLIC_READ = True
    keys = {role: make.make_key(role=role)[1] for role in ("reader", "coder", "editor", "custodian")}
    keys["campaigner"] = make.make_key(role=Role.READER, uses=["campaign"])[1]
    return Api({"anonymous": {}} | {name: {"Authorization": f"Bearer {secret}"} for name, secret in keys.items()})


@pytest.fixture
def clock(monkeypatch):
    """`clock(moment)`: that is PostgreSQL's time for every request from now on."""
    return lambda moment: monkeypatch.setattr(actors, "CLOCK", f"timestamptz '{moment.isoformat()}'")


def by_now():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def update(testimony, **values):
    with projections.refreshed():
        Testimony.objects.filter(pk=testimony.pk).update(**values)


def followers(api, **parameters):
    found = {name: Follower(api.as_(name), **parameters) for name in CALLERS}
    for follower in found.values():
        follower.follow()
    return found


def told(found):
    return {name: follower.follow() for name, follower in found.items()}


def test_from_the_beginning_it_is_the_list(api):
    ones = [make.make_testimony() for _ in range(5)]
    make.make_testimony(status="draft")
    follower = Follower(api, page_size=2)
    assert [action for action, _ in follower.follow()] == ["kept"] * 5
    assert follower.has == listed(api)
    assert list(follower.has) == [str(one.pk) for one in ones]
    assert follower.follow() == []
    assert Follower(api, page_size=5).page()["has_more"] is False
    assert Follower(api, page_size=4).page()["has_more"] is True


def test_an_empty_service_has_a_cursor(api):
    follower = Follower(api)
    assert follower.page() == {"testimonies": [], "tombstones": [], "next_cursor": follower.after, "has_more": False}
    one = make.make_testimony()
    assert follower.follow() == [("kept", str(one.pk))]


def test_an_edit_is_told_once_and_to_those_only_who_see_a_difference(api):
    one = make.make_testimony()
    found = followers(api)
    update(one, notes_internal="for staff")
    kept = [("kept", str(one.pk))]
    assert told(found) == {"anonymous": [], "reader": [], "campaigner": [], "coder": kept, "editor": kept}
    update(one, title="Another invented title")
    assert told(found) == {name: kept if name != "campaigner" else [] for name in CALLERS}
    assert all(found[name].has == listed(api.as_(name)) for name in CALLERS)
    assert set(map(tuple, told(found).values())) == {()}


def withdraw(one, actors):
    update(one, status="withdrawn")


def unpublish(one, actors):
    update(one, status="draft")


def erase(one, actors):
    erasure.erase(one.pk, by=replace(actors["custodian"], user_id=make.make_user(role=Role.CUSTODIAN).pk), version=None)


def embargo(one, actors):
    update(one, embargo_until=dt.datetime(2999, 1, 1, tzinfo=dt.UTC))


def close(one, actors):
    with projections.refreshed():
        CollectionItem.objects.create(testimony=one, collection=make.make_collection(listing="closed"))


def end(one, actors):
    with projections.refreshed():
        Clearance.objects.filter(testimony=one).update(withdrawn_at=by_now())


def raise_tier(one, actors):
    update(one, tier=Tier.RESTRICTED)


def delete(one, actors):
    with projections.refreshed():
        Testimony.objects.filter(pk=one.pk).delete()


GOING = {
    #               anonymous  reader     campaigner  coder      editor
    withdraw:     ("removed", "removed", "removed",  "removed", "kept"),
    unpublish:    ("removed", "removed", "removed",  "removed", "kept"),
    erase:        ("removed", "removed", "removed",  "removed", "removed"),
    delete:       ("removed", "removed", "removed",  "removed", "removed"),
    embargo:      ("removed", "removed", "removed",  "kept",    "kept"),
    close:        ("removed", "removed", "removed",  "kept",    "kept"),
    end:          ("removed", "removed", "removed",  "kept",    "kept"),
    raise_tier:   ("removed", "removed", "removed",  "kept",    "kept"),
}  # fmt: skip


@pytest.mark.parametrize("act", GOING, ids=lambda act: act.__name__)
def test_what_goes_leaves_its_id_and_its_day_and_nothing_else(api, actors, act):
    """The same tombstone whatever the reason; none for whoever never saw it."""
    one = make.make_testimony(uses=["research", "campaign"])
    make.make_testimony(status="draft")
    found = followers(api)
    act(one, actors)
    assert {name: [action for action, _ in entries] for name, entries in told(found).items()} == {
        name: [action] for name, action in zip(CALLERS, GOING[act], strict=True)
    }
    late = Follower(api)
    assert late.page()["tombstones"] == []
    assert set(map(tuple, told(found).values())) == {()}


def test_a_tombstone_says_when_it_went_and_not_when_that_is_told(api, clock):
    now = by_now()
    one = make.make_testimony(uses=[])
    make.make_clearance(testimony=one, ends_at=now + dt.timedelta(days=3))
    follower = Follower(api)
    follower.follow()
    clock(now + dt.timedelta(days=9))
    page = follower.page()
    assert page["tombstones"] == [{"id": str(one.pk), "day": f"{now + dt.timedelta(days=3):%Y-%m-%d}"}]
    assert page["testimonies"] == []


def test_what_came_and_went_since_is_told_as_gone_or_not_at_all(api):
    follower = Follower(api)
    follower.follow()
    one = make.make_testimony()
    update(one, status="withdrawn")
    assert follower.follow() == []


def test_what_nobody_of_the_tier_ever_saw_leaves_nothing(api, actors):
    one = make.make_testimony(status="draft")
    found = followers(api)
    update(one, title="Another invented title")
    erase(one, actors)
    assert {name: [action for action, _ in entries] for name, entries in told(found).items()} == {
        "anonymous": [],
        "reader": [],
        "campaigner": [],
        "coder": [],
        "editor": ["removed"],
    }


def test_erasure_leaves_an_id_and_days(api, actors):
    one = make.make_testimony(uses=[], embargo_until="2001-02-03T04:05:06Z")
    make.make_clearance(testimony=one, ends_at="2777-08-09T10:11:12Z")
    erase(one, actors)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(s)::text FROM projection_showing s WHERE testimony_id = %s", [one.pk])
        rows = " ".join(row for (row,) in cursor.fetchall())
    assert str(one.pk) in rows
    assert "04:05:06" not in rows
    assert "2777" not in rows


def test_time_alone_shows_and_hides(api, clock):
    now = by_now()
    moments = [now + dt.timedelta(seconds=seconds) for seconds in (10, 20, 30)]
    one = make.make_testimony(uses=[], embargo_until=moments[0])
    make.make_clearance(testimony=one, uses=["research"], ends_at=moments[2])
    make.make_clearance(testimony=one, uses=["campaign"], starts_at=moments[1], ends_at=moments[2])
    found = followers(api)
    kept, removed = [("kept", str(one.pk))], [("removed", str(one.pk))]
    expected = {
        # to the microsecond: nothing just before, and all of it then
        0: ([], [], []),
        1: (kept, [], []),
        2: (kept, kept, kept),
        3: (removed, removed, kept),
    }
    for number, (reader, campaigner, editor) in expected.items():
        moment = now if number == 0 else moments[number - 1]
        clock(moment - dt.timedelta(microseconds=1))
        assert set(map(tuple, told(found).values())) == {()}
        clock(moment)
        assert told(found) == {
            "anonymous": reader,
            "reader": reader,
            "campaigner": campaigner,
            "coder": editor,
            "editor": editor,
        }


def test_a_coder_is_told_of_what_is_theirs_and_what_is_assigned(api):
    coder = Follower(api.as_("coder"))
    editor = Follower(api.as_("editor"))
    one = make.make_testimony(status="draft")
    coder.follow()
    editor.follow()
    user = coder_of(api)
    assignment = make.make_assignment(testimony=one, coder=user)
    assert coder.follow() == [("kept", str(one.pk))]
    assert editor.follow() == []
    assert coder.has == listed(api.as_("coder"))
    with projections.refreshed():
        Assignment.objects.filter(pk=assignment.pk).delete()
    assert coder.follow() == [("removed", str(one.pk))]
    update(one, created_by=user)
    assert coder.follow() == [("kept", str(one.pk))]
    update(one, status="withdrawn")
    assert coder.follow() == [("removed", str(one.pk))]


def coder_of(api):
    return ApiKey.objects.get(role=Role.CODER).user


def test_a_rebuild_tells_nothing(api):
    make.make_testimony()
    found = followers(api)
    projections.rebuild(everything=True)
    assert set(map(tuple, told(found).values())) == {()}


def test_a_change_with_many_dependants_hides_nothing_from_who_follows(api, monkeypatch):
    person = make.make_person()
    ones = [make.make_testimony(person=person) for _ in range(3)]
    follower = Follower(api)
    follower.follow()
    before = dict(follower.has)
    refresh = sys.modules["testimonies.projections.refresh"]
    monkeypatch.setattr(refresh, "MANY", 2)
    monkeypatch.setattr(refresh, "rebuild", lambda: None)
    with projections.refreshed():
        type(person).objects.filter(pk=person.pk).update(gender="female")
    assert listed(api) == {}
    assert follower.follow() == []
    assert follower.has == before
    monkeypatch.undo()
    projections.rebuild()
    assert sorted(follower.follow()) == sorted(("kept", str(one.pk)) for one in ones)
    assert follower.has == listed(api)


def unfreeze(codebook):
    """As a data migration may: what differs in a world is made in another transaction than the world."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL testimonies.on_stale = 'hide'")
        cursor.execute(
            "UPDATE testimonies_codebook SET status = 'draft', published_at = NULL WHERE id = %s", [codebook.pk]
        )
    projections.rebuild()


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("tier", [Tier.PUBLIC, Tier.PARTNER])
def test_what_happens_above_a_tier_is_not_told_below(api, tier, number):
    """Neither that, nor when, nor in what order: there is nothing on the page, and less is said of nothing than by silence."""
    world = World()
    unfreeze(world.codebook)
    found = [Follower(api)] + ([Follower(api.as_("reader"))] if tier == Tier.PARTNER else [])
    staff = Follower(api.as_("editor"))
    for follower in (*found, staff):
        follower.follow()
    change_above(tier, world, random.Random(f"{SEED} {number}"))
    assert [follower.follow() for follower in found] == [[]] * len(found)
    assert staff.follow() != []


# --- Cursors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cursor", ["", "x", "%00", "é", "A" * 4000, "A" * 4001])
def test_a_cursor_that_was_not_made_here_is_refused(api, cursor):
    response = api.get(URL, {"after": cursor})
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "after"


def test_a_cursor_of_a_list_is_none_of_the_feed_nor_the_reverse(api):
    for _ in range(2):
        make.make_testimony()
    of_list = api.get("/api/v1/testimonies/", {"page_size": 1}).json()["next_cursor"]
    of_feed = Follower(api).page()["next_cursor"]
    assert api.get(URL, {"after": of_list}).json()["errors"][0]["code"] == "invalid_cursor"
    assert api.get("/api/v1/testimonies/", {"cursor": of_feed}).json()["errors"][0]["code"] == "invalid_cursor"


def test_a_cursor_is_its_callers_alone(api):
    make.make_testimony()
    follower = Follower(api.as_("reader"))
    follower.follow()
    for other in ("anonymous", "campaigner", "coder", "editor"):
        response = api.as_(other).get(URL, {"after": follower.after})
        assert response.json()["errors"][0]["code"] == "foreign_cursor"
    changed = Follower(api.as_("reader"))
    changed.after = follower.after[:-1] + ("A" if follower.after[-1] != "A" else "B")
    assert api.as_("reader").get(URL, {"after": changed.after}).json()["errors"][0]["code"] == "invalid_cursor"


def test_a_cursor_is_as_long_whoever_writes_meanwhile(api):
    quiet = Follower(api).page()["next_cursor"]
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN; SELECT pg_current_xact_id()")
            busy = Follower(api).page()["next_cursor"]
    finally:
        other.close()
    assert len(quiet) == len(busy)
    assert len(cursors.opened(quiet)) % 256 == 0


def test_after_a_restore_everybody_begins_anew_and_then_follows(api, monkeypatch):
    """Numbers of transactions are another cluster's: those of showings lie in the future, and cursors are refused."""
    one = make.make_testimony()
    follower = Follower(api)
    follower.follow()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projection_showing SET changed_in = (changed_in::text::bigint + 1000000)::text::xid8, made_in = changed_in"
        )
    assert showings.settle() >= 3
    assert showings.settle() == 0
    monkeypatch.setattr(changes, "CLUSTER", "'another'")
    response = api.get(URL, {"after": follower.after})
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "foreign_cursor")
    anew = Follower(api)
    assert anew.follow() == [("kept", str(one.pk))]
    assert anew.follow() == []
    update(one, status="withdrawn")
    assert anew.follow() == [("removed", str(one.pk))]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "501"}, "page_size"),
        ({"wait": "31"}, "wait"),
        ({"wait": "-1"}, "wait"),
        ({"cursor": "x"}, "cursor"),
        ({"status": "draft"}, "status"),
    ],
)
def test_what_it_does_not_know_is_refused(api, query, parameter):
    response = api.get(URL, query)
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == parameter


# --- Transactions that end late ---------------------------------------------------------------------------------------


def test_a_change_that_is_committed_late_is_told_then(api):
    """The one that began first ends last: a feed by number or by time would pass it over."""
    one, other = make.make_testimony(), make.make_testimony()
    follower = Follower(api)
    follower.follow()
    late = connection.copy()
    try:
        late.set_autocommit(False)
        with late.cursor() as cursor:
            cursor.execute(
                "UPDATE projection_showing SET changed_in = pg_current_xact_id() WHERE testimony_id = %s", [one.pk]
            )
            update(other, title="Another invented title")
            assert follower.follow() == [("kept", str(other.pk))]
            update(other, title="A third invented title")
            assert follower.follow() == [("kept", str(other.pk))]
        late.commit()
    finally:
        late.close()
    assert follower.follow() == [("kept", str(one.pk))]
    assert follower.follow() == []


def test_a_change_between_two_pages_is_told_with_the_next_difference(api):
    """Nothing that a page showed may stay behind with whoever follows: it went before the last page was read."""
    ones = [make.make_testimony() for _ in range(4)]
    follower = Follower(api, page_size=1)
    follower.page()
    come = make.make_testimony()
    update(ones[0], status="withdrawn")
    update(ones[3], title="Another invented title")
    follower.page()
    update(ones[1], status="withdrawn")
    update(come, status="withdrawn")
    follower.follow()
    follower.follow()
    assert follower.has == listed(api)


def test_what_comes_between_two_pages_can_be_taken_back(api):
    """Shown with the first list, it would be in nobody's list when it goes."""
    for _ in range(2):
        make.make_testimony()
    follower = Follower(api, page_size=1)
    follower.page()
    come = make.make_testimony()
    follower.page()
    follower.page()
    assert str(come.pk) in follower.has
    update(come, status="withdrawn")
    assert follower.follow() == [("removed", str(come.pk))]


# --- Whatever is done ---------------------------------------------------------------------------------------------------


def random_act(w, chance):
    """Something that somebody does, or that time does."""
    one = chance.choice(w.ones)
    moment = w.now + dt.timedelta(seconds=chance.choice([-5, 0, 1, 3, 3600]))

    def clearances(**values):
        with projections.refreshed():
            Clearance.objects.filter(testimony=one, starts_at__lt=moment).update(**values)

    def cleared():
        uses = chance.choice([["research"], ["campaign"], ["research", "campaign"]])
        ends = chance.choice([None, moment + dt.timedelta(seconds=7)])
        make.make_clearance(testimony=one, uses=uses, starts_at=moment, ends_at=ends)

    def listing():
        with projections.refreshed():
            Collection.objects.filter(pk=w.collection.pk).update(listing=chance.choice(["open", "closed"]))

    def assigned():
        with projections.refreshed():
            if not Assignment.objects.filter(testimony=one).delete()[0]:
                Assignment.objects.create(testimony=one, coder=w.coder, codebook=w.codebook)

    chance.choice(
        [
            lambda: update(one, status=chance.choice(["draft", "in_review", "published", "published", "withdrawn"])),
            lambda: update(one, title=f"Invented {chance.random()}"),
            lambda: update(one, notes_internal=f"Invented {chance.random()}"),
            lambda: update(one, tier=chance.choice([*Tier])),
            lambda: update(one, embargo_until=chance.choice([None, moment, moment])),
            lambda: clearances(ends_at=moment),
            lambda: clearances(withdrawn_at=chance.choice([None, moment])),
            cleared,
            listing,
            assigned,
            lambda: w.ones.append(make.make_testimony(uses=["research", "campaign"], title="Invented, new")),
        ]
    )()


@pytest.mark.parametrize("number", range(4))
def test_who_follows_ends_with_what_the_list_shows(api, clock, number):
    chance = random.Random(f"{SEED} {number}")
    w = SimpleNamespace(now=by_now(), collection=make.make_collection(), coder=coder_of(api))
    w.codebook = make.make_codebook()
    w.ones = [make.make_testimony(uses=["research", "campaign"], collections=[w.collection]) for _ in range(4)]
    found = [Follower(api.as_(name), page_size=size) for name in CALLERS for size in (2, 50)]
    for _ in range(40):
        random_act(w, chance)
        w.now = max(w.now + dt.timedelta(seconds=chance.choice([0, 0, 1, 2])), by_now())
        clock(w.now)
        for follower in found:
            if chance.random() < 0.3:
                follower.page()
            if chance.random() < 0.1:
                check(follower)
    for follower in found:
        check(follower)
        assert follower.follow() == []


def check(follower):
    follower.follow()
    follower.follow()
    assert follower.has == listed(follower.client), f"TEST_SEED={SEED}"
