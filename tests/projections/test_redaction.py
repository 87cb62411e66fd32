"""What each tier sees of one record. A pure function: no database."""

from dataclasses import replace

import pytest

from testimonies.access import Tier
from testimonies.projections import documents, records, redaction
from tests.projections.sample import ALWAYS, MEMBERSHIP, PERSON, RECORD, key, row, seen

# --- Names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("outlet_pseudonym", ["Invented", "Invented", "Invented"]),
        ("kunya", ["unnamed", "unnamed", "Invented"]),
        ("given_name", ["unnamed", "unnamed", "Invented"]),
        ("initials", ["unnamed", "unnamed", "Invented"]),
        ("none", ["unnamed", "unnamed", "Invented"]),
    ],
)
def test_outside_staff_only_an_outlets_pseudonym_is_shown(kind, names):
    record = replace(RECORD, person=replace(PERSON, name_kind=kind))
    assert seen(record, lambda document: document["person"]["name"]) == names
    assert [row(record, tier).words[0] for tier in Tier] == [
        f"Invented title {name}".replace("unnamed", "") for name in names
    ]


@pytest.mark.parametrize(
    ("raised", "names"),
    [
        ({"name": 1}, ["unnamed", "Invented", "Invented"]),
        ({"name": 2}, ["unnamed", "unnamed", "Invented"]),
        ({"name_kind": 1}, ["unnamed", "Invented", "Invented"]),
        ({"name": 0}, ["Invented", "Invented", "Invented"]),
    ],
)
def test_a_name_may_be_raised(raised, names):
    record = replace(RECORD, person=replace(PERSON, raised=raised))
    assert seen(record, lambda document: document["person"]["name"]) == names


def test_a_raised_kind_of_name_says_none():
    record = replace(RECORD, person=replace(PERSON, raised={"name_kind": 2}))
    assert seen(record, lambda document: document["person"]["name_kind"]) == ["none", "none", "outlet_pseudonym"]


# --- Fields ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("notes_internal", ["", "", "invented notes"]),
        ("version", [None, None, 7]),
        ("external_ids", [[], [], [{"system": "invented", "value": "1"}]]),
        ("title", ["Invented title"] * 3),
    ],
)
def test_fields_have_the_tier_that_their_model_declares(name, values):
    record = replace(RECORD, version=7, external_ids=(records.ExternalId("invented", "1"),))
    assert seen(record, key(name)) == values


def test_an_embargo_that_has_passed_is_for_staff():
    record = replace(RECORD, embargo_until=ALWAYS.starts_at)
    assert seen(record, key("embargo_until")) == [None, None, "2020-01-01T00:00:00Z"]


@pytest.mark.parametrize(
    ("raised", "name", "values"),
    [
        ({"given": 1}, "given", [None, "2016", "2016"]),
        ({"given": 1}, "given_earliest", [None, "2016-01-01", "2016-01-01"]),
        ({"given": 2}, "given_latest", [None, None, "2016-12-31"]),
        ({"given_country": 2}, "given_country", [None, None, "TR"]),
        ({"title": 1}, "title", ["", "Invented title", "Invented title"]),
        ({"summary": 2}, "summary", ["", "", "Invented summary"]),
        ({"age_from": 1}, "age_from", [None, 25, 27]),
        ({"age_from": 1}, "age_to", [29, 29, 27]),
        ({"left": 1}, "left", [None, "2014", "2014"]),
        ({"left": 1}, "left_latest", [None, "2014-12-31", "2014-12-31"]),
        ({"left": 1}, "joined", ["2013", "2013", "2013"]),
        ({"belonging": 2}, "membership", ["not_known", "not_known", "says_member"]),
        ({"group": 1}, "group", [None, "invented-group", "invented-group"]),
        ({"role_in_group": 1}, "role_in_group", ["", "fighter", "fighter"]),
        ({"membership": 1}, "group", [None, "invented-group", "invented-group"]),
        ({"membership": 1}, "joined", [None, "2013", "2013"]),
        ({"notes_internal": 0}, "notes_internal", ["", "", "invented notes"]),  # never lowered
        ({"unheard_of": 2}, "title", ["Invented title"] * 3),
    ],
)
def test_a_record_raises_a_fields_tier_and_never_lowers_it(raised, name, values):
    assert seen(replace(RECORD, raised=raised), key(name)) == values


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("nationality", [None, "SY", "SY"]),
        ("residence_before", [None, "DE", "DE"]),
        ("origin_stated", ["", "a western country", "a western country"]),
        ("gender", ["not_known", "female", "female"]),
    ],
)
def test_a_person_raises_a_fields_tier(name, values):
    record = replace(RECORD, person=replace(PERSON, raised={name: 1}))
    assert seen(record, lambda document: document["person"][name]) == values


@pytest.mark.parametrize("name", ["id", "ref", "status", "person", "tier"])
def test_what_identifies_a_record_cannot_be_hidden_in_it(name):
    with pytest.raises(ValueError, match=f"cannot have a tier of their own: {name}"):
        redaction.testimony(replace(RECORD, raised={name: 1}), Tier.PUBLIC)


@pytest.mark.parametrize(
    ("exact", "shown"),
    [((27, 27), (25, 29)), ((25, 29), (25, 29)), ((24, 31), (20, 34)), ((30, 30), (30, 34)), ((None, None), (None, None))],
)  # fmt: skip
def test_ages_are_bands_of_five_years_below_restricted(exact, shown):
    record = replace(RECORD, age_from=exact[0], age_to=exact[1])
    assert seen(record, lambda document: (document["age_from"], document["age_to"])) == [shown, shown, exact]


def test_why_something_is_missing_is_for_staff():
    person = replace(PERSON, nationality=None, residence_before=None)
    record = replace(RECORD, person=person, given_country=None, missing={"given_country": "withheld_for_safety"})
    for tier in (Tier.PUBLIC, Tier.PARTNER):
        assert row(record, tier).item["missing"] == [
            {"field": "given_country", "reason": "not_available"},
            {"field": "nationality", "reason": "not_available"},
            {"field": "residence_before", "reason": "not_available"},
        ]
    assert row(record, Tier.RESTRICTED).item["missing"] == [
        {"field": "given_country", "reason": "withheld_for_safety"},
        {"field": "nationality", "reason": "refused"},
        {"field": "residence_before", "reason": "unknown"},
    ]


def test_a_hidden_date_is_missing_like_any_other():
    assert row(replace(RECORD, raised={"given": 2}), Tier.PUBLIC).item["missing"] == [
        {"field": "given", "reason": "not_available"}
    ]


# --- Rows -----------------------------------------------------------------------------------------------------------


def tiered(make):
    """One row of each tier, whose key is the tier."""
    return tuple(make(tier) for tier in Tier)


def test_rows_are_seen_from_their_tier():
    record = replace(
        RECORD,
        codes=tiered(lambda tier: records.Code(str(tier.value), "book", "1", "leaving", tier.label, 0, tier)),
        collections=tiered(lambda tier: records.Collection(tier.label, (f"caveat of {tier.label}",), tier)),
        cases=tiered(lambda tier: records.Case(tier.label, True, tier)),
        claims=tiered(lambda tier: records.Claim(tier.label, tier, "left", "2014", False, 0)),
        texts=tiered(lambda tier: records.Text(tier.label, tier, "en", "transcript", None, "Invented.", 0)),
    )
    labels = [["public"], ["public", "partner"], ["public", "partner", "restricted"]]
    assert seen(record, lambda document: [code["slug"] for code in document["codes"]]) == labels
    assert seen(record, key("collections")) == labels
    assert seen(record, lambda document: [case["collection"] for case in document["cases"]]) == labels
    assert seen(record, lambda document: [claim["id"] for claim in document["claims"]]) == labels
    assert [[text.id for text in redaction.testimony(record, tier).texts] for tier in Tier] == labels
    assert seen(record, key("caveats")) == [[f"caveat of {label}" for label in found] for found in labels]
    assert [row(record, tier).facets["codes"] for tier in Tier] == [["0"], ["0", "1"], ["0", "1", "2"]]
    assert [row(record, tier).facets["collections"] for tier in Tier] == labels


def source(tier, name="source"):
    return records.Source(name, f"S-{name}", tier, f"Outlet {name}", medium="radio")


def test_a_citation_is_hidden_with_its_source_and_by_itself():
    record = replace(
        RECORD,
        citations=(
            records.Citation("open", 0, "original", "p. 1", 0, source(0, "a"), (records.Evidence("left", "stated"),)),
            records.Citation("hidden source", 0, "original", "p. 2", 1, source(2, "b")),
            records.Citation("hidden citation", 1, "original", "p. 3", 2, source(0, "c")),
        ),
    )
    ids = [["open"], ["open", "hidden citation"], ["open", "hidden source", "hidden citation"]]
    assert seen(record, lambda document: [citation["id"] for citation in document["citations"]]) == ids
    outlets = [["Outlet a"], ["Outlet a", "Outlet c"], ["Outlet a", "Outlet b", "Outlet c"]]
    assert seen(record, key("outlets")) == outlets
    assert [row(record, tier).facets["sources"] for tier in Tier] == [
        ["a", "S-a"],
        ["a", "S-a", "c", "S-c"],
        ["a", "S-a", "b", "S-b", "c", "S-c"],
    ]
    assert seen(record, lambda document: document["citations"][0]["supports"]) == [[], [], ["left"]]


def test_a_claim_stays_without_the_source_that_is_hidden_and_without_its_note():
    record = replace(
        RECORD,
        citations=(records.Citation("x", 0, "original", "", 0, source(1)),),
        claims=(records.Claim("c", 0, "left", "2013", True, 0, source(1), "invented note"),),
    )
    assert seen(record, lambda document: document["claims"][0]["source_id"]) == [None, "source", "source"]
    assert seen(record, lambda document: document["claims"][0]["note"]) == ["", "", "invented note"]


def test_a_claim_names_no_source_that_the_testimony_is_not_seen_to_cite():
    claims = (records.Claim("c", 0, "left", "2013", True, 0, source(0)),)
    record = replace(RECORD, claims=claims)
    assert seen(record, lambda document: document["claims"][0]["source_id"]) == [None, None, "source"]
    record = replace(record, citations=(records.Citation("x", 1, "original", "", 0, source(0)),))
    assert seen(record, lambda document: document["claims"][0]["source_id"]) == [None, "source", "source"]


def test_a_code_does_not_name_a_dimension_that_is_hidden():
    record = replace(RECORD, codes=(records.Code("c", "book", "1", "leaving", "one", 0, 0, 1),))
    assert seen(record, lambda document: document["codes"][0]["dimension"]) == ["", "leaving", "leaving"]


def test_a_record_of_a_closed_collection_is_listed_for_staff():
    """Whether the collection itself is seen makes no difference."""
    for tier in Tier:
        record = replace(RECORD, collections=(records.Collection("one", (), tier, True),))
        assert [row(record, of).facets["is_listed"] for of in Tier] == [False, False, True]


@pytest.mark.parametrize(
    ("field", "raised", "shown"),
    [
        ("left", {}, [True, True, True]),
        ("left", {"left": 1}, [False, True, True]),
        ("left_latest", {"left": 2}, [False, False, True]),
        ("given_earliest", {"given": 1}, [False, True, True]),
        ("role_in_group", {"membership": 1}, [False, True, True]),
        ("nationality", {}, [True, True, True]),
        ("age_from", {}, [False, False, True]),  # a claim gives the exact age
        ("name", {}, [False, False, True]),
        ("notes_internal", {}, [False, False, True]),
        ("embargo_until", {}, [False, False, True]),
        ("codes.leaving", {}, [False, False, True]),
        ("unheard_of", {}, [False, False, True]),
    ],
)
def test_a_claim_is_seen_where_its_field_is_seen_exactly(field, raised, shown):
    record = replace(RECORD, raised=raised, claims=(records.Claim("c", 0, field, "invented", False, 0),))
    assert seen(record, lambda document: len(document["claims"]) == 1) == shown


def test_a_claim_about_a_field_that_the_person_raises_is_hidden():
    claims = (records.Claim("c", 0, "nationality", "FR", False, 0),)
    record = replace(RECORD, person=replace(PERSON, raised={"nationality": 1}), claims=claims)
    assert seen(record, lambda document: len(document["claims"])) == [0, 1, 1]


@pytest.mark.parametrize(
    ("membership", "groups"),
    [
        (MEMBERSHIP, ["invented-group", "invented-group", "invented-group"]),
        (replace(MEMBERSHIP, tier=1), [None, "invented-group", "invented-group"]),
        (replace(MEMBERSHIP, group_tier=2), [None, None, "invented-group"]),
        (None, [None, None, None]),
    ],
)
def test_a_membership_is_hidden_with_its_group_and_takes_its_claims_along(membership, groups):
    record = replace(RECORD, membership=membership, claims=(records.Claim("c", 0, "left", "2013", False, 0),))
    assert seen(record, key("group")) == groups
    assert seen(record, key("membership")) == ["says_member" if group else "not_known" for group in groups]
    assert seen(record, key("left_latest")) == ["2014-12-31" if group else None for group in groups]
    claims = [1 if group else 0 for group in groups[:2]]
    assert seen(record, lambda document: len(document["claims"])) == [*claims, 1]


def test_a_translation_names_its_original_only_to_those_who_may_see_it():
    original = records.Text("original", 1, "ar", "transcript", None, "Invented.", 0)
    open_one = records.Text("open", 0, "en", "translation", "original", "Invented.", 1)
    partners = records.Text("partners", 1, "en", "translation", "original", "Invented.", 2)
    moved = records.Text("moved", 2, "en", "translation", "elsewhere", "Invented.", 3)
    shown = {text.id: text.translation_of for text in redaction.texts((original, open_one, partners, moved))}
    assert shown == {"original": None, "open": None, "partners": "original", "moved": None}


# --- The record itself ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "persons", "rows"),
    [(0, 0, [1, 1, 2]), (1, 0, [0, 1, 2]), (2, 0, [0, 0, 2]), (0, 1, [0, 1, 2]), (0, 2, [0, 0, 2]), (1, 2, [0, 0, 2])],
)
def test_a_record_is_seen_from_its_tier_and_its_persons(own, persons, rows):
    record = replace(RECORD, tier=own, person=replace(PERSON, tier=persons))
    assert [len(documents.project(record, tier)) for tier in Tier] == rows


@pytest.mark.parametrize("status", ["draft", "in_review", "withdrawn"])
def test_what_is_not_published_is_for_staff(status):
    assert [len(documents.project(replace(RECORD, status=status), tier)) for tier in Tier] == [0, 0, 2]
