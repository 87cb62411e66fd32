"""Memberships are written with the testimonies that tell of them, and go with the last of these."""

import pytest

from testimonies.models import Membership
from testimonies.services import testimonies
from tests import factories as make
from tests.writers import Writers, nothing_is_stale


@pytest.fixture
def w(transactional_db) -> Writers:
    return Writers()


def tell(w, **values):
    by, slug = w.actor("editor"), make.make_group().slug
    needed = {"title": "Invented", "kind": "interview", "account_language": "en"}
    return testimonies.create(by=by, person_id=w.person.pk, group=slug, **needed, **values)


LEAVING = {
    "no group": lambda w, row, **options: testimonies.change(row.pk, **options, group=None),
    "another person": lambda w, row, **options: testimonies.change(row.pk, **options, person_id=w.published.person_id),
    "no testimony": lambda w, row, **options: testimonies.remove(row.pk, **options),
}


@pytest.mark.parametrize("way", LEAVING)
def test_what_nothing_tells_of_any_longer_goes(w, way):
    row = tell(w, joined="2014")
    assert w.person.memberships.count() == 1
    LEAVING[way](w, row, by=w.actor("editor"), version=None)
    assert w.person.memberships.count() == 0
    assert nothing_is_stale()


@pytest.mark.parametrize("way", LEAVING)
def test_what_another_testimony_tells_of_stays(w, way):
    row = tell(w)
    make.make_testimony(person=w.person, membership=Membership.objects.get(person=w.person))
    LEAVING[way](w, row, by=w.actor("editor"), version=None)
    assert w.person.memberships.count() == 1
    assert nothing_is_stale()


def test_a_changed_membership_is_changed_for_all_who_tell_of_it(w):
    row = tell(w)
    other = make.make_testimony(person=w.person, membership=row.membership, status="draft", published_at=None)
    testimonies.change(row.pk, by=w.actor("editor"), version=None, left="2016")
    other.refresh_from_db()
    assert (row.membership_id, other.membership.left) == (other.membership_id, "2016")
    assert nothing_is_stale()
