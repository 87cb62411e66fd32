"""The product beside its peers, in interleaved rounds: each round asks everybody, so that the machine is the same for all."""

import statistics
import sys
from collections import defaultdict

from benchmarks import checks, databases, load, services, workloads
from benchmarks.load import Window

Rates = dict[str, dict[str, list[Window]]]
"""Workload -> service -> its windows, one for each round."""


def run(n: int, *, rounds: int, seconds: float, works: str, names: list[str]) -> Rates:
    url = databases.ensure(n)
    pool = workloads.draw(url)
    chosen = [one for one in (services.PRODUCT, *services.PEERS) if one is services.PRODUCT or one.name in names]
    found: Rates = {work: defaultdict(list) for work in works}
    with services.running([(one, url) for one in chosen], {url: databases.keys(url)}) as running:
        cursor = workloads.deep_cursor(running[0], pool.before)
        asked = {
            work: {one.service.name: workloads.requests(one.service, work, pool, cursor) for one in running if work in one.service.works}
            for work in works
        }  # fmt: skip
        expected = {
            work: checks.same(work, [one for one in running if work in one.service.works], asked[work])
            for work in works
        }
        for number in range(rounds):
            for work in works:
                for one in running:
                    if work not in one.service.works:
                        continue
                    name = one.service.name
                    requests = asked[work][name]
                    if rounds > 1:  # the figures of a single round mean nothing: it only shows that everything runs
                        load.window(one, requests, 1)
                    if work == "C":
                        found[work][name].append(load.window(one, requests, seconds))
                        continue
                    with checks.watched(one, requests, expected[work][name]):
                        found[work][name].append(load.window(one, requests, seconds))
            print(f"round {number + 1} of {rounds} done", file=sys.stderr)
    return found


def ratios(of: dict[str, list[Window]], base: str) -> dict[str, float]:
    """Service -> the median over the rounds of its rate by the base's in the same round."""
    if base not in of:
        return {}
    return {
        name: statistics.median(one.rate / other.rate for one, other in zip(found, of[base], strict=True))
        for name, found in of.items()
    }
