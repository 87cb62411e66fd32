"""What every act has in common: may this actor do it, then all of it in one transaction that leaves projections true.

An act is a function with a keyword `by`. PostgreSQL may end one of two transactions that wait for each other; then the
act is repeated as a whole, at most three times. An act within an act belongs to the outer one.
"""

import contextvars
import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, transaction

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import Forbidden

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 3
_REPEATABLE = {"40P01", "40001"}
_is_within: contextvars.ContextVar[bool] = contextvars.ContextVar("testimonies_act", default=False)


def act(capability: Capability) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            by: Any = kwargs["by"]
            if not isinstance(by, Actor) or not by.may(capability):
                raise Forbidden
            if _is_within.get():
                return function(*args, **kwargs)
            return _repeat(functools.partial(function, *args, **kwargs))

        return run

    return decorate


def _repeat(function: Callable[[], R]) -> R:
    # inside somebody else's transaction a deadlock has ended that one too: only they can begin again
    tries = 1 if transaction.get_connection().in_atomic_block else TRIES
    for left in reversed(range(tries)):
        token = _is_within.set(True)
        try:
            with projections.refreshed():
                return function()
        except OperationalError as error:
            if left == 0 or getattr(error.__cause__, "sqlstate", "") not in _REPEATABLE:
                raise
        finally:
            _is_within.reset(token)
    raise AssertionError("unreachable")
