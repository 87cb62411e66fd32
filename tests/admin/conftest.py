from collections.abc import Callable

import pytest
from django.test import Client

from testimonies.access import Role
from testimonies.models import User
from tests.factories import make_user

PASSWORD = "invented for tests 1"


@pytest.fixture
def desk(db) -> Callable[..., Client]:
    """A browser without pages: `desk("editor").get("/admin/")`, `desk("editor", is_superuser=True)`; `.user` is who it is."""

    def desk(role: str, **values) -> Client:
        user = make_user(role=Role(role), **values)
        user.is_staff = True  # Django's own flag opens nothing
        user.save()
        client = Client(headers={"host": "localhost"})
        client.force_login(user)
        client.user = user
        return client

    return desk


@pytest.fixture
def administrator(desk) -> Client:
    return desk("editor", is_superuser=True)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)
