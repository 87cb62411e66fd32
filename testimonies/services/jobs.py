"""What runs in a process of its own: PostgreSQL keeps the jobs and hands them out (procrastinate, docs/adr/0032).

A job holds an id and nothing else. It may run twice: whoever dies in the middle is followed by another attempt.
"""

from uuid import UUID

from procrastinate.contrib.django import app

from testimonies.services import import_runs

STALLED = 15
"""Seconds without a sign of life after which a worker counts as dead, and its jobs are taken up again."""


@app.task(name="import", queue="imports")
def run_import(import_id: str) -> None:
    import_runs.run(UUID(import_id))
