"""What tests of every room share: an actor and a key for each role."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import TransactionTestCase

from testimonies.access import HIGHEST_TIER, Actor, Role
from tests import lock_order
from tests.client import Api
from tests.contract.seed import SEED
from tests.factories import make_key

KEPT = {"django_migrations", "django_content_type", "auth_permission"}
"""Tables whose rows are part of an empty database."""


def empty(_: TransactionTestCase | None = None) -> None:
    """Remove all rows after a test whose transactions end for real.

    Ten times as fast as Django's flush, which makes every table and index anew. References are checked at the commit, so
    any order will do.
    """
    assert connection.settings_dict["NAME"].startswith("test_")
    tables = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL testimonies.on_stale = 'hide'")
        cursor.execute("DELETE FROM procrastinate_jobs")
        spent = "testimonies_spentref"  # filled by what goes from the others
        for table in [*sorted(tables - {spent}), spent]:
            cursor.execute(f'DELETE FROM "{table}"')


TransactionTestCase._fixture_teardown = empty


def pytest_report_header() -> str:
    return f"TEST_SEED={SEED} makes the same generated requests again"


@pytest.fixture(autouse=True)
def locks_come_first(monkeypatch) -> None:
    """In every test: no act locks later what it should have locked at once."""
    lock_order.install(monkeypatch)


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


@pytest.fixture
def api(keys, settings) -> Api:
    """A client without a key that refuses answers which docs/openapi.yaml does not describe: `api.as_("editor").get(url)`."""
    settings.PUBLIC_READ = True
    return Api(keys)


@pytest.fixture
def refused_by() -> Callable[[str], AbstractContextManager[None]]:
    """`with refused_by("constraint_name"): ...` passes when the block's transaction fails of that very constraint."""

    @contextmanager
    def refused_by(constraint: str) -> Iterator[None]:
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            yield
            with connection.cursor() as cursor:  # what is deferred to the commit, where a test's transaction has none
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert caught.value.__cause__.diag.constraint_name == constraint

    return refused_by
