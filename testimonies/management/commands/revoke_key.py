"""manage.py revoke_key NAME"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from testimonies.management.commands._arguments import refusals_told
from testimonies.selectors import actors
from testimonies.services import keys


class Command(BaseCommand):
    help = "Revoke an app's key for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="The name that the key was made with.")

    def handle(self, *, name: str, **_: Any) -> None:
        with refusals_told():
            key = keys.revoke(by=actors.of_command(), name=name)
        self.stdout.write(f"Revoked since {key.revoked_at:%Y-%m-%d %H:%M} UTC.")
