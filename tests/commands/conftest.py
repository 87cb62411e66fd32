from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command


@pytest.fixture
def run(db) -> Callable[..., tuple[str, str]]:
    """What a command prints on standard output and on standard error: `run("create_key", "app", "--role", "reader")`."""

    def run(*words) -> tuple[str, str]:
        out, err = StringIO(), StringIO()
        call_command(*map(str, words), stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    return run
