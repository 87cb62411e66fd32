"""The collections that ship with the service, and the service running on them."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection

from tools.run import _await_answer
from tools.service import SERVER

PROJECT = Path(__file__).parents[2]
COLLECTIONS = PROJECT / "testimonies" / "collections"


@pytest.fixture
def collections(db) -> None:
    """What `make run` loads. With `transactional_db` it is committed."""
    call_command("load_collection", str(COLLECTIONS), verbosity=0)


@pytest.fixture
def service(transactional_db, collections) -> Iterator[str]:
    """The address of the production server on the shipped collections: a process of its own, real HTTP on loopback."""
    with serving(PUBLIC_READ="1") as address:
        yield address


@contextmanager
def serving(*, stdout: Any = None, stderr: Any = None, **variables: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {**os.environ, **SERVER, "DATABASE_URL": database_url(), "GRANIAN_WORKERS": "1", **variables}
    environ |= {"GRANIAN_HOST": "127.0.0.1", "GRANIAN_PORT": str(port)}
    words = [sys.executable, "-m", "granian", "config.wsgi:application"]
    server = subprocess.Popen(words, cwd=PROJECT, env=environ, stdout=stdout, stderr=stderr)
    try:
        _await_answer(server, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def database_url() -> str:
    """The tests' own database, as another process names it."""
    given = connection.settings_dict
    user, password, host = (quote(str(given[name] or ""), safe="") for name in ("USER", "PASSWORD", "HOST"))
    port = f":{given['PORT']}" if given["PORT"] else ""
    return f"postgresql://{user}{f':{password}' if password else ''}@{host}{port}/{quote(given['NAME'], safe='')}"
