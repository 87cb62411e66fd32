"""/api/v1/persons/: who is there to be seen, what each tier reads of them, and how they are found."""

from types import SimpleNamespace

import pytest

from testimonies.access import Tier
from testimonies.models import PersonExternalId, PersonName
from tests import factories as make
from tests.api.answers import errors, everything, has_the_shape_of, results

pytestmark = pytest.mark.django_db
URL = "/api/v1/persons/"
REF, NEVER_THERE = "P-0000000E", "00000000-0000-4000-8000-000000000000"


def make_records():
    """`origin_stated` is what the tables below call a person."""
    with make.batch():
        w = SimpleNamespace()
        for slug, countries in {"western-asia": ["SY", "IQ"], "western-europe": ["DE", "NL"]}.items():
            make.make_region(slug=slug, countries=countries)

        def person(called, **values):
            made = make.make_person(
                **{"origin_stated": called, "name": "", "name_kind": "none", "gender": "other", **values}
            )
            setattr(w, called, made)
            return made

        def tells(person, **values):
            return make.make_testimony(person=person, **{"membership": None, "sources": [], **values})

        ann = person(
            "ann",
            ref=REF,
            name="Umm Invented",
            name_kind="kunya",
            gender="female",
            nationality="SY",
            residence_before=None,
            missing={"residence_before": "refused"},
        )
        PersonName.objects.create(person=ann, value="Ann A.", kind="outlet_pseudonym", tier=Tier.PUBLIC)
        PersonName.objects.create(person=ann, value="Ann P.", kind="outlet_pseudonym", tier=Tier.PARTNER)
        PersonName.objects.create(person=ann, value="أم مخترعة", kind="kunya", tier=Tier.PUBLIC)
        PersonExternalId.objects.create(person=ann, system="invented", value="p-1")
        make.make_membership(person=ann, group=make.make_group(slug="north"), left=None)
        tells(ann)
        tells(ann, tier=Tier.RESTRICTED)
        bob = person(
            "bob", name="Bob B.", name_kind="outlet_pseudonym", gender="male", nationality="IQ", residence_before="NL"
        )
        tells(bob)
        cyd = person(
            "cyd", gender="female", nationality="SY", residence_before="DE", raised={"gender": 1, "nationality": 2}
        )
        tells(cyd)
        dee = person("dee", gender="female", nationality="DE", residence_before="DE")
        tells(dee, tier=Tier.PARTNER)
        eli = person("eli", gender="male", nationality="SY", residence_before=None, tier=Tier.PARTNER)
        tells(eli)
        tells(person("hidden", nationality="FR", residence_before=None), tier=Tier.RESTRICTED)
        tells(person("private", tier=Tier.RESTRICTED, nationality="FR", residence_before=None))
        tells(person("draft", nationality="US", residence_before=None), status="draft")
        tells(person("withdrawn", nationality="US", residence_before=None), status="withdrawn")
        tells(person("uncleared", nationality="US", residence_before=None), uses=[])
        person("alone", nationality="US", residence_before=None)
    return w  # fmt: skip


@pytest.fixture(scope="module")
def made(keep):
    return keep(make_records)


def names(response):
    return [person["origin_stated"] for person in results(response)]


SEEN = {
    # by whom: these persons, and no others
    "anonymous": "ann bob cyd",
    "public": "ann bob cyd",
    "reader": "ann bob cyd dee eli",
    "coder": "ann bob cyd dee eli hidden private uncleared",
    "editor": "ann bob cyd dee eli hidden private uncleared draft withdrawn alone",
    "custodian": "ann bob cyd dee eli hidden private uncleared draft withdrawn alone",
}
ALL = SEEN["editor"].split()


@pytest.mark.parametrize("caller", SEEN)
def test_a_person_is_seen_with_a_testimony(api, made, caller):
    client, seen = api.as_(caller), SEEN[caller].split()
    page = client.get(f"{URL}?count=exact")
    assert (sorted(names(page)), page.json()["count"]) == (sorted(seen), len(seen))
    never = everything(client.get(f"{URL}{NEVER_THERE}/"))
    for name in ALL:
        person = getattr(made, name)
        by_id, by_ref = client.get(f"{URL}{person.pk}/"), client.get(f"{URL}{person.ref}/")
        assert by_id.content == by_ref.content or name not in seen
        if name in seen:
            assert by_id.json()["origin_stated"] == name
        else:
            assert everything(by_id) == everything(by_ref) == never


def test_the_public_reads_exactly_this(api, made):
    body = api.as_("public").get(f"{URL}{REF}/").json()
    assert body.pop("updated_at").endswith("Z")
    assert body == {
        "id": str(made.ann.pk), "ref": "P-0000000E", "name": "unnamed", "name_kind": "kunya",
        "other_names": [{"value": "Ann A.", "kind": "outlet_pseudonym", "tier": "public"}], "gender": "female", "nationality": "SY",
        "residence_before": None, "origin_stated": "ann", "disclosure": "", "memberships": [], "external_ids": [], "raised": [], "tier": "public",
        "missing": [{"field": "residence_before", "reason": "not_available"}],
    }  # fmt: skip


def test_partners_and_staff_read_more(api, made):
    public, partner, staff = (api.as_(caller).get(f"{URL}{REF}/").json() for caller in ("public", "reader", "editor"))
    more = [
        {"value": "Ann A.", "kind": "outlet_pseudonym", "tier": "public"},
        {"value": "Ann P.", "kind": "outlet_pseudonym", "tier": "partner"},
    ]
    assert partner == public | {"other_names": more}
    assert staff == partner | {
        "disclosure": "exact",
        "name": "Umm Invented",
        "other_names": [*more, {"value": "أم مخترعة", "kind": "kunya", "tier": "public"}],
        "memberships": [
            {
                "group": "north",
                "membership": "says_member",
                "role_in_group": "fighter",
                "joined": "2014-03",
                "left": None,
            }
        ],
        "external_ids": [{"system": "invented", "value": "p-1"}],
        "missing": [{"field": "residence_before", "reason": "refused"}],
    }
    assert has_the_shape_of(public, staff)


def test_a_raised_field_is_read_from_its_tier(api, made):
    seen = [api.as_(caller).get(f"{URL}{made.cyd.pk}/").json() for caller in ("public", "reader", "editor")]
    assert [(person["gender"], person["nationality"], person["missing"]) for person in seen] == [
        ("not_known", None, [{"field": "nationality", "reason": "not_available"}]),
        ("female", None, [{"field": "nationality", "reason": "not_available"}]),
        ("female", "SY", []),
    ]
    assert [{one["field"] for one in person["raised"]} for person in seen] == [set(), set(), {"gender", "nationality"}]


FOUND = [
    # query, then whom the public, a partner and an editor find
    ("gender=female", "ann", "ann cyd dee", "ann cyd dee"),
    ("gender=male&gender=female", "ann bob", "ann bob cyd dee eli", None),
    ("nationality=SY", "ann", "ann eli", "ann cyd eli"),
    ("nationality=sy&nationality=IQ", "ann bob", "ann bob eli", "ann bob cyd eli"),
    ("nationality_region=western-asia", "ann bob", "ann bob eli", "ann bob cyd eli"),
    ("nationality_region=western-europe", "", "dee", "dee"),
    ("residence_before=DE", "cyd", "cyd dee", "cyd dee"),
    ("residence_region=western-europe", "bob cyd", "bob cyd dee", "bob cyd dee"),
    ("residence_region=western-europe&gender=male", "bob", "bob", "bob"),
    ("name_kind=outlet_pseudonym", "bob", "bob", "bob"),
    ("name_kind=kunya&name_kind=outlet_pseudonym", "ann bob", "ann bob", "ann bob"),
    ("updated_since=2000-01-01T00:00:00Z&gender=male", "bob", "bob eli", "bob eli"),
    ("updated_since=2999-01-01T00:00:00Z", "", "", ""),
    ("tier=restricted", None, None, "private"),
    ("tier=partner&tier=restricted", None, None, "eli private"),
]


@pytest.mark.parametrize(("query", "found"), [(query, found) for query, *found in FOUND])
def test_a_filter_finds_exactly_these(api, made, query, found):
    for caller, expected in zip(("public", "reader", "editor"), found, strict=True):
        response = api.as_(caller).get(f"{URL}?{query}")
        if query.startswith("tier") and caller != "editor":
            assert set(errors(response)) == {("tier", "unknown_parameter")}
        elif expected is not None:
            assert set(names(response)) == set(expected.split())


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("name=Bob", [("name", "unknown_parameter")]),
        ("q=Bob", [("q", "unknown_parameter")]),
        ("gender=men", [("gender", "unknown_value")]),
        ("nationality=Syria&name_kind=kunja", [("nationality", "unknown_value"), ("name_kind", "unknown_value")]),
        ("nationality_region=nowhere", [("nationality_region", "unknown_value")]),
        ("ordering=name", [("ordering", "unknown_value")]),
        ("updated_since=soon", [("updated_since", "invalid")]),
    ],
)
def test_what_does_not_fit_is_refused(api, made, query, wrong):
    assert errors(api.get(f"{URL}?{query}")) == wrong


def test_names_are_no_order(api, made):
    """Persons are listed by their random references, which say nothing about them."""
    refs = [person["ref"] for person in results(api.as_("editor").get(URL))]
    assert refs == sorted(refs)


@pytest.mark.parametrize(("caller", "moves"), [("public", True), ("reader", True), ("editor", False)])
def test_who_becomes_visible_is_new_then(api, made, now, caller, moves):
    """Somebody who asks with `updated_since` meets the person; to staff, nothing has changed."""
    client, url = api.as_(caller), f"{URL}{made.hidden.pk}/"
    before = api.as_("editor").get(url).json()["updated_at"]
    make.make_testimony(person=made.hidden, membership=None, sources=[])
    moment = now.isoformat().replace("+00:00", "Z")
    assert client.get(url).json()["updated_at"] == (moment if moves else before)
    assert names(client.get(URL, {"updated_since": moment})) == (["hidden"] if moves else [])
