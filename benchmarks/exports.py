"""All testimonies as NDJSON through the server, beside psql's \\copy of the same columns in the same order, in one run."""

import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from benchmarks import databases, services
from benchmarks.services import Running

MB = 2**20
COPY = "\\copy ({}) TO '/dev/null'"
DOOR = "SELECT item FROM projection_public WHERE starts_at <= now() AND ends_at > now()"
ORDER = " ORDER BY updated_at DESC, testimony_id DESC"
"""What the list reads, as the API orders it."""


@dataclass(frozen=True)
class Sent:
    """Seconds of each round, and of the server's worker: megabytes before, and at most meanwhile, resident and its own share."""

    server: list[float]
    psql: list[float]
    unordered: list[float]
    megabytes: float
    records: int
    before: tuple[float, float]
    most: tuple[float, float]


def run(n: int, *, rounds: int) -> Sent:
    url = databases.ensure(n)
    product = replace(services.PRODUCT, environ={"GRANIAN_WORKERS": "1"})
    server, ordered, unordered = [], [], []
    with services.running([(product, url)], {url: databases.keys(url)}) as (one,):
        one.ask("/api/v1/testimonies/")
        size, records = _checked(one)
        before = _largest(one)
        most = before
        for number in range(rounds + 1):
            with _sampled(one) as seen:
                took = _fetched(one)
            if number:  # the first warms the way for all
                most = max(most[0], *(rss for rss, _ in seen)), max(most[1], *(pss for _, pss in seen))
                server.append(took)
            found = [_copied(url, DOOR + ORDER), _copied(url, DOOR)]
            if number:
                ordered.append(found[0])
                unordered.append(found[1])
    return Sent(server, ordered, unordered, size / MB, records, before, most)


def report(found: Sent) -> str:
    took, floor, bare = map(statistics.median, (found.server, found.psql, found.unordered))
    return (
        f"| | seconds | MB a second | share of psql's speed |\n|---|---|---|---|\n"
        f"| `GET /testimonies/?format=ndjson` | {took:.2f} | {found.megabytes / took:,.0f} | **{100 * floor / took:.0f} %** |\n"
        f"| `psql \\copy` of the same columns in the same order | {floor:.2f} | {found.megabytes / floor:,.0f} | |\n"
        f"| `psql \\copy` in any order | {bare:.2f} | {found.megabytes / bare:,.0f} | {100 * bare / took:.0f} % of this one |\n\n"
        f"{found.records:,} testimonies, {found.megabytes:,.0f} MB. The worker holds {found.before[0]:.0f} MB before (PSS "
        f"{found.before[1]:.0f}) and {found.most[0]:.0f} MB at most meanwhile (PSS {found.most[1]:.0f})."
    )


def _checked(one: Running) -> tuple[int, int]:
    """Bytes and lines of the file; as many as there are."""
    size = lines = 0
    with subprocess.Popen(_asking(one), stdout=subprocess.PIPE) as curl:
        while curl.stdout and (piece := curl.stdout.read(MB)):
            size, lines = size + len(piece), lines + piece.count(b"\n")
    _, page = one.ask("/api/v1/testimonies/?count=exact&page_size=1")
    assert f'"count":{lines},'.encode() in page, "the file has another number of records than the list"
    return size, lines


def _asking(one: Running) -> list[str]:
    address = f"http://127.0.0.1:{one.port}/api/v1/testimonies/?format=ndjson"
    return ["curl", "-sf", "-H", f"Authorization: Bearer {one.key()}", address]


def _fetched(one: Running) -> float:
    return _timed([*_asking(one), "-o", "/dev/null"])


def _copied(url: str, statement: str) -> float:
    return _timed([_psql(), "-X", "-q", "-d", url, "-c", COPY.format(statement)])


def _timed(words: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(words, check=True)
    return time.perf_counter() - began


def _psql() -> str:
    if found := shutil.which("psql"):
        return found
    raise SystemExit("This takes psql: apt-get install postgresql-client, or put it on the PATH.")


@contextmanager
def _sampled(one: Running) -> Iterator[list[tuple[float, float]]]:
    """What the worker holds, fifty times a second."""
    seen: list[tuple[float, float]] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.02):
            seen.append(_largest(one))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
        seen.append(_largest(one))


def _largest(one: Running) -> tuple[float, float]:
    """Resident megabytes and proportional share of the worker."""
    (worker,) = psutil.Process(one.process.pid).children(recursive=True)
    said = dict(line.split()[:2] for line in Path(f"/proc/{worker.pid}/smaps_rollup").read_text().splitlines()[1:])
    return int(said["Rss:"]) / 1024, int(said["Pss:"]) / 1024
