"""Acts on claims: reports that differ stay side by side, and at most one of a field is preferred."""

import pytest

from testimonies.errors import Forbidden, Invalid, NotAllowedNow, NotFound
from testimonies.models import Claim
from testimonies.services import claims
from tests.writers import Writers, nothing_is_stale


@pytest.fixture
def w(transactional_db) -> Writers:
    return Writers()


def add(w, name="author", testimony=None, **values):
    values = {"field": "left", "value": "2014", **values}
    return claims.create((testimony or w.draft).pk, by=w.actor(name), **values)


def preferred(w):
    return sorted(w.draft.claims.filter(is_preferred=True).values_list("field", "value"))


def test_at_most_one_of_a_field_is_preferred(w):
    first = add(w, is_preferred=True)
    other = add(w, field="joined", value="2012", is_preferred=True)
    second = add(w, value="2015", is_preferred=True, source_id=w.source.pk)
    assert preferred(w) == [("joined", "2012"), ("left", "2015")]
    assert Claim.objects.get(pk=first.pk).version == 2
    claims.change(w.draft.pk, first.pk, by=w.actor("author"), version=2, is_preferred=True)
    assert preferred(w) == [("joined", "2012"), ("left", "2014")]
    claims.change(w.draft.pk, other.pk, by=w.actor("author"), version=1, field="left")
    assert preferred(w) == [("left", "2012")]
    claims.remove(w.draft.pk, other.pk, by=w.actor("author"), version=2)
    assert [(row.value, row.source, row.position) for row in w.draft.claims.order_by("position")] == [
        ("2014", None, 0),
        ("2015", second.source, 2),
    ]
    assert nothing_is_stale()


@pytest.mark.parametrize(
    ("name", "testimony", "refusal"),
    [("reader", "draft", Forbidden), ("coder", "draft", NotFound), ("author", "published", NotAllowedNow)],
)
def test_refusals(w, name, testimony, refusal):
    row = getattr(w, testimony)
    claim = add(w, "editor", row, is_preferred=True)
    with pytest.raises(refusal):
        add(w, name, row, is_preferred=True)
    with pytest.raises(refusal):
        claims.change(row.pk, claim.pk, by=w.actor(name), version=1, value="2013")
    with pytest.raises(refusal):
        claims.remove(row.pk, claim.pk, by=w.actor(name), version=1)
    assert list(row.claims.values_list("pk", "version", "is_preferred")) == [(claim.pk, 1, True)]
    claims.change(row.pk, claim.pk, by=w.actor("editor"), version=1, value="2013")


def test_a_source_that_the_actor_does_not_see_is_unknown(w):
    with pytest.raises(Invalid) as caught:
        add(w, source_id=w.unseen_source.pk)
    assert [error[:2] for error in caught.value.errors] == [("/source_id", "unknown")]
    assert add(w, "editor", source_id=w.unseen_source.pk).source == w.unseen_source
