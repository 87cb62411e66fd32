"""What time alone changes: embargoes that pass, clearances that start, end and are withdrawn, keys that expire.

Nothing runs in between: rows are written ahead, and each request asks PostgreSQL's clock once.
"""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import connection

from testimonies import projections
from testimonies.models import Testimony
from testimonies.models import projections as rows
from testimonies.selectors import actors
from tests import factories as make
from tests.api.answers import results, titles

Testimony.__test__ = False
pytestmark = pytest.mark.django_db
URL = "/api/v1/testimonies/"


@pytest.fixture
def clock(monkeypatch):
    """`clock("2098-01-02T00:00:00Z")`: that is PostgreSQL's time for every request from now on."""

    def clock(moment):
        monkeypatch.setattr(actors, "CLOCK", f"timestamptz '{moment}'")

    return clock


def seen(client, testimony):
    """Whether each way of reading shows the record, its person and its source."""
    source, paths = testimony.citations.get().source_id, ("", "texts/", "citation/")
    return [
        *(client.get(f"{URL}{testimony.pk}/{path}").status_code == 200 for path in paths),
        client.get(f"{URL}{testimony.ref}/").status_code == 200,
        testimony.title in titles(client.get(URL)),
        titles(client.get(URL, {"q": testimony.title})) == [testimony.title],
        client.get(URL, {"person": str(testimony.person_id), "count": "exact"}).json()["count"] == 1,
        client.get(f"/api/v1/persons/{testimony.person_id}/").status_code == 200,
        str(testimony.person_id) in [person["id"] for person in results(client.get("/api/v1/persons/"))],
        client.get(f"/api/v1/sources/{source}/").status_code == 200,
        str(source) in [found["id"] for found in results(client.get("/api/v1/sources/"))],
    ]


def all_or_nothing(client, testimony):
    found = set(seen(client, testimony))
    assert len(found) == 1, "seen here and not there"
    return found.pop()


# --- By PostgreSQL's own clock ------------------------------------------------------------------------------------------

SOON, PAST, FAR, LONG_AGO = 1e-6, -1e-6, 3600, -1e8
OFFSETS = {
    # seconds from now; clearances as (from, until, withdrawn, uses): whether it is seen below restricted, and cleared for what
    "running": ([(LONG_AGO, None, None, "research")], None, True, "research"),
    "starts now": ([(0, FAR, None, "research")], None, True, "research"),
    "starts soon": ([(SOON, FAR, None, "research")], None, False, ""),
    "ended": ([(LONG_AGO, PAST, None, "research")], None, False, ""),
    "ends now": ([(LONG_AGO, 0, None, "research")], None, False, ""),
    "ends soon": ([(LONG_AGO, SOON, None, "research")], None, True, "research"),
    "withdrawn": ([(LONG_AGO, None, PAST, "research")], None, False, ""),
    "withdrawn now": ([(LONG_AGO, FAR, 0, "research")], None, False, ""),
    "withdrawn soon": ([(LONG_AGO, FAR, SOON, "research")], None, True, "research"),
    "withdrawn before it started": ([(PAST, FAR, LONG_AGO, "research")], None, False, ""),
    "withdrawn after its end": ([(LONG_AGO, PAST, SOON, "research")], None, False, ""),
    "none": ([], None, False, ""),
    "embargo": ([(LONG_AGO, None, None, "research")], SOON, False, "research"),
    "embargo until now": ([(LONG_AGO, None, None, "research")], 0, True, "research"),
    "embargo passed": ([(LONG_AGO, None, None, "research")], PAST, True, "research"),
    "embargo passed, not cleared": ([(SOON, None, None, "research")], PAST, False, ""),
    "embargo and clearance end together": ([(LONG_AGO, SOON, None, "research")], SOON, False, "research"),
    "one of two": ([(LONG_AGO, PAST, None, "research"), (PAST, None, None, "quote")], None, True, "quote"),
    "both": ([(LONG_AGO, FAR, None, "research"), (PAST, SOON, None, "quote")], None, True, "quote research"),
    "the same twice": ([(LONG_AGO, FAR, None, "research"), (PAST, SOON, None, "research")], None, True, "research"),
    "between two": ([(LONG_AGO, PAST, None, "research"), (SOON, None, None, "quote")], None, False, ""),
    "one withdrawn of two": ([(LONG_AGO, FAR, PAST, "research"), (LONG_AGO, FAR, None, "quote")], None, True, "quote"),
}  # fmt: skip


@pytest.mark.parametrize("case", OFFSETS)
def test_a_boundary_is_right_to_the_microsecond(api, now, case):
    clearances, embargo, visible, uses = OFFSETS[case]

    def moment(seconds):
        return None if seconds is None else now + dt.timedelta(seconds=seconds)

    with make.batch():
        testimony = make.make_testimony(
            title="boundary", uses=[], embargo_until=moment(embargo), texts=["Invented."], membership=None
        )
        for start, end, withdrawn, use in clearances:
            make.make_clearance(
                testimony=testimony,
                starts_at=moment(start),
                ends_at=moment(end),
                withdrawn_at=moment(withdrawn),
                uses=[use],
            )
    for caller in ("anonymous", "public", "reader"):
        assert all_or_nothing(api.as_(caller), testimony) is visible
    for caller in ("coder", "editor", "custodian"):
        assert all_or_nothing(api.as_(caller), testimony) is True
    for caller in ("public", "reader", "editor") if visible else ("editor",):
        assert api.as_(caller).get(f"{URL}{testimony.pk}/").json()["cleared_for"] == uses.split()
    for use in ("research", "quote"):
        assert titles(api.as_("editor").get(URL, {"cleared_for": use})) == (["boundary"] if use in uses else [])


@pytest.mark.parametrize("status", ["draft", "in_review", "withdrawn"])
def test_no_clearance_shows_what_is_not_published(api, status):
    testimony = make.make_testimony(title="boundary", texts=["Invented."], membership=None)
    assert all_or_nothing(api.as_("public"), testimony) is True
    with projections.refreshed():
        Testimony.objects.filter(pk=testimony.pk).update(status=status)
    assert all_or_nothing(api.as_("public"), testimony) is False
    assert all_or_nothing(api.as_("coder"), testimony) is False
    assert all_or_nothing(api.as_("editor"), testimony) is True


def test_a_withdrawal_is_at_once(api, now):
    testimony = make.make_testimony(title="boundary", texts=["Invented."], membership=None)
    assert all_or_nothing(api.as_("reader"), testimony) is True
    with projections.refreshed():
        testimony.clearances.update(withdrawn_at=now)
    assert all_or_nothing(api.as_("reader"), testimony) is False


# --- One record through the years -----------------------------------------------------------------------------------


def make_record():
    """Under embargo until 2090; cleared for research 2080 to 2100, for campaigns 2095 to 2105, for research again from 2110."""
    with make.batch():
        w = SimpleNamespace()
        w.testimony = make.make_testimony(
            title="years",
            uses=[],
            embargo_until=day("2090"),
            texts=["Invented."],
            membership=None,
            notes_internal="Invented.",
        )
        for start, end, withdrawn, uses in (
            ("2080", "2100", None, ["research"]),
            ("2095", "2107", "2105", ["campaign"]),
            ("2110", None, None, ["research"]),
        ):
            make.make_clearance(
                testimony=w.testimony, starts_at=day(start), ends_at=day(end), withdrawn_at=day(withdrawn), uses=uses
            )
        w.other = make.make_testimony(title="always", person=w.testimony.person, membership=None)
    return w


def day(year):
    return None if year is None else dt.datetime(int(year), 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def made(keep):
    return keep(make_record)


@pytest.fixture(scope="module")
def keys(keys, keep):
    def secret(*uses):
        return {"Authorization": f"Bearer {keep(lambda: make.make_key(uses=list(uses))[1])}"}

    return {**keys, "researcher": secret("research"), "campaigner": secret("campaign", "media")}


YEARS = [
    # the clock; then what it is cleared for, and whether a partner, a researcher's and a campaigner's key find it
    ("2050-01-01T00:00:00Z", "", "no no no"),
    ("2080-01-01T00:00:00Z", "research", "no no no"),
    ("2089-12-31T23:59:59.999999Z", "research", "no no no"),
    ("2090-01-01T00:00:00Z", "research", "yes yes no"),
    ("2090-01-01T02:00:00+02:00", "research", "yes yes no"),
    ("2090-01-01T00:59:59+01:00", "research", "no no no"),
    ("2094-12-31T23:59:59.999999Z", "research", "yes yes no"),
    ("2095-01-01T00:00:00Z", "campaign research", "yes yes yes"),
    ("2099-12-31T23:59:59.999999Z", "campaign research", "yes yes yes"),
    ("2100-01-01T00:00:00Z", "campaign", "yes no yes"),
    ("2104-12-31T23:59:59.999999Z", "campaign", "yes no yes"),
    ("2105-01-01T00:00:00Z", "", "no no no"),
    ("2109-12-31T23:59:59.999999Z", "", "no no no"),
    ("2110-01-01T00:00:00Z", "research", "yes yes no"),
    ("2999-01-01T00:00:00Z", "research", "yes yes no"),
]


@pytest.mark.parametrize(("moment", "expected"), [(moment, expected) for moment, *expected in YEARS])
def test_each_moment_has_its_own_answer(api, clock, made, moment, expected):
    clock(moment)
    url, uses = f"{URL}{made.testimony.pk}/", expected[0].split()
    for caller, word in zip(("reader", "researcher", "campaigner"), expected[1].split(), strict=True):
        assert api.as_(caller).get(url).status_code == {"yes": 200, "no": 404}[word]
        listed = {item["title"]: item for item in results(api.as_(caller).get(URL))}
        assert ("years" in listed) is (word == "yes")
        if word == "yes":
            assert listed["years"]["cleared_for"] == uses
    assert api.as_("editor").get(url).json()["cleared_for"] == uses


MOVES = [
    # the clock, and when a partner's document last changed by then
    ("2090-01-01T00:00:00Z", "2090-01-01T00:00:00Z"),
    ("2094-06-01T00:00:00Z", "2090-01-01T00:00:00Z"),
    ("2096-01-01T00:00:00Z", "2095-01-01T00:00:00Z"),
    ("2101-01-01T00:00:00Z", "2100-01-01T00:00:00Z"),
    ("2120-01-01T00:00:00Z", "2110-01-01T00:00:00Z"),
]


@pytest.mark.parametrize(("moment", "updated_at"), MOVES)
def test_what_appears_is_new_at_that_moment(api, clock, made, moment, updated_at):
    """Somebody who asks with `updated_since` misses neither an embargo that passes nor a use that is added."""
    clock(moment)
    body = api.as_("reader").get(f"{URL}{made.testimony.pk}/").json()
    assert body["updated_at"] == updated_at
    assert titles(api.as_("reader").get(URL, {"updated_since": updated_at})) == ["years"]
    later = dt.datetime.fromisoformat(updated_at) + dt.timedelta(microseconds=1)
    assert titles(api.as_("reader").get(URL, {"updated_since": later.isoformat()})) == []
    assert body["updated_at"] <= moment


def test_a_change_that_the_tier_does_not_see_moves_nothing_ahead(api, clock, made):
    """Refreshing for staff leaves what others will read as it was going to be."""
    clock("2096-01-01T00:00:00Z")
    before = {caller: api.as_(caller).get(f"{URL}{made.testimony.pk}/").content for caller in ("reader", "editor")}
    with projections.refreshed():
        Testimony.objects.filter(pk=made.testimony.pk).update(notes_internal="Another.")
    after = {caller: api.as_(caller).get(f"{URL}{made.testimony.pk}/").content for caller in ("reader", "editor")}
    assert after["reader"] == before["reader"]
    assert after["editor"] != before["editor"]


def test_tags_move_with_time(api, clock, made):
    """The same bytes keep their tag; what comes back after a gap is told from what was there before it."""
    tags = []
    for moment in ("2090-01-01", "2094-12-31", "2096-01-01", "2101-01-01", "2110-01-01", "2120-01-01"):
        clock(f"{moment}T00:00:00Z")
        tags.append(api.as_("reader").get(f"{URL}{made.testimony.pk}/").headers["ETag"])
    assert tags[0] == tags[1]
    assert tags[4] == tags[5]
    assert len(set(tags)) == 4
    for moment, status in (("2091-01-01", 304), ("2096-01-01", 200), ("2106-01-01", 404), ("2111-01-01", 200)):
        clock(f"{moment}T00:00:00Z")
        response = api.as_("reader").get(f"{URL}{made.testimony.pk}/", headers={"If-None-Match": tags[0]})
        assert response.status_code == status


def test_a_cursor_stays_good_while_rows_come_and_go_with_time(api, clock, made):
    clock("2089-01-01T00:00:00Z")
    for title in ("zebra", "yak"):
        make.make_testimony(title=title, membership=None, sources=[])
    page = api.get(URL, {"ordering": "title", "page_size": "1", "count": "exact"}).json()
    assert (page["count"], page["results"][0]["title"]) == (3, "always")
    clock("2091-01-01T00:00:00Z")
    page = api.get(page["next"]).json()
    assert (page["count"], page["results"][0]["title"]) == (4, "yak")
    page = api.get(page["next"]).json()
    assert page["results"][0]["title"] == "years"
    clock("2106-01-01T00:00:00Z")
    page = api.get(page["next"]).json()
    assert (page["count"], page["results"][0]["title"], page["next"]) == (3, "zebra", None)


def test_rows_are_written_ahead_and_adjacent(made):
    """What the answers above rest on: for each tier, rows that neither overlap nor leave out a moment that is covered."""
    found = {}
    for tier, model in rows.ROWS.items():
        found[tier.label] = [
            (row.during.lower and row.during.lower.year, row.during.upper and row.during.upper.year, row.uses)
            for row in model.objects.filter(testimony_id=made.testimony.pk).order_by("during")
        ]
    below = [
        (2090, 2095, ["research"]),
        (2095, 2100, ["campaign", "research"]),
        (2100, 2105, ["campaign"]),
        (2110, None, ["research"]),
    ]
    assert found["public"] == found["partner"] == below
    assert found["restricted"] == [
        (None, 2080, []), (2080, 2095, ["research"]), *below[1:3], (2105, 2110, []), (2110, None, ["research"]),
    ]  # fmt: skip


def test_a_source_and_a_person_are_seen_while_something_needs_them(api, clock, made):
    source = str(made.testimony.citations.get().source_id)
    with projections.refreshed():
        made.other.clearances.update(ends_at=day("2093"))
    seen = []
    for moment in ("2089", "2091", "2094", "2106", "2111"):
        clock(f"{moment}-06-01T00:00:00Z")
        person = api.get(f"/api/v1/persons/{made.testimony.person_id}/").status_code
        seen.append((moment, person, api.get(f"/api/v1/sources/{source}/").status_code))
    assert seen == [
        ("2089", 200, 404), ("2091", 200, 200), ("2094", 200, 200), ("2106", 404, 404), ("2111", 200, 200),
    ]  # fmt: skip


@pytest.fixture
def embargoed():
    return make.make_testimony(title="embargoed", embargo_until=day("2090"), membership=None)


def moment(api, path):
    return dt.datetime.fromisoformat(api.get(f"/api/v1/{path}/").json()["updated_at"])


def test_an_embargo_shows_in_nobodys_time(api, now, embargoed):
    """Its person and its source are seen by another testimony: they must not say when the embargo ends."""
    source = embargoed.citations.get().source
    make.make_testimony(person=embargoed.person, membership=None, sources=[source])
    assert moment(api, f"persons/{embargoed.person_id}") <= now
    assert moment(api, f"sources/{source.pk}") <= now


def test_a_lifted_embargo_leaves_no_time_behind(api, now, embargoed):
    assert api.get(f"{URL}{embargoed.pk}/").status_code == 404
    with projections.refreshed():
        Testimony.objects.filter(pk=embargoed.pk).update(embargo_until=None)
    assert moment(api, f"testimonies/{embargoed.pk}") == now
    assert moment(api, f"persons/{embargoed.person_id}") <= now


def test_a_key_expires_by_the_same_clock(api, clock, made):
    _, secret = make.make_key(expires_at=day("2091"))
    headers = {"Authorization": f"Bearer {secret}"}
    for moment, status in (("2090-12-31T23:59:59.999999Z", 200), ("2091-01-01T00:00:00Z", 401)):
        clock(moment)
        assert api.get(f"{URL}{made.testimony.pk}/", headers=headers).status_code == status


def test_a_request_asks_the_clock_of_postgresql(api, made):
    """Not the one of this process: without the seam, both agree to the transaction's start."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (now,) = cursor.fetchone()
    assert actors.caller(None).actor.now == now
