"""manage.py load_collection PATH"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from testimonies.errors import RejectedFile
from testimonies.management.commands._progress import bar
from testimonies.services import collections


class Command(BaseCommand):
    help = "Load a folder of collection files (collections.json and what it names): all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="The folder that holds collections.json.")
        parser.add_argument("--dry-run", action="store_true", help="Check and report, and store nothing.")
        parser.add_argument(
            "--overwrite", action="store_true", help="Replace what people changed in records since they were loaded."
        )

    def handle(self, *, path: Path, dry_run: bool, overwrite: bool, **_: Any) -> None:
        try:
            report = collections.load(path=path, dry_run=dry_run, overwrite=overwrite, progress=bar)
        except RejectedFile as error:
            raise CommandError("\n".join([*error.problems, str(error)])) from None
        self.stdout.write("\n".join(report.lines()))
        if dry_run:
            self.stdout.write("Nothing was stored: this was a dry run.")
