"""What a worker holds after many requests of every kind, and whether that still grows."""

from dataclasses import dataclass

import psutil

from benchmarks import databases, load, services, workloads
from benchmarks.load import Request

MB = 2**20


@dataclass(frozen=True)
class Held:
    """Megabytes of the largest worker: when it has started, after so many requests, and after half as many again."""

    at_start: float
    after: float
    later: float
    requests: int


def run(n: int, *, requests: int) -> Held:
    url = databases.ensure(n)
    pool = workloads.draw(url)
    with services.running([(services.PRODUCT, url)], {url: databases.keys(url)}) as (one,):
        mixed = mix(pool, workloads.deep_cursor(one, pool))
        at_start = largest(one)
        _ask(one, mixed, requests)
        after = largest(one)
        _ask(one, mixed, requests // 2)
        return Held(at_start, after, largest(one), requests)


def mix(pool: workloads.Pool, cursor: str) -> list[Request]:
    """Mostly pages and details; of every kind that the other measurements ask for, and creates."""
    kinds = {work: workloads.requests(services.PRODUCT, work, pool, cursor if work == "K" else "") for work in "LFDSKC"}
    turns = "DLDFDKDLDFDSDLDFDCDL"
    return [kinds[work][number % len(kinds[work])] for number, work in enumerate(turns * 50)]


def _ask(one: services.Running, requests: list[Request], most: int) -> None:
    asked = 0
    while asked < most:
        asked += load.window(one, requests, 10).n


def largest(one: services.Running) -> float:
    """Of the server's workers; the parent that starts them is not counted."""
    server = psutil.Process(one.process.pid)
    return max(worker.memory_info().rss for worker in server.children(recursive=True)) / MB
