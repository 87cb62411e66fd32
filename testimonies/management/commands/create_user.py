"""manage.py create_user NAME --role coder"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from testimonies.access import Role
from testimonies.management.commands._arguments import ROLES, refusals_told
from testimonies.services import users


class Command(BaseCommand):
    help = "Make a login account and print its password, once. Nothing else goes to standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="The name to log in with.")
        parser.add_argument("--role", required=True, choices=ROLES, help="What the account may see and do.")
        parser.add_argument(
            "--superuser",
            action="store_true",
            help="Administers accounts and keys, beside its role. It does not open the vault.",
        )

    def handle(self, *, name: str, role: str, superuser: bool, **_: Any) -> None:
        with refusals_told():
            password = users.create(name=name, role=Role(role), is_superuser=superuser)
        self.stdout.write(password)
        self.stderr.write("The password is not shown again; it can be changed after logging in.", style_func=str)
