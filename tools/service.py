"""What the service needs around it: its database and its settings."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import cluster, variables
from tools.console import Stop

SERVER = {
    "GRANIAN_INTERFACE": "wsgi",
    "GRANIAN_WORKERS": "2",
    "GRANIAN_BLOCKING_THREADS": "4",
    "GRANIAN_WEBSOCKETS": "false",
    "GRANIAN_WORKERS_KILL_TIMEOUT": "10",
    "GRANIAN_RESPAWN_FAILED_WORKERS": "true",
    "GRANIAN_LOG_LEVEL": "warning",
    "MALLOC_ARENA_MAX": "2",  # else glibc keeps memory for each thread apart and gives little of it back
}
"""The production server's own variables, as in the Dockerfile (docs/adr/0024); each may be overridden from outside."""

ASK = """
import os, sys, psycopg
try:
    connection = psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5)
except psycopg.Error as error:
    sys.exit(str(error).strip().splitlines()[-1])
print(connection.info.server_version // 10000)
"""
"""Asked in the environment, which has the driver; Django would wait long and answer with a traceback."""


@contextmanager
def database(python: Path) -> Iterator[str]:
    """DATABASE_URL, once it has answered; without one a server of our own."""
    if url := variables.text("DATABASE_URL"):
        _ask(python, url)
        yield url
        return
    with cluster.Cluster(variables.data_dir(), python).running() as ours:
        yield ours


def settings(url: str) -> dict[str, str]:
    home = variables.data_dir()
    home.mkdir(parents=True, exist_ok=True)
    # readable without a key, since only this machine can reach it
    kept = {"SECRET_KEY": variables.secret_key(home), "VAULT_KEYS": variables.vault_keys(home)}
    ours = {"PUBLIC_READ": "1", "ERASURE_LEDGER": str(home.resolve() / "erasures.jsonl")}
    return SERVER | ours | os.environ | kept | {"DATABASE_URL": url}


def _ask(python: Path, url: str) -> None:
    environ = os.environ | {"DATABASE_URL": url}
    asked = subprocess.run([str(python), "-c", ASK], env=environ, capture_output=True, text=True, check=False)
    if asked.returncode:
        raise Stop(
            f"DATABASE_URL does not answer: {asked.stderr.strip()} "
            "Correct it, or start that server, or unset it for an embedded one."
        )
    if int(asked.stdout) < 15:
        raise Stop(f"DATABASE_URL names a PostgreSQL {asked.stdout.strip()}; 15 or later is needed.")
