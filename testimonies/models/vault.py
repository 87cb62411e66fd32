"""What could lead to a person's door, sealed; and who opened it, when and for what.

Neither table refers to a person's row: whether a person can be deleted, and what that answers, must not depend on whether
the vault knows something of them. Entries whose person was deleted stay until they are removed by their id.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Length, Now
from django.db.models.lookups import GreaterThanOrEqual

from testimonies.models.fields import choice_field, one_of


class VaultKind(models.TextChoices):
    LEGAL_NAME = "legal_name", "legal name"
    CONTACT = "contact", "contact: a telephone number, an address of any kind"
    WHEREABOUTS = "whereabouts", "whereabouts"
    OTHER = "other", "something else that leads to the person"


class VaultAct(models.TextChoices):
    OPENED = "opened", "the entries of a person were opened"
    LOOKED_UP = "looked_up", "a value was looked for"
    ADDED = "added", "an entry was added"
    REMOVED = "removed", "an entry was removed"


class VaultEntry(models.Model):
    """One thing that is known of a person and that could be turned against them. Added and removed, never edited."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, editable=False, help_text="Random identifier; it carries no order."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False, help_text="When it was added.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The custodian who added it.",
    )
    person_id = models.UUIDField(db_index=True, help_text="The person whom it leads to.")
    kind = choice_field(VaultKind, "What it is.")
    sealed = models.BinaryField(
        editable=False, help_text="The value, encrypted. Custodians open it; nobody reads it here."
    )
    digest = models.BinaryField(
        max_length=32,
        editable=False,
        help_text="Keyed digest of the folded value, by which exactly this is found again.",
    )
    key_mark = models.CharField(
        max_length=16, editable=False, help_text="Which key sealed it, so that rotation knows what is still to do."
    )

    class Meta:
        verbose_name_plural = "vault entries"
        indexes = [models.Index(fields=["digest"], name="vault_entry_by_digest")]
        constraints = [
            one_of("vault_entry", "kind", VaultKind),
            models.UniqueConstraint(fields=["person_id", "kind", "digest"], name="vault_entry_is_kept_once"),
        ]

    class Exposure:
        vault = ("id", "created_at", "created_by", "person_id", "kind", "sealed")
        internal = ("digest", "key_mark")

    def __str__(self) -> str:
        return f"vault entry {self.pk}"


class VaultOpening(models.Model):
    """One opening of the vault: who, when, of whom and for what purpose. Kept for good; never what was found."""

    MIN_PURPOSE = 10

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, editable=False, help_text="Random identifier; it carries no order."
    )
    at = models.DateTimeField(db_default=Now(), editable=False, help_text="When.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", help_text="The custodian's account."
    )
    act = choice_field(VaultAct, "What was done.")
    person_id = models.UUIDField(
        null=True, blank=True, db_index=True, help_text="Of whom; empty where a value was looked for."
    )
    purpose = models.CharField(
        max_length=500, help_text="What for, in a sentence. Name nobody here: every custodian reads it."
    )
    n_entries = models.PositiveIntegerField(help_text="How many entries were opened, found, added or removed.")
    request_id = models.CharField(max_length=32, blank=True, help_text="The request, as in its answer.")

    class Meta:
        indexes = [models.Index(fields=["at", "id"], name="vault_opening_by_time")]
        constraints = [
            one_of("vault_opening", "act", VaultAct),
            models.CheckConstraint(
                condition=GreaterThanOrEqual(Length("purpose"), 10), name="vault_opening_says_what_for"
            ),
        ]

    class Exposure:
        vault = ("id", "at", "user", "act", "person_id", "purpose", "n_entries", "request_id")

    def __str__(self) -> str:
        return f"{self.act} at {self.at}"
