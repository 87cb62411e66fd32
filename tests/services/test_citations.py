"""Acts on citations: which source is cited, and what that does to who sees the source."""

import pytest

from testimonies.access import Tier
from testimonies.errors import Exists, Forbidden, Invalid, NotAllowedNow, NotFound
from testimonies.models import Citation, SourceTier
from testimonies.services import citations, testimonies, workflow
from tests.writers import Writers, nothing_is_stale


@pytest.fixture
def w(transactional_db) -> Writers:
    return Writers()


def add(w, name="author", testimony=None, source=None, **values):
    values = {"relation": "original", **values}
    return citations.create((testimony or w.draft).pk, by=w.actor(name), source_id=(source or w.source).pk, **values)


def tier_of(source):
    return SourceTier.objects.get(source_id=source.pk).tier


def test_a_source_is_seen_from_the_highest_tier_that_cites_it(w):
    assert tier_of(w.source) == Tier.PUBLIC
    hidden = add_hidden(w)
    workflow.move(w.published.pk, by=w.actor("editor"), to="draft")  # published, it would not show the source again
    assert tier_of(w.source) == Tier.RESTRICTED
    assert nothing_is_stale()
    moved = citations.change(
        hidden.testimony_id, hidden.pk, by=w.actor("editor"), version=1, source_id=w.unseen_source.pk
    )
    assert (moved.source, moved.version) == (w.unseen_source, 2)
    assert (tier_of(w.source), tier_of(w.unseen_source)) == (Tier.PUBLIC, Tier.RESTRICTED)
    assert nothing_is_stale()
    citations.remove(hidden.testimony_id, hidden.pk, by=w.actor("editor"), version=2)
    assert tier_of(w.unseen_source) == Tier.PUBLIC
    assert nothing_is_stale()


def add_hidden(w):
    testimonies.change(w.draft.pk, by=w.actor("author"), version=None, tier=Tier.RESTRICTED)
    return add(w)


@pytest.mark.parametrize(
    ("name", "testimony", "refusal"),
    [("reader", "draft", Forbidden), ("coder", "draft", NotFound), ("author", "submitted", NotAllowedNow)],
)
def test_refusals(w, name, testimony, refusal):
    row = getattr(w, testimony)
    row = row() if callable(row) else row
    citation = add(w, "editor", row, locator="p. 1")
    before = set(Citation.objects.values_list("pk", "version"))
    with pytest.raises(refusal):
        add(w, name, row)
    with pytest.raises(refusal):
        citations.change(row.pk, citation.pk, by=w.actor(name), version=1, locator="p. 2")
    with pytest.raises(refusal):
        citations.remove(row.pk, citation.pk, by=w.actor(name), version=1)
    assert set(Citation.objects.values_list("pk", "version")) == before
    citations.change(row.pk, citation.pk, by=w.actor("editor"), version=1, locator="p. 2")


def test_a_source_that_the_actor_does_not_see_is_unknown(w):
    with pytest.raises(Invalid) as caught:
        add(w, source=w.unseen_source)
    assert [error[:2] for error in caught.value.errors] == [("/source_id", "unknown")]
    assert add(w, "editor", source=w.unseen_source).source == w.unseen_source


def test_a_citation_is_listed_once(w):
    first = add(w, locator="p. 1")
    with pytest.raises(Exists):
        add(w, locator="p. 1")
    assert (first.position, add(w, locator="p. 2").position) == (0, 1)


def test_evidence_is_a_whole_list(w):
    citation = add(
        w, evidence=[{"field": "left", "basis": "stated"}, {"field": "joined", "basis": "derived", "note": "x"}]
    )
    changed = citations.change(
        w.draft.pk, citation.pk, by=w.actor("author"), version=1, evidence=[{"field": "left", "basis": "derived"}]
    )
    assert list(changed.evidence.values_list("field", "basis")) == [("left", "derived")]
    assert changed.version == 2
    with pytest.raises(Invalid) as caught:
        citations.change(
            w.draft.pk,
            citation.pk,
            by=w.actor("author"),
            version=2,
            evidence=[{"field": "left", "basis": "stated"}] * 2,
        )
    assert [error[:2] for error in caught.value.errors] == [("/evidence/1/field", "repeated")]
    assert list(citation.evidence.values_list("field", "basis")) == [("left", "derived")]
    assert nothing_is_stale()
