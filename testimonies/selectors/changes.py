"""What changed since a caller last asked: the difference of two lists of testimonies, page by page (docs/adr/0036).

A list is as of a snapshot, which says of every transaction whether it was committed, and of a moment of PostgreSQL's clock.
A cursor holds the list that its caller has (`since`) and, between the pages of a difference, also the one it leads to
(`until`). So neither a transaction that commits late is missed, nor what merely begins or ends.
"""

import json
from dataclasses import dataclass
from typing import NamedTuple

from testimonies.access import Actor
from testimonies.errors import InvalidParameter, InvalidParameters
from testimonies.selectors import actors, cursors, pages, visibility
from testimonies.selectors.sql import Sql, both, fetch

PADDED = 256
"""Cursors are as long as the next multiple: how many transactions run is nobody's business."""


class Moment(NamedTuple):
    """Of a list: the snapshot and the time, as PostgreSQL spells them."""

    snapshot: str
    at: str


class Position(NamedTuple):
    """The last entry of a page: which part of the difference, its key there and its id."""

    part: int
    key: str
    testimony_id: str


class Cursor(NamedTuple):
    """Without `since` the caller has nothing yet."""

    since: Moment | None
    until: Moment | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Ready JSON of what is to be kept, and of what is to be removed: its id and the day on which it went."""

    testimonies: list[str]
    tombstones: list[tuple[str, str]]
    next_cursor: str
    has_more: bool


GONE, CHANGED, BEGUN, ALL = 1, 2, 3, 4
"""The parts of a difference: what is shown no more; what a transaction changed; what merely began. Of the first, everything."""


def page(after: str | None, size: int, actor: Actor) -> Changes:
    """At most `size` changes. Errors: InvalidParameters, where the cursor is none of this caller's."""
    door = pages.scope("changes", actor.role, int(actor.tier), actor.uses, actor.user_id)
    cluster, cursor = _read(after, door) if after is not None else ("", Cursor(None))
    rows = fetch(_statement(cursor, size, actor), prepare=True)
    here, until = rows[0][0], cursor.until or Moment(*rows[0][1:3])
    if cluster not in {"", here}:
        raise _refused("foreign_cursor", "The service was restored since. Follow again from the beginning.")
    found = [row[3:] for row in rows if row[3] is not None]
    has_more = len(found) > size
    found = found[:size]
    if has_more:
        part, key, testimony_id = found[-1][:3]
        following = Cursor(cursor.since, until, Position(part, key, testimony_id))
    else:
        following = Cursor(until)
    return Changes(
        testimonies=[item for *_, item, _ in found if item is not None],
        tombstones=[(row[2], day) for *row, day in found if day is not None],
        next_cursor=_sealed(following, door, here),
        has_more=has_more,
    )


# --- Cursors ----------------------------------------------------------------------------------------------------------


def _sealed(cursor: Cursor, door: str, cluster: str) -> str:
    text = json.dumps([door, cluster, *cursor], separators=(",", ":"))
    return cursors.sealed(text.ljust(-len(text) // PADDED * -PADDED).encode())


def _read(after: str, door: str) -> tuple[str, Cursor]:
    """The cluster in which it was made, and the cursor."""
    try:
        made_for, cluster, since, until, position = json.loads(cursors.opened(after) or b"")
    except ValueError:  # nothing, or a cursor of a list
        raise _refused("invalid_cursor", "This cursor was not made here. Follow again from the beginning.") from None
    if made_for != door:
        raise _refused("foreign_cursor", "This cursor belongs to another caller. Follow again from the beginning.")
    return cluster, Cursor(since and Moment(*since), until and Moment(*until), position and Position(*position))


def _refused(code: str, detail: str) -> InvalidParameters:
    return InvalidParameters([InvalidParameter("after", code, detail)])


# --- The statement ----------------------------------------------------------------------------------------------------

_SPAN = """span AS MATERIALIZED (
  SELECT since, since_at, coalesce(until, pg_current_snapshot()) AS until,
    coalesce(until_at, greatest({clock}, since_at)) AS until_at
  FROM (SELECT %s::pg_snapshot AS since, %s::timestamptz AS since_at, %s::pg_snapshot AS until, %s::timestamptz AS until_at) AS asked)"""
CLUSTER = "(SELECT system_identifier FROM pg_control_system())::text"
"""Whose transactions the snapshots are about."""
SINCE, SINCE_AT, UNTIL, UNTIL_AT = (f"(SELECT {name} FROM span)" for name in ("since", "since_at", "until", "until_at"))


def _statement(cursor: Cursor, size: int, actor: Actor) -> Sql:
    since, until = cursor.since or Moment(None, None), cursor.until or Moment(None, None)  # type: ignore[arg-type]
    feed = _Feed(actor, is_first_page=cursor.until is None)
    parts = {GONE: feed.gone, CHANGED: feed.changed, BEGUN: feed.begun} if cursor.since else {ALL: feed.all}
    position = cursor.position
    selected = []
    for number, part in parts.items():
        if position is None or position.part <= number:
            one = part(position if position and position.part == number else None)
            selected.append(Sql(f"({one.text} LIMIT {size + 1:d})", one.parameters))
    found = " UNION ALL ".join(one.text for one in selected)
    return Sql(
        f"WITH {_SPAN.format(clock=actors.CLOCK)}, found AS ({found}) "
        f"SELECT {CLUSTER}, span.until::text, span.until_at::text, part, coalesce(in_transaction::text, at::text, ''), testimony_id::text, item, day "
        f"FROM span LEFT JOIN (SELECT * FROM found ORDER BY part, in_transaction, at, testimony_id LIMIT {size + 1:d}) AS f ON true "
        "ORDER BY part, in_transaction, at, testimony_id",
        (*since, *until, *(parameter for one in selected for parameter in one.parameters)),
    )


class _Feed:
    """Pieces of the statement for one caller. Columns of projection_showing are named bare, within a query of their own."""

    def __init__(self, actor: Actor, *, is_first_page: bool) -> None:
        self.actor, self.is_first_page = actor, is_first_page
        conditions = [Sql(f"tier = {int(actor.tier)}")]
        if actor.uses:
            conditions.append(visibility.permitting(actor.uses))
        if actor.is_staff and not actor.sees_every_state:
            conditions.append(Sql("(seen_by IS NULL OR %s = ANY (seen_by))", (actor.user_id,)))
        self.door = both(conditions)

    def gone(self, position: Position | None) -> Sql:
        """What the caller had and is shown no more; also what a transaction decided while it ended or began, and neither of the others has."""
        had, shown = self.shown_since("c.testimony_id"), self.shown_until("c.testimony_id")
        went, item = self.last_day("c.testimony_id"), self.item("c.testimony_id")
        beyond = _beyond(position, "testimony_id", "{id}::uuid")
        candidates = Sql(
            f"SELECT testimony_id FROM projection_showing WHERE tier = {int(self.actor.tier)} AND gone_in >= pg_snapshot_xmin({SINCE}) "
            f"AND NOT pg_visible_in_snapshot(gone_in, {SINCE}){beyond.text} "
            f"UNION SELECT testimony_id FROM projection_showing WHERE tier = {int(self.actor.tier)} AND gone_in IS NULL "
            f"AND ends_at > {SINCE_AT} AND ends_at <= {UNTIL_AT} AND ends_at < '9999-12-31 00:00Z'{beyond.text}",
            beyond.parameters * 2,
        )
        # by joins, each of which asks an index: PostgreSQL would read the whole table for EXISTS
        return Sql(
            f"SELECT {GONE} AS part, NULL::xid8 AS in_transaction, NULL::timestamptz AS at, c.testimony_id, "
            f"CASE WHEN s.is_shown THEN ({item.text}) END AS item, CASE WHEN s.is_shown IS NULL THEN ({went.text})::text END AS day "
            f"FROM ({candidates.text}) AS c LEFT JOIN LATERAL (SELECT true AS is_shown, stamp, "
            f"pg_visible_in_snapshot(changed_in, {SINCE}) AND starts_at <= {SINCE_AT} AS is_here_alone "
            f"FROM projection_showing WHERE {shown.text} LIMIT 1) AS s ON true "
            "CROSS JOIN LATERAL (SELECT count(*) > 0 AS had, coalesce(bool_or(stamp = s.stamp), false) AS has_the_same "
            f"FROM projection_showing WHERE {had.text}) AS h "
            "WHERE CASE WHEN s.is_shown THEN is_here_alone AND NOT has_the_same ELSE had END ORDER BY c.testimony_id",
            (*item.parameters, *went.parameters, *candidates.parameters, *shown.parameters, *had.parameters),
        )

    def changed(self, position: Position | None) -> Sql:
        """What transactions changed that the caller's list did not have."""
        shown, beyond = self.shown_until(), _beyond(position, "(changed_in, testimony_id)", "({key}::xid8, {id}::uuid)")
        later = "" if self.is_first_page else f" AND pg_visible_in_snapshot(changed_in, {UNTIL})"
        return self.items(
            Sql(
                f"SELECT {CHANGED} AS part, changed_in AS in_transaction, NULL::timestamptz AS at, testimony_id FROM projection_showing "
                f"WHERE changed_in >= pg_snapshot_xmin({SINCE}) AND NOT pg_visible_in_snapshot(changed_in, {SINCE}){later} "
                f"AND {shown.text}{beyond.text}",
                (*shown.parameters, *beyond.parameters),
            ),
            "in_transaction, testimony_id",
        )

    def begun(self, position: Position | None) -> Sql:
        """What was written ahead, and has begun. What was shown with the same bytes before has not."""
        shown, beyond = (
            self.shown_until(),
            _beyond(position, "(starts_at, testimony_id)", "({key}::timestamptz, {id}::uuid)"),
        )
        had = self.shown_since("w.testimony_id")
        return self.items(
            Sql(
                f"SELECT {BEGUN} AS part, NULL::xid8 AS in_transaction, starts_at AS at, testimony_id FROM projection_showing w "
                f"WHERE starts_at > '0001-01-01 00:00Z' AND starts_at > {SINCE_AT} AND starts_at <= {UNTIL_AT} "
                f"AND pg_visible_in_snapshot(changed_in, {SINCE}) AND {shown.text} "
                f"AND NOT EXISTS (SELECT FROM projection_showing WHERE {had.text} AND stamp = w.stamp){beyond.text}",
                (*shown.parameters, *had.parameters, *beyond.parameters),
            ),
            "at, testimony_id",
        )

    def all(self, position: Position | None) -> Sql:
        """The whole list, in the order in which it last changed for the tier."""
        rows = visibility.rows(self.actor)
        beyond = _beyond(position, "(updated_at, testimony_id)", "({key}::timestamptz, {id}::uuid)")
        condition = Sql(f"{rows.text}{beyond.text}", (*rows.parameters, *beyond.parameters))
        if not self.is_first_page:  # what came since is told with what changed
            shown = self.shown_until("p.testimony_id")
            was = f"EXISTS (SELECT FROM projection_showing WHERE {shown.text} AND pg_visible_in_snapshot(changed_in, {UNTIL}))"
            condition = both([condition, Sql(was, shown.parameters)])
        return Sql(
            f"SELECT {ALL} AS part, NULL::xid8 AS in_transaction, updated_at AS at, testimony_id, item, NULL AS day "
            f"FROM {visibility.table(self.actor)} p WHERE {condition.text} ORDER BY updated_at, testimony_id",
            condition.parameters,
        )

    def items(self, showings: Sql, order: str) -> Sql:
        """With the documents as they are shown now, which the door decides."""
        item = self.item("s.testimony_id")
        return Sql(
            f"SELECT s.*, i.item, NULL AS day FROM ({showings.text}) AS s CROSS JOIN LATERAL ({item.text}) AS i ORDER BY {order}",
            (*showings.parameters, *item.parameters),
        )

    def item(self, testimony_id: str) -> Sql:
        rows, table = visibility.rows(self.actor), visibility.table(self.actor)
        return Sql(f"SELECT item FROM {table} WHERE testimony_id = {testimony_id} AND {rows.text}", rows.parameters)

    def shown_since(self, testimony_id: str) -> Sql:
        """A condition on showings: that by which the caller has the testimony."""
        return Sql(
            f"testimony_id = {testimony_id} AND starts_at <= {SINCE_AT} AND ends_at > {SINCE_AT} "
            f"AND pg_visible_in_snapshot(made_in, {SINCE}) AND (gone_in IS NULL OR NOT pg_visible_in_snapshot(gone_in, {SINCE})) "
            f"AND {self.door.text}",
            self.door.parameters,
        )

    def shown_until(self, testimony_id: str = "testimony_id") -> Sql:
        """A condition on showings: that by which the testimony is in the list that the pages lead to.

        That of a first page is of its own snapshot, in which everything is that it sees.
        """
        made = (
            "gone_in IS NULL"
            if self.is_first_page
            else f"pg_visible_in_snapshot(made_in, {UNTIL}) AND (gone_in IS NULL OR NOT pg_visible_in_snapshot(gone_in, {UNTIL}))"
        )
        return Sql(
            f"testimony_id = {testimony_id} AND starts_at <= {UNTIL_AT} AND ends_at > {UNTIL_AT} AND {made} AND {self.door.text}",
            self.door.parameters,
        )

    def last_day(self, testimony_id: str) -> Sql:
        """When the caller was last shown it: until it ended or was taken away."""
        last = f"least(ends_at, gone_at, {UNTIL_AT})"
        return Sql(
            f"SELECT coalesce(max({last}), {UNTIL_AT})::date FROM projection_showing WHERE testimony_id = {testimony_id} "
            f"AND greatest(starts_at, made_at) < {last} AND {self.door.text}",
            self.door.parameters,
        )


def _beyond(position: Position | None, columns: str, values: str) -> Sql:
    """A condition: entries after the position."""
    if position is None:
        return Sql("")
    text = values.format(key="%s", id="%s")
    return Sql(f" AND {columns} > {text}", position[1:] if "{key}" in values else position[2:])
