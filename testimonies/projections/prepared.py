"""Statements that PostgreSQL plans once for each connection: bound by the server and prepared.

Django's own cursors bind on the client, so that the history triggers may run several commands; a prepared statement
needs a cursor of psycopg's own on the same connection.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any

import orjson
import psycopg
from django.db import connection
from django.db.models import Model
from django.db.utils import DatabaseErrorWrapper
from psycopg.types.range import Range
from psycopg.types.string import ByteaBinaryLoader


def fetch(
    statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None, *, prepare: bool = True
) -> list[tuple[Any, ...]]:
    """Rows of the statement. Outside a transaction it runs in one of its own, on this thread's connection."""
    connection.ensure_connection()
    with DatabaseErrorWrapper(connection), psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, parameters, prepare=prepare).fetchall()


def stream(statement: str, parameters: Sequence[Any] | None, size: int) -> Generator[list[bytes]]:
    """The one text column of the statement's rows, so many at a time, as the server sends them: none are collected.

    Whoever stops asking ends the statement. Nothing else may be asked of the connection meanwhile.
    """
    connection.ensure_connection()
    with DatabaseErrorWrapper(connection), psycopg.Cursor(connection.connection) as cursor:
        # as they come: what is sent on as UTF-8 need not be read as words first
        cursor.adapters.register_loader("text", ByteaBinaryLoader)
        at_a_time = size if psycopg.capabilities.has_stream_chunked() else 1
        rows = cursor.stream(statement, parameters, binary=True, size=at_a_time)
        while batch := [row[0] for row in islice(rows, size)]:
            yield batch


@contextmanager
def at_once() -> Iterator[None]:
    """A block whose statements are not waited for until rows of one are asked for: they are sent together."""
    connection.ensure_connection()
    with DatabaseErrorWrapper(connection), connection.connection.pipeline():
        yield


def fetch_all(*asked: tuple[str, Sequence[Any]]) -> list[list[tuple[Any, ...]]]:
    """Rows of several statements, sent at once."""
    with at_once():
        cursors = [psycopg.Cursor(connection.connection).execute(*one, prepare=True) for one in asked]
        return [cursor.fetchall() for cursor in cursors]


def insert(
    model: type[Model],
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    words: Sequence[str] = (),
    vector: str = "",
    instead: str = "",
) -> None:
    """All rows by one statement of one parameter, so that it is the same statement whatever they hold.

    words    Keys of the rows that are no columns, but words for the vector.
    vector   Expression for the column of that name, over those words.
    instead  What becomes of rows that are there already.
    """
    if not rows:
        return
    named = taken = ", ".join(f'"{column}"' for column in columns)
    if vector:
        named, taken = f"{named}, vector", f"{taken}, {vector}"
    given = ", ".join([*_types_of(model, tuple(columns)), *(f"{name} text" for name in words)])
    statement = (
        f"INSERT INTO {model._meta.db_table} ({named}) SELECT {taken} "
        f"FROM json_to_recordset(%s::json) AS given ({given}) {instead}"
    )
    _execute(statement, rows)


def update(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows that are there, each with its id and the same columns."""
    if not rows:
        return
    columns = tuple(rows[0])
    values = ", ".join(f'"{column}" = given."{column}"' for column in columns if column != "id")
    statement = (
        f"UPDATE {model._meta.db_table} AS there SET {values} "
        f"FROM json_to_recordset(%s::json) AS given ({', '.join(_types_of(model, columns))}) WHERE there.id = given.id"
    )
    _execute(statement, rows)


def _execute(statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.ensure_connection()
    with DatabaseErrorWrapper(connection), psycopg.Cursor(connection.connection) as cursor:
        # with ids and moments by the thousand, the standard library takes fifteen times as long
        cursor.execute(statement, [orjson.dumps(list(rows), default=_as_json).decode()], prepare=True)


@cache
def _types_of(model: type[Model], columns: tuple[str, ...]) -> list[str]:
    """The columns with their types, as PostgreSQL declares them."""
    types = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
    return [f'"{column}" {types[column]}' for column in columns]


def _as_json(value: Any) -> str:
    """As PostgreSQL reads it."""
    if isinstance(value, Range):
        return "empty" if value.isempty else f"[{value.lower or ''},{value.upper or ''})"
    return str(value)
