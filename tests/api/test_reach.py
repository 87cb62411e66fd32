"""/api/v1/measurements/ and /api/v1/reach/: dated measurements side by side, and totals of what the caller could list."""

import datetime as dt

import pytest

from testimonies.access import Tier
from testimonies.models import UsedTestimony
from tests import factories as make
from tests.api.answers import refusal, results
from tests.api.test_writing import send

pytestmark = pytest.mark.django_db
URL = "/api/v1/measurements/"
CLEARED = {"uses": ["campaign"]}


def measurement(use, **values):
    return {"use_id": str(use.pk), "metric": "views", "value": 865_000, "measured_on": "2015-09-20"} | values


def totals(client, query="", key="campaign"):
    answer = client.get(f"/api/v1/reach/?{query}").json()
    return {(one[key], one["metric"]): (one["total"], one["n_uses"]) for one in answer["results"]}


def test_a_later_measurement_stands_beside_the_earlier_one(api):
    use, client = make.make_use(), api.as_("editor")
    for day, value in (("2015-09-20", 865_000), ("2015-12-01", 900_000), ("2015-10-01", 880_000)):
        assert send(client, "post", "measurements/", measurement(use, measured_on=day, value=value)).status_code == 201
    assert [one["value"] for one in results(api.get(f"{URL}?use={use.pk}"))] == [900_000, 880_000, 865_000]
    reach = api.get(f"/api/v1/uses/{use.pk}/").json()["reach"]
    assert [(one["metric"], one["value"], one["measured_on"]) for one in reach] == [("views", 900_000, "2015-12-01")]
    again = send(client, "post", "measurements/", measurement(use, measured_on="2015-12-01", value=1))
    assert refusal(again)[:2] == (409, "exists")


def test_two_sources_may_differ_on_one_day(api):
    use, client = make.make_use(), api.as_("editor")
    for value in (5, 7):
        source = str(make.make_source().pk)
        assert send(client, "post", "measurements/", measurement(use, value=value, source_id=source)).status_code == 201
    assert api.get(f"{URL}?count=exact").json()["count"] == 2


@pytest.mark.parametrize(
    ("values", "pointer"),
    [({"value": -1}, "/value"), ({"value": 10**13}, "/value"), ({"value": "7"}, "/value"), ({"metric": "fame"}, "/metric"),
     ({"measured_on": "2999-01-01"}, "/measured_on"), ({"measured_on": "2015"}, "/measured_on"), ({"source_id": "x"}, "/source_id"),
     ({"source_id": "00000000-0000-4000-8000-000000000000"}, "/source_id")],
)  # fmt: skip
def test_what_is_no_measurement_is_refused(api, values, pointer):
    answer = send(api.as_("editor"), "post", "measurements/", measurement(make.make_use(), **values))
    assert refusal(answer)[:3] == (400, "invalid", [pointer])


def test_a_measurement_is_seen_with_its_use_and_its_source_by_who_sees_that(api):
    source = make.make_source(tier=Tier.PARTNER)
    row = make.make_measurement(source=source)
    hidden = make.make_measurement(use=make.make_use(tier=Tier.PARTNER))
    seen = {
        role: {one["id"]: one["source_id"] for one in results(api.as_(role).get(URL))}
        for role in ("anonymous", "reader")
    }
    assert seen == {
        "anonymous": {str(row.pk): None},
        "reader": {str(row.pk): str(source.pk), str(hidden.pk): None},
    }
    assert [one["source_id"] for one in api.get(f"/api/v1/uses/{row.use_id}/").json()["reach"]] == [None]


def test_a_wrong_one_is_deleted(api):
    row, client = make.make_measurement(), api.as_("editor")
    assert refusal(send(client, "delete", f"measurements/{row.pk}/"))[:2] == (428, "version_needed")
    assert send(client, "delete", f"measurements/{row.pk}/", if_match="*").status_code == 204
    assert api.get(f"/api/v1/uses/{row.use_id}/").json()["reach"] == []


def test_totals_take_the_latest_of_each_use_and_metric_and_never_mix_metrics(api):
    campaign = make.make_campaign(slug="one")
    first, second = make.make_use(campaign=campaign), make.make_use(campaign=campaign)
    for use, metric, value, day in (
        (first, "views", 10, "2020-01-01"), (first, "views", 100, "2021-01-01"), (first, "shares", 7, "2021-01-01"),
        (second, "views", 1_000, "2020-01-01"), (make.make_use(campaign=make.make_campaign(slug="two")), "views", 5, "2020-01-01"),
    ):  # fmt: skip
        make.make_measurement(use=use, metric=metric, value=value, measured_on=day)
    assert totals(api) == {("one", "views"): (1_100, 2), ("one", "shares"): (7, 1), ("two", "views"): (5, 1)}
    assert totals(api, "campaign=one&metric=views") == {("one", "views"): (1_100, 2)}
    answer = api.get("/api/v1/reach/?campaign=one&metric=views").json()
    (one,) = answer["results"]
    assert (one["measured_from"], one["measured_to"], answer["tier"]) == ("2020-01-01", "2021-01-01", "public")


def test_of_one_day_the_last_that_was_entered_counts(api, now):
    use = make.make_use()
    for minutes, value in ((0, 5), (2, 9), (1, 7)):
        entered = now + dt.timedelta(minutes=minutes)
        make.make_measurement(use=use, value=value, source=make.make_source(), created_at=entered)
    assert list(totals(api).values()) == [(9, 1)]
    assert [one["value"] for one in api.get(f"/api/v1/uses/{use.pk}/").json()["reach"]] == [9]


def test_measurements_are_found_by_use_campaign_and_metric(api):
    one, other = make.make_measurement(), make.make_measurement(metric="shares")
    asked = {
        f"use={one.use_id}": {one}, f"campaign={other.use.campaign.slug}": {other}, "metric=shares": {other},
        f"campaign={one.use.campaign.slug}&metric=shares": set(), "campaign=nothing": set(), "": {one, other},
    }  # fmt: skip
    for query, expected in asked.items():
        assert {item["id"] for item in results(api.get(f"{URL}?{query}"))} == {str(row.pk) for row in expected}, query


def test_a_use_of_several_counts_once_in_each_total(api):
    code = make.make_code(parent=make.make_code())
    one, other = (make.make_testimony(**CLEARED, codes=[code], texts=["Invented words."]) for _ in range(2))
    use = make.make_use(testimonies=(one, other))
    UsedTestimony.objects.create(use=use, testimony=one, quote=make.make_quote(testimony=one))
    make.make_measurement(use=use, value=50)
    assert totals(api, "by=testimony", "testimony_id") == {
        (str(one.pk), "views"): (50, 1),
        (str(other.pk), "views"): (50, 1),
    }
    assert totals(api, "by=code", "code") == {(code.slug, "views"): (50, 1)}
    assert list(totals(api, f"by=campaign&testimony={one.ref}").values()) == [(50, 1)]
    assert list(totals(api, f"by=campaign&code={code.codebook.slug}/{code.slug}").values()) == [(50, 1)]


def test_only_what_the_caller_could_list_counts(api):
    code = make.make_code(parent=make.make_code())
    seen = make.make_testimony(**CLEARED, codes=[code])
    hidden = make.make_testimony(**CLEARED, codes=[code], tier=Tier.RESTRICTED)
    withdrawn = make.make_testimony(**CLEARED, codes=[code], status="withdrawn")
    campaign = make.make_campaign()
    for number, testimony in enumerate((seen, hidden, withdrawn)):
        make.make_measurement(use=make.make_use(campaign=campaign, testimonies=(testimony,)), value=10**number)
    make.make_measurement(use=make.make_use(campaign=campaign, tier=Tier.PARTNER, testimonies=(seen,)), value=1_000)
    of_code = {
        role: list(totals(api.as_(role), "by=code", "code").values())
        for role in ("anonymous", "reader", "coder", "editor")
    }
    assert of_code == {"anonymous": [(1, 1)], "reader": [(1_001, 2)], "coder": [(1_011, 3)], "editor": [(1_111, 4)]}
    by_testimony = totals(api, "by=testimony", "testimony_ref")
    assert by_testimony == {(seen.ref, "views"): (1, 1)}
    # a use is seen by its own tier, whatever it uses
    assert list(totals(api).values()) == [(111, 3)]


@pytest.mark.parametrize(
    "query", ["by=fame", "metric=fame", "campaign=a&campaign=b", "code=nothing", "testimony=x", "kind=x", "tier=public"]
)
def test_unknown_questions_are_refused(api, query):
    assert refusal(api.get(f"/api/v1/reach/?{query}"))[:2] == (400, "invalid_parameters")
