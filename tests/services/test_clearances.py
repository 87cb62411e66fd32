"""Acts on clearances: editors enter and withdraw them; what was withdrawn stays so."""

import datetime as dt

import pytest

from testimonies.errors import Forbidden, Frozen, Invalid, NotAllowedNow, NotFound
from testimonies.models import Clearance
from testimonies.models.projections import PublicTestimony
from testimonies.services import clearances
from tests.factories.clearances import LONG_AGO
from tests.writers import Writers, nothing_is_stale

LATER = LONG_AGO + dt.timedelta(days=1)


@pytest.fixture
def w(transactional_db) -> Writers:
    return Writers()


def add(w, name="editor", testimony=None, **values):
    values = {"basis": "invented", "uses": ["research"], "starts_at": LONG_AGO, **values}
    return clearances.create((testimony or w.draft).pk, by=w.actor(name), **values)


def is_public(w):
    moment = w.actor("editor").now
    return PublicTestimony.objects.filter(testimony_id=w.published.pk, during__contains=moment).exists()


def test_withdrawing_hides_at_once_and_is_not_taken_back(w):
    clearance = w.published.clearances.get()
    assert is_public(w)
    clearances.change(w.published.pk, clearance.pk, by=w.actor("editor"), version=1, withdrawn_at=LATER)
    assert not is_public(w)
    for taken_back in (None, LATER + dt.timedelta(days=9_999)):
        with pytest.raises(Invalid) as caught:
            clearances.change(w.published.pk, clearance.pk, by=w.actor("editor"), version=2, withdrawn_at=taken_back)
        assert [error[:2] for error in caught.value.errors] == [("/withdrawn_at", "stays_withdrawn")]
    assert not is_public(w)
    clearances.change(w.published.pk, clearance.pk, by=w.actor("editor"), version=2, withdrawn_at=LONG_AGO)
    with pytest.raises(Frozen):  # alone one hides, and does not show again
        add(w, testimony=w.published)
    assert not is_public(w)
    assert nothing_is_stale()


@pytest.mark.parametrize("name", ["reader", "author", "coder"])
def test_only_editors(w, name):
    clearance = add(w)
    with pytest.raises(Forbidden):
        add(w, name)
    with pytest.raises(Forbidden):
        clearances.change(w.draft.pk, clearance.pk, by=w.actor(name), version=1, uses=["media"])
    with pytest.raises(Forbidden):
        clearances.remove(w.draft.pk, clearance.pk, by=w.actor(name), version=1)
    assert list(w.draft.clearances.values_list("pk", "uses")) == [(clearance.pk, ["research"])]
    clearances.change(w.draft.pk, clearance.pk, by=w.actor("custodian"), version=1, uses=["media"])


def test_what_was_published_rests_on_its_clearances(w):
    clearance, other = w.published.clearances.get(), add(w)
    with pytest.raises(NotAllowedNow):
        clearances.remove(w.published.pk, clearance.pk, by=w.actor("editor"), version=1)
    with pytest.raises(NotFound):
        clearances.remove(w.draft.pk, clearance.pk, by=w.actor("editor"), version=1)
    clearances.remove(w.draft.pk, other.pk, by=w.actor("editor"), version=1)
    assert list(Clearance.objects.all()) == [clearance]
    assert nothing_is_stale()


def test_it_ends_after_it_starts(w):
    with pytest.raises(Invalid) as caught:
        add(w, ends_at=LONG_AGO)
    assert [error[:2] for error in caught.value.errors] == [("/ends_at", "not_after_start")]
    assert add(w, ends_at=LATER).created_by == w.users["editor"]
