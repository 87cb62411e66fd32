"""Figures beside counts: each with whom it is about, and neither computed from the other."""

import pytest

from testimonies.access import Tier
from testimonies.models import CaseLink
from tests import factories as make
from tests.api.answers import refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelves():
    with make.batch():
        cases = make.make_collection(slug="cases", population="58 invented cases.")
        ours = make.make_collection(slug="ours", population="Invented people who spoke.")
        for slug, values in {
            "total": {"filter": "{}"},
            "women": {"filter": '{"gender":"female"}', "value": "7"},
            "british": {"filter": '{"nationality":"GB","gender":"female"}'},
            "region": {"filter": '{"region_group":"europe"}'},
            "period": {"filter": '{"gender":"female"}', "metric": "date_range_left"},
            "context": {"filter": "{}", "scope": "context"},
            "unasked": {"filter": ""},
        }.items():
            make.make_figure(collection=cases, slug=slug, **values)
        make.make_figure(collection=cases, slug="hidden", filter="{}", tier=Tier.PARTNER)
        woman = make.make_person(gender="female", nationality="GB")
        told = [make.make_testimony(person=woman, collections=[ours], membership=None) for _ in range(2)]
        make.make_testimony(person=make.make_person(gender="male"), collections=[ours], membership=None)
        make.make_testimony(
            person=make.make_person(gender="female"), collections=[ours], tier=Tier.PARTNER, membership=None
        )
        CaseLink.objects.create(testimony=told[0], collection=cases, is_case=True)
        CaseLink.objects.create(testimony=told[1], collection=cases, is_case=False)
    return ours


def beside(client, query="?figures=cases", collection="ours"):
    return client.get(f"/api/v1/collections/{collection}/beside/{query}")


def test_both_populations_are_named(api, shelves):
    answer = beside(api).json()
    assert (answer["collection"], answer["population"], answer["figures_of"]) == (
        "ours",
        "Invented people who spoke.",
        "cases",
    )
    assert {one["figure"]["population"] for one in answer["figures"]} == {"58 invented cases."}
    assert (answer["n_testimonies"], answer["n_persons"], answer["tier"]) == (3, 2, "public")
    assert (answer["n_known_cases"], answer["n_known_not_cases"]) == (1, 1)
    women = next(one for one in answer["figures"] if one["figure"]["slug"] == "women")
    assert (women["figure"]["value"], women["our_count"]) == ("7", 1)


def test_our_records_are_asked_only_what_they_can_answer(api, shelves):
    found = {
        one["figure"]["slug"]: (one["our_count"], one["our_count_status"]) for one in beside(api).json()["figures"]
    }
    nothing = (None, "no_such_question")
    assert found == {
        "total": (2, "counted"), "women": (1, "counted"), "british": (1, "counted"), "region": nothing, "period": nothing,
        "context": nothing, "unasked": nothing,
    }  # fmt: skip


def test_counted_is_what_the_caller_could_list(api, shelves):
    answer = beside(api.as_("reader")).json()
    found = {one["figure"]["slug"]: one["our_count"] for one in answer["figures"]}
    assert (answer["n_testimonies"], found["women"], found["hidden"]) == (4, 2, 3)


def test_a_closed_list_has_no_numbers(api, shelves):
    closed = make.make_collection(slug="closed", listing="closed")
    make.make_testimony(collections=[closed])
    numbers = {}
    for role in ("anonymous", "reader", "editor"):
        answer = beside(api.as_(role), collection="closed").json()
        numbers[role] = (answer["n_testimonies"], answer["n_persons"], answer["n_known_cases"])
        assert {one["our_count_status"] for one in answer["figures"]} >= {"closed" if role != "editor" else "counted"}
    assert numbers == {"anonymous": (None, None, None), "reader": (None, None, None), "editor": (1, 1, 0)}


def test_without_more_its_own_figures(api, shelves):
    answer = beside(api, "", "cases").json()
    assert (answer["n_testimonies"], answer["figures_of"], len(answer["figures"])) == (0, "cases", 7)


def test_a_hidden_collection_is_unknown(api, shelves):
    make.make_collection(slug="secret", tier=Tier.PARTNER)
    for slug in ("secret", "never"):
        assert refusal(beside(api, f"?figures={slug}"))[:2] == (400, "invalid_parameters")
        assert refusal(beside(api, "", slug))[:2] == (404, "not_found")


def test_a_count_says_what_it_counts(api, shelves):
    url = "/api/v1/testimonies/?count=exact"
    assert (
        api.get(f"{url}&collection=ours").json()["count_of"]
        == "testimonies of ours (Invented people who spoke.), for tier public"
    )
    both = api.as_("reader").get(f"{url}&collection=ours&collection=cases").json()
    assert (
        both["count_of"]
        == "testimonies of ours (Invented people who spoke.) or cases (58 invented cases.), for tier partner"
    )
    assert api.get(url).json()["count_of"] == "testimonies, for tier public"
    assert api.get("/api/v1/testimonies/?collection=ours").json()["count_of"] == ""
    assert (
        api.get("/api/v1/figures/?collection=cases&count=exact").json()["count_of"]
        == "figures of cases (58 invented cases.), for tier public"
    )
