"""The same requests on databases of different size, in turns: what grows with the number of testimonies?"""

import json
import statistics
from collections import defaultdict
from urllib.parse import quote

from benchmarks import checks, databases, load, services, workloads

WORKS = "LFDKS"


def run(sizes: list[int], *, rounds: int, seconds: float) -> tuple[dict[str, dict[int, float]], dict[int, float]]:
    """Workload -> size -> milliseconds of the machine for one answer (medians over the rounds); and size -> mean matches of a query."""
    sizes = sorted(sizes)
    urls = {n: databases.ensure(n, with_peers=n == sizes[0]) for n in sizes}
    pool = workloads.draw(urls[sizes[0]])
    times: dict[str, dict[int, list[float]]] = {work: defaultdict(list) for work in WORKS}
    asked = [(services.PRODUCT, url) for url in urls.values()]
    with services.running(asked, {url: databases.keys(url) for url in urls.values()}) as running:
        servers = dict(zip(sizes, running, strict=True))
        cursors = {n: workloads.deep_cursor(one, workloads.n_before(count(one))) for n, one in servers.items()}
        requests = {
            (work, n): workloads.requests(services.PRODUCT, work, pool, cursors[n]) for work in WORKS for n in sizes
        }
        shown = [one for one in requests["D", sizes[0]] if all(to.ask(one[0])[0] == 200 for to in running)]
        requests |= {("D", n): shown for n in sizes}  # the same testimonies, but not each is published everywhere
        matches = {n: statistics.mean(count(one, query) for query in pool.queries) for n, one in servers.items()}
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
    return medians, matches


def count(product: services.Running, query: str = "") -> int:
    """How many testimonies the list has, or a search finds."""
    asked = f"count=exact&page_size=1{f'&q={quote(query)}' if query else ''}"
    status, body = product.ask(f"{product.service.prefix}/testimonies/?{asked}")
    if status != 200:
        raise SystemExit(f"the list answers {status}: {body[:500]!r}")
    return int(json.loads(body)["count"])
