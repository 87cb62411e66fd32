"""Runs the read path's statements: bound by the server, prepared when their best plan does not depend on the values.

Django's own cursors bind on the client, so that the history triggers may run several commands; a prepared statement
needs a cursor of psycopg's own on the same connection.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg
from django.db import connection
from django.db.utils import DatabaseErrorWrapper


class Sql(NamedTuple):
    """A piece of a statement and its parameters, in order."""

    text: str
    parameters: tuple[Any, ...] = ()


TRUE = Sql("true")


def both(pieces: Sequence[Sql]) -> Sql:
    """All of the conditions."""
    return _joined(" AND ", pieces) if pieces else TRUE


def either(pieces: Sequence[Sql]) -> Sql:
    """At least one of the conditions."""
    return Sql(f"({_joined(' OR ', pieces).text})", _joined(" OR ", pieces).parameters)


def _joined(word: str, pieces: Sequence[Sql]) -> Sql:
    return Sql(
        word.join(piece.text for piece in pieces), tuple(value for piece in pieces for value in piece.parameters)
    )


def fetch(statement: Sql, *, prepare: bool = False) -> list[tuple[Any, ...]]:
    """Rows of the statement. Outside a transaction it runs in one of its own, on this thread's connection."""
    connection.ensure_connection()
    with DatabaseErrorWrapper(connection), psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement.text, statement.parameters or None, prepare=prepare).fetchall()
