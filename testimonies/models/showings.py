"""What the feed of changes remembers (docs/adr/0036): that a tier was shown a testimony, and from which transaction to which."""

import datetime as dt
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from testimonies.access import Tier

FIRST = dt.datetime.min.replace(tzinfo=dt.UTC)
LAST = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
"""What open ends of a projection row's time are, as `starts_at` and `ends_at` spell them."""


class TransactionField(models.Field):
    """The number of a transaction: PostgreSQL's xid8, which never comes again within a cluster."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002
        return "xid8"


class Showing(models.Model):
    """That a tier is shown a testimony during a span of time, for a set of uses, from one transaction until another.

    Made of the projection rows and nothing else: it holds no content, and outlives what it is about.
    """

    testimony_id = models.UUIDField(help_text="The testimony, which may be no more.")
    tier = models.PositiveSmallIntegerField(choices=Tier.choices, help_text="Which tier is shown it.")
    permits = models.SmallIntegerField(help_text="The uses it is cleared for during that time, as bits.")
    starts_at = models.DateTimeField(help_text="From when it is shown.")
    ends_at = models.DateTimeField(help_text="Until when it is shown.")
    seen_by = ArrayField(
        models.BigIntegerField(),
        null=True,
        help_text="Of what is not published: the coders who see it, because it is theirs or was assigned to them. Null: everybody of the tier.",
    )
    stamp = models.BigIntegerField(
        help_text="Number that is another one whenever the document's bytes are; 0 while nobody may read it, and once it is no more."
    )
    changed_in = TransactionField(help_text="In which transaction the document last changed for the tier.")
    made_in = TransactionField(help_text="Which transaction decided this span.")
    made_at = models.DateTimeField(help_text="When that transaction began.")
    gone_in = TransactionField(null=True, help_text="Which transaction decided otherwise.")
    gone_at = models.DateTimeField(null=True, help_text="When that transaction began.")

    class Meta:
        db_table = "projection_showing"
        indexes = [
            models.Index(fields=["testimony_id", "tier"], name="showing_testimony"),
            models.Index(fields=["tier", "changed_in", "testimony_id"], name="showing_changed"),
            models.Index(
                fields=["tier", "starts_at", "testimony_id"], name="showing_starts", condition=Q(starts_at__gt=FIRST)
            ),
            models.Index(fields=["tier", "ends_at"], name="showing_ends", condition=Q(gone_in=None, ends_at__lt=LAST)),
            models.Index(fields=["tier", "gone_in"], name="showing_gone", condition=Q(gone_in__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(gone_in=None, gone_at=None) | Q(gone_in__isnull=False, gone_at__isnull=False),
                name="showing_is_gone_in_a_transaction_at_a_moment",
            )
        ]

    def __str__(self) -> str:
        return f"{self.testimony_id} at tier {self.tier}"
