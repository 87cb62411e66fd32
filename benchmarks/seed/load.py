"""Copies the rows into the product's tables, constraints and history on, then lets the product make its projections.

python -m benchmarks.seed.load --records 20000 --processes 4        into DATABASE_URL, which is migrated
"""

import argparse
import functools
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

ORDER = ("Codebook Code Group Collection Source Person Membership Testimony Citation ConsensusCode Claim Clearance CollectionItem Text").split()  # fmt: skip
"""What is pointed to comes first."""


def start() -> None:
    """In each process."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()


def copy(made: dict[type, list[dict[str, Any]]]) -> None:
    """All of it in one transaction, hidden until its projections are made, as a data migration hides what it writes."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL testimonies.on_stale = 'hide'")
        for model in sorted(made, key=lambda model: ORDER.index(model.__name__)):
            columns, default, adapters = _columns(model)
            names = ", ".join(f'"{name}"' for name in columns.values())
            with cursor.copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN') as rows:
                for row in made[model]:
                    values = {**default, **row}
                    rows.write_row([adapters.get(name, _same)(values[name]) for name in columns])


@functools.cache
def _columns(model: Any) -> tuple[dict[str, str], dict[str, Any], dict[str, Callable[[Any], Any]]]:
    """Field -> column, field -> default, field -> what its value is for the driver."""
    from django.db import models
    from psycopg.types.json import Jsonb

    fields = [
        field
        for field in model._meta.local_concrete_fields
        if not isinstance(field, models.AutoField) and field.db_default is models.NOT_PROVIDED
    ]
    adapters = {field.name: Jsonb for field in fields if isinstance(field, models.JSONField)}
    return (
        {field.name: field.column for field in fields},
        {field.name: field.get_default() for field in fields},
        adapters,
    )


def _same(value: Any) -> Any:
    return value


def copy_part(first: int, last: int, n: int) -> int:
    from benchmarks.seed import rows

    copy(rows.part(first, last, n))
    return last - first


def run(n: int, processes: int) -> None:
    """Errors: whatever a process met."""
    start()
    from django.core.management import call_command

    from benchmarks.seed import rows

    began = time.perf_counter()
    copy(rows.shared(n))
    parts = [(first, min(n, first + rows.PART), n) for first in range(0, n, rows.PART)]
    with _pool(processes) as pool:
        for _ in _done(pool, copy_part, parts, "copied", n, began):
            pass
    _analyze()  # how to find what has no projections yet
    call_command("rebuild_projections", processes=processes)
    print(f"projected, {time.perf_counter() - began:,.0f} s", file=sys.stderr)
    _analyze()


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=start)


def _done(
    pool: ProcessPoolExecutor, call: Callable[..., int], asked: list[tuple], said: str, n: int, began: float
) -> Iterable[int]:
    done = 0
    for made in pool.map(call, *zip(*asked, strict=True)):
        done += made
        print(f"\r{said} {done:,} of {n:,}, {time.perf_counter() - began:,.0f} s", end="", file=sys.stderr)
        yield made
    print(file=sys.stderr)


def _analyze() -> None:
    """Plans and visibility as they are when a day has passed."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=int, required=True)
    arguments.add_argument("--processes", type=int, default=min(4, os.cpu_count() or 1))
    given = arguments.parse_args()
    run(given.records, given.processes)


if __name__ == "__main__":
    main()
