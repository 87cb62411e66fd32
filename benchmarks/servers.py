"""granian beside gunicorn, with the product behind both: small answers and large ones (docs/adr/0024)."""

import statistics
from dataclasses import dataclass, replace

from benchmarks import databases, load, services, workloads
from benchmarks.services import PRODUCT, Running, gunicorn

CHOICES = [
    PRODUCT,
    *(
        replace(PRODUCT, name=f"granian, {threads} threads", environ={"GRANIAN_BLOCKING_THREADS": str(threads)})
        for threads in (1, 2, 8)
    ),
    replace(PRODUCT, name="gunicorn, sync", command=gunicorn("config.wsgi:application", "sync")),
    replace(
        PRODUCT, name="gunicorn, 4 threads", command=gunicorn("config.wsgi:application", "gthread", "--threads", "4")
    ),
]


@dataclass(frozen=True)
class Cost:
    """Answers a second, and milliseconds of processor that the server's processes take for one."""

    rate: float
    processor: float


def run(n: int, *, rounds: int, seconds: float) -> dict[str, dict[str, Cost]]:
    """Kind of answer -> server -> medians over the rounds. The processor's time is the same on a busy machine."""
    url = databases.ensure(n)
    pool = workloads.draw(url)
    asked = {
        "500 items": [("/api/v1/testimonies/?page_size=500", None)],
        "50 items": workloads.requests(PRODUCT, "L", pool),
        "one detail": workloads.requests(PRODUCT, "D", pool),
    }
    costs: dict[str, dict[str, list[Cost]]] = {kind: {one.name: [] for one in CHOICES} for kind in asked}
    with services.running([(one, url) for one in CHOICES], {url: databases.keys(url)}) as running:
        for _ in range(rounds):
            for kind, requests in asked.items():
                for one in running:
                    load.window(one, requests, 1)
                    costs[kind][one.service.name].append(_cost(one, requests, seconds))
    return {kind: {name: _median(found) for name, found in of.items()} for kind, of in costs.items()}


def _cost(one: Running, requests: list[load.Request], seconds: float) -> Cost:
    before = _processor(one)
    found = load.window(one, requests, seconds)
    return Cost(found.rate, 1000 * (_processor(one) - before) / found.n)


def _processor(one: Running) -> float:
    import psutil  # of benchmarks/requirements.txt: the tests read this module without

    server = psutil.Process(one.process.pid)
    return sum(sum(process.cpu_times()[:2]) for process in (server, *server.children(recursive=True)))


def _median(found: list[Cost]) -> Cost:
    return Cost(statistics.median(one.rate for one in found), statistics.median(one.processor for one in found))
