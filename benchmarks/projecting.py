"""All projections made anew: what that takes, and how much room they take.

On a copy of the database without projections. Processor time is what counts on a machine that does other things: that of PostgreSQL
is its server's own, where the system tells it.
"""

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from benchmarks import databases

PROCESSES = 2
TABLES = ("projection_public", "projection_partner", "projection_restricted", "projection_text", "projection_shared")
SIZES = f"SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class WHERE relname IN {TABLES}"


@dataclass(frozen=True, slots=True)
class Made:
    """Of all records together: seconds, and bytes of write-ahead log. `sizes` has bytes of each table and of its indexes."""

    seconds: float
    python: float
    postgresql: float
    written: int
    sizes: dict[str, tuple[int, int]]


def run(n: int) -> Made:
    url = databases.ensure(n)
    server, name = url.rpartition("/")[0], f"projecting_{n}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "bench_{n}"')
        try:
            return _made(f"{server}/{name}")
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _made(url: str) -> Made:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {', '.join(TABLES)}, projection_source_tier")
        folder = connection.execute("SELECT current_setting('data_directory')").fetchone()[0]
        at = connection.execute("SELECT pg_current_wal_lsn()").fetchone()[0]
        began, python, postgresql = time.perf_counter(), python_seconds(), postgresql_seconds(Path(folder))
        words = [sys.executable, "manage.py", "rebuild_projections", "--processes", str(PROCESSES)]
        environ = {**os.environ, "DATABASE_URL": url}
        subprocess.run(words, cwd=databases.ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - began
        written = connection.execute("SELECT pg_current_wal_lsn() - %s::pg_lsn", [at]).fetchone()[0]
        python, postgresql = python_seconds() - python, postgresql_seconds(Path(folder)) - postgresql
        connection.execute("VACUUM ANALYZE")  # what waits in an index's list is moved into it
        sizes = {table: (rows, indexes) for table, rows, indexes in connection.execute(SIZES)}
    return Made(seconds, python, postgresql, int(written), sizes)


def python_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def postgresql_seconds(folder: Path) -> float:
    """Seconds of all server processes, ended or not; not a number where the system does not tell."""
    try:
        server = psutil.Process(int((folder / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0]))
    except (OSError, psutil.Error):
        return float("nan")
    while True:
        living = server.children()
        try:
            used = [process.cpu_times() for process in living]
        except psutil.NoSuchProcess:
            continue
        ended = server.cpu_times()
        if server.children() == living:  # otherwise one that has just ended counts twice
            seconds = sum(times.user + times.system for times in used)
            return seconds + ended.user + ended.system + ended.children_user + ended.children_system


def report(n: int) -> str:
    made = run(n)
    each = 1000 / n
    rows = [
        f"| {table} | {of_rows / n:,.0f} | {of_indexes / n:,.0f} |"
        for table, (of_rows, of_indexes) in sorted(made.sizes.items())
    ]
    tiers = sum(sum(made.sizes[table]) for table in TABLES[:3])
    return (
        f"{n:,} testimonies with their persons and sources in {made.seconds:,.0f} s by {PROCESSES} processes. Of each testimony: "
        f"{made.python * each:.2f} ms of Python, {made.postgresql * each:.2f} ms of PostgreSQL, {made.written / n / 1000:.1f} kB of write-ahead "
        f"log.\n\nBytes a testimony, {tiers / n:,.0f} at three tiers without texts:\n\n| Table | rows | indexes |\n|---|---|---|\n"
        + "\n".join(rows)
    )
