"""Imports end their transactions for real, as a worker does: every test empties its tables."""

from collections.abc import Iterator

import pytest

from tests.guard import guarded


@pytest.fixture(autouse=True)
def only_services_write(transactional_db) -> Iterator[None]:
    with guarded():
        yield


@pytest.fixture
def editor(api):
    return api.as_("editor")
