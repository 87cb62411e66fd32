"""Acts on 'possibly the same person': asked by whoever drafts, decided by editors, and taken back."""

import pytest

from testimonies.errors import Exists, Forbidden, Invalid, NotAllowedNow, Overtaken
from testimonies.models import SamePersonLink
from testimonies.services import same_person_links
from tests import factories as make
from tests.writers import Writers, nothing_is_stale


@pytest.fixture
def w(transactional_db) -> Writers:
    return Writers()


def ask(w, name="author", other=None, person=None):
    ids = {"person_id": (person or w.person).pk, "other_id": (other or w.published.person).pk}
    return same_person_links.create(by=w.actor(name), **ids)


def test_asked_decided_and_taken_back(w):
    link = ask(w)
    assert (link.status, link.created_by) == ("possible", w.users["author"])
    for version, status in enumerate(("confirmed", "rejected", "possible"), start=1):
        decided = same_person_links.change(link.pk, by=w.actor("editor"), version=version, status=status)
        assert (decided.status, decided.version) == (status, version + 1)
    with pytest.raises(Overtaken):
        same_person_links.change(link.pk, by=w.actor("editor"), version=1, status="confirmed")
    same_person_links.remove(link.pk, by=w.actor("editor"), version=4)
    assert SamePersonLink.objects.count() == 0
    assert nothing_is_stale()


@pytest.mark.parametrize("name", ["reader", "author", "coder"])
def test_only_editors_decide(w, name):
    link = ask(w)
    with pytest.raises(Forbidden):
        same_person_links.change(link.pk, by=w.actor(name), version=1, status="confirmed")
    with pytest.raises(Forbidden):
        same_person_links.remove(link.pk, by=w.actor(name), version=1)
    assert SamePersonLink.objects.get().status == "possible"
    same_person_links.change(link.pk, by=w.actor("custodian"), version=1, status="confirmed")


def test_both_are_seen_by_who_asks(w):
    with pytest.raises(Forbidden):
        ask(w, "reader")
    with pytest.raises(Invalid) as caught:  # another coder does not see the author's person
        ask(w, "coder")
    assert [error[:2] for error in caught.value.errors] == [("/person_id", "unknown")]
    with pytest.raises(Invalid) as caught:
        ask(w, other=w.person)
    assert [error[:2] for error in caught.value.errors] == [("/other_id", "same")]
    assert SamePersonLink.objects.count() == 0


def test_asked_once_whichever_comes_first(w):
    ask(w)
    with pytest.raises(Exists):
        ask(w, person=w.published.person, other=w.person)
    ask(w, "editor", other=make.make_person())


def test_nothing_is_confirmed_before_both_are_here(w):
    link = SamePersonLink.objects.create(person=w.person, awaits="invented: t-9")
    with pytest.raises(NotAllowedNow):
        same_person_links.change(link.pk, by=w.actor("editor"), version=1, status="confirmed")
    assert same_person_links.change(link.pk, by=w.actor("editor"), version=1, status="rejected").status == "rejected"
