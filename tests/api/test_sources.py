"""/api/v1/sources/: seen with what cites them; and what a hidden testimony cites vanishes for everybody below it."""

from types import SimpleNamespace

import pytest

from testimonies.access import Tier
from testimonies.models import SourceExternalId
from tests import factories as make
from tests.api.answers import errors, everything, has_the_shape_of, results

pytestmark = pytest.mark.django_db
URL = "/api/v1/sources/"
REF, NEVER_THERE = "S-0000000S", "00000000-0000-4000-8000-000000000000"


def make_records():
    """A source's title is what the tables below call it."""
    with make.batch():
        w = SimpleNamespace()

        def source(title, **values):
            made = make.make_source(title=title, **values)
            setattr(w, title, made)
            return made

        def cites(*sources, **values):
            return make.make_testimony(sources=sources, membership=None, **values)

        daily = source(
            "daily",
            ref=REF,
            outlet="Invented Daily",
            medium="newspaper",
            reliability="B",
            published="2015-09~",
            url="https://example.org/daily",
        )
        SourceExternalId.objects.create(source=daily, system="invented", value="s-1")
        w.testimony = cites(daily)
        cites(source("radio", outlet="Rádio Inventée", medium="radio", reliability="A"))
        # one more testimony, for partners, cites it too: the source would lead to it
        w.citing = cites(source("shared", outlet="Invented Daily", medium="blog"))
        w.partners = cites(w.shared, tier=Tier.PARTNER)
        # its person is for partners only
        cites(source("personal", outlet="Personal Post"), person=make.make_person(tier=Tier.PARTNER))
        cites(source("draft"), status="draft")
        cites(source("withdrawn"), status="withdrawn")
        cites(source("uncleared"), uses=[])
        cites(source("restricted", tier=Tier.RESTRICTED, medium="book"))
        partly = cites()
        make.make_citation(testimony=partly, source=source("cited_for_partners"), tier=Tier.PARTNER)
        w.collection = make.make_collection()
        w.stated = make.make_figure(collection=w.collection, sources=(source("figure", medium="report"), w.shared))
        make.make_figure(sources=(source("partner_figure", medium="report"),), tier=Tier.PARTNER)
        make.make_figure(
            sources=(source("figure_of_a_shelf", medium="report"),), collection=make.make_collection(tier=Tier.PARTNER)
        )
        w.claimed = cites(w.daily, w.shared)
        make.make_claim(testimony=w.claimed, field="given", value="2016", source=w.shared)
        source("alone")
    return w  # fmt: skip


@pytest.fixture(scope="module")
def made(keep):
    return keep(make_records)


def names(response):
    return [source["title"] for source in results(response)]


SEEN = {
    "anonymous": "daily radio figure",
    "public": "daily radio figure",
    "reader": "daily radio figure shared personal cited_for_partners partner_figure figure_of_a_shelf",
    "coder": "daily radio figure shared personal cited_for_partners partner_figure figure_of_a_shelf uncleared restricted",
    "editor": "daily radio figure shared personal cited_for_partners partner_figure figure_of_a_shelf uncleared restricted draft "
    "withdrawn alone",
    "custodian": "daily radio figure shared personal cited_for_partners partner_figure figure_of_a_shelf uncleared restricted draft "
    "withdrawn alone",
}
ALL = SEEN["editor"].split()


@pytest.mark.parametrize("caller", SEEN)
def test_a_source_is_seen_with_what_needs_it(api, made, caller):
    client, seen = api.as_(caller), SEEN[caller].split()
    page = client.get(f"{URL}?count=exact")
    assert (sorted(names(page)), page.json()["count"]) == (sorted(seen), len(seen))
    never = everything(client.get(f"{URL}{NEVER_THERE}/"))
    for name in ALL:
        source = getattr(made, name)
        by_id, by_ref = client.get(f"{URL}{source.pk}/"), client.get(f"{URL}{source.ref.lower()}/")
        if name in seen:
            assert by_id.json()["title"] == by_ref.json()["title"] == name
        else:
            assert everything(by_id) == everything(by_ref) == never


def test_the_public_and_staff_read_exactly_this(api, made):
    public, staff = (api.as_(caller).get(f"{URL}{REF}/").json() for caller in ("public", "editor"))
    assert staff == public | {"external_ids": [{"system": "invented", "value": "s-1"}]}
    assert has_the_shape_of(public, staff)
    assert public.pop("updated_at").endswith("Z")
    assert public == {
        "id": str(made.daily.pk), "ref": "S-0000000S", "outlet": "Invented Daily", "title": "daily", "url": "https://example.org/daily",
        "published": "2015-09~", "published_earliest": "2015-09-01", "published_latest": "2015-09-30", "medium": "newspaper",
        "reliability": "B", "external_ids": [], "tier": "public",
    }  # fmt: skip


@pytest.mark.parametrize(("caller", "seen"), [("public", False), ("reader", True), ("coder", True), ("editor", True)])
def test_what_a_partner_testimony_cites_vanishes_for_the_public_everywhere(api, made, caller, seen):
    """`shared` is cited by two public testimonies, a claim of one of them, and a figure; and by one testimony for partners."""
    client = api.as_(caller)
    source = str(made.shared.pk)

    def get(path, **query):
        response = client.get(f"/api/v1/{path}", query)
        return response.json() if response.status_code == 200 else None

    testimony, figure = get(f"testimonies/{made.citing.pk}/"), get(f"figures/{made.stated.pk}/")
    claimed = get(f"testimonies/{made.claimed.pk}/")
    assert [get(f"sources/{source}/") is not None, source in [item["id"] for item in get("sources/")["results"]]] == [
        seen
    ] * 2
    assert (testimony["citations"] != []) is seen
    assert testimony["outlets"] == (["Invented Daily"] if seen else [])
    assert [item["source"]["title"] for item in figure["sources"]] == (["figure", "shared"] if seen else ["figure"])
    assert claimed["claims"][0]["source_id"] == (source if seen else None)
    assert (source in str(get("testimonies/")) + str(testimony) + str(figure) + str(claimed)) is seen
    assert len(get("testimonies/", source=source)["results"]) == (3 if seen else 0)
    assert len(get("testimonies/", medium="blog")["results"]) == (3 if seen else 0)
    assert (
        made.citing.ref in [item["ref"] for item in get("testimonies/", outlet="invented daily")["results"]]
    ) is seen
    assert get(f"testimonies/{made.citing.pk}/citation/")[0]["type"] == ("post-weblog" if seen else "interview")


FOUND = [
    # query, then what the public, a partner and an editor find
    ("outlet=invented daily", "daily", "daily shared", "daily shared draft withdrawn uncleared restricted alone"),
    ("outlet=radio%20inventee", "radio", "radio", "radio"),
    ("outlet=Invented", "", "", ""),
    ("medium=radio&medium=report", "radio figure", "radio figure partner_figure figure_of_a_shelf", None),
    ("medium=book", "", "", "restricted"),
    ("reliability=A&reliability=B", "daily radio", "daily radio", "daily radio"),
    ("reliability=B&medium=radio", "", "", ""),
    ("reliability=not_graded&medium=report", "figure", "figure partner_figure figure_of_a_shelf", None),
    ("updated_since=2999-01-01T00:00:00%2B00:00", "", "", ""),
    ("tier=restricted", None, None, "restricted"),
]
OF_THE_DEFAULT_OUTLET = {"cited_for_partners", "figure", "partner_figure", "figure_of_a_shelf"}


@pytest.mark.parametrize(("query", "found"), [(query, found) for query, *found in FOUND])
def test_a_filter_finds_exactly_these(api, made, query, found):
    for caller, expected in zip(("public", "reader", "editor"), found, strict=True):
        response = api.as_(caller).get(f"{URL}?{query}")
        if query.startswith("tier") and caller != "editor":
            assert set(errors(response)) == {("tier", "unknown_parameter")}
        elif expected is not None:
            seen = set(names(response))
            assert (seen - OF_THE_DEFAULT_OUTLET if query.startswith("outlet") else seen) == set(expected.split())


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("title=daily", [("title", "unknown_parameter")]),
        ("medium=tv&reliability=G", [("medium", "unknown_value"), ("reliability", "unknown_value")]),
        ("ordering=outlet", [("ordering", "unknown_value")]),
        ("match=certain", [("match", "unknown_parameter")]),
    ],
)
def test_what_does_not_fit_is_refused(api, made, query, wrong):
    assert errors(api.get(f"{URL}?{query}")) == wrong


def test_sources_are_listed_by_outlet_and_day(api, made):
    listed = [(source["outlet"], source["published_earliest"]) for source in results(api.as_("editor").get(URL))]
    assert listed == sorted(listed, key=lambda pair: (pair[0].lower().replace("á", "a").replace("é", "e"), pair[1]))


@pytest.mark.parametrize("caller", ["public", "reader"])
def test_a_source_appears_and_vanishes_with_its_testimony(api, made, caller):
    client, source = api.as_(caller), make.make_source(title="later")
    assert "later" not in names(client.get(URL))
    make.make_testimony(sources=[source], membership=None)
    assert "later" in names(client.get(URL))
    make.make_testimony(sources=[source], membership=None, tier=Tier.RESTRICTED)
    assert "later" not in names(client.get(URL))
    assert client.get(f"{URL}{source.pk}/").status_code == 404


@pytest.mark.parametrize("caller", ["public", "reader"])
def test_a_claim_of_a_hidden_testimony_hides_its_source_too(api, made, caller):
    client, source = api.as_(caller), make.make_source(title="later")
    make.make_testimony(sources=[source], membership=None)
    assert "later" in names(client.get(URL))
    hidden = make.make_testimony(sources=[], membership=None, tier=Tier.RESTRICTED)
    make.make_claim(testimony=hidden, source=source)
    assert "later" not in names(client.get(URL))
    assert client.get(f"{URL}{source.pk}/").status_code == 404


@pytest.mark.parametrize(("caller", "shown"), [("public", False), ("reader", True), ("editor", True)])
def test_a_claim_names_a_source_only_to_whom_the_citation_does(api, made, caller, shown):
    testimony = make.make_testimony(sources=[], membership=None)
    make.make_citation(testimony=testimony, source=made.daily, tier=Tier.PARTNER)
    make.make_claim(testimony=testimony, source=made.daily, field="given", value="2016")
    (claim,) = api.as_(caller).get(f"/api/v1/testimonies/{testimony.pk}/").json()["claims"]
    assert claim["source_id"] == (str(made.daily.pk) if shown else None)
