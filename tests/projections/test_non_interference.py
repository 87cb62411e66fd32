"""What is above a tier makes no difference below it: documents, filter columns, search words and digests are the same."""

from dataclasses import asdict
from random import Random

from hypothesis import event, given, settings
from hypothesis import strategies as st

from testimonies.access import Tier
from testimonies.projections import documents, redaction, shared
from tests.projections import invention

many = settings(max_examples=1_000, deadline=None)
randoms = invention.seeds(lambda random: random)
below_restricted = st.sampled_from([Tier.PUBLIC, Tier.PARTNER])


def text_entries(record, tier):
    """Texts are stored apart from the rows and served to whoever sees a row of their testimony."""
    return [documents.text_entry(text) for text in redaction.texts(record.texts) if text.tier <= tier]


@many
@given(record=invention.seeds(invention.testimony), random=randoms, tier=below_restricted)
def test_a_testimony_is_the_same_whatever_lies_above_the_tier(record, random, tier):
    other = invention.other_testimony(random, record, tier)
    rows = documents.project(record, tier)
    assert documents.project(other, tier) == rows
    assert not rows or text_entries(other, tier) == text_entries(record, tier)
    staff_sees = (
        "another"
        if documents.project(other, Tier.RESTRICTED) != documents.project(record, Tier.RESTRICTED)
        else "the same"
    )
    event(f"{tier.label} sees {'a record' if rows else 'nothing'}, staff sees {staff_sees}")


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
