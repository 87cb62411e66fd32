"""Records whose rows are made together, in three steps: `read` from the base tables, `make` the rows, `store` them.

What `make` does asks nothing of the database, so that it may be done elsewhere while PostgreSQL is busy.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Protocol
from uuid import UUID

import orjson

from testimonies.projections import frozen, reading, shared_storage, showings, storage


class Batch(Protocol):
    def read(self) -> None: ...
    def make(self) -> None: ...
    def store(self) -> frozen.Change: ...


class Shared:
    """Shared records of one kind, some of which may be no more."""

    def __init__(self, noun: str, ids: Iterable[UUID], now: dt.datetime) -> None:
        self.noun, self.ids, self.now = noun, list(ids), now

    def read(self) -> None:
        self._read = shared_storage.read(self.noun, self.ids)

    def make(self) -> None:
        self._old, self._new = shared_storage.stored_and_computed(self.noun, self._read, self.now)

    def store(self) -> frozen.Change:
        """Returns how what published testimonies show of these records changes."""
        return shared_storage.store(self.noun, self._old, self._new)


class Testimonies:
    """Testimonies, some of which may be no more.

    made  Those that the transaction itself has made: they have no rows yet.
    anew  Rows are written whatever is there, and nothing is compared.
    """

    __test__ = False

    def __init__(
        self, ids: Iterable[UUID], now: dt.datetime, *, made: Collection[UUID] = (), anew: bool = False
    ) -> None:
        self.ids, self.now, self.made, self.anew = list(ids), now, made, anew

    def read(self) -> None:
        self._written = reading.written(self.ids)
        known = [testimony_id for testimony_id in self.ids if testimony_id not in self.made]
        self._old, self._texts = storage.stored_of(known, whole=not self.anew)

    def make(self) -> None:
        records = map(reading.testimony, map(orjson.loads, self._written))
        found = {UUID(record.id): record for record in records}
        self._found = {testimony_id: found.get(testimony_id) for testimony_id in self.ids}
        self._plan = storage.planned(self._found, self._old, self.now)

    def change(self) -> frozen.Change:
        """How what is shown of published ones changes."""
        return frozen.Change.NONE if self.anew else storage.change(self._found, self._old, self._plan, self._texts)

    def store(self) -> frozen.Change:
        change = self.change()
        storage.store(self._found, self._old, self._texts, self._plan, self.now, anew=self.anew)
        if self._found:
            showings.note(self._found)
            if gone := [testimony_id for testimony_id, record in self._found.items() if record is None]:
                showings.forget(gone)
        return change


def stored(batch: Batch) -> frozen.Change:
    """One step after the other."""
    batch.read()
    batch.make()
    return batch.store()
