"""manage.py create_key NAME --role reader"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from testimonies.access import Role, Tier, Use
from testimonies.management.commands._arguments import ROLES, refusals_told
from testimonies.selectors import actors
from testimonies.services import keys


class Command(BaseCommand):
    help = "Make an app's key and print it, once. Nothing else goes to standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="Which app or partner uses the key.")
        parser.add_argument("--role", required=True, choices=ROLES, help="What the key may do.")
        parser.add_argument("--tier", choices=Tier.labels, help="The highest tier it reads; as high as its role may.")
        parser.add_argument(
            "--uses", default="", help=f"It reads only what is cleared for one of these: {','.join(Use.values)}."
        )
        parser.add_argument("--expires", help="30d, 12h, 2w, or a day such as 2027-01-31; never without it.")

        parser.add_argument("--rate", type=int, help="Most requests a minute; no limit without it.")

    def handle(
        self, *, name: str, role: str, tier: str | None, uses: str, expires: str | None, rate: int | None, **_: Any
    ) -> None:
        with refusals_told():
            key, secret = keys.create(
                by=actors.of_command(),
                name=name,
                role=Role(role),
                tier=next((known for known in Tier if known.label == tier), None),
                uses=[use.strip() for use in uses.split(",") if use.strip()],
                expires_at=keys.expiry(expires) if expires else None,
                rate=rate,
            )
        self.stdout.write(secret)
        until = f"until {key.expires_at:%Y-%m-%d %H:%M} UTC" if key.expires_at else "until it is revoked"
        for_uses = f"what is cleared for {' or '.join(key.uses)}" if key.uses else "what is cleared for anything"
        self.stderr.write(
            f"Role {role}, reads up to {Tier(key.tier).label}, {for_uses}, {until}. The key is not shown again.",
            style_func=str,
        )
