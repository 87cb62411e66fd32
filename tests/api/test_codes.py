"""/api/v1/codes/: what each code means, from the tier of the code and of its codebook."""

import pytest

from testimonies.access import Tier
from tests import factories as make
from tests.api.answers import errors, everything, has_the_shape_of, results

pytestmark = pytest.mark.django_db
URL = "/api/v1/codes/"
NEVER_THERE = "00000000-0000-4000-8000-000000000000"


def make_records():
    with make.batch():
        alpha, second = make.make_codebook(slug="alpha", edition="1"), make.make_codebook(slug="alpha", edition="2")
        inner = make.make_codebook(slug="inner", edition="1", tier=Tier.PARTNER)
        leaving = make.make_code(codebook=alpha, slug="leaving", position=0)
        brutality = make.make_code(
            parent=leaving,
            slug="brutality",
            position=1,
            label="Brutality",
            brief_definition="Cruelty.",
            definition="Cruelty seen.",
            inclusion=["Says so."],
            exclusion=["Only heard of."],
            example="Invented.",
            near_miss="Invented too.",
            source_section="3.1",
            basis=["report"],
        )
        hidden = make.make_code(parent=leaving, slug="hidden", position=2, tier=Tier.RESTRICTED)
        sealed = make.make_code(codebook=alpha, slug="sealed", position=4, tier=Tier.RESTRICTED)
        return {
            "alpha@1/sealed": sealed,
            "alpha@1/open": make.make_code(parent=sealed, slug="open", position=5),
            "alpha@1/leaving": leaving,
            "alpha@1/brutality": brutality,
            "alpha@1/hidden": hidden,
            "alpha@1/below": make.make_code(parent=hidden, slug="below", position=3),
            "alpha@2/leaving": make.make_code(codebook=second, slug="leaving"),
            "inner@1/secret": make.make_code(codebook=inner, slug="secret"),
        }  # fmt: skip


@pytest.fixture(scope="module")
def made(keep):
    return keep(make_records)


def names(response):
    return [f"{code['codebook']}@{code['version']}/{code['slug']}" for code in results(response)]


PUBLIC = "alpha@1/leaving alpha@1/brutality alpha@1/below alpha@1/open alpha@2/leaving"
STAFF = "alpha@1/leaving alpha@1/brutality alpha@1/hidden alpha@1/below alpha@1/sealed alpha@1/open alpha@2/leaving inner@1/secret"
SEEN = [
    ("anonymous", PUBLIC), ("public", PUBLIC), ("reader", f"{PUBLIC} inner@1/secret"), ("coder", STAFF), ("editor", STAFF),
    ("custodian", STAFF),
]  # fmt: skip


@pytest.mark.parametrize(("caller", "seen"), SEEN)
def test_codes_are_seen_from_their_tier_and_that_of_their_codebook(api, made, caller, seen):
    client = api.as_(caller)
    page = client.get(f"{URL}?count=exact")
    assert (names(page), page.json()["count"]) == (seen.split(), len(seen.split()))
    never = everything(client.get(f"{URL}{NEVER_THERE}/"))
    for name, code in made.items():
        response = client.get(f"{URL}{code.pk}/")
        assert response.status_code == (200 if name in seen.split() else 404)
        if name not in seen.split():
            assert everything(response) == never
        assert everything(client.get(f"{URL}{code.slug}/")) == never


def test_a_code_reads_like_this(api, made):
    public, staff = (
        api.as_(caller).get(f"{URL}{made['alpha@1/brutality'].pk}/").json() for caller in ("public", "editor")
    )
    assert {key for key in public if public[key] != staff[key]} == {"position"}
    assert (public["position"], staff["position"]) == (None, made["alpha@1/brutality"].position)
    assert has_the_shape_of(public, staff)
    assert public.pop("updated_at").endswith("Z")
    assert public == {
        "id": str(made["alpha@1/brutality"].pk), "codebook": "alpha", "version": "1", "slug": "brutality", "parent": "leaving",
        "dimension": "leaving", "level": 2, "position": None, "is_assignable": True, "label": "Brutality", "brief_definition": "Cruelty.",
        "definition": "Cruelty seen.", "inclusion": ["Says so."], "exclusion": ["Only heard of."], "example": "Invented.",
        "near_miss": "Invented too.", "source_section": "3.1", "basis": ["report"], "color": "", "guid": str(made["alpha@1/brutality"].guid), "tier": "public",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("caller", "parent"), [("public", None), ("reader", None), ("coder", "hidden"), ("editor", "hidden")]
)
def test_a_hidden_parent_is_not_named(api, made, caller, parent):
    assert api.as_(caller).get(f"{URL}{made['alpha@1/below'].pk}/").json()["parent"] == parent
    code = api.as_(caller).get(f"{URL}{made['alpha@1/open'].pk}/").json()
    assert (code["parent"], code["dimension"]) == ((None, "") if parent is None else ("sealed", "sealed"))


FOUND = [
    ("codebook=alpha", PUBLIC, PUBLIC, STAFF.removesuffix(" inner@1/secret")),
    ("codebook=alpha%402", "alpha@2/leaving", "alpha@2/leaving", "alpha@2/leaving"),
    ("codebook=alpha%402&codebook=alpha%401&slug=leaving", "alpha@1/leaving alpha@2/leaving", "alpha@1/leaving alpha@2/leaving",
     "alpha@1/leaving alpha@2/leaving"),
    ("dimension=leaving&codebook=alpha%401", "alpha@1/leaving alpha@1/brutality alpha@1/below",
     "alpha@1/leaving alpha@1/brutality alpha@1/below", "alpha@1/leaving alpha@1/brutality alpha@1/hidden alpha@1/below"),
    ("parent=leaving", "alpha@1/brutality", "alpha@1/brutality", "alpha@1/brutality alpha@1/hidden"),
    ("parent=hidden", "", "", "alpha@1/below"),
    ("parent=sealed", "", "", "alpha@1/open"),
    ("dimension=sealed", "", "", "alpha@1/sealed alpha@1/open"),
    ("slug=hidden&slug=brutality", "alpha@1/brutality", "alpha@1/brutality", "alpha@1/brutality alpha@1/hidden"),
    ("slug=secret", "", "inner@1/secret", "inner@1/secret"),
    ("is_assignable=false", "alpha@1/leaving alpha@2/leaving", "alpha@1/leaving alpha@2/leaving inner@1/secret",
     "alpha@1/leaving alpha@1/sealed alpha@2/leaving inner@1/secret"),
    ("is_assignable=true", "alpha@1/brutality alpha@1/below alpha@1/open", "alpha@1/brutality alpha@1/below alpha@1/open",
     "alpha@1/brutality alpha@1/hidden alpha@1/below alpha@1/open"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "found"), [(query, found) for query, *found in FOUND])
def test_a_filter_finds_exactly_these(api, made, query, found):
    for caller, expected in zip(("public", "reader", "editor"), found, strict=True):
        assert names(api.as_(caller).get(f"{URL}?{query}")) == expected.split()


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("codebook=nowhere", [("codebook", "unknown_value")]),
        ("codebook=alpha%403", [("codebook", "unknown_value")]),
        ("is_assignable=1&label=x", [("is_assignable", "unknown_value"), ("label", "unknown_parameter")]),
    ],
)
def test_what_does_not_fit_is_refused(api, made, query, wrong):
    assert sorted(errors(api.get(f"{URL}?{query}"))) == wrong


def test_a_hidden_codebook_is_as_unknown_as_none(api, made):
    answers = [{**api.get(f"{URL}?codebook={slug}").json(), "request_id": ""} for slug in ("inner", "outer")]
    assert answers[0] == answers[1]
