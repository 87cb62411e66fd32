"""What every factory uses: one number for each made row, and one way to write it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any, TypeVar

from django.db import models

from testimonies import projections

Made = TypeVar("Made", bound=models.Model)

_numbers = count(1)
_is_batch = ContextVar("_is_batch", default=False)


def number() -> int:
    """A number that no other row of this process has: slugs and addresses are made of it."""
    return next(_numbers)


@contextmanager
def batch() -> Iterator[None]:
    """Whatever is made in the block is refreshed once, at its end, instead of row by row."""
    if _is_batch.get():
        yield
        return
    token = _is_batch.set(True)
    try:
        with projections.refreshed():
            yield
    finally:
        _is_batch.reset(token)


def write(model: type[Made], **values: Any) -> Made:
    """One row, with its projections true."""
    with batch():
        return model._default_manager.create(**values)
