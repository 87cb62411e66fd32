"""manage.py bootstrap --accounts FILE"""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import testimonies
from testimonies.errors import RejectedFile
from testimonies.management.commands._arguments import refusals_told
from testimonies.management.commands._progress import bar
from testimonies.models import Collection
from testimonies.services import collections, users

PACKAGED = Path(testimonies.__file__).parent / "collections"


class Command(BaseCommand):
    help = "Give an empty database its first collections and accounts. Whatever is there is left alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accounts", type=Path, required=True, help="Where to keep the first passwords (0600).")
        parser.add_argument("--collections", type=Path, default=PACKAGED, help="A folder with collections.json.")

    def handle(self, *, accounts: Path, **options: Any) -> None:
        is_empty = not Collection.objects.exists()
        if is_empty:
            self._load(options["collections"])
        with refusals_told():
            lines = users.create_first(path=accounts, admin_password=os.environ.get("ADMIN_PASSWORD", ""))
        if lines:
            self.stdout.write("\n".join([f"Accounts, shown once and kept in {accounts}:", *lines]))
        elif not is_empty:
            self.stdout.write("Collections and accounts are there already.")

    def _load(self, path: Path) -> None:
        try:
            report = collections.load(path=path, progress=bar)
        except RejectedFile as error:
            raise CommandError("\n".join([*error.problems, str(error)])) from None
        self.stdout.write("\n".join(report.lines()))
