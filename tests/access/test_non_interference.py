"""End to end: below a tier every answer is the same whatever lies above it, byte for byte.

Pairs of worlds that differ only above a tier (worlds.py) are asked the same generated requests, at least one for every
operation of docs/openapi.yaml: an endpoint is tried from the day on which it is documented. Status, body and all headers
are compared. NON_INTERFERENCE_PAIRS sets how many pairs; TEST_SEED repeats a run. How the feed of changes goes on
takes transactions that end, and is tried in tests/api/test_changes.py.
"""

import itertools
import json
import os
import re
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test.client import Client

from testimonies import models
from testimonies.access import Tier
from testimonies.api import concurrency
from testimonies.projections import redaction
from testimonies.selectors import cursors, pages
from tests.access.worlds import NAMES, WORDS, World, change_above
from tests.client import HANDLER, document, read_whole, resolve
from tests.contract.seed import SEED

PAIRS = int(os.environ.get("NON_INTERFERENCE_PAIRS", "12"))
CALLERS = {Tier.PUBLIC: ("anonymous",), Tier.PARTNER: ("anonymous", "reader")}
"""Who reads no further than the tier."""
METHODS = ("get", "post", "put", "patch", "delete")


class Ask(NamedTuple):
    """One request."""

    method: str
    path: str
    query: str
    body: str
    headers: dict[str, str]


class Operation(NamedTuple):
    method: str
    path: str
    parameters: list[dict[str, Any]]


def operations() -> list[Operation]:
    return [
        Operation(method, path, [resolve((), parameter)[1] for parameter in shared[method].get("parameters", [])])
        for path, shared in document()["paths"].items()
        for method in METHODS
        if method in shared
    ]


def draw(random: Random, operation: Operation, known: dict[str, list[str]]) -> Ask:
    """A request; `known` are what addresses and filters may name, by segment."""
    names = [*itertools.chain(*known.values()), *NAMES, *WORDS]

    def key(match: re.Match[str]) -> str:
        return random.choice(known[match[1]] if match[1] in known and random.random() < 0.6 else names)

    path = re.sub(r"(?<=/)([\w-]+)/{\w+}", lambda match: f"{match[1]}/{key(match)}", operation.path)
    queries = [one for one in operation.parameters if one["in"] == "query"]
    asked = random.sample(queries, k=min(len(queries), random.choice([0, 0, 0, 1, 2, 3])))
    asked += [one for one in queries if one.get("required") and one not in asked]
    query = "&".join(f"{one['name']}={quote(_value(random, one, known, names))}" for one in asked)
    headers = {"If-Match": "*"} if random.random() < 0.5 else {}
    body = "" if operation.method == "get" else random.choice(["{}", '{"note": "x"}', "["])
    return Ask(operation.method, path, query, body, headers)


WHY = {"Export-Purpose": "Invented: to tell two worlds apart."}
COUNTRIES = ("SY", "DE", "TR")
FITTING = {
    # words of what is seen and of what may be hidden, and slips in both, which offer what is spelt alike
    "q": (
        *WORDS,
        "invented",
        "invnted",
        "testimny",
        "brich",
        "oka",
        "elmm",
        "ash OR birch",
        '"ash and"',
        "-ash invented",
    ),
    "page_size": ("1", "2", "4"),
    "count": ("exact", "capped"),
    "ordering": ("updated_at", "-updated_at", "given", "-given", "relevance"),
    "nationality": COUNTRIES,
    "residence_before": COUNTRIES,
    "given_country": COUNTRIES,
    "account_language": ("en",),
    "language": ("en",),
    "outlet": ("Invented Daily",),
    "by": ("gender", "nationality", "nationality_region", "age_band", "outlet", "year_left"),
    "over": ("year", "year_left"),
}
NAMED = {
    "person": "persons",
    "source": "sources",
    "group": "groups",
    "collection": "collections",
    "codebook": "codebooks",
    "with": "codebooks",
    "code": "codes",
    "code_all": "codes",
    "code_none": "codes",
    "campaign": "campaigns",
    "testimony": "testimonies",
    "figures": "collections",
    "use": "uses",
    "nationality_region": "regions",
    "residence_region": "regions",
}
"""Filters that name records of a segment."""
DATES = ("2013", "2014-05", "2017")


def _value(random: Random, parameter: dict[str, Any], known: dict[str, list[str]], names: list[str]) -> str:
    """Mostly one that fits."""
    name, schema = parameter["name"], parameter["schema"]
    if random.random() < 0.2:
        return random.choice(names)
    if name.endswith(("_after", "_before")) and name != "residence_before":
        return random.choice(DATES)
    if name == "by" and random.random() < 0.3:
        return f"code:{random.choice(known.get('dimensions', names))}"
    schema = resolve((), schema.get("items", schema))[1]
    fitting = FITTING.get(name) or known.get(NAMED.get(name, "")) or schema.get("enum") or names
    return str(random.choice(fitting))


def answers(role: str, keys: dict[str, dict[str, str]], asked: list[Ask]) -> list[tuple[Ask, Any]]:
    """What each request is answered, and the pages that follow."""
    client = Client(headers=keys[role], SERVER_NAME="localhost", raise_request_exception=False)
    client.handler = HANDLER
    found = []
    for ask in asked:
        response = _send(client, ask)
        found.append((ask, _comparable(response)))
        for _ in range(3):
            try:
                further = json.loads(response.content)["next"]
            except (ValueError, KeyError, TypeError):
                break
            if not further:
                break
            response = client.get(further)
            found.append((ask, _comparable(response)))
    return found


def _send(client: Client, ask: Ask) -> Any:
    address = f"{ask.path}{'?' if ask.query else ''}{ask.query}"
    if ask.method == "get":
        return read_whole(client.get(address, headers=WHY))
    return client.generic(ask.method.upper(), address, ask.body, content_type="application/json", headers=ask.headers)


def _comparable(response: Any) -> tuple[int, bytes, dict[str, str]]:
    headers, content = dict(response.headers), response.content
    request_id = headers.pop("X-Request-ID")
    if (
        b'"has_more":' in content
    ):  # the feed's cursor holds a snapshot, which counts transactions; and the ETag is of the answer
        content = _CURSOR.sub(lambda match: str(_without_snapshots(match[1].decode())).encode(), content)
        del headers["ETag"]
    return response.status_code, content.replace(request_id.encode(), b"-"), headers


_CURSOR = re.compile(rb'(?<="next_cursor":")([\w-]+)(?=")')


def _without_snapshots(cursor: str) -> tuple[int, list[Any]]:
    """How long it is, and what is in it but for the numbers of transactions."""
    scope, _, since, until, position = json.loads(cursors.opened(cursor) or b"")
    return len(cursor), [scope, *(moment and moment[1] for moment in (since, until)), position]


def differences(tier: Tier, world: World, keys: dict[str, dict[str, str]], random: Random) -> Iterator[str]:
    """What the callers below the tier can tell apart in a pair of worlds."""
    reads = [operation for operation in operations() if operation.method == "get"]
    asked = [draw(random, operation, world.known()) for operation in (*operations(), *reads)]
    pair = []
    for seed in (random.random(), random.random()):
        with transaction.atomic():
            change_above(tier, world, Random(seed))
            pair.append([answers(role, keys, asked) for role in CALLERS[tier]])
            transaction.set_rollback(True)
    for role, one, other in zip(CALLERS[tier], *pair, strict=True):
        if len(one) != len(other):
            yield f"{role}: {len(one)} answers and {len(other)}"
        for (ask, first), (_, second) in zip(one, other, strict=False):
            if first != second:
                yield f"{role} {ask.method} {ask.path}?{ask.query}\n  {first}\n  {second}"


@pytest.fixture
def world(db, settings, keys) -> World:
    settings.PUBLIC_READ = True
    for headers in keys.values():  # that a key is used is noted once
        Client(headers=headers, SERVER_NAME="localhost").get("/api/v1/me/")
    return World()


@pytest.mark.parametrize("number", range(PAIRS))
@pytest.mark.parametrize("tier", CALLERS)
def test_below_a_tier_nothing_tells_what_lies_above(world, keys, tier, number):
    found = list(differences(tier, world, keys, Random(f"{SEED} {tier} {number}")))
    assert not found, f"{len(found)} answers differ; TEST_SEED={SEED}\n" + "\n".join(found[:3])


FOR_STAFF_ALONE = re.compile(
    r"vault|erasure|exports|import|corrections|same-person|agreement|history|revert|recode|qdpx|assignment|coding|decision|_id}/(citations|claims|clearances|codes|comparison|transitions)/"
)


def test_what_is_asked_is_often_there(world, keys):
    """Else equal answers would tell nothing: every address is found at times by a caller with the partner tier."""
    random, reads = Random(SEED), [operation for operation in operations() if operation.method == "get"]
    missed = {operation.path for operation in reads}
    known = world.known()
    for _ in range(40):
        asked = [draw(random, operation, known) for operation in reads if operation.path in missed]
        found = answers("reader", keys, asked)
        for operation in reads:
            pattern = re.sub(r"{\w+}", "[^/]+", operation.path)
            if any(answer[0] == 200 and re.fullmatch(pattern, ask.path) for ask, answer in found):
                missed.discard(operation.path)
    assert missed == {path for path in missed if FOR_STAFF_ALONE.search(path)}


def test_every_operation_is_asked():
    asked = {(operation.method, operation.path) for operation in operations()}
    assert len(asked) > 80
    assert asked == {(method, path) for path, shared in document()["paths"].items() for method in shared}


# --- The test is one that can fail: a planted leak is noticed --------------------------------------------------------


def etag_of_the_version(monkeypatch):
    """The ETag tells how often staff have changed a record."""
    of_document = concurrency.of_document

    def leaking(found):
        ref = json.loads(found.body).get("ref", "")
        version = models.Testimony.objects.filter(ref=ref).values_list("version", flat=True).first()
        return f'"{version}"' if version else of_document(found)

    monkeypatch.setattr(concurrency, "of_document", leaking)


def count_over_hidden_rows(monkeypatch):
    """`count` counts drafts too."""
    with_count = pages._with_count

    def leaking(*arguments, **options):
        rows, total = with_count(*arguments, **options)
        return rows, total and total + models.Testimony.objects.exclude(status="published").count()

    monkeypatch.setattr(pages, "_with_count", leaking)


def claim_of_a_higher_tier(monkeypatch):
    """Claims are shown whatever their tier."""
    monkeypatch.setattr(redaction, "_claims", lambda record, *_: record.claims)


@pytest.mark.parametrize("leak", [etag_of_the_version, count_over_hidden_rows, claim_of_a_higher_tier])
def test_a_planted_leak_is_noticed(world, keys, monkeypatch, leak):
    leak(monkeypatch)
    pairs = (differences(Tier.PUBLIC, world, keys, Random(f"planted {number}")) for number in range(30))
    assert any(list(found) for found in pairs)
