"""/api/v1/figures/: published statements, with whom they are about and who states them."""

import pytest

from testimonies.access import Tier
from tests import factories as make
from tests.api.answers import errors, everything, has_the_shape_of, results

pytestmark = pytest.mark.django_db
URL = "/api/v1/figures/"
NEVER_THERE = "00000000-0000-4000-8000-000000000000"


def make_records():
    with make.batch():
        cases = make.make_collection(slug="cases", population="58 invented cases.")
        other, shelf = make.make_collection(slug="other"), make.make_collection(slug="shelf", tier=Tier.PARTNER)
        report = make.make_source(title="Invented report", medium="report", published="2015-09")
        hidden = make.make_source(title="Hidden report", tier=Tier.RESTRICTED)
        women = make.make_figure(
            collection=cases,
            slug="women",
            statement="Invented: seven were women.",
            status="derived",
            derivation="Counted.",
            metric="count_persons",
            operator="range",
            value="7",
            range_low=6.5,
            range_high=8,
            denominator=58,
            filter='{"gender": "female"}',
            conflicts=[{"source": "another", "statement": "Invented: eight.", "value": "8"}],
            note="Invented note.",
            sources=(report, hidden),
            position=1,
        )
        return {
            "women": women,
            "total": make.make_figure(collection=cases, slug="total", position=0),
            "advice": make.make_figure(
                collection=other, slug="advice", scope="recommendation", metric="advice", value="", operator="none", range_low=None,
                range_high=None,
            ),
            "partner": make.make_figure(collection=cases, slug="partner", scope="context", tier=Tier.PARTNER, position=2),
            "of_a_shelf": make.make_figure(collection=shelf, slug="of-a-shelf"),
            "hidden": make.make_figure(collection=cases, slug="hidden", tier=Tier.RESTRICTED, position=3),
        }  # fmt: skip


@pytest.fixture(scope="module")
def made(keep):
    return keep(make_records)


def slugs(response):
    return [figure["slug"] for figure in results(response)]


SEEN = [
    # in the order of their collections and of their place in them
    ("anonymous", "total women advice"),
    ("public", "total women advice"),
    ("reader", "total women partner advice of-a-shelf"),
    ("coder", "total women partner hidden advice of-a-shelf"),
    ("editor", "total women partner hidden advice of-a-shelf"),
    ("custodian", "total women partner hidden advice of-a-shelf"),
]


@pytest.mark.parametrize(("caller", "seen"), SEEN)
def test_figures_are_seen_from_their_tier_and_that_of_their_collection(api, made, caller, seen):
    client = api.as_(caller)
    page = client.get(f"{URL}?count=exact")
    assert (slugs(page), page.json()["count"]) == (seen.split(), len(seen.split()))
    never = everything(client.get(f"{URL}{NEVER_THERE}/"))
    for figure in made.values():
        response = client.get(f"{URL}{figure.pk}/")
        if figure.slug in seen.split():
            assert response.json()["slug"] == figure.slug
        else:
            assert everything(response) == never
        assert everything(client.get(f"{URL}{figure.slug}/")) == never  # a slug is one within its collection only


def test_a_figure_reads_like_this(api, made):
    public, staff = (api.as_(caller).get(f"{URL}{made['women'].pk}/").json() for caller in ("public", "editor"))
    assert has_the_shape_of(public, staff)
    assert {key for key in public if public[key] != staff[key]} == {"sources", "position"}
    assert (public["position"], staff["position"]) == (None, made["women"].position)
    assert [item["source"]["title"] for item in staff["sources"]] == ["Invented report", "Hidden report"]
    assert [(item["source"]["title"], item["locator"]) for item in public.pop("sources")] == [
        ("Invented report", "p. 5")
    ]
    assert public.pop("updated_at").endswith("Z")
    assert public == {
        "id": str(made["women"].pk), "collection": "cases", "slug": "women", "scope": "cases",
        "statement": "Invented: seven were women.", "population": "58 invented cases.", "status": "derived", "derivation": "Counted.",
        "metric": "count_persons", "operator": "range", "value": "7", "range_low": 6.5, "range_high": 8, "denominator": 58,
        "filter": '{"gender": "female"}', "conflicts": [{"source": "another", "statement": "Invented: eight.", "value": "8"}],
        "note": "Invented note.", "position": None, "tier": "public",
    }  # fmt: skip


FOUND = [
    ("collection=cases", "total women", "total women partner", "total women partner hidden"),
    (
        "collection=cases&collection=other",
        "total women advice",
        "total women partner advice",
        "total women partner hidden advice",
    ),
    ("scope=recommendation", "advice", "advice", "advice"),
    ("scope=context&scope=recommendation", "advice", "partner advice", "partner advice"),
    ("status=derived", "women", "women", "women"),
    ("metric=advice", "advice", "advice", "advice"),
    ("metric=never", "", "", ""),
    ("status=given&collection=cases", "total", "total partner", "total partner hidden"),
    (
        "ordering=-default",
        "advice women total",
        "of-a-shelf advice partner women total",
        "of-a-shelf advice hidden partner women total",
    ),
]


@pytest.mark.parametrize(("query", "found"), [(query, found) for query, *found in FOUND])
def test_a_filter_finds_exactly_these(api, made, query, found):
    for caller, expected in zip(("public", "reader", "editor"), found, strict=True):
        assert slugs(api.as_(caller).get(f"{URL}?{query}")) == expected.split()


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("scope=case&status=gven", [("scope", "unknown_value"), ("status", "unknown_value")]),
        ("value=58", [("value", "unknown_parameter")]),
        ("collection=nowhere", [("collection", "unknown_value")]),
    ],
)
def test_what_does_not_fit_is_refused(api, made, query, wrong):
    assert errors(api.get(f"{URL}?{query}")) == wrong


def test_a_hidden_collection_is_as_unknown_as_none(api, made):
    answers = [{**api.get(f"{URL}?collection={slug}").json(), "request_id": ""} for slug in ("shelf", "shell")]
    assert answers[0] == answers[1]
    assert slugs(api.as_("reader").get(f"{URL}?collection=shelf")) == ["of-a-shelf"]
