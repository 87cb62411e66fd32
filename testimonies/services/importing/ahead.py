"""What comes next is put together while whoever asked is busy with what came before."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def ahead(items: Iterator[T]) -> Generator[T]:
    """The same items, one of them always made ahead by a thread of its own, which asks the database on a connection of its own.

    So it sees what is committed, not what the asking thread has stored. Whoever stops asking waits for the item that is being made.
    """
    with ThreadPoolExecutor(1) as thread:
        try:
            coming = thread.submit(next, items, None)
            while (item := coming.result()) is not None:
                coming = thread.submit(next, items, None)
                yield item
        finally:
            thread.submit(connections.close_all)
