"""Runs the read path's statements: bound by the server, prepared when their best plan does not depend on the values."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection, transaction

from testimonies.projections import prepared


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
    return prepared.fetch(statement.text, statement.parameters or None, prepare=prepare)


def stream(statement: Sql, *, size: int) -> Generator[list[bytes]]:
    """The one text column of the statement's rows, so many at a time. Whoever stops asking ends the statement."""
    return prepared.stream(statement.text, statement.parameters or None, size)


@contextmanager
def snapshot(seconds: int) -> Iterator[None]:
    """A transaction that only reads, sees one moment whatever it asks, and whose statements may take so many seconds.

    Within another transaction it is a part of that one.
    """
    is_inner = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        begun = "" if is_inner else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
        cursor.execute(f"{begun}SET LOCAL statement_timeout = '{seconds:d}s'")
        yield
