"""What comes next is put together while whoever asked is busy with what came before."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection, connections, transaction

T = TypeVar("T")


def go_by_index() -> None:
    """Until the transaction ends.

    What reads records is planned by what PostgreSQL knew of the tables before it: into a small database, it would go through
    all of a table again and again while it grows.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


def ahead(items: Iterator[T]) -> Generator[T]:
    """The same items, one of them always made ahead by a thread of its own, which asks the database on a connection of its own.

    So it sees what is committed, not what the asking thread has stored. Whoever stops asking waits for the item that is being made.
    """
    made = _made(items)
    with ThreadPoolExecutor(1) as thread:
        try:
            coming = thread.submit(next, made, None)
            while (item := coming.result()) is not None:
                coming = thread.submit(next, made, None)
                yield item
        finally:
            thread.submit(made.close)
            thread.submit(connections.close_all)


def _made(items: Iterator[T]) -> Generator[T]:
    with transaction.atomic():
        go_by_index()
        yield from items
