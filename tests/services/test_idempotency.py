"""What is sent twice is done once, also when both arrive together."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection

from testimonies.access import Actor, Role, Tier
from testimonies.errors import IdempotencyMismatch
from testimonies.models import Group, IdempotencyKey
from testimonies.projections import verify
from testimonies.services import groups, idempotency
from tests.factories import make_user

N = 8


@pytest.fixture
def editor(now) -> Actor:
    return Actor(role=Role.EDITOR, tier=Tier.RESTRICTED, now=now, user_id=make_user().pk)


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_once_one_makes_the_record(editor):
    together = Barrier(N)

    def ask(number: int) -> UUID | str:
        try:
            together.wait(10)
            create = partial(groups.create, by=editor, slug=f"invented-{number}", name="Invented")
            return idempotency.once(create, by=editor, key="k-1", digest=b"x", noun="group")
        finally:
            connection.close()

    with ThreadPoolExecutor(N) as pool:
        found = set(pool.map(ask, range(N)))
    assert found == {Group.objects.get().pk} == {IdempotencyKey.objects.get().record_id}
    assert list(verify.differences()) == []


def test_another_request_is_refused_and_writes_nothing(editor):
    create = partial(groups.create, by=editor, name="Invented")
    idempotency.once(partial(create, slug="a"), by=editor, key="k-1", digest=b"x", noun="group")
    with pytest.raises(IdempotencyMismatch):
        idempotency.once(partial(create, slug="b"), by=editor, key="k-1", digest=b"y", noun="group")
    assert Group.objects.get().slug == "a"
