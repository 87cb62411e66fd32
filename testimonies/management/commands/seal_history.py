"""manage.py seal_history"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from testimonies.errors import DomainError
from testimonies.services import history_seals


class Command(BaseCommand):
    help = "Seal what was written since the last seal, so that verify_history sees whoever alters it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anew",
            action="store_true",
            help="begin a new chain over the history as it is: after a backup was restored, or a migration rewrote events",
        )

    def handle(self, *, anew: bool, **_: Any) -> None:
        try:
            number = history_seals.begin_anew() if anew else 0
            while more := history_seals.seal(waits=True):
                number += more
        except DomainError as error:
            raise CommandError(error.detail) from None
        self.stdout.write(f"{number} events sealed.")
