from collections.abc import Iterator

import pytest

from tests.admin.pages import Person
from tests.guard import guarded
from tests.writers import Writers


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
