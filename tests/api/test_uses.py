"""/api/v1/uses/: what is used is shown through the door, refused without a clearance, and flagged when one ends."""

import datetime as dt

import pytest

from testimonies.access import Tier
from testimonies.models import CampaignUse, UsedTestimony
from testimonies.services import clearances, uses, workflow
from tests import factories as make
from tests.api.answers import refusal, results
from tests.api.test_writing import send

pytestmark = pytest.mark.django_db
URL = "/api/v1/uses/"
CLEARED = {"uses": ["research", "campaign"]}


def body(*testimonies, **values):
    used = [{"testimony_id": str(one.pk)} for one in testimonies]
    return {
        "campaign": make.make_campaign().slug,
        "kind": "video",
        "title": "Invented",
        "tier": "public",
        "testimonies": used,
    } | values


def used(answer):
    return {entry["testimony_id"]: entry["is_covered"] for entry in answer["testimonies"]}


def test_a_use_of_nothing_is_a_use(api):
    made = send(api.as_("editor"), "post", "uses/", body())
    assert made.status_code == 201
    answer = api.get(f"{URL}{made.json()['id']}/").json()
    assert (answer["testimonies"], answer["is_covered"], answer["reach"]) == ([], True, [])


def test_what_is_cleared_may_be_used(api):
    one, other = make.make_testimony(**CLEARED), make.make_testimony(**CLEARED)
    made = send(api.as_("editor"), "post", "uses/", body(one, other)).json()
    assert used(made) == used(api.get(f"{URL}{made['id']}/").json()) == {str(one.pk): True, str(other.pk): True}


STATES = {
    "not cleared for it": {"uses": ["research", "quote"]},
    "not cleared": {"uses": []},
    "a draft": {**CLEARED, "status": "draft"},
    "withdrawn": {**CLEARED, "status": "withdrawn"},
    "embargoed": {**CLEARED, "embargo_until": "2999-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("state", STATES)
def test_what_is_not_is_refused_and_why_is_not_said(api, state):
    fine, bad = make.make_testimony(**CLEARED), make.make_testimony(**STATES[state])
    answer = send(api.as_("editor"), "post", "uses/", body(fine, bad))
    assert refusal(answer)[:2] == (409, "not_cleared")
    words = {
        send(api.as_("editor"), "post", "uses/", body(make.make_testimony(**STATES[one]))).json()["detail"]
        for one in STATES
    }
    assert words == {answer.json()["detail"]}
    assert not CampaignUse.objects.exists()


def at(year):
    return dt.datetime(year, 1, 1, tzinfo=dt.UTC)


CLEARANCES = [
    # from, until, withdrawn; whether a use of that day may be recorded
    (2020, None, None, "2021-05-01", True),
    (2020, None, None, "2019-05-01", False),
    (2020, 2022, None, "2021-05-01", True),
    (2020, 2022, None, "2023-05-01", False),
    (2020, 2022, None, None, False),  # undated: now
    (2020, None, None, None, True),
    (2020, 2022, None, "2021/2023", True),
    (2020, None, 2023, "2021-05-01", False),  # what was taken back permits nothing any more
    (2020, None, 2999, "2021-05-01", True),
    (2020, 2990, None, "2995-01-01", False),
]


@pytest.mark.parametrize("case", CLEARANCES, ids=str)
def test_a_clearance_must_hold_on_the_day_of_the_use(api, case):
    start, end, withdrawn, published, expected = case
    testimony = make.make_testimony(uses=[])
    make.make_clearance(
        testimony=testimony,
        uses=["campaign"],
        starts_at=at(start),
        ends_at=end and at(end),
        withdrawn_at=withdrawn and at(withdrawn),
    )
    answer = send(api.as_("editor"), "post", "uses/", body(testimony, published=published))
    assert answer.status_code == (201 if expected else 409)


def test_a_clearance_may_begin_during_the_day_of_the_use(api):
    testimony = make.make_testimony(uses=[])
    noon = dt.datetime(2021, 5, 1, 12, tzinfo=dt.UTC)
    make.make_clearance(testimony=testimony, uses=["campaign"], starts_at=noon)
    statuses = [
        send(api.as_("editor"), "post", "uses/", body(testimony, published=day)).status_code
        for day in ("2021-04-30", "2021-05-01")
    ]
    assert statuses == [409, 201]


def test_the_purpose_decides_which_clearance_is_needed(api):
    testimony = make.make_testimony(uses=["training"])
    client = api.as_("editor")
    made = send(client, "post", "uses/", body(testimony, purpose="training", kind="training")).json()
    changed = send(client, "patch", f"uses/{made['id']}/", {"purpose": "media"}, if_match="*")
    assert refusal(changed)[:2] == (409, "not_cleared")


def test_what_was_used_before_stays_when_a_clearance_has_ended(api, actors):
    testimony = make.make_testimony(**CLEARED)
    client = api.as_("editor")
    made = send(client, "post", "uses/", body(testimony)).json()
    end_clearances(testimony, actors)
    make.make_clearance(testimony=testimony, uses=["research"])
    url = f"uses/{made['id']}/"
    assert send(client, "patch", url, {"title": "Invented anew"}, if_match="*").status_code == 200
    again = {"testimonies": [{"testimony_id": str(testimony.pk)}]}
    assert send(client, "patch", url, again, if_match="*").status_code == 200
    assert refusal(send(client, "patch", url, {"published": "2999"}, if_match="*"))[:2] == (409, "not_cleared")


def end_clearances(testimony, actors):
    for clearance in testimony.clearances.all():
        clearances.change(
            testimony.pk, clearance.pk, by=actors["editor"], version=None, withdrawn_at=actors["editor"].now
        )


def test_a_clearance_that_ends_flags_the_use(api, actors):
    """For whoever still sees the testimony; the stored document has not changed."""
    testimony = make.make_testimony(**CLEARED)
    use = make.make_use(testimonies=(testimony,))
    before = api.get(f"{URL}{use.pk}/").json()
    end_clearances(testimony, actors)
    make.make_clearance(testimony=testimony, uses=["research"])
    after = api.get(f"{URL}{use.pk}/").json()
    assert (used(before), before["is_covered"]) == ({str(testimony.pk): True}, True)
    assert (used(after), after["is_covered"]) == ({str(testimony.pk): False}, False)
    assert after["updated_at"] == before["updated_at"]
    listed = {said: [one["id"] for one in results(api.get(f"{URL}?is_covered={said}"))] for said in ("true", "false")}
    assert listed == {"true": [], "false": [str(use.pk)]}


def test_a_withdrawn_testimony_is_gone_from_the_use_and_flagged_for_staff(api, actors):
    testimony = make.make_testimony(**CLEARED)
    use = make.make_use(testimonies=(testimony,))
    workflow.move(testimony.pk, by=actors["custodian"], to="withdrawn")
    seen = {role: api.as_(role).get(f"{URL}{use.pk}/").json() for role in ("anonymous", "reader", "coder", "editor")}
    assert {role: (used(one), one["is_covered"]) for role, one in seen.items()} == {
        "anonymous": ({}, True),
        "reader": ({}, True),
        "coder": ({}, True),
        "editor": ({str(testimony.pk): False}, False),
    }


def test_the_callers_tier_time_and_uses_decide_which_testimonies_are_shown(api):
    public, partner = make.make_testimony(**CLEARED), make.make_testimony(**CLEARED, tier=Tier.PARTNER)
    media = make.make_testimony(uses=["media"])
    embargoed = make.make_testimony(**CLEARED, embargo_until="2999-01-01T00:00:00Z")
    use = make.make_use(testimonies=(public, partner, media, embargoed))
    secret = make.make_key(role="reader", uses=["campaign"])[1]
    only = api.get(f"{URL}{use.pk}/", headers={"Authorization": f"Bearer {secret}"}).json()
    seen = {role: set(used(api.as_(role).get(f"{URL}{use.pk}/").json())) for role in ("anonymous", "reader", "editor")}
    ids = {str(one.pk) for one in (public, partner, media, embargoed)}
    assert seen == {
        "anonymous": {str(public.pk), str(media.pk)},
        "reader": {str(public.pk), str(partner.pk), str(media.pk)},
        "editor": ids,
    }
    assert set(used(only)) == {str(public.pk), str(partner.pk)}


def test_a_use_is_found_by_what_is_seen_of_it(api):
    code = make.make_code(parent=make.make_code())
    collection = make.make_collection()
    coded = make.make_testimony(**CLEARED, codes=[code], collections=[collection])
    hidden = make.make_testimony(**CLEARED, codes=[code], collections=[collection], tier=Tier.RESTRICTED)
    one, other, none = (
        make.make_use(testimonies=(coded,)),
        make.make_use(testimonies=(hidden,)),
        make.make_use(kind="article"),
    )
    asked = {
        f"code={code.codebook.slug}/{code.slug}": ({one}, {one, other}),
        f"collection={collection.slug}": ({one}, {one, other}),
        f"testimony={hidden.ref}": (set(), {other}),
        f"testimony={coded.pk}": ({one}, {one}),
        "has_testimonies=true": ({one}, {one, other}),
        "has_testimonies=false": ({other, none}, {none}),
        "is_covered=false": (set(), set()),
        "kind=article": ({none}, {none}),
        f"campaign={one.campaign.slug}": ({one}, {one}),
        "campaign=nothing": (set(), set()),
    }  # fmt: skip
    for query, expected in asked.items():
        found = tuple(
            {item["id"] for item in results(api.as_(role).get(f"{URL}?{query}"))} for role in ("anonymous", "editor")
        )
        assert found == tuple({str(use.pk) for use in uses} for uses in expected), query


def test_a_use_is_as_hidden_as_its_campaign(api):
    use = make.make_use(campaign=make.make_campaign(tier=Tier.PARTNER))
    assert {role: api.as_(role).get(f"{URL}{use.pk}/").status_code for role in ("anonymous", "reader")} == {
        "anonymous": 404,
        "reader": 200,
    }


def test_a_quote_is_named_only_to_who_sees_it(api):
    testimony = make.make_testimony(texts=["Invented words."], uses=["campaign", "quote"])
    quote = make.make_quote(testimony=testimony, tier=Tier.PARTNER)
    named = {"testimonies": [{"testimony_id": str(testimony.pk), "quote_id": str(quote.pk)}]}
    made = send(api.as_("editor"), "post", "uses/", body() | named).json()
    seen = {
        role: api.as_(role).get(f"{URL}{made['id']}/").json()["testimonies"][0]["quote_id"]
        for role in ("anonymous", "reader")
    }
    assert seen == {"anonymous": None, "reader": str(quote.pk)}


@pytest.mark.parametrize("values", [{"status": "proposed", "decided_at": None}, {"anchor": "fuzzy"}])
def test_a_quote_that_is_not_ready_is_not_used(api, values):
    testimony = make.make_testimony(texts=["Invented words."], uses=["campaign", "quote"])
    quote = make.make_quote(testimony=testimony, **values)
    named = {"testimonies": [{"testimony_id": str(testimony.pk), "quote_id": str(quote.pk)}]}
    assert refusal(send(api.as_("editor"), "post", "uses/", body() | named))[:2] == (409, "not_cleared")


def test_quoting_needs_a_clearance_of_its_own(api):
    testimony = make.make_testimony(texts=["Invented words."], uses=["campaign"])
    quote = make.make_quote(testimony=testimony)
    named = {"testimonies": [{"testimony_id": str(testimony.pk), "quote_id": str(quote.pk)}]}
    assert refusal(send(api.as_("editor"), "post", "uses/", body() | named))[:2] == (409, "not_cleared")


def test_each_is_named_once_and_a_quote_is_of_its_testimony(api):
    one, other = make.make_testimony(**CLEARED), make.make_quote()
    twice = body(one, one)
    foreign = body() | {"testimonies": [{"testimony_id": str(one.pk), "quote_id": str(other.pk)}]}
    client = api.as_("editor")
    assert refusal(send(client, "post", "uses/", twice))[:3] == (400, "invalid", ["/testimonies/1"])
    assert refusal(send(client, "post", "uses/", foreign))[:3] == (400, "invalid", ["/testimonies/0/quote_id"])


def test_a_testimony_that_never_was_is_unknown(api):
    never = body() | {"testimonies": [{"testimony_id": "00000000-0000-4000-8000-000000000000"}]}
    assert refusal(send(api.as_("editor"), "post", "uses/", never))[:3] == (
        400,
        "invalid",
        ["/testimonies/0/testimony_id"],
    )


def test_two_quotes_of_which_one_is_hidden_are_one(api):
    testimony = make.make_testimony(texts=["Invented words."], uses=["campaign", "quote"])
    seen, hidden = (
        make.make_quote(testimony=testimony),
        make.make_quote(testimony=testimony, words="words", tier=Tier.RESTRICTED),
    )
    use = make.make_use()
    for quote in (seen, hidden):
        UsedTestimony.objects.create(use=use, testimony=testimony, quote=quote)
    assert [entry["quote_id"] for entry in api.get(f"{URL}{use.pk}/").json()["testimonies"]] == [str(seen.pk)]


def test_the_use_as_it_was(api, actors):
    one, other = make.make_testimony(**CLEARED), make.make_testimony(**CLEARED)
    client = api.as_("editor")
    made = send(client, "post", "uses/", body(one)).json()
    moment = client.get(f"{URL}{made['id']}/history/").json()["results"][0]["at"]
    uses.change(
        made["id"], by=actors["editor"], version=None, testimonies=[{"testimony_id": other.pk, "quote_id": None}]
    )
    then = client.get(f"{URL}{made['id']}/?as_of={moment}").json()
    assert (list(used(then)), list(used(client.get(f"{URL}{made['id']}/").json()))) == ([str(one.pk)], [str(other.pk)])
