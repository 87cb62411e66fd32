"""What every act has in common: may this actor do it, then all of it in one transaction that leaves projections true.

An act is a function with a keyword `by`. PostgreSQL may end one of two transactions that wait for each other, and a
reference may be drawn that another record has; then the act is repeated as a whole, at most three times. An act within an
act belongs to the outer one.

Here, and nowhere else, the database is told who acts: the history's triggers read it (docs/adr/0010). And here every act is
held to what is frozen while it is published, whatever it wrote (docs/adr/0016).
"""

import contextvars
import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, transaction

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import Forbidden, Frozen, OnlyLess
from testimonies.selectors.sql import Sql, fetch
from testimonies.services import history_seals

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 3
_REPEATABLE = {"40P01", "40001"}
_UNIQUE_REF = "_ref_key"
"""How PostgreSQL's rules about references end: another record has it, or one that is gone had it (migration 0005)."""
_is_within: contextvars.ContextVar[bool] = contextvars.ContextVar("testimonies_act", default=False)
_must_hide: contextvars.ContextVar[bool] = contextvars.ContextVar("testimonies_must_hide", default=False)


def act(capability: Capability, *, thaws: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """`thaws`: the act itself is what a second person decided, and may change what published testimonies show."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            by: Any = kwargs["by"]
            if not isinstance(by, Actor) or not by.may(capability):
                raise Forbidden
            if _is_within.get():
                return function(*args, **kwargs)
            return _repeat(functools.partial(function, *args, **kwargs), by, thaws)

        return run

    return decorate


def _repeat(function: Callable[[], R], by: Actor, thaws: bool) -> R:
    # inside somebody else's transaction a deadlock has ended that one too: only they can begin again
    tries = 1 if transaction.get_connection().in_atomic_block else TRIES
    for left in reversed(range(tries)):
        token, hides = _is_within.set(True), _must_hide.set(False)
        try:
            with projections.refreshed(functools.partial(_judge, thaws)), recorded(by):
                done = function()
        except DatabaseError as error:
            if left == 0 or not is_chance(error):
                raise
        else:
            history_seals.if_due()
            return done
        finally:
            _is_within.reset(token)
            _must_hide.reset(hides)
    raise AssertionError("unreachable")


def again(step: Callable[[], R]) -> R:
    """What a part of an act returns, which draws references: others where some are taken, without beginning the act anew."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                return step()
        except IntegrityError as error:
            if left == 0 or not is_taken_ref(error):
                raise
    raise AssertionError("unreachable")


def is_chance(error: DatabaseError) -> bool:
    """Whether the same may be done another time: nothing is wrong with it."""
    return getattr(error.__cause__, "sqlstate", "") in _REPEATABLE or is_taken_ref(error)


def is_taken_ref(error: DatabaseError) -> bool:
    """Whether a reference was drawn that another record has (testimonies/values/refs.py)."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    return name.endswith(_UNIQUE_REF)


def must_hide() -> None:
    """Within an act: the actor may take part in what is published only by showing less of it."""
    _must_hide.set(True)


def _judge(thaws: bool, change: projections.Change) -> None:
    """Errors: Frozen, OnlyLess."""
    if change == projections.Change.OTHER and not thaws:
        raise Frozen
    if _must_hide.get() and change != projections.Change.LESS:
        raise OnlyLess


@contextmanager
def recorded(by: Actor) -> Iterator[None]:
    """Within a transaction: the history ascribes what changes in the block to the actor, at a moment of its own."""
    is_inner = _is_savepoint()
    _set({_CONTEXT: _said(by), _MOMENT: "", _IGNORED: "{}"})
    yield
    if is_inner and not transaction.get_rollback():  # what else the outer transaction does is nobody's again
        _set({_CONTEXT: "", _MOMENT: ""})


def explain(by: Actor, reason: str) -> None:
    """Within an act: a reason that came with the act itself."""
    if reason:
        _set({_CONTEXT: _said(replace(by, reason=reason))})


_CONTEXT, _MOMENT = "pghistory.context_metadata", "testimonies.moment"
_IGNORED = "pgtrigger.ignore"
"""Which triggers do nothing: none. Where that is unset, each of them fails at asking and recovers, in a time that grows with the
transaction: recovering looks through all foreign keys that are still to be checked."""


def _said(by: Actor) -> str:
    said = {
        "user": by.user_id,
        "key": by.key_name,
        "through": by.through,
        "request": by.request_id,
        "reason": by.reason,
    }
    return json.dumps({name: value for name, value in said.items() if value})


def _is_savepoint() -> bool:
    return bool(transaction.get_connection().savepoint_ids)


def _set(values: dict[str, str]) -> None:
    """Until the end of the transaction."""
    calls = ", ".join(["set_config(%s, %s, true)"] * len(values))
    fetch(Sql(f"SELECT {calls}", tuple(word for pair in values.items() for word in pair)), prepare=True)
