"""One database for each number of records, kept for the next run while nothing that made it has changed."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
RECORDS = ("testimonies/migrations", "testimonies/projections", "testimonies/values", "benchmarks/seed")
PEERS = ("benchmarks/peers/schema.sql", "benchmarks/peers/tables.py")
"""What decides which records lie there, and what the peers' tables look like."""


def ensure(n: int, *, with_peers: bool = True) -> str:
    """The URL of a database with so many testimonies and their projections; made as far as need be.

    with_peers  The peers' tables too. Of a million they take a quarter of the time and of the disk.
    """
    server, name = os.environ["DATABASE_URL"].rpartition("/")[0], f"bench_{n}"
    url, records, peers = f"{server}/{name}", _digest(RECORDS), _digest(PEERS)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        said, began = _comment(connection, name), time.perf_counter()
        if not said.startswith(records):
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
            _run(url, "manage.py", "migrate", "-v0")
            _run(url, "-m", "benchmarks.seed.load", "--records", str(n))
            connection.execute(f"COMMENT ON DATABASE \"{name}\" IS '{records}'")
            print(f"{n:,} testimonies seeded in {time.perf_counter() - began:,.0f} s", file=sys.stderr)
        if with_peers and said != f"{records} {peers}":
            _run(url, "-m", "benchmarks.peers.tables")
            connection.execute(f"COMMENT ON DATABASE \"{name}\" IS '{records} {peers}'")
    return url


def keys(url: str) -> dict[str, str]:
    """Keys of the product on this database, new for each run."""
    return call(url, "benchmarks.keys")


def call(url: str, module: str, *words: str) -> Any:
    """What a module prints as JSON that is run with this database: Django knows one in each process."""
    asked, environ = [sys.executable, "-m", module, *words], {**os.environ, "DATABASE_URL": url}
    return json.loads(subprocess.run(asked, cwd=ROOT, env=environ, check=True, stdout=subprocess.PIPE).stdout)


def _digest(names: Iterable[str]) -> str:
    found = hashlib.sha256()
    for name in names:
        path = ROOT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found.update(file.read_bytes())
    return found.hexdigest()[:16]


def _comment(connection: psycopg.Connection, name: str) -> str:
    statement = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    found = connection.execute(statement, [name]).fetchone()
    return (found and found[0]) or ""


def _run(url: str, *words: str) -> None:
    subprocess.run([sys.executable, *words], cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True)
