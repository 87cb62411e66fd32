"""Several sessions at once: threads, each with a connection of its own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from django.db import connection, connections

PATIENCE = 20.0
"""Seconds after which a test gives up waiting; it never waits for time to pass."""


class Session(threading.Thread):
    """Runs a function on its own connection to the same database; `finish` raises whatever it raised."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.work, self.error, self.pid = work, None, None
        self.start()

    def run(self) -> None:
        mine = connection.copy()  # not out of the pool, which holds fewer than some tests need
        mine.settings_dict["OPTIONS"] = {**mine.settings_dict["OPTIONS"], "pool": False}
        connections["default"] = mine
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.pid = cursor.fetchone()[0]
            self.work()
        except BaseException as error:  # noqa: BLE001 - raised where the test can see it
            self.error = error
        finally:
            mine.close()

    def wait_until_blocked(self) -> None:
        """Return once PostgreSQL says that the session waits for a lock which another session holds."""
        deadline = monotonic() + PATIENCE
        with connection.cursor() as cursor:
            while monotonic() < deadline and self.is_alive():
                if self.pid:
                    cursor.execute("SELECT cardinality(pg_blocking_pids(%s))", [self.pid])
                    if cursor.fetchone()[0]:
                        return
        raise AssertionError("The session waits for nobody.") from self.error

    def finish(self, patience: float = PATIENCE) -> None:
        self.join(patience)
        assert not self.is_alive(), "The session did not end."
        if self.error:
            raise self.error


class Signal(threading.Event):
    """An event for which nobody waits forever."""

    def await_(self) -> None:
        assert self.wait(PATIENCE), "Nobody gave the signal."


@contextmanager
def together(*work: Callable[[], None]) -> Iterator[list[Session]]:
    """Start one session for each function; at the end all of them must have ended well."""
    sessions = [Session(function) for function in work]
    yield sessions
    for session in sessions:
        session.finish()
