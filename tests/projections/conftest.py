import pytest

from tests.projections.world import World, make_world


@pytest.fixture
def world(transactional_db) -> World:
    """Really committed: only a commit shows what a deferred trigger does."""
    return make_world()
