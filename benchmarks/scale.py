"""The same requests on databases of different size, in turns: what grows with the number of testimonies?"""

import statistics
from collections import defaultdict

from benchmarks import checks, databases, load, services, workloads

WORKS = "LFDKS"


def run(sizes: list[int], *, rounds: int, seconds: float) -> tuple[dict[str, dict[int, float]], dict[int, float]]:
    """Workload -> size -> milliseconds of the machine for one answer (medians over the rounds); and size -> mean matches of a query."""
    urls = {n: databases.ensure(n) for n in sizes}
    pools = {n: workloads.draw(url) for n, url in urls.items()}
    times: dict[str, dict[int, list[float]]] = {work: defaultdict(list) for work in WORKS}
    asked = [(services.PRODUCT, url) for url in urls.values()]
    with services.running(asked, {url: databases.keys(url) for url in urls.values()}) as running:
        servers = dict(zip(sizes, running, strict=True))
        cursors = {n: workloads.deep_cursor(one, pools[n]) for n, one in servers.items()}
        requests = {
            (work, n): workloads.requests(services.PRODUCT, work, pools[n], cursors[n]) for work in WORKS for n in sizes
        }
        expected = {
            (work, n): checks.same(work, [servers[n]], {"product": requests[work, n]})["product"]
            for work in WORKS
            for n in sizes
        }
        for _ in range(rounds):
            for work in WORKS:
                for n, one in servers.items():
                    load.window(one, requests[work, n], 1)
                    with checks.watched(one, requests[work, n], expected[work, n]):
                        times[work][n].append(1000 / load.window(one, requests[work, n], seconds).rate)
    medians = {work: {n: statistics.median(of) for n, of in found.items()} for work, found in times.items()}
    return medians, {n: pool.matches for n, pool in pools.items()}
