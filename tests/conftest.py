"""What tests of every room share: an actor and a key for each role."""

import datetime as dt

import pytest
from django.db import connection

from testimonies.access import HIGHEST_TIER, Actor, Role
from tests.factories import make_key


@pytest.fixture
def now(db) -> dt.datetime:
    """PostgreSQL's clock. Within one transaction it stands still."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]


@pytest.fixture
def actors(now) -> dict[str, Actor]:
    """One actor for each role, each reading as far up as its role may: `actors["reader"]`."""
    return {role.value: Actor(role=role, tier=HIGHEST_TIER[role], now=now) for role in Role}


@pytest.fixture
def keys(db) -> dict[str, dict[str, str]]:
    """Request headers for each role: `client.get(url, headers=keys["editor"])`. Nobody in particular sends none."""
    secrets = {role.value: make_key(role=role)[1] for role in Role if role != Role.ANONYMOUS}
    return {"anonymous": {}} | {role: {"Authorization": f"Bearer {secret}"} for role, secret in secrets.items()}
