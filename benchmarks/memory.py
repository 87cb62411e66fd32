"""What a worker holds after many requests of every kind, and whether that still grows."""

from dataclasses import dataclass

import psutil

from benchmarks import databases, load, services, workloads
from benchmarks.load import Request

MB = 2**20


@dataclass(frozen=True)
class Held:
    """Megabytes of the largest worker after so many requests: resident, its share of what is shared, its own alone."""

    requests: int
    rss: float
    pss: float
    uss: float


def run(n: int, *, requests: int) -> list[Held]:
    """When it has started, after each tenth of the requests, and after half as many again."""
    url = databases.ensure(n)
    pool = workloads.draw(url)
    with services.running([(services.PRODUCT, url)], {url: databases.keys(url)}) as (one,):
        mixed = mix(pool, workloads.deep_cursor(one, pool.before))
        curve, asked = [held(one, 0)], 0
        while asked < requests * 3 // 2:
            asked += load.window(one, mixed, 10).n
            if asked >= (curve[-1].requests + requests // 10):
                curve.append(held(one, asked))
        return curve


def mix(pool: workloads.Pool, cursor: str) -> list[Request]:
    """Mostly pages and details; of every kind that the other measurements ask for, and creates."""
    kinds = {work: workloads.requests(services.PRODUCT, work, pool, cursor if work == "K" else "") for work in "LFDSKC"}
    turns = "DLDFDKDLDFDSDLDFDCDL"
    return [kinds[work][number % len(kinds[work])] for number, work in enumerate(turns * 50)]


def held(one: services.Running, requests: int) -> Held:
    """Of the server's workers; the parent that starts them is not counted."""
    server = psutil.Process(one.process.pid)
    full = [worker.memory_full_info() for worker in server.children(recursive=True)]
    largest = max(full, key=lambda found: found.rss)
    return Held(requests, largest.rss / MB, largest.pss / MB, largest.uss / MB)
