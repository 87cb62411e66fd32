"""Edits: of a person whom many testimonies show, all projected anew before the answer; and what an edit of a draft writes ahead."""

import json
import statistics
import time
from dataclasses import dataclass

import psycopg

from benchmarks import databases, services
from benchmarks.seed import load

NAME = "Synthetic, of many testimonies"
EDITS = 5
DRAFTS = (
    "SELECT id FROM testimonies_testimony WHERE status = 'draft' AND membership_id IS NOT NULL ORDER BY id LIMIT %s"
)


@dataclass(frozen=True, slots=True)
class Edited:
    """Medians. `first`: as the first edit after a checkpoint, when the log gets an image of each page that is touched."""

    seconds: float
    written: float
    written_first: float


def run(n: int, *, testimonies: int) -> Edited:
    url = databases.ensure(n)
    person = databases.call(url, "benchmarks.edits", str(testimonies))
    with services.running([(services.PRODUCT, url)], {url: databases.keys(url)}) as (one,):
        taken = []
        for number in range(EDITS):
            began = time.perf_counter()
            _patch(one, f"persons/{person}", {"origin_stated": f"Synthetic {number} {time.time()}"})
            taken.append(time.perf_counter() - began)
        return Edited(statistics.median(taken), *_written(one, url))


def _written(one: services.Running, url: str) -> tuple[float, float]:
    """Bytes of write-ahead log of an edit of a draft's title: while pages are known to the log, and after a checkpoint.

    Each draft is edited twice: the second edit finds its pages imaged by the first one.
    """
    after_another, first = [], []
    with psycopg.connect(url, autocommit=True) as connection:
        for (draft,) in connection.execute(DRAFTS, [3 * EDITS]).fetchall():
            connection.execute("CHECKPOINT")
            for found in (first, after_another):
                at = connection.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
                _patch(one, f"testimonies/{draft}", {"title": f"Synthetic: edited at {time.time()}"})
                found.append(
                    float(connection.execute("SELECT pg_current_wal_insert_lsn() - %s::pg_lsn", at).fetchone()[0])
                )
    return statistics.median(after_another), statistics.median(first)


def _patch(one: services.Running, path: str, change: dict) -> None:
    status, body = one.ask(f"/api/v1/{path}/", json.dumps(change), "PATCH")
    if status != 200:
        raise SystemExit(f"the edit answers {status}: {body[:500]!r}")


def one_person(n: int) -> str:
    """Who testified so many times, in drafts: no list shows them. Made once in DATABASE_URL."""
    from testimonies import models, projections
    from testimonies.access import Tier

    found = models.Person.objects.filter(name=NAME).first()
    if found is None:
        with projections.refreshed():
            found = models.Person.objects.create(name=NAME, name_kind="outlet_pseudonym", tier=Tier.PUBLIC)
            common = {"person": found, "kind": "interview", "account_language": "en", "tier": Tier.PUBLIC}
            models.Testimony.objects.bulk_create(
                models.Testimony(title=f"Synthetic: {number}", **common) for number in range(n)
            )
    return str(found.pk)


if __name__ == "__main__":
    import sys

    load.start()
    print(json.dumps(one_person(int(sys.argv[1]))))
