"""Keyset pages over any declared ordering, in both directions: the hundred-thousandth page costs what the first one does.

A cursor holds the order values of the row that it starts from, encrypted, since an order value may count what is hidden.
It fits only the tier, the filters and the ordering that it was made with. Nulls come last in both directions.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from testimonies.errors import InvalidParameter, InvalidParameters
from testimonies.projections.documents import compact
from testimonies.selectors import cursors
from testimonies.selectors.sql import Sql, both, fetch

CAP = 10_000
"""How far `count=capped` counts."""


@dataclass(frozen=True, slots=True)
class Order:
    """One column to order by. `lowest` and `highest` stand for null, so that nulls come last in either direction."""

    column: str
    type: str
    lowest: str | None = None
    highest: str | None = None

    def expression(self, *, descending: bool) -> str:
        null = self.lowest if descending else self.highest
        return self.column if null is None else f"coalesce({self.column}, '{null}'::{self.type})"


@dataclass(frozen=True, slots=True)
class Step:
    """An ordering's column with its direction and the parameters that its expression holds."""

    order: Order
    descending: bool
    parameters: tuple[Any, ...] = ()

    @property
    def expression(self) -> str:
        return self.order.expression(descending=self.descending)


@dataclass(frozen=True, slots=True)
class Request:
    """Which page of which rows."""

    steps: tuple[Step, ...]
    size: int = 50
    cursor: str | None = None
    count: str = "none"
    scope: str = ""
    """Digest of whatever the cursor must fit: resource, tier, filters, ordering."""


@dataclass(frozen=True, slots=True)
class Page:
    """Ready JSON of the page's rows, with the cursors of its neighbours."""

    items: list[str]
    next_cursor: str | None
    previous_cursor: str | None
    count: int | None
    count_kind: str
    search_kind: str = "none"
    stamps: tuple[str, ...] | None = None
    """Of each item, what is another one whenever its bytes are; None where nothing shorter than they are tells."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a list of ready documents reads: `item` of the rows of `table` for which `where` holds."""

    table: str
    item: str
    where: Sql


def scope(*parts: Any) -> str:
    return hashlib.blake2b(json.dumps(parts, default=str).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class _Start(NamedTuple):
    """The row from which a page goes on, by what it is ordered by; the row itself is of the page where `included`."""

    backwards: bool
    included: bool
    values: Sequence[str]


def _cursor(request: Request, start: _Start) -> str:
    return cursors.sealed(zlib.compress(orjson.dumps([request.scope, start.backwards, start.included, *start.values])))


def _read_cursor(request: Request) -> _Start | None:
    if request.cursor is None:
        return None
    try:
        text = zlib.decompress(cursors.opened(request.cursor) or b"")
    except zlib.error:  # nothing, or a cursor of the feed
        raise _refused("invalid_cursor", "This cursor was not made here. Start again without one.") from None
    made_for, backwards, included, *values = orjson.loads(text)
    if made_for != request.scope or len(values) != len(request.steps):
        raise _refused(
            "foreign_cursor", "This cursor belongs to other filters or another ordering. Start again without one."
        )
    return _Start(backwards, included, values)


def goes_back(request: Request) -> bool:
    """Whether the page is one before its cursor's row. Errors: InvalidParameters, as for the page."""
    start = _read_cursor(request)
    return start is not None and start.backwards


def is_full(found: Page, request: Request) -> bool:
    """Whether there is more beyond the page, in the direction in which it was read."""
    return bool(found.previous_cursor if goes_back(request) else found.next_cursor)


def _refused(code: str, detail: str) -> InvalidParameters:
    return InvalidParameters([InvalidParameter("cursor", code, detail)])


def _beyond(steps: tuple[Step, ...], start: _Start) -> Sql:
    """Rows after the cursor's row. One direction throughout is a row comparison, which an index answers by itself."""
    values, signs = start.values, ["<" if step.descending != start.backwards else ">" for step in steps]
    if len(set(signs)) == 1:
        left = ", ".join(step.expression for step in steps)
        right = ", ".join(f"%s::{step.order.type}" for step in steps)
        return Sql(
            f"({left}) {signs[0]}{'=' if start.included else ''} ({right})",
            (*(p for step in steps for p in step.parameters), *values),
        )
    pieces, parameters = [], []
    if start.included:
        signs[-1] += "="
    for last, (step, sign) in enumerate(zip(steps, signs, strict=True)):
        same = "".join(f"{before.expression} = %s::{before.order.type} AND " for before in steps[:last])
        pieces.append(f"{same}{step.expression} {sign} %s::{step.order.type}")
        for before, value in zip(steps[: last + 1], values, strict=False):
            parameters += [*before.parameters, value]
    return Sql(f"(({') OR ('.join(pieces)}))", tuple(parameters))


WALK = 2_000
"""So many rows are asked by `walk`."""


def page(
    table: str,
    item: str,
    where: Sql,
    request: Request,
    *,
    of: str = "*",
    walk: Sql | None = None,
    prepare: bool = False,
    stamp: str | None = None,
) -> Page:
    """One page of `item` from `table` in one statement, its count included when asked for.

    `of` names the columns that `item` and `stamp` are made of: fewer are sorted faster.
    `walk` is a further condition that is asked of the next rows in the page's order, and of WALK rows at most: what it does
    not fill is no page (`is_full`). `stamp` is an expression that differs wherever `item` does.
    """
    start = _read_cursor(request)
    backwards = start is not None and start.backwards
    conditions = [where] if start is None else [where, _beyond(request.steps, start)]
    condition = both(conditions)
    text = _text(
        table,
        item,
        condition.text,
        tuple((step.expression, step.descending != backwards) for step in request.steps),
        size=request.size,
        of=of,
        walk=walk and walk.text,
        stamp=stamp,
    )
    parameters = [p for step in request.steps for p in step.parameters]
    selected = Sql(text, (*parameters, *condition.parameters, *(walk.parameters if walk else ())))
    rows, total = _with_count(selected, table, where, request.count, prepare=prepare)
    more = len(rows) > request.size
    rows = rows[: request.size]
    if backwards:
        rows.reverse()
    last = 1 + len(request.steps)
    before, after = None, None
    if rows:
        onwards, back = (True, more) if backwards else (more, start is not None)
        before = _Start(True, False, rows[0][1:last]) if back else None
        after = _Start(False, False, rows[-1][1:last]) if onwards else None
    elif start:  # they went meanwhile: the way back begins with the row that led here
        turned = _Start(not backwards, True, start.values)
        before, after = (None, turned) if backwards else (turned, None)
    return Page(
        items=[row[0] for row in rows],
        next_cursor=_cursor(request, after) if after else None,
        previous_cursor=_cursor(request, before) if before else None,
        count=None if total is None else min(total, CAP if request.count == "capped" else total),
        count_kind="none" if total is None else "capped" if request.count == "capped" and total > CAP else "exact",
        stamps=tuple(row[last] for row in rows) if stamp else None,
    )


@lru_cache(maxsize=200)
def _text(
    table: str,
    item: str,
    where: str,
    steps: tuple[tuple[str, bool], ...],
    *,
    size: int,
    of: str,
    walk: str | None,
    stamp: str | None,
) -> str:
    """The statement of a page. `steps` are expressions, and whether the page has their highest values first."""
    keys = ", ".join(f"{expression} AS key_{number}" for number, (expression, _) in enumerate(steps))
    order = ", ".join(f"key_{number} {'DESC' if falls else 'ASC'}" for number, (_, falls) in enumerate(steps))
    rows_of = f"SELECT {of}, {keys} FROM {table} WHERE {where}"
    if walk:
        rows_of = f"SELECT * FROM ({rows_of} ORDER BY {order} LIMIT {WALK}) AS {table} WHERE {walk}"
    # What is shown is made of the page's rows alone: PostgreSQL would make it of all that it sorts.
    shown = [item, *(f"key_{number}::text AS text_{number}" for number in range(len(steps))), *filter(None, [stamp])]
    # With a limit among its parameters, a prepared statement would be planned each time: that of all rows looks so dear.
    found = f"({rows_of} ORDER BY {order} LIMIT {size + 1:d}) AS {table.rpartition(' ')[2]}"
    return f"SELECT {', '.join(shown)} FROM {found} ORDER BY {order}"


def everything(rows: Rows, request: Request) -> Sql:
    """The statement of a list without its pages: every row, in the list's order."""
    order = ", ".join(f"{step.expression} {'DESC' if step.descending else 'ASC'}" for step in request.steps)
    return Sql(
        f"SELECT {rows.item} FROM {rows.table} WHERE {rows.where.text} ORDER BY {order}",
        (*rows.where.parameters, *(p for step in request.steps for p in step.parameters)),
    )


def _with_count(
    selected: Sql, table: str, where: Sql, count: str, *, prepare: bool
) -> tuple[list[tuple[Any, ...]], int | None]:
    """The rows, and how many there are in all. Both in one statement, unless the page is empty."""
    if count == "none":
        return fetch(selected, prepare=prepare), None
    limit = f" LIMIT {CAP + 1}" if count == "capped" else ""
    counted = f"(SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {where.text}{limit}) x)"
    rows = fetch(Sql(f"SELECT {counted}, {selected.text[len('SELECT ') :]}", (*where.parameters, *selected.parameters)))
    total = rows[0][0] if rows else fetch(Sql(f"SELECT {counted}", where.parameters))[0][0]
    return [row[1:] for row in rows], total


def head(found: Page, *, next_link: str | None, previous_link: str | None, count_of: str = "") -> str:
    """The list's JSON without its results and its closing brace."""
    return compact(
        {
            "next": next_link,
            "previous": previous_link,
            "next_cursor": found.next_cursor,
            "previous_cursor": found.previous_cursor,
            "count": found.count,
            "count_kind": found.count_kind,
            "count_of": count_of,
            "search_kind": found.search_kind,
        }
    )[:-1]


def envelope(head: str, items: Iterable[str]) -> bytes:
    """The whole of it: stored items are joined as they are."""
    return f'{head},"results":[{",".join(items)}]}}'.encode()
