"""manage.py rotate_vault_keys"""

from typing import Any

from django.core.management.base import BaseCommand

from testimonies.management.commands._arguments import refusals_told
from testimonies.management.commands._progress import bar
from testimonies.services import vault


class Command(BaseCommand):
    help = "Seal everything in the vault anew under the first of VAULT_KEYS. Then the others can be taken away."

    def handle(self, **_: Any) -> None:
        with refusals_told():
            number = vault.rotate(progress=bar)
        self.stdout.write(f"{number} entries sealed anew; all are under the first key now.")
