"""Rows that are really committed and stay for one module, and a key for each kind of caller."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from testimonies.access import Role, Tier
from tests.factories import make_key
from tests.guard import guarded

OURS = ("testimonies_", "projection_", "reference_")


@pytest.fixture(scope="module")
def keep(django_db_setup, django_db_blocker) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """`keep(make)` commits what `make` makes; it is there for every test of the module and gone after the last.

    Making rows costs far more than reading them. Not together with `transactional_db`, which empties every table.
    """

    def keep(make: Callable[[], Any]) -> Any:
        with django_db_blocker.unblock():
            return make()

    yield keep
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name.startswith(OURS)]
        cursor.execute(f"TRUNCATE {', '.join(connection.ops.quote_name(name) for name in tables)} CASCADE")
    with django_db_blocker.unblock():
        connection.close()


def headers_of(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture(scope="module")
def keys(keep) -> dict[str, dict[str, str]]:
    """Request headers by caller: the roles, each as far up as it reads, and `public`, a reader's key for that tier only."""

    def make() -> dict[str, str]:
        made = {role.value: make_key(role=role)[1] for role in Role if role != Role.ANONYMOUS}
        return made | {"public": make_key(role=Role.READER, tier=Tier.PUBLIC)[1]}

    return {"anonymous": {}} | {name: headers_of(secret) for name, secret in keep(make).items()}


@pytest.fixture(autouse=True)
def only_services_write() -> Iterator[None]:
    with guarded():
        yield
