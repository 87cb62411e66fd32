"""manage.py rebuild_projections"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from testimonies import projections
from testimonies.management.commands._progress import bar


class Command(BaseCommand):
    help = "Make the rows that are read for every record that has none of the present shape. Stopped and run again, it goes on; with --all it begins anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="Make the rows of all records anew.")

    def handle(self, **options: Any) -> None:
        number = projections.rebuild(everything=options["all"], progress=bar)
        self.stdout.write(f"{number} records rebuilt")
