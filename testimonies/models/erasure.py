"""That something was erased, and what may not come back. Nothing here tells what it was."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Erasure(models.Model):
    """The certificate of one erasure: when, by whom, and how many rows of what were destroyed."""

    id = models.UUIDField(primary_key=True, help_text="The testimony that was erased, by the id that it had.")
    person_id = models.UUIDField(
        null=True, blank=True, help_text="The person who was erased with it; empty where they have other testimonies."
    )
    at = models.DateTimeField(db_default=Now(), editable=False, help_text="When.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The custodian's account; empty where a restored backup was brought up to date.",
    )
    destroyed = models.JSONField(default=dict, help_text="How many rows were destroyed, by the name of their kind.")

    class Meta:
        indexes = [models.Index(fields=["at", "id"], name="erasure_by_time")]

    class Exposure:
        vault = ("id", "person_id", "at", "user", "destroyed")

    def __str__(self) -> str:
        return f"erasure of {self.pk}"


class SpentRef(models.Model):
    """The reference of a record that is no more: PostgreSQL keeps it, and takes no other record under it."""

    ref = models.CharField(
        max_length=16, primary_key=True, editable=False, help_text="Drawn at random; it tells nothing."
    )

    class Exposure:
        internal = ("ref",)

    def __str__(self) -> str:
        return self.ref


class BarredId(models.Model):
    """An external id that was erased, as a keyed digest: no import brings back what had it."""

    digest = models.BinaryField(
        max_length=32, primary_key=True, editable=False, help_text="Keyed digest of system and value."
    )
    key_mark = models.CharField(max_length=16, editable=False, help_text="The key of the digest.")

    class Exposure:
        internal = ("digest", "key_mark")

    def __str__(self) -> str:
        return "an id that was erased"
