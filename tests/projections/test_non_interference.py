"""What is above a tier makes no difference below it: documents, filter columns, search words and digests are the same."""

from dataclasses import asdict, replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from testimonies.access import Tier
from testimonies.projections import documents, redaction, shared
from tests.projections import strategies
from tests.projections.strategies import few, words

quick = settings(max_examples=300, deadline=None)
below_restricted = st.sampled_from([Tier.PUBLIC, Tier.PARTNER])
other_names = st.fixed_dictionaries(
    {"value": words, "kind": st.sampled_from(["outlet_pseudonym", "kunya", "given_name"]), "tier": strategies.tiers}
)
external_ids = few(st.fixed_dictionaries({"system": words, "value": words}))


def text_entries(record, tier):
    """Texts are stored apart from the rows and served to whoever sees a row of their testimony."""
    return [documents.text_entry(text) for text in redaction.texts(record.texts) if text.tier <= tier]


@quick
@given(data=st.data(), record=strategies.testimonies(), tier=below_restricted)
def test_a_testimony_is_the_same_whatever_lies_above_the_tier(data, record, tier):
    other = data.draw(strategies.disturbed(record, tier))
    rows = documents.project(record, tier)
    assert documents.project(other, tier) == rows
    assert not rows or text_entries(other, tier) == text_entries(record, tier)
    event(f"{tier.label} sees {'something' if rows else 'nothing'}")
    event(
        f"staff sees a difference: {documents.project(other, Tier.RESTRICTED) != documents.project(record, Tier.RESTRICTED)}"
    )


@quick
@given(data=st.data(), person=strategies.persons, names=few(other_names), tier=below_restricted)
def test_a_person_is_the_same_whatever_lies_above_the_tier(data, person, names, tier):
    value = {"person": asdict(person), "names": list(names), "memberships": [], "external_ids": []}
    disturbed_names = strategies.disturbed_rows(
        data.draw, names, other_names, lambda name: name["tier"] > tier or name["kind"] != "outlet_pseudonym"
    )
    if person.tier > tier:
        other = replace(data.draw(strategies.persons), tier=Tier.RESTRICTED)
    else:
        other = strategies.disturbed_person(data.draw, person, tier)
    changed = {
        "person": asdict(other),
        "names": list(disturbed_names),
        "memberships": data.draw(st.lists(st.fixed_dictionaries({"group": words}), max_size=2)),
        "external_ids": list(data.draw(external_ids)),
    }
    assert shared.project("person", changed, tier) == shared.project("person", value, tier)


@quick
@given(data=st.data(), source=strategies.sources, own_tier=strategies.tiers, tier=below_restricted)
def test_a_source_is_the_same_whatever_lies_above_the_tier(data, source, own_tier, tier):
    own_tier = min(own_tier, source.tier)
    value = {"source": asdict(source), "own_tier": own_tier, "external_ids": []}
    other = strategies.disturbed_source(data.draw, source, tier) or replace(source, tier=Tier.RESTRICTED)
    changed = {"source": asdict(other), "own_tier": own_tier, "external_ids": list(data.draw(external_ids))}
    assert shared.project("source", changed, tier) == shared.project("source", value, tier)
