import pytest

from tests.admin.pages import Person
from tests.writers import Writers


class Desk(Writers):
    """The writers, each at their desk: `desk.at("author").open("person/…")`."""

    def at(self, name: str) -> Person:
        return Person(self.users[name])


@pytest.fixture
def desk(transactional_db) -> Desk:
    return Desk()
