"""What the one door costs on a list, and whether time tells a hidden record from one that never was. Reported, not gated."""

import random
import statistics
import time
import uuid
from collections.abc import Callable
from typing import Any
from unittest import mock

from django.conf import settings
from django.test import Client

from testimonies.access import Tier
from testimonies.selectors.sql import Sql

LISTED = Sql("is_listed")
"""What is left of the door without time and uses."""
N_HIDDEN, N_REQUESTS, N_PAGES, ROUNDS = 200, 2_000, 300, 15


def report(*, quick: bool = False) -> str:
    settings.ALLOWED_HOSTS = ["testserver"]
    n_pages, n_requests = (50, 100) if quick else (N_PAGES, N_REQUESTS)
    told = []
    for said, uses in (("a key for any use", []), ("a key for research", ["research"])):
        rounds = [cost(uses, n_pages) for _ in range(1 if quick else ROUNDS)]
        with_door, without = (statistics.median(found) for found in zip(*rounds, strict=True))
        low, middle, high = _spread([100 * (one / other - 1) for one, other in rounds])
        told.append(
            f"- A list's statement for {said}: {with_door:.3f} ms, {without:.3f} ms without time and uses "
            f"({middle:+.1f} %; half of {len(rounds)} rounds between {low:+.1f} and {high:+.1f} %)."
        )
    hidden, absent = hidden_and_absent(n_requests)
    share = 100 * (hidden / absent - 1)
    told.append(
        f"- A hidden id: {hidden:.3f} ms, one that never was: {absent:.3f} ms ({share:+.1f} %; {n_requests:,} requests each)."
    )
    return "\n".join(told)


def _spread(shares: list[float]) -> tuple[float, float, float]:
    low, middle, high = statistics.quantiles(shares, n=4) if len(shares) > 1 else shares * 3
    return low, middle, high


def cost(uses: list[str], n: int) -> tuple[float, float]:
    """Median milliseconds of the list's statement, with the door and without, in turns."""
    from testimonies.selectors import documents

    client, page = reader(uses), documents.pages.page
    with mock.patch.object(documents.pages, "page", side_effect=page) as asked:
        assert client.get("/api/v1/testimonies/").status_code == 200
    table, item, where, request = asked.call_args.args
    how = asked.call_args.kwargs
    return in_turns(
        lambda: page(table, item, where, request, **how),
        lambda: page(table, item, LISTED, request, **how),
        n=n,
    )


def hidden_and_absent(n: int) -> tuple[float, float]:
    """Median milliseconds of a 404 for what the public does not see, and for ids that never were."""
    from testimonies.models import Testimony

    ids = list(Testimony.objects.filter(tier=Tier.RESTRICTED).order_by("id").values_list("pk", flat=True)[:N_HIDDEN])
    random_, client = random.Random(7), reader([])

    def get(one: Any) -> None:
        assert client.get(f"/api/v1/testimonies/{one}/").status_code == 404

    return in_turns(
        lambda: get(random_.choice(ids)), lambda: get(uuid.UUID(int=random_.getrandbits(128), version=4)), n=n
    )


def reader(uses: list[str]) -> Client:
    from testimonies.models import ApiKey

    name, key = f"door {' '.join(uses)}", ApiKey.new_secret()
    ApiKey.objects.filter(name=name).delete()
    ApiKey.objects.create(name=name, digest=ApiKey.digest_of(key), role="reader", tier=0, uses=uses)
    return Client(headers={"Authorization": f"Bearer {key}"})


def in_turns(one: Callable[[], Any], other: Callable[[], Any], *, n: int) -> tuple[float, float]:
    """Medians in milliseconds; whichever goes first changes by chance, so that neither warms the way for the other."""
    took: dict[Callable[[], Any], list[float]] = {one: [], other: []}
    order, chance = [one, other], random.Random(11)
    for number in range(n + 50):
        chance.shuffle(order)
        for call in order:
            began = time.perf_counter()
            call()
            if number >= 50:
                took[call].append(1_000 * (time.perf_counter() - began))
    return statistics.median(took[one]), statistics.median(took[other])
