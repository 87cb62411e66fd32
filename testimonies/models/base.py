"""What every record has: a random id, a version, who entered it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from testimonies.models.fields import derive_bounds


class Record(models.Model):
    """A row with an identity of its own. Its id carries nothing: order and time of entry are nobody's business."""

    DATES: tuple[str, ...] = ()
    """Names of the uncertain dates whose days are derived on writing."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, editable=False, help_text="Random identifier; it carries no order."
    )
    version = models.PositiveIntegerField(
        default=1, editable=False, help_text="Grows by one with each change, whoever makes it."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False, help_text="When the record was entered.")
    changed_at = models.DateTimeField(db_default=Now(), editable=False, help_text="When the record last changed.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The account that entered the record; empty when a command did.",
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        derive_bounds(self)
        super().save(*args, **kwargs)


class ExternalId(models.Model):
    """What another system calls a record. Imports find the record again by it. For staff only."""

    system = models.CharField(max_length=80, help_text="The other system, such as a collection file or an archive.")
    value = models.CharField(max_length=200, help_text="What that system calls the record.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.system}: {self.value}"
