"""Waits for jobs, and has each done by a process of its own: `python -m config.worker`.

Waiting takes little memory, since nothing is loaded for it, and what a job took is given back when it ends. A process that
dies is followed by another one, which takes up what was left (testimonies/services/jobs.py, docs/adr/0032).
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

PROJECT = Path(__file__).resolve().parent.parent
CHANNEL = "procrastinate_any_queue_v1"
LOOK = 5.0  # seconds between looks, for connections through which PostgreSQL cannot call
TIDY = 3600.0  # seconds after which what has lain too long is put away, job or no job
PAUSE = 5.0  # seconds before another try, where a process or the connection has failed
STALLED = 15  # as services/jobs.py
DUE = """
SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))
  OR EXISTS (SELECT FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id WHERE j.status = 'doing'
             AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %s)))
"""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    parent, tidied = os.getppid(), float("-inf")
    while True:
        try:
            with psycopg.connect(_url(), autocommit=True) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                while True:
                    if _is_due(connection) or time.monotonic() - tidied > TIDY:
                        tidied = time.monotonic()
                        if _work():
                            time.sleep(PAUSE)
                    for _ in connection.notifies(timeout=LOOK, stop_after=1):
                        pass
                    if os.getppid() != parent:  # whoever began it was killed
                        return
        except psycopg.Error:  # its words may hold the address and more
            print("The database does not answer; trying again.", file=sys.stderr, flush=True)  # noqa: T201
            time.sleep(PAUSE)


def _url() -> str:
    path = os.environ.get("DATABASE_URL_FILE")
    return Path(path).read_text(encoding="utf-8").strip() if path else os.environ["DATABASE_URL"]


def _is_due(connection: psycopg.Connection[tuple[bool]]) -> bool:
    row = connection.execute(DUE, [STALLED]).fetchone()
    return bool(row and row[0])


def _work() -> int:
    """The exit code of the process that does the jobs. It dies with this one."""
    words = [sys.executable, "manage.py", "run_jobs"]
    return subprocess.run(words, cwd=PROJECT, check=False, preexec_fn=_die_with_parent).returncode  # noqa: S603


def _die_with_parent() -> None:
    """Where Linux can be asked for it; elsewhere what is left behind ends with its job."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


if __name__ == "__main__":
    main()
