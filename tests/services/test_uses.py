"""A use while its testimony is withdrawn, and the reverse: whoever comes second sees what the first did."""

import pytest
from django.db import transaction

from testimonies.access import Tier
from testimonies.errors import NotCleared
from testimonies.models import CampaignUse, UsedTestimony
from testimonies.services import uses, workflow
from tests import factories as make
from tests.projections.sessions import Session
from tests.writers import Writers, nothing_is_stale


@pytest.fixture
def w(transactional_db) -> Writers:
    w = Writers()
    with make.batch():
        w.testimony = make.make_testimony(uses=["campaign"])
        w.campaign = make.make_campaign()
    return w


def use(w):
    used = [{"testimony_id": w.testimony.pk, "quote_id": None}]
    values = {"kind": "video", "title": "Invented", "tier": Tier.PUBLIC}
    uses.create(by=w.actor("editor"), campaign=w.campaign.slug, testimonies=used, **values)


def withdraw(w):
    workflow.move(w.testimony.pk, by=w.actor("custodian"), to="withdrawn")


def test_a_use_that_comes_while_it_is_withdrawn_is_refused(w):
    with transaction.atomic():
        withdraw(w)
        session = Session(lambda: use(w))
        session.wait_until_blocked()
    with pytest.raises(NotCleared):
        session.finish()
    assert not CampaignUse.objects.exists()


def test_a_withdrawal_that_comes_while_it_is_used_follows_and_hides_it(w):
    with transaction.atomic():
        use(w)
        session = Session(lambda: withdraw(w))
        session.wait_until_blocked()
    session.finish()
    assert UsedTestimony.objects.count() == 1
    shown = w.ask("reader", "get", f"uses/{CampaignUse.objects.get().pk}/").json()
    assert (shown["testimonies"], nothing_is_stale()) == ([], True)
