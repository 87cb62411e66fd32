"""Statements that PostgreSQL plans once for each connection: bound by the server and prepared.

Django's own cursors bind on the client, so that the history triggers may run several commands; a prepared statement
needs a cursor of psycopg's own on the same connection.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection
from django.db.utils import DatabaseErrorWrapper


def fetch(statement: str, parameters: Sequence[Any] | None, *, prepare: bool = True) -> list[tuple[Any, ...]]:
    """Rows of the statement. Outside a transaction it runs in one of its own, on this thread's connection."""
    connection.ensure_connection()
    with DatabaseErrorWrapper(connection), psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, parameters, prepare=prepare).fetchall()
