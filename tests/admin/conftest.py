from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from testimonies.access import Role
from testimonies.models import User
from tests.admin.pages import Person
from tests.factories import make_user
from tests.guard import guarded
from tests.writers import Writers

PASSWORD = "invented for tests 1"


@pytest.fixture
def enter(db) -> Callable[..., Client]:
    """A browser without pages: `enter("editor").get("/admin/")`, `enter("editor", is_superuser=True)`; `.user` is who it is."""

    def enter(role: str, **values) -> Client:
        user = make_user(role=Role(role), **values)
        user.is_staff = True  # Django's own flag opens nothing
        user.save()
        client = Client(headers={"host": "localhost"})
        client.force_login(user)
        client.user = user
        return client

    return enter


@pytest.fixture
def administrator(enter) -> Client:
    return enter("editor", is_superuser=True)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


class Desk(Writers):
    """The writers, each at their desk: `desk.at("author").open("person/…")`."""

    def at(self, name: str) -> Person:
        return Person(self.users[name])


@pytest.fixture
def desk(transactional_db) -> Desk:
    return Desk()


@pytest.fixture(autouse=True)
def only_services_write() -> Iterator[None]:
    with guarded():
        yield
