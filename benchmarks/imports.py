"""A file of new records through `manage.py import_testimonies`, projections included; the same file again, and with one cell changed in each row.

On a copy of a small database. Processor time is what counts on a machine that does other things: that of PostgreSQL is its server's
own, where the system tells it.
"""

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from benchmarks import databases
from benchmarks.projecting import postgresql_seconds, python_seconds

SMALL = 2_000
"""Testimonies in the database before."""
WORDS = (
    "invented account of somebody who was seen at the border and spoke about it later without being asked again".split()
)
COUNTRIES = ("SY", "IQ", "TN", "FR", "DE", "GB", "SE", "TR")


@dataclass(frozen=True, slots=True)
class Imported:
    """Seconds: by the clock, of the command's processor time and of PostgreSQL's; and what the command held at most."""

    rows: int
    seconds: float
    python: float
    postgresql: float
    megabytes: float

    def line(self, what: str) -> str:
        each = 1000 / self.rows
        return (
            f"| {what} | {self.rows:,} | **{self.seconds:.1f}** | {self.seconds * each:.2f} | {self.python * each:.2f} | "
            f"{self.postgresql * each:.2f} | {self.megabytes:.0f} |"
        )


def rows(n: int, *, texts: bool, title: str = "Invented account") -> Iterator[dict[str, str]]:
    """Each about somebody of its own, from one of a few outlets; all of it invented."""
    draw = random.Random(14)
    for number in range(n):
        said = " ".join(draw.choices(WORDS, k=40))
        year = draw.randint(2013, 2020)
        yield {
            "external_id.bench": f"b{number}",
            "title": f"{title} {number}",
            "summary": said,
            "summary_language": "en",
            "kind": draw.choice(("interview", "written_account", "video_statement")),
            "account_language": "en",
            "given": f"{year}-{draw.randint(1, 12):02}",
            "given_country": draw.choice(COUNTRIES),
            "age_from": str(age := draw.randint(18, 60)),
            "age_to": str(age),
            "group": f"bench-group-{draw.randrange(3)}",
            "membership": "says_member",
            "role_in_group": "support",
            "joined": str(year - 3),
            "left": str(year - 1),
            "codes": "; ".join(f"bench@1/code-{one:02}" for one in sorted(draw.sample(range(30), 3))),
            "person.external_id.bench": f"p{number}",
            "person.name": f"Invented name {number}",
            "person.name_kind": "outlet_pseudonym",
            "person.gender": draw.choice(("female", "male")),
            "person.nationality": draw.choice(COUNTRIES),
            "source.relation": "original",
            "source.outlet": f"Invented Times {draw.randrange(40)}",
            "source.title": f"Invented report {number}",
            "source.published": str(year),
        } | (
            {
                "text.language": "en",
                "text.kind": "transcript",
                "text.body": " ".join(draw.choices(WORDS, k=200)),
                "clearance.basis": "public_source_no_contact",
                "clearance.uses": "research",
                "clearance.starts_at": "2020-01-01",
            }
            if texts
            else {}
        )


def write(path: Path, n: int, *, texts: bool, title: str = "Invented account") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        found = rows(n, texts=texts, title=title)
        first = next(found)
        out = csv.DictWriter(file, list(first))
        out.writeheader()
        out.writerow(first)
        out.writerows(found)
    return path


def run(n: int, *, few: int) -> str:
    """Of `n` rows; what goes through one act for each record, of `few`."""
    with tempfile.TemporaryDirectory() as folder:
        plain, full = (write(Path(folder, f"{texts}.csv"), n, texts=texts) for texts in (False, True))
        again = write(Path(folder, "again.csv"), few, texts=True, title="Another invented account")
        with Copy() as url:
            found = [_imported(url, plain, n).line("25 columns, with person, source and codes")]
        with Copy() as url:
            found += [
                _imported(url, full, n, "--dry-run").line("with a text and a clearance too, checked only"),
                _imported(url, full, n).line("the same, stored"),
                _imported(url, full, n).line("the same once more: nothing changes"),
                _imported(url, again, few).line("another title in each row"),
            ]
    head = "| | rows | seconds | ms a row | of them Python | PostgreSQL | MB at most |\n|---|---|---|---|---|---|---|\n"
    return head + "\n".join(found)


class Copy:
    """A database of its own for a while."""

    def __init__(self) -> None:
        self._seed = databases.ensure(SMALL)
        self._url = f"{self._seed.rpartition('/')[0]}/importing"

    def __enter__(self) -> str:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute('DROP DATABASE IF EXISTS "importing" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "importing" TEMPLATE "{self._seed.rpartition("/")[2]}"')
        return self._url

    def __exit__(self, *_: object) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute('DROP DATABASE IF EXISTS "importing" WITH (FORCE)')


def _imported(url: str, path: Path, n: int, *words: str) -> Imported:
    with psycopg.connect(url, autocommit=True) as connection:
        folder = Path(connection.execute("SELECT current_setting('data_directory')").fetchone()[0])
    began, used, server, most = time.perf_counter(), python_seconds(), postgresql_seconds(folder), 0
    command = [sys.executable, "manage.py", "import_testimonies", str(path), *words]
    with subprocess.Popen(
        command, cwd=databases.ROOT, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.DEVNULL
    ) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            most = max(most, watched.memory_info().rss)
            time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"The import of {path.name} failed.")
    return Imported(
        n, time.perf_counter() - began, python_seconds() - used, postgresql_seconds(folder) - server, most / 2**20
    )
