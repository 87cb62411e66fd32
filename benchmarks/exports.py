"""All testimonies as NDJSON through the server, beside psql's \\copy of the same columns in the same order, in one run."""

import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    """Seconds of each round, and megabytes of the server's worker before the first file, while they are sent, and afterwards.

    Of what is resident the kernel keeps the most; the worker's own share (PSS) is sampled.
    """

    server: list[float]
    psql: list[float]
    unordered: list[float]
    megabytes: float
    records: int
    before: tuple[float, float]
    most: tuple[float, float]
    after: tuple[float, float]


def run(n: int, *, rounds: int) -> Sent:
    url = databases.ensure(n)
    product = replace(services.PRODUCT, environ={"GRANIAN_WORKERS": "1"})
    server, ordered, unordered = [], [], []
    with services.running([(product, url)], {url: databases.keys(url)}) as (one,):
        one.ask("/api/v1/testimonies/")
        before, shares = _held(one), []
        _forget_most(one)
        with _sampled(one) as seen:
            size, records = _checked(one)
        shares += seen
        for number in range(rounds + 1):
            with _sampled(one) as seen:
                took = _fetched(one)
            shares += seen
            found = [_copied(url, DOOR + ORDER), _copied(url, DOOR)]
            if number:  # the first warms the way for all
                server.append(took)
                ordered.append(found[0])
                unordered.append(found[1])
        most, after = (_most(one), max(shares)), _held(one)
    return Sent(server, ordered, unordered, size / MB, records, before, most, after)


def report(found: Sent) -> str:
    took, floor, bare = map(statistics.median, (found.server, found.psql, found.unordered))
    return (
        f"| | seconds | MB a second | share of psql's speed |\n|---|---|---|---|\n"
        f"| `GET /testimonies/?format=ndjson` | {took:.2f} | {found.megabytes / took:,.0f} | **{100 * floor / took:.0f} %** |\n"
        f"| `psql \\copy` of the same columns in the same order | {floor:.2f} | {found.megabytes / floor:,.0f} | |\n"
        f"| `psql \\copy` in any order | {bare:.2f} | {found.megabytes / bare:,.0f} | {100 * bare / took:.0f} % of this one |\n\n"
        f"{found.records:,} testimonies, {found.megabytes:,.0f} MB; the goal is half of psql's speed, with less than 100 MB "
        f"resident.\n\n"
        f"| the worker, MB | before | at most, while {len(found.server) + 2} files are sent | afterwards |\n|---|---|---|---|\n"
        f"| resident (RSS) | {found.before[0]:.0f} | **{found.most[0]:.0f}** | {found.after[0]:.0f} |\n"
        f"| its share (PSS) | {found.before[1]:.0f} | {found.most[1]:.0f} | {found.after[1]:.0f} |"
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
def _sampled(one: Running) -> Iterator[list[float]]:
    """The worker's own share, ten times a second."""
    seen: list[float] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.1):
            seen.append(_held(one)[1])

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
        seen.append(_held(one)[1])


def _held(one: Running) -> tuple[float, float]:
    """Resident megabytes and proportional share of the worker."""
    said = _said(one, "smaps_rollup")
    return said["Rss"], said["Pss"]


def _most(one: Running) -> float:
    """The most megabytes that were ever resident, or since it was forgotten."""
    return _said(one, "status")["VmHWM"]


def _forget_most(one: Running) -> None:
    with suppress(OSError):  # where the kernel does not, it is the most since the worker began: no less
        (_worker(one) / "clear_refs").write_text("5")


def _said(one: Running, name: str) -> dict[str, float]:
    lines = (line.split() for line in (_worker(one) / name).read_text().splitlines())
    return {words[0].removesuffix(":"): int(words[1]) / 1024 for words in lines if words[-1] == "kB"}


def _worker(one: Running) -> Path:
    (worker,) = psutil.Process(one.process.pid).children(recursive=True)
    return Path(f"/proc/{worker.pid}")
