"""/api/v1/groups/: organisations, by id or slug."""

import pytest

from testimonies.access import Tier
from tests import factories as make
from tests.api.answers import errors, everything, has_the_shape_of, results

pytestmark = pytest.mark.django_db
URL = "/api/v1/groups/"


def make_records():
    with make.batch():
        return {
            slug: make.make_group(slug=slug, name=f"Invented {slug}", description="Invented.", tier=tier)
            for slug, tier in {
                "north": Tier.PUBLIC,
                "cell": Tier.PARTNER,
                "hidden": Tier.RESTRICTED,
                "another": Tier.PUBLIC,
            }.items()
        }


@pytest.fixture(scope="module")
def made(keep):
    return keep(make_records)


SEEN = [
    ("anonymous", "another north"), ("public", "another north"), ("reader", "another cell north"), ("coder", "another cell hidden north"),
    ("editor", "another cell hidden north"), ("custodian", "another cell hidden north"),
]  # fmt: skip


@pytest.mark.parametrize(("caller", "seen"), SEEN)
def test_groups_are_seen_from_their_tier(api, made, caller, seen):
    client = api.as_(caller)
    page = client.get(f"{URL}?count=exact")
    assert ([group["slug"] for group in results(page)], page.json()["count"]) == (seen.split(), len(seen.split()))
    never = everything(client.get(f"{URL}nowhere/"))
    for slug, group in made.items():
        by_id, by_slug = client.get(f"{URL}{group.pk}/"), client.get(f"{URL}{slug}/")
        if slug in seen.split():
            assert by_id.content == by_slug.content
            assert by_id.json()["id"] == str(group.pk)
        else:
            assert everything(by_id) == everything(by_slug) == never


def test_a_group_reads_like_this(api, made):
    public, staff = (api.as_(caller).get(f"{URL}north/").json() for caller in ("public", "editor"))
    assert public == staff
    assert has_the_shape_of(public, staff)
    assert public.pop("updated_at").endswith("Z")
    assert public == {
        "id": str(made["north"].pk), "slug": "north", "name": "Invented north", "description": "Invented.", "tier": "public",
    }  # fmt: skip


@pytest.mark.parametrize("key", ["NORTH", "nort", "north%00", "%20north", "x" * 200, "G-0000000"])
def test_a_slug_is_written_exactly(api, made, key):
    assert api.get(f"{URL}{key}/").status_code == 404


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("slug=north", [("slug", "unknown_parameter")]),
        ("tier=public", [("tier", "unknown_parameter")]),
        ("ordering=slug", [("ordering", "unknown_value")]),
        ("q=north&count=many", [("q", "unknown_parameter"), ("count", "unknown_value")]),
    ],
)
@pytest.mark.parametrize("caller", ["public", "editor"])
def test_what_does_not_fit_is_refused(api, made, caller, query, wrong):
    assert errors(api.as_(caller).get(f"{URL}?{query}")) == wrong
