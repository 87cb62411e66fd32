"""manage.py import_testimonies FILE"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from testimonies.errors import DomainError, Invalid, RejectedFile
from testimonies.management.commands._progress import bar
from testimonies.models import Import
from testimonies.models.imports import ImportState, OnError, RowOutcome
from testimonies.selectors import actors
from testimonies.services import import_runs, imports

MOST_SHOWN = 100
"""Rows whose problems are printed."""


class Command(BaseCommand):
    help = "Import testimonies from a spreadsheet (CSV, XLSX) or JSON Lines, here and now: all of the file, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="The file.")
        parser.add_argument(
            "--mapping", default="", help="Name of a saved mapping; without one, columns have our names."
        )
        parser.add_argument("--collection", default="", help="Slug of a collection to which every row belongs.")
        parser.add_argument(
            "--on-error",
            choices=OnError.values,
            default=OnError.REJECT.value,
            help="What becomes of the file where a row cannot be stored.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Check and report, and store nothing.")

    def handle(self, *, file: Path, mapping: str, collection: str, on_error: str, dry_run: bool, **_: Any) -> None:
        by = actors.of_command()
        try:
            with file.open("rb") as content:
                made = imports.create(
                    by=by,
                    file=content,
                    name=file.name,
                    mapping_name=mapping,
                    on_error=on_error,
                    dry_run=dry_run,
                    collection=collection,
                    defers=False,
                )
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except RejectedFile as error:
            raise CommandError("\n".join(error.problems)) from None
        except Invalid as error:
            raise CommandError("\n".join(detail for _, _, detail in error.errors)) from None
        except DomainError as error:
            raise CommandError(error.detail) from None
        done = import_runs.run(made.pk, progress=bar) or made
        if dry_run and done.state == ImportState.CHECKED:
            imports.cancel(done.pk, by=by)
        self._report(done)

    def _report(self, done: Import) -> None:
        for one in done.problems:
            self.stderr.write(f"{one['column']}: {one['reason']}" if one["column"] else one["reason"])
        rejected = done.rows.filter(outcome=RowOutcome.REJECTED).order_by("number")
        for row in rejected[:MOST_SHOWN]:
            for one in row.problems:
                where = " ".join(filter(None, (f"row {row.number}", one["column"])))
                self.stderr.write(f"{where}: {one['reason']}")
        if done.n_rejected > MOST_SHOWN:
            self.stderr.write(f"and {done.n_rejected - MOST_SHOWN:,} more rows")
        self.stdout.write(
            f"created {done.n_created:,}, updated {done.n_updated:,}, unchanged {done.n_unchanged:,}, rejected {done.n_rejected:,}"
        )
        if done.state not in {ImportState.DONE, ImportState.CHECKED}:
            raise CommandError(done.refusal or "Nothing was stored.")
        if done.state == ImportState.CHECKED:
            self.stdout.write("Nothing was stored: this was a dry run.")
