"""/api/v1/collections/: named sets with their scope and caveats, by id or slug."""

import pytest

from testimonies.access import Tier
from tests import factories as make
from tests.api.answers import errors, everything, has_the_shape_of, results

pytestmark = pytest.mark.django_db
URL = "/api/v1/collections/"


def make_records():
    with make.batch():
        codebook, hidden = (
            make.make_codebook(slug="alpha", edition="2"),
            make.make_codebook(slug="inner", tier=Tier.PARTNER),
        )
        press = make.make_collection(
            slug="press",
            title="Invented press",
            population="People who spoke.",
            scope="Published only.",
            caveats=["One.", "Two."],
            unavailable=["Counts by month."],
            codebook=codebook,
            basis_of_use="public_source_no_contact",
            permitted_uses=["research"],
            reviewed_by=["an editor"],
            case_status="Not known.",
            is_invented=False,
        )
        return {
            "press": press,
            "closed": make.make_collection(slug="closed", listing="closed", codebook=hidden),
            "shelf": make.make_collection(slug="shelf", tier=Tier.PARTNER),
            "hidden": make.make_collection(slug="hidden", tier=Tier.RESTRICTED, is_invented=False),
        }  # fmt: skip


@pytest.fixture(scope="module")
def made(keep):
    return keep(make_records)


SEEN = [
    ("anonymous", "closed press"), ("public", "closed press"), ("reader", "closed press shelf"), ("coder", "closed hidden press shelf"),
    ("editor", "closed hidden press shelf"), ("custodian", "closed hidden press shelf"),
]  # fmt: skip


@pytest.mark.parametrize(("caller", "seen"), SEEN)
def test_collections_are_seen_from_their_tier(api, made, caller, seen):
    client = api.as_(caller)
    page = client.get(f"{URL}?count=exact")
    assert ([item["slug"] for item in results(page)], page.json()["count"]) == (seen.split(), len(seen.split()))
    never = everything(client.get(f"{URL}nowhere/"))
    for slug, collection in made.items():
        by_id, by_slug = client.get(f"{URL}{collection.pk}/"), client.get(f"{URL}{slug}/")
        if slug in seen.split():
            assert by_id.content == by_slug.content
        else:
            assert everything(by_id) == everything(by_slug) == never


def test_a_collection_reads_like_this(api, made):
    public, staff = (api.as_(caller).get(f"{URL}press/").json() for caller in ("public", "editor"))
    assert public == staff
    assert has_the_shape_of(public, staff)
    assert public.pop("updated_at").endswith("Z")
    assert public == {
        "id": str(made["press"].pk), "slug": "press", "title": "Invented press", "population": "People who spoke.",
        "scope": "Published only.", "caveats": ["One.", "Two."], "unavailable": ["Counts by month."], "codebook": "alpha@2",
        "basis_of_use": "public_source_no_contact", "permitted_uses": ["research"], "reviewed_by": ["an editor"],
        "case_status": "Not known.", "listing": "open", "is_invented": False, "tier": "public",
    }  # fmt: skip


@pytest.mark.parametrize(("caller", "codebook"), [("public", None), ("reader", "inner@1"), ("editor", "inner@1")])
def test_a_hidden_codebook_is_not_named(api, made, caller, codebook):
    assert api.as_(caller).get(f"{URL}closed/").json()["codebook"] == codebook


FOUND = [
    ("is_invented=true", "closed", "closed shelf", "closed shelf"),
    ("is_invented=false", "press", "press", "hidden press"),
    ("is_invented=true&is_invented=false", "closed press", "closed press shelf", "closed hidden press shelf"),
    ("listing=closed", "closed", "closed", "closed"),
    ("listing=open&is_invented=false", "press", "press", "hidden press"),
    ("ordering=-default", "press closed", "shelf press closed", "shelf press hidden closed"),
]


@pytest.mark.parametrize(("query", "found"), [(query, found) for query, *found in FOUND])
def test_a_filter_finds_exactly_these(api, made, query, found):
    for caller, expected in zip(("public", "reader", "editor"), found, strict=True):
        assert [item["slug"] for item in results(api.as_(caller).get(f"{URL}?{query}"))] == expected.split()


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("is_invented=yes", [("is_invented", "unknown_value")]),
        ("is_invented=True", [("is_invented", "unknown_value")]),
        ("listing=hidden&slug=press", [("listing", "unknown_value"), ("slug", "unknown_parameter")]),
        ("tier=public", [("tier", "unknown_parameter")]),
    ],
)
def test_what_does_not_fit_is_refused(api, made, query, wrong):
    assert sorted(errors(api.as_("editor").get(f"{URL}?{query}"))) == wrong
