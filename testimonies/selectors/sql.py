"""Runs the read path's statements: bound by the server, prepared when their best plan does not depend on the values.

Each is one call of libpq, during which other threads run. A cursor of psycopg comes back to Python with every piece of a
large answer, and takes four times as long for a small one (docs/adr/0037).
"""

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.utils import DatabaseErrorWrapper
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

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
    here = connections[DEFAULT_DB_ALIAS]  # Django's `connection` looks for this thread's at each use
    here.ensure_connection()
    with DatabaseErrorWrapper(here):
        return _rows(here.connection, statement, prepare=prepare)


def _rows(link: psycopg.Connection[Any], statement: Sql, *, prepare: bool) -> list[tuple[Any, ...]]:
    wire, transformer, parameters = link.pgconn, Transformer(link), statement.parameters
    if not link.autocommit and wire.transaction_status == TransactionStatus.IDLE:
        _checked(wire, wire.exec_(b"BEGIN"), ExecStatus.COMMAND_OK)
    values = transformer.dump_sequence(parameters, [PyFormat.AUTO] * len(parameters))
    types = tuple(transformer.types or ())
    text = _numbered(statement.text) if parameters else statement.text.encode()
    is_kept = prepare and link.prepare_threshold is not None and wire.transaction_status == TransactionStatus.IDLE
    if is_kept:
        result = wire.exec_prepared(_prepared(link, text, types), values, transformer.formats)  # type: ignore[arg-type]  # null too
        if result.error_field(DiagnosticField.SQLSTATE) == _FORGOTTEN:
            del _PREPARED[link]
            result = wire.exec_prepared(_prepared(link, text, types), values, transformer.formats)  # type: ignore[arg-type]
    else:
        result = wire.exec_params(text, values, types, transformer.formats)
    transformer.set_pgresult(_checked(wire, result, ExecStatus.TUPLES_OK))
    return transformer.load_rows(0, result.ntuples, tuple)


@lru_cache(maxsize=1_000)
def _numbered(text: str) -> bytes:
    """The statement as PostgreSQL numbers its parameters: `$1` for the first `%s`, `%` for `%%`."""
    numbers = count(1)
    return re.sub("%[s%]", lambda found: f"${next(numbers)}" if found[0] == "%s" else "%", text).encode()


_PREPARED: WeakKeyDictionary[psycopg.Connection[Any], dict[tuple[bytes, tuple[int, ...]], bytes]] = WeakKeyDictionary()
"""Of each connection, the names of the statements that it has prepared."""
MOST_PREPARED = 100
_FORGOTTEN = b"26000"
"""psycopg makes PostgreSQL forget all statements when a transaction is rolled back. Within one they could not be sent again."""


def _prepared(link: psycopg.Connection[Any], text: bytes, types: tuple[int, ...]) -> bytes:
    wire, names = link.pgconn, _PREPARED.setdefault(link, {})
    if (text, types) not in names:
        # the number of the oldest one is free again
        name = names.pop(next(iter(names))) if len(names) >= MOST_PREPARED else b"read_%d" % len(names)
        if len(names) >= MOST_PREPARED - 1:
            wire.exec_(b"DEALLOCATE " + name)
        _checked(wire, wire.prepare(name, text, types), ExecStatus.COMMAND_OK)
        names[text, types] = name
    return names[text, types]


def _checked(wire: PGconn, result: PGresult, wanted: ExecStatus) -> PGresult:
    if result.status == wanted:
        return result
    if wire.status == ConnStatus.BAD:
        raise psycopg.OperationalError(wire.get_error_message())
    raise error_from_result(result)


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
