"""A change that every testimony of a person shows: all of them are projected anew before the answer."""

import json
import statistics
import time

from benchmarks import databases, services
from benchmarks.seed import load

NAME = "Synthetic, of many testimonies"
EDITS = 5


def run(n: int, *, testimonies: int) -> float:
    """Median seconds of an edit of a person with so many testimonies."""
    url = databases.ensure(n)
    person = databases.call(url, "benchmarks.edits", str(testimonies))
    taken = []
    with services.running([(services.PRODUCT, url)], {url: databases.keys(url)}) as (one,):
        for number in range(EDITS):
            change = json.dumps({"origin_stated": f"Synthetic {number} {time.time()}"})
            began = time.perf_counter()
            status, body = one.ask(f"/api/v1/persons/{person}/", change, "PATCH")
            taken.append(time.perf_counter() - began)
            if status != 200:
                raise SystemExit(f"the edit answers {status}: {body[:500]!r}")
    return statistics.median(taken)


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
