"""manage.py rebuild_projections"""

import multiprocessing
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import django
from django.core.management.base import BaseCommand

from testimonies import projections
from testimonies.management.commands._progress import bar
from testimonies.projections.refresh import KINDS


class Command(BaseCommand):
    help = "Make the rows that are read for every record that has none of the present shape. Stopped and run again, it goes on; with --all it begins anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="Make the rows of all records anew.")
        parser.add_argument("--processes", type=int, default=1, help="How many processes share the work.")

    def handle(self, **options: Any) -> None:
        everything, processes = options["all"], options["processes"]
        number = (
            together(processes, everything)
            if processes > 1
            else projections.rebuild(everything=everything, progress=bar)
        )
        self.stdout.write(f"{number} records rebuilt")


def together(processes: int, everything: bool) -> int:
    """Testimonies once all processes have done what these are made of."""
    number = 0
    for kinds in (KINDS[:-1], KINDS[-1:]):
        asked = [((share, processes), kinds, everything) for share in range(processes)]
        # begun anew rather than copied: a connection belongs to one process
        with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=django.setup) as pool:
            number += sum(pool.map(_share, *zip(*asked, strict=True)))
    return number


def _share(share: tuple[int, int], kinds: tuple[str, ...], everything: bool) -> int:
    return projections.rebuild(everything=everything, kinds=kinds, share=share)
