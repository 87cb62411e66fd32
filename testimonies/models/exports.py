"""That somebody took everything that a list had for them: who, when, of what and what for."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Now
from django.db.models.lookups import GreaterThanOrEqual

from testimonies.access import Tier
from testimonies.models.fields import choice_field, known_tier, one_of


class ExportState(models.TextChoices):
    PREPARED = "prepared", "asked for, and not fetched yet"
    RUNNING = "running", "is being sent; or the service ended in the middle of it"
    FINISHED = "finished", "was sent to its end"
    ABANDONED = "abandoned", "whoever asked went away before its end"
    FAILED = "failed", "could not be sent to its end"


class ExportFormat(models.TextChoices):
    CSV = "csv", "comma-separated values"
    XLSX = "xlsx", "a spreadsheet"
    NDJSON = "ndjson", "one JSON document on each line"
    CSL_JSON = "csl-json", "citations as CSL-JSON"
    BIBTEX = "bibtex", "citations as BibTeX"
    RIS = "ris", "citations as RIS"
    ZIP = "zip", "a data package"


class Export(models.Model):
    """One export. Nothing of what it held is kept, nor the words by which it was chosen; only that it was, and how much."""

    MIN_PURPOSE = 10

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, editable=False, help_text="Random identifier; it carries no order."
    )
    at = models.DateTimeField(db_default=Now(), editable=False, help_text="When it was asked for.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The account; empty where a key belongs to nobody's.",
    )
    key_name = models.CharField(max_length=80, blank=True, help_text="Name of the key; empty at the desk.")
    tier = models.PositiveSmallIntegerField(choices=Tier.choices, help_text="The tier that was read.")
    resource = models.CharField(max_length=80, help_text="The list, such as testimonies; or package.")
    format = choice_field(ExportFormat, "What the file is.")
    parameters = ArrayField(
        models.CharField(max_length=80),
        default=list,
        help_text="Names of the filters and of the ordering that were given; their values are not kept.",
    )
    digest = models.BinaryField(
        max_length=32, help_text="Keyed digest of the whole request, by which the same one is known again."
    )
    purpose = models.CharField(
        max_length=500, blank=True, help_text="What for, in a sentence. Name nobody here: all staff read it."
    )
    state = choice_field(ExportState, "How far it came.", default=ExportState.RUNNING)
    n_records = models.PositiveIntegerField(null=True, help_text="How many records were sent.")
    n_downloads = models.PositiveIntegerField(default=0, help_text="How often it was begun.")
    ended_at = models.DateTimeField(null=True, help_text="When the last download ended.")
    expires_at = models.DateTimeField(null=True, help_text="Of a prepared one: until when its link works.")
    request_id = models.CharField(max_length=32, blank=True, help_text="The request, as in its answer.")

    class Meta:
        indexes = [models.Index(fields=["at", "id"], name="export_by_time")]
        constraints = [
            one_of("export", "state", ExportState),
            one_of("export", "format", ExportFormat),
            known_tier("export"),
            models.CheckConstraint(
                condition=Q(tier=Tier.PUBLIC) | Q(GreaterThanOrEqual(Length("purpose"), 10)),
                name="export_above_public_says_what_for",
            ),
        ]

    class Exposure:
        restricted = (
            "id", "at", "user", "key_name", "tier", "resource", "format", "parameters", "purpose", "state", "n_records",
            "n_downloads", "ended_at", "expires_at", "request_id",
        )  # fmt: skip
        internal = ("digest",)

    def __str__(self) -> str:
        return f"{self.resource} as {self.format} at {self.at}"
