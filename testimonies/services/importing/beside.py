"""What is told of an import while its transaction is open: how far it is, and row by row what becomes of it.

On a connection of its own, or nobody would see anything before the end, and by a thread of its own, for which nobody waits. It writes
no record.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

import orjson
import psycopg
from django.db import connection

from testimonies.models.imports import RowOutcome
from testimonies.services import barred_ids
from testimonies.services.importing.planning import Planned

_TELL = "UPDATE testimonies_import SET rows_done = %s WHERE id = %s RETURNING must_stop"
_ADD = """
INSERT INTO testimonies_importrow (id, of_import_id, number, outcome, testimony_id, person_id, keys, changes, problems)
SELECT made.id, made.of_import_id, made.number, made.outcome, made.testimony_id, made.person_id, made.keys, made.changes, made.problems
FROM json_populate_recordset(NULL::testimonies_importrow, %s::json) AS made
"""


class Beside:
    """The other connection, for one import."""

    def __init__(self, import_id: UUID) -> None:
        self.import_id = import_id
        parameters = connection.get_connection_params()
        for name in ("cursor_factory", "context", "pool"):
            parameters.pop(name, None)
        self._connection = psycopg.connect(**parameters, autocommit=True)
        self._thread = ThreadPoolExecutor(1)
        self._told: Future[bool] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        self._connection.close()

    def begin(self, state: str, total: int | None) -> None:
        """Anew, whatever an earlier attempt has told."""
        self.must_stop()
        with self._connection.transaction():
            self._connection.execute("DELETE FROM testimonies_importrow WHERE of_import_id = %s", [self.import_id])
            self._connection.execute(
                "UPDATE testimonies_import SET state = %s, rows_done = 0, rows_total = %s WHERE id = %s",
                [state, total, self.import_id],
            )

    def tell(self, batch: Sequence[Planned], done: int) -> bool:
        """What becomes of these rows, and how many were looked at. Returns whether somebody wanted it to stop the last time."""
        stops = self.must_stop()
        self._told = self._thread.submit(self._tell, self._rows(batch), done)
        return stops

    def must_stop(self) -> bool:
        """Whether somebody wants it to stop, once all that was told is there."""
        told, self._told = self._told, None
        return told is not None and told.result()

    def _tell(self, rows: str, done: int) -> bool:
        self._connection.execute(_ADD, [rows])
        row = self._connection.execute(_TELL, [done, self.import_id]).fetchone()
        return row is None or bool(row[0])

    def _rows(self, batch: Sequence[Planned]) -> str:
        rows = [
            {
                "id": uuid4(),
                "of_import_id": self.import_id,
                "number": one.number,
                "outcome": one.outcome,
                "testimony_id": None if one.outcome == RowOutcome.REJECTED and one.is_new else one.testimony_id,
                "person_id": None if one.problems else one.person_id,
                "keys": [barred_ids.digest(*key) for key in (*one.keys, *one.person_keys)],
                "changes": one.changes,
                "problems": one.problems,
            }
            for one in batch
        ]
        return orjson.dumps(rows).decode()
