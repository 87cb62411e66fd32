"""A file from its first row to its last: checked without writing anything, or written within the caller's act.

What becomes of each row is told as it is found. Batches keep memory and the number of statements small.
"""

import hashlib
import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any
from uuid import UUID

from testimonies import models, projections
from testimonies.access import Actor
from testimonies.models.imports import RowOutcome
from testimonies.services.importing import applying, part_plans
from testimonies.services.importing.ahead import ahead
from testimonies.services.importing.planning import Planned, Planner

BATCH = 500
"""Rows that are looked at together: fewer than a change that hides what depends on it (projections.refresh.MANY)."""

Tell = Callable[[Sequence[Planned]], None]
"""Told of each batch; may raise to end it all."""
Read = Callable[[], Iterable[Any]]
"""Reads the file from the beginning."""


@dataclass(slots=True)
class Found:
    """What became of the rows, or would."""

    outcomes: Counter[RowOutcome] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    """Of the problems."""
    digest: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    def add(self, batch: Iterable[Planned]) -> None:
        for one in batch:
            self.outcomes[one.outcome] += 1
            self.codes.update(problem["code"] for problem in one.problems)
            target = None if one.is_new else str(one.testimony_id)
            # in the order of names: another process meets the members of a set in another order
            changes = sorted(repr((change["field"], change["before"], change["after"])) for change in one.changes)
            said = (one.number, one.outcome.value, target, changes)
            self.digest.update(repr(said).encode("utf-8", "surrogatepass"))

    @property
    def plan(self) -> str:
        """The same for the same rows, records and differences."""
        return str(self.digest.hexdigest())


def check(read: Read, planner: Planner, tell: Tell) -> Found:
    found = Found()
    for rows in _batches(read()):
        batch = planner.plan(rows)
        found.add(batch)
        tell(batch)
    return found


def apply(read: Read, planner: Planner, tell: Tell, *, by: Actor, skips: bool) -> Found:
    """Within an act. Unless it `skips` them, nothing more is written once a row has a problem; the rest is still looked at."""
    found = Found()
    asked: dict[UUID, list[str]] = {}
    with (
        _locked(read, planner) as batches,
        closing(ahead(map(planner.plan, batches))) as planned,
        applying.Writer(planner.shelf, by=by) as writer,
    ):
        for batch in planned:
            if skips or not (found.outcomes[RowOutcome.REJECTED] or any(one.problems for one in batch)):
                writer.write(batch)
                asked |= {one.person_id: one.same_person_as for one in batch if _asks(one)}
            found.add(batch)
            tell(batch)
        if skips or not found.outcomes[RowOutcome.REJECTED]:
            writer.finish(asked)
    return found


def _asks(one: Planned) -> bool:
    return bool(one.same_person_as) and not one.problems


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


@contextmanager
def _locked(read: Read, planner: Planner) -> Iterator[Iterator[list[Any]]]:
    """The batches, once all that is stored and that their rows speak of is locked, in the one order in which everybody locks.

    What was read is kept in a file without a name until then: to read it back takes a tenth of reading the file again.
    """
    reached = part_plans.Reached()
    with tempfile.TemporaryFile(prefix="testimonies-") as kept:
        for rows in _batches(read()):
            reached.add(planner.reach(rows))
            pickle.dump(rows, kept, pickle.HIGHEST_PROTOCOL)
        _lock(reached, planner)
        yield _again(kept)


def _again(kept: IO[bytes]) -> Iterator[list[Any]]:
    end = kept.tell()
    kept.seek(0)
    while kept.tell() < end:
        yield pickle.load(kept)  # noqa: S301 - nobody else could write to it


def _lock(reached: part_plans.Reached, planner: Planner) -> None:
    projections.lock(
        testimony=reached.testimonies,
        person=reached.persons,
        source=reached.sources,
        linked={
            "group": [planner.shelf.groups[slug] for slug in reached.groups if slug in planner.shelf.groups],
            "collection": [planner.shelf.collections[s] for s in reached.collections if s in planner.shelf.collections],
            "code": reached.codes,
            "codebook": [
                *models.Code.objects.filter(pk__in=reached.codes).values_list("codebook", flat=True).distinct()
            ],
        },
        tiers=True,
        memberships=True,
    )
