"""What is above a tier makes no difference below it: documents, filter columns, search words and digests are the same."""

import os
from collections import Counter
from dataclasses import asdict, fields
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from testimonies.access import Tier
from testimonies.projections import documents, redaction, shared
from tests.projections import invention

PAIRS = int(os.environ.get("NON_INTERFERENCE_RECORDS", "5000"))
many = settings(max_examples=1_000, deadline=None)
randoms = invention.seeds(lambda random: random)
below_restricted = st.sampled_from([Tier.PUBLIC, Tier.PARTNER])


def text_entries(record, tier):
    """Texts are stored apart from the rows and served to whoever sees a row of their testimony."""
    return [documents.text_entry(text) for text in redaction.texts(record.texts) if text.tier <= tier]


HIDEABLE = {
    *invention.RESTRICTED_FIELDS, *invention.TESTIMONY_FIELDS, *invention.AGES, "given_earliest", "given_latest", "raised", "missing",
    "external_ids", "citations", "codes", "claims", "texts", "collections", "cases", "membership",
    *(f"person.{name}" for name in ("name", "raised", "missing", *invention.PERSON_FIELDS)),
    *(f"membership.{name}" for name in (*invention.MEMBERSHIP_FIELDS, "tier", "group_tier")),
    *(f"membership.{name}_{end}" for name in ("joined", "left") for end in ("earliest", "latest")),
}  # fmt: skip
"""Every field that may lie above a tier, by the declarations or since a record raises it."""
ENOUGH = 0.04
"""Share of the pairs in which each of them differs at least: 200 of 5,000."""


def fields_of(record) -> dict[str, Any]:
    """Name -> value; those of the person and the membership under their names."""
    found = {name: getattr(record, name) for name in (field.name for field in fields(record))}
    for part in ("person", "membership"):
        if found[part] is not None:
            found |= {f"{part}.{field.name}": getattr(found[part], field.name) for field in fields(found[part])}
    return found


def test_a_testimony_is_the_same_whatever_lies_above_the_tier():
    differing = Counter[str]()

    @settings(max_examples=PAIRS, deadline=None)
    @given(record=invention.seeds(invention.testimony), random=randoms, tier=below_restricted)
    def same(record, random, tier):
        other = invention.other_testimony(random, record, tier)
        rows = documents.project(record, tier)
        assert documents.project(other, tier) == rows
        assert not rows or text_entries(other, tier) == text_entries(record, tier)
        if rows:  # whoever sees nothing is told nothing
            one, two = fields_of(record), fields_of(other)
            differing.update(name for name in one.keys() & two.keys() if one[name] != two[name])

    same()
    assert {name: differing[name] for name in HIDEABLE if differing[name] < ENOUGH * PAIRS} == {}


@many
@given(record=invention.seeds(invention.testimony))
def test_rows_that_two_tiers_share_are_those_of_each(record):
    projected = documents.projected(record)
    assert projected == {tier: documents.project(record, tier) for tier in Tier}


def names(random: Random) -> dict:
    kind = random.choice(("outlet_pseudonym", "kunya", "given_name"))
    return {"value": invention.word(random), "kind": kind, "tier": random.choice(invention.TIERS)}


def words(random: Random) -> dict:
    return {"system": invention.word(random), "value": invention.word(random)}


@many
@given(person=invention.seeds(invention.person), random=randoms, tier=below_restricted)
def test_a_person_is_the_same_whatever_lies_above_the_tier(person, random, tier):
    known = invention.few(random, names)
    others = invention.other_rows(
        random, known, names, lambda name: name["tier"] > tier or name["kind"] != "outlet_pseudonym"
    )
    value = {"person": asdict(person), "names": known, "memberships": [], "external_ids": []}
    changed = {
        "person": asdict(invention.other_person(random, person, tier)),
        "names": others,
        "memberships": invention.few(random, words),
        "external_ids": invention.few(random, words),
    }
    assert shared.project("person", changed, tier) == shared.project("person", value, tier)


@many
@given(source=invention.seeds(invention.source), random=randoms, tier=below_restricted)
def test_a_source_is_the_same_whatever_lies_above_the_tier(source, random, tier):
    own_tier = random.randrange(source.tier + 1)
    other = invention.other_source(random, source, tier)
    seen = shared.project("source", {"source": asdict(source), "own_tier": own_tier, "external_ids": []}, tier)
    changed = {"source": asdict(other), "own_tier": own_tier, "external_ids": invention.few(random, words)}
    assert shared.project("source", changed, tier) == seen
