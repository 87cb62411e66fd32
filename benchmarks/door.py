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

from testimonies import projections
from testimonies.models import ApiKey, Testimony
from testimonies.selectors import documents
from testimonies.selectors.sql import TRUE

N_HIDDEN, N_REQUESTS, N_PAGES = 200, 2_000, 1_500


def report() -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    for said, uses in (("a key for any use", []), ("a key for research", ["research"])):
        with_door, without = cost(uses)
        share = 100 * (with_door / without - 1)
        print(
            f"    door: {with_door:.3f} ms a page for {said}, {without:.3f} ms without time and uses ({share:+.1f} %)"
        )
    hidden, absent = hidden_and_absent()
    share = 100 * (hidden / absent - 1)
    print(f"  hidden: {hidden:.3f} ms, never there: {absent:.3f} ms ({share:+.1f} %; {N_REQUESTS:,} requests each)")


def cost(uses: list[str]) -> tuple[float, float]:
    """Median milliseconds of the list's statement, with the door and without, in turns."""
    client, page = reader(uses), documents.pages.page
    with mock.patch.object(documents.pages, "page", side_effect=page) as asked:
        assert client.get("/api/v1/testimonies/").status_code == 200
    table, item, where, request = asked.call_args.args
    how = asked.call_args.kwargs
    return in_turns(
        lambda: page(table, item, where, request, **how),
        lambda: page(table, item, TRUE, request, **how),
    )


def hidden_and_absent() -> tuple[float, float]:
    ids = list(Testimony.objects.order_by("id").values_list("pk", flat=True)[:N_HIDDEN])
    with projections.refreshed():
        Testimony.objects.filter(pk__in=ids).update(tier=2)
    client, random_ = reader([]), random.Random(7)

    def get(one: Any) -> None:
        assert client.get(f"/api/v1/testimonies/{one}/").status_code == 404

    found = in_turns(
        lambda: get(random_.choice(ids)), lambda: get(uuid.UUID(int=random_.getrandbits(128), version=4)), n=N_REQUESTS
    )
    with projections.refreshed():
        Testimony.objects.filter(pk__in=ids).update(tier=0)
    return found


def reader(uses: list[str]) -> Client:
    name, key = f"door {' '.join(uses)}", ApiKey.new_secret()
    ApiKey.objects.filter(name=name).delete()
    ApiKey.objects.create(name=name, digest=ApiKey.digest_of(key), role="reader", tier=0, uses=uses)
    return Client(headers={"Authorization": f"Bearer {key}"})


def in_turns(one: Callable[[], Any], other: Callable[[], Any], *, n: int = N_PAGES) -> tuple[float, float]:
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
