"""What is asked, of the product and of each peer in its own spelling: the same rows, drawn once for each database."""

import json
import random
from dataclasses import dataclass
from urllib.parse import urlencode

import psycopg

from benchmarks.load import Request
from benchmarks.seed.words import vocabulary
from benchmarks.services import Running, Service

TITLES = {
    "L": "list 50", "F": "filtered 50", "D": "detail with texts", "S": "search 50", "C": "create", "K": "page 3,001",
}  # fmt: skip
SIZE, DEEP = 50, 150_000
"""Rows of a page, and how many come before the deep one (page 3,001); three quarters of the rows if there are not so many."""
_MATCHING = """
SELECT count(*) FROM (SELECT FROM peer.stored WHERE nationality = %(nationality)s AND codes @> ARRAY[%(code)s]
AND given_latest >= %(given_after)s::date AND given_earliest <= %(given_before)s::date LIMIT 50) x
"""


@dataclass(frozen=True)
class Pool:
    """What is drawn from one database."""

    n: int
    filters: list[dict[str, str]]
    ids: list[str]
    queries: list[str]
    before: int
    """Rows before the deep page."""
    after: tuple[str, str]
    """Moment and id of the row before the deep page."""
    bodies: list[dict]


def n_before(n: int) -> int:
    """How many rows come before the deep page of so many."""
    return min(DEEP, n * 3 // 4) // SIZE * SIZE


def draw(url: str) -> Pool:
    rng = random.Random(11)
    with psycopg.connect(url) as connection:

        def one(statement: str, *parameters) -> tuple:
            found = connection.execute(statement, parameters or None).fetchone()
            assert found is not None
            return found

        n = one("SELECT count(*) FROM peer.stored")[0]
        deep = n_before(n)
        newest = "ORDER BY updated_at DESC, id DESC OFFSET %s LIMIT 1"
        at, after = one(f"SELECT updated_at, id FROM peer.stored {newest}", deep - 1)
        ids = connection.execute("SELECT id FROM peer.stored ORDER BY md5(id::text) LIMIT 1000").fetchall()
        persons = connection.execute("SELECT id FROM peer.person ORDER BY md5(id::text) LIMIT 2000").fetchall()
        return Pool(
            n=n,
            filters=_filters(connection, rng, n),
            ids=[str(found) for (found,) in ids],
            queries=_queries(connection, rng, n),
            before=deep,
            after=(at.isoformat(), str(after)),
            bodies=[_body(str(person), number) for number, (person,) in enumerate(persons)],
        )


def _filters(connection: psycopg.Connection, rng: random.Random, n: int) -> list[dict[str, str]]:
    """A page of each, or at least a few rows where there are few in all."""
    least, found, tries = (50 if n > 10_000 else max(1, n // 2_000)), [], 0
    while len(found) < 40 and tries < 5_000:
        tries += 1
        year = rng.randint(2013, 2020)
        asked = {
            "nationality": rng.choice("SY SY IQ TN TR RU FR DE".split()), "code": f"code-{rng.choice((0, 2, 4, 8, 14, 20, 30)):02d}",
            "given_after": f"{year}-01-01", "given_before": f"{year + 3}-12-31",
        }  # fmt: skip
        counted = connection.execute(_MATCHING, asked).fetchone()
        if counted and counted[0] >= least:
            found.append(asked)
    return found


def _queries(connection: psycopg.Connection, rng: random.Random, n: int) -> list[str]:
    """English words that between 0.05 and 5 in a hundred testimonies hold."""
    words, found = [word for word in vocabulary("en")[60:3_000] if len(word) > 5], []
    counting = (
        "SELECT count(*) FROM peer.testimony WHERE status = 'published' AND tier = 0 "
        "AND search @@ websearch_to_tsquery('english', %s)"
    )
    while len(found) < 30:
        query = " ".join(rng.sample(words, rng.choice((1, 1, 2))))
        counted = connection.execute(counting, [query]).fetchone()
        if counted and query not in found and n * 0.0005 <= counted[0] <= n * 0.05:
            found.append(query)
    return found


def _body(person: str, number: int) -> dict:
    return {
        "person": person, "title": f"Synthetic: created {number}", "summary": "Synthetic." + " road village letter" * 20,
        "kind": "interview", "speaking_conditions": "free", "account_language": "en", "given": "2017-05", "given_country": "SY",
        "age_from": 30, "age_to": 31, "group": "bench-group-0", "membership": "says_member", "left": "2016", "collections": ["bench"],
    }  # fmt: skip


def requests(service: Service, work: str, pool: Pool, cursor: str = "") -> list[Request]:
    """`cursor` is the product's own of the deep page."""
    ours = service.style == "product"
    base = f"{service.prefix}/testimonies{'/' if ours else ''}"
    match work:
        case "L":
            return [(base, None)]
        case "F":
            return [(f"{base}?{urlencode(asked)}", None) for asked in pool.filters]
        case "D":
            return [(f"{base}{one}/" if ours else f"{base}/{one}", None) for one in pool.ids]
        case "S":
            address = f"{service.prefix}/search" if service.style == "key" else base
            more = {"ordering": "relevance"} if ours else {}
            return [(f"{address}?{urlencode({'q': query, **more})}", None) for query in pool.queries]
        case "K":
            if ours:
                return [(f"{base}?{urlencode({'cursor': cursor})}", None)]
            if service.style == "page":
                return [(f"{base}?page={pool.before // SIZE + 1}", None)]
            return [(f"{base}?{urlencode({'at': pool.after[0], 'after': pool.after[1]})}", None)]
        case "C":
            return [(base, json.dumps(_ours(body) if ours else _theirs(body))) for body in pool.bodies]
    raise ValueError(work)


def _ours(body: dict) -> dict:
    return {("person_id" if name == "person" else name): value for name, value in body.items()}


def _theirs(body: dict) -> dict:
    """They derive no days from a date as written."""
    days = {"given_earliest": "2017-05-01", "given_latest": "2017-05-31"}
    return body | days | {"left_earliest": "2016-01-01", "left_latest": "2016-12-31"}


def deep_cursor(product: Running, before: int) -> str:
    """The product's cursor after so many rows, found by reading up to there."""
    base, cursor, left = f"{product.service.prefix}/testimonies/", "", before
    while left:
        size = min(500, left)
        query = {"page_size": size} | ({"cursor": cursor} if cursor else {})
        status, body = product.ask(f"{base}?{urlencode(query)}")
        if status != 200:
            raise SystemExit(f"the list answers {status}: {body[:500]!r}")
        cursor, left = json.loads(body)["next_cursor"], left - size
    return cursor
