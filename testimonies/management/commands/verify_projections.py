"""manage.py verify_projections"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from testimonies.projections import verify
from testimonies.projections.refresh import unbuilt


class Command(BaseCommand):
    help = "Compare every row that is read with one made afresh; name each that differs, and exit with 1 if any does."

    def handle(self, **_: Any) -> None:
        number = sum(len(ids) for _, ids in unbuilt(everything=True))
        n_differences = 0
        for difference in verify.differences():
            self.stdout.write(difference)
            n_differences += 1
        if n_differences:
            sys.exit(1)
        self.stdout.write(f"{number} records verified, no difference")
