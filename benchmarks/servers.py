"""granian beside gunicorn, with the product behind both: small answers and large ones (docs/adr/0024)."""

import statistics
from dataclasses import replace

from benchmarks import databases, load, services, workloads
from benchmarks.services import PRODUCT, gunicorn

CHOICES = [
    PRODUCT,
    *(
        replace(PRODUCT, name=f"granian-{threads}", environ={"GRANIAN_BLOCKING_THREADS": str(threads)})
        for threads in (1, 2, 8)
    ),
    replace(PRODUCT, name="gunicorn-sync", command=gunicorn("config.wsgi:application", "sync")),
    replace(PRODUCT, name="gunicorn-gthread", command=gunicorn("config.wsgi:application", "gthread", "--threads", "4")),
]


def run(n: int, *, rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    """Kind of answer -> server -> its rate by that of the product's own choice, the median over the rounds."""
    url = databases.ensure(n)
    pool = workloads.draw(url)
    asked = {
        "500 items": [("/api/v1/testimonies/?page_size=500", None)],
        "50 items": workloads.requests(PRODUCT, "L", pool),
        "one detail": workloads.requests(PRODUCT, "D", pool),
    }
    rates: dict[str, dict[str, list[float]]] = {kind: {one.name: [] for one in CHOICES} for kind in asked}
    with services.running([(one, url) for one in CHOICES], {url: databases.keys(url)}) as running:
        for _ in range(rounds):
            for kind, requests in asked.items():
                for one in running:
                    load.window(one, requests, 1)
                    rates[kind][one.service.name].append(load.window(one, requests, seconds).rate)
    return {
        kind: {
            name: statistics.median(one / other for one, other in zip(found, of[PRODUCT.name], strict=True))
            for name, found in of.items()
        }
        for kind, of in rates.items()
    }
