"""/api/v1/codebooks/: versions of sets of codes, and each as a tree of what the caller may see."""

import pytest

from testimonies.access import Tier
from tests import factories as make
from tests.api.answers import errors, everything, has_the_shape_of, results

pytestmark = pytest.mark.django_db
URL = "/api/v1/codebooks/"
NEVER_THERE = "00000000-0000-4000-8000-000000000000"


def make_records():
    with make.batch():
        alpha = make.make_codebook(
            slug="alpha",
            edition="1",
            title="Invented codebook",
            language="de",
            method="Read.",
            unit_of_coding="Passage.",
            hierarchy_rule="A child implies its parents.",
            reliability_rule="Alpha.",
            absence_rule="Not denied.",
        )
        second = make.make_codebook(slug="alpha", edition="2", status="draft")
        inner = make.make_codebook(slug="inner", edition="1", tier=Tier.PARTNER)
        hidden = make.make_codebook(slug="hidden", edition="1", tier=Tier.RESTRICTED)

        def code(slug, parent=None, codebook=alpha, **values):
            return make.make_code(slug=slug, **({"parent": parent} if parent else {"codebook": codebook}), **values)

        exits = code("exit", position=5)
        leaving = code("leaving", position=0)
        brutality = code("brutality", leaving, position=2)
        code("civilians", brutality, position=3)
        code("fatigue", leaving, position=1)
        paths = code("paths", exits, position=6, tier=Tier.PARTNER)
        code("smuggler", paths, position=7, tier=Tier.RESTRICTED)
        code("alone", paths, position=8)
        code("leaving", codebook=second)
        code("secret", codebook=inner)
        return {"alpha@1": alpha, "alpha@2": second, "inner@1": inner, "hidden@1": hidden}  # fmt: skip


@pytest.fixture(scope="module")
def made(keep):
    return keep(make_records)


def names(response):
    return [f"{codebook['slug']}@{codebook['version']}" for codebook in results(response)]


SEEN = [
    ("anonymous", "alpha@1 alpha@2"), ("public", "alpha@1 alpha@2"), ("reader", "alpha@1 alpha@2 inner@1"),
    ("coder", "alpha@1 alpha@2 hidden@1 inner@1"), ("editor", "alpha@1 alpha@2 hidden@1 inner@1"),
    ("custodian", "alpha@1 alpha@2 hidden@1 inner@1"),
]  # fmt: skip


@pytest.mark.parametrize("below", ["", "tree/"])
@pytest.mark.parametrize(("caller", "seen"), SEEN)
def test_codebooks_are_seen_from_their_tier(api, made, caller, seen, below):
    client = api.as_(caller)
    page = client.get(f"{URL}?count=exact")
    assert (names(page), page.json()["count"]) == (seen.split(), len(seen.split()))
    never = everything(client.get(f"{URL}{NEVER_THERE}/{below}"))
    for name, codebook in made.items():
        response = client.get(f"{URL}{codebook.pk}/{below}")
        assert response.status_code == (200 if name in seen.split() else 404)
        if name not in seen.split():
            assert everything(response) == never
        assert everything(client.get(f"{URL}{codebook.slug}/{below}")) == never  # a slug is one of all versions


def test_a_codebook_reads_like_this(api, made):
    public, staff = (api.as_(caller).get(f"{URL}{made['alpha@1'].pk}/").json() for caller in ("public", "editor"))
    assert public == staff
    assert has_the_shape_of(public, staff)
    assert public.pop("updated_at").endswith("Z")
    assert public == {
        "id": str(made["alpha@1"].pk), "slug": "alpha", "version": "1", "title": "Invented codebook", "language": "de",
        "method": "Read.", "unit_of_coding": "Passage.", "hierarchy_rule": "A child implies its parents.",
        "reliability_rule": "Alpha.", "absence_rule": "Not denied.", "status": "published", "tier": "public",
    }  # fmt: skip


def outline(nodes):
    """Slugs with those below them: `a(b c)`."""
    return " ".join(node["slug"] + (f"({outline(node['children'])})" if node["children"] else "") for node in nodes)


TREES = [
    # a code whose parent is above the tier stands at the top
    ("public", "leaving(fatigue brutality(civilians)) exit alone"),
    ("reader", "leaving(fatigue brutality(civilians)) exit(paths(alone))"),
    ("coder", "leaving(fatigue brutality(civilians)) exit(paths(smuggler alone))"),
    ("editor", "leaving(fatigue brutality(civilians)) exit(paths(smuggler alone))"),
]


@pytest.mark.parametrize(("caller", "expected"), TREES)
def test_the_tree_is_what_the_caller_may_see_in_order(api, made, caller, expected):
    tree = api.as_(caller).get(f"{URL}{made['alpha@1'].pk}/tree/").json()
    assert (tree["codebook"], tree["version"]) == ("alpha", "1")
    assert outline(tree["codes"]) == expected


@pytest.mark.parametrize("caller", ["public", "reader", "editor"])
def test_a_node_is_its_code_with_those_below_it(api, made, caller):
    def flat(nodes):
        return [code for node in nodes for code in (node, *flat(node["children"]))]

    nodes = flat(api.as_(caller).get(f"{URL}{made['alpha@1'].pk}/tree/").json()["codes"])
    codes = results(api.as_(caller).get("/api/v1/codes/?codebook=alpha%401"))
    assert sorted(node["id"] for node in nodes) == sorted(code["id"] for code in codes)
    for node in nodes:
        assert {key: value for key, value in node.items() if key != "children"} in codes


FOUND = [
    ("slug=alpha", "alpha@1 alpha@2", "alpha@1 alpha@2", "alpha@1 alpha@2"),
    ("slug=inner", "", "inner@1", "inner@1"),
    ("slug=alpha&slug=inner", "alpha@1 alpha@2", "alpha@1 alpha@2 inner@1", "alpha@1 alpha@2 inner@1"),
    ("status=draft", "alpha@2", "alpha@2", "alpha@2"),
    ("status=published&slug=alpha", "alpha@1", "alpha@1", "alpha@1"),
    ("slug=nowhere", "", "", ""),
]


@pytest.mark.parametrize(("query", "found"), [(query, found) for query, *found in FOUND])
def test_a_filter_finds_exactly_these(api, made, query, found):
    for caller, expected in zip(("public", "reader", "editor"), found, strict=True):
        assert names(api.as_(caller).get(f"{URL}?{query}")) == expected.split()


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("?status=frozen", [("status", "unknown_value")]),
        ("?version=1", [("version", "unknown_parameter")]),
        (f"{NEVER_THERE}/tree/?depth=2", [("depth", "unknown_parameter")]),
    ],
)
def test_what_does_not_fit_is_refused(api, made, path, wrong):
    assert errors(api.get(f"{URL}{path}")) == wrong
