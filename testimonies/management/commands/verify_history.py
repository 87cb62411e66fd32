"""manage.py verify_history"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from testimonies.services import history_seals, ledger


class Command(BaseCommand):
    help = "Name every event of the history that was altered, put in or taken away since it was sealed; exit with 1 if any was."

    def handle(self, **_: Any) -> None:
        n_faults = 0
        for fault in history_seals.faults():
            self.stdout.write(fault)
            n_faults += 1
        if n_faults:
            sys.exit(1)
        if head := history_seals.head():
            self.stdout.write(f"The history is as it was sealed. Head: seal {head[0]}, {head[1]}")
        else:
            self.stdout.write("Nothing is sealed yet. Run seal_history.")
        if not ledger.is_kept():
            self.stderr.write("There is no ledger: whoever can write the tables may have made the seals anew.")
