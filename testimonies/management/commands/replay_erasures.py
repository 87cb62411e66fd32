"""manage.py replay_erasures"""

from typing import Any

from django.core.management.base import BaseCommand

from testimonies.projections import showings
from testimonies.services import erasure


class Command(BaseCommand):
    help = "Erase again what ERASURE_LEDGER says was erased and a restored backup has brought back. Run before serving."

    def handle(self, **_: Any) -> None:
        showings.settle()
        if number := erasure.replay():
            self.stdout.write(f"{number} testimonies erased again, as the ledger says.")
