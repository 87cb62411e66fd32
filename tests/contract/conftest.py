"""The collections that ship with the service, for tests of the contract on real input."""

from pathlib import Path

import pytest
from django.core.management import call_command

COLLECTIONS = Path(__file__).parents[2] / "testimonies" / "collections"


@pytest.fixture
def collections(db) -> None:
    """What `make run` loads. With `transactional_db` it is committed."""
    call_command("load_collection", str(COLLECTIONS), verbosity=0)
