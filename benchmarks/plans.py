"""How the lists' own statements are planned and how long they take, in a small and in a large database, in turns.

    DATABASE_URL=postgres://…/small python -m benchmarks.plans postgres://…/large

Both were made by benchmarks/million.py of the same base. Prints a table in Markdown; ratios are trustworthy, times are the machine's.
"""

import contextlib
import datetime as dt
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import psycopg

ROUNDS, LONGEST = 201, 2.0
"""Runs of each statement in each database, fewer where all of them take longer than so many seconds."""

FILTERS = [
    "gender=male",
    "gender=not_known",
    "nationality=SY",
    "nationality=AF",
    "nationality_region=bench",
    "residence_before=SY",
    "membership=found_by_court",
    "collection=bench",
    "collection=bench-small",
    "codebook=bench",
    "code=code-0",
    "code=code-9",
    "code=code-59",
    "code=top",
    "code_all=code-0&code_all=code-9",
    "code_none=code-0",
    "source=00000000-0000-4000-8000-000000000000",
    "outlet=synthetic+outlet+0",
    "outlet=synthetic+outlet+250",
    "medium=newspaper",
    "account_language=ar",
    "account_language=id",
    "kind=interview",
    "kind=court_statement",
    "speaking_conditions=free",
    "given_country=SY",
    "given_country=AF",
    "given_after=2023-06&given_before=2023-07",
    "given_after=2030",
    "joined_before=2014-02",
    "left_after=2023-11&match=certain",
    "credibility=2",
    "credibility=6",
    "cleared_for=research",
    "cleared_for=media",
    "updated_since=2026-11-01T00:00:00Z",
    "nationality=SY&code=code-1&given_after=2015&given_before=2018",
    "nationality=SY&code=code-30&given_after=2015&given_before=2018",
    "nationality=AF&gender=not_known&kind=court_statement",
]
FILTERED = "nationality=SY&code=code-1&given_after=2015&given_before=2018"
ORDERINGS = [
    "updated_at",
    "-updated_at",
    "given",
    "-given",
    "joined",
    "-joined",
    "left",
    "-left",
    "title",
    "-title",
    "credibility",
    "-credibility",
    "-given,title",
]


def actors(now: dt.datetime) -> dict[str, Any]:
    from testimonies.access import Actor, Role, Tier

    return {
        "public": Actor(role=Role.READER, tier=Tier.PUBLIC, now=now),
        "public, research": Actor(role=Role.READER, tier=Tier.PUBLIC, now=now, uses=("research",)),
        "partner": Actor(role=Role.READER, tier=Tier.PARTNER, now=now),
        "partner, media": Actor(role=Role.READER, tier=Tier.PARTNER, now=now, uses=("media",)),
        "coder": Actor(role=Role.CODER, tier=Tier.RESTRICTED, now=now, user_id=7),
        "editor": Actor(role=Role.EDITOR, tier=Tier.RESTRICTED, now=now, user_id=7),
    }


class Asked(Exception):
    """In place of the statement that was about to be sent."""


def statement(query: str, actor: Any) -> tuple[str, tuple[Any, ...], bool]:
    """What the list sends: its text, its parameters, and whether it is prepared."""
    from django.http import QueryDict

    from testimonies.api.v1.testimonies import TestimonyViewSet
    from testimonies.selectors import documents, pages, parameters, reference
    from testimonies.selectors.filters import Context

    values = dict(QueryDict(query).lists())
    read = parameters.read(TestimonyViewSet.declared, values, Context(actor, reference.current()))
    with mock.patch.object(pages, "fetch", side_effect=Asked) as fetch, contextlib.suppress(Asked):
        documents.testimonies(read, actor)
    (asked,) = fetch.call_args.args
    return asked.text, asked.parameters, fetch.call_args.kwargs.get("prepare", False)


def nodes(plan: dict[str, Any]) -> Iterator[str]:
    name = plan.get("Index Name", "").split("_", 1)[-1]
    if plan["Node Type"] not in {"Limit", "BitmapAnd"}:
        yield f"{plan['Node Type']}{f' {name}' if name else ''}"
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def in_turns(calls: list[Callable[[], Any]]) -> list[list[float]]:
    """Milliseconds of each call, the first ones left out."""
    took: list[list[float]] = [[] for _ in calls]
    begun = time.perf_counter()
    for number in range(ROUNDS + 4):
        for call, times in zip(calls, took, strict=True):
            before = time.perf_counter()
            call()
            if number >= 4:
                times.append(1_000 * (time.perf_counter() - before))
        if number > 6 and time.perf_counter() - begun > LONGEST:
            break
    return took


def measured(
    label: str, connections: list[psycopg.Connection], text: str, values: list[tuple[Any, ...]], *, prepare: bool
) -> None:
    """One row of the table: the statement with each database's own values."""
    plans = []
    for connection, parameters in zip(connections, values, strict=True):
        (found,) = connection.execute(f"EXPLAIN (FORMAT JSON) {text}", parameters, prepare=False).fetchone()  # type: ignore[misc]
        plans.append(", ".join(nodes(found[0]["Plan"])))

    def asks(connection: psycopg.Connection, parameters: tuple[Any, ...]) -> Callable[[], Any]:
        return lambda: connection.execute(text, parameters, prepare=prepare).fetchall()

    try:
        small, large = in_turns([asks(*pair) for pair in zip(connections, values, strict=True)])
    except psycopg.errors.QueryCanceled:
        print(f"| {label} | {plans[1]} | | over 10 s | |", flush=True)
        return
    ratio = statistics.median(large) / statistics.median(small)
    print(f"| {label} | {plans[1]} | {told(small)} | {told(large)} | {ratio:.1f} |", flush=True)


def told(times: list[float]) -> str:
    """The best one too: on a busy machine the others tell of its other work."""
    return f"{min(times):.2f} / {statistics.median(times):.2f} / {sorted(times)[int(0.95 * (len(times) - 1))]:.2f}"


def deep(
    text: str, parameters: tuple[Any, ...], connection: psycopg.Connection, table: str
) -> tuple[str, tuple[Any, ...]]:
    """The same list from the row at three quarters on."""
    from testimonies.selectors import documents

    found = connection.execute(
        f"SELECT updated_at, testimony_id FROM {table} WHERE updated_at < now() ORDER BY updated_at DESC, testimony_id DESC OFFSET (SELECT 3 * count(*) / 4 FROM {table}) LIMIT 1"
    ).fetchone()
    before, after = text.split(" ORDER BY ")
    bound = documents._BEGUN.format(clock="now()")  # noqa: SLF001 - a page by cursor does without
    before = before.replace(f" AND {bound}", "")
    return f"{before} AND (updated_at, testimony_id) < (%s::timestamptz, %s::uuid) ORDER BY {after}", (
        *parameters,
        *found,
    )  # type: ignore[misc]


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    options = "-c TimeZone=UTC -c max_parallel_workers_per_gather=0 -c jit=off -c statement_timeout=10s"
    connections = [
        psycopg.connect(url, autocommit=True, options=options, prepare_threshold=1_000_000)
        for url in (os.environ["DATABASE_URL"], sys.argv[1])
    ]
    (now,) = connections[0].execute("SELECT now()").fetchone()  # type: ignore[misc]
    print("| asked | plan in the large one | small: best / median / p95 ms | large | ratio |\n|---|---|---|---|---|")
    who = actors(now)
    for name, actor in who.items():
        text, parameters, prepare = statement("", actor)
        measured(f"{name}: list", connections, text, [parameters] * 2, prepare=prepare)
        table = text.split(" FROM ")[1].split()[0]
        deeper = [deep(text, parameters, connection, table) for connection in connections]
        measured(f"{name}: page at 3/4", connections, deeper[0][0], [values for _, values in deeper], prepare=prepare)
        by_id = f"SELECT item, extra FROM {table} WHERE testimony_id = %s AND starts_at <= now() AND ends_at > now()"
        ids = [
            connection.execute(f"SELECT testimony_id FROM {table} TABLESAMPLE SYSTEM (1) LIMIT 1").fetchone()
            for connection in connections
        ]
        measured(f"{name}: detail", connections, by_id, ids, prepare=True)  # type: ignore[arg-type]
        text, parameters, prepare = statement(FILTERED, actor)
        measured(f"{name}: {FILTERED}", connections, text, [parameters] * 2, prepare=prepare)
    for query in [
        *FILTERS,
        *(f"ordering={ordering}" for ordering in ORDERINGS),
        "count=exact",
        "count=capped",
        "count=exact&kind=interview",
    ]:
        text, parameters, prepare = statement(query, who["public"])
        measured(query, connections, text, [parameters] * 2, prepare=prepare)


if __name__ == "__main__":
    main()
