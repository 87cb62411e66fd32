"""Spreadsheets that somebody brings in: what was asked, how far it is, and what became of each row.

Nothing here is a record. The file and the rows hold what records hold, so both go: the file as soon as the import has
ended, the rows after a time, and either at once where what it tells of is withdrawn or erased (services/imports.py).
"""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from testimonies.models.fields import choice_field, one_of


class ImportState(models.TextChoices):
    MAPPING = "mapping", "waiting for somebody to say which column is which"
    WAITING = "waiting", "waiting for a worker"
    CHECKING = "checking", "being read and compared with what is stored; nothing is written"
    CHECKED = "checked", "checked: apply it, or cancel it"
    APPLYING = "applying", "being written, in one transaction"
    DONE = "done", "done"
    REFUSED = (
        "refused",
        "refused: something in the file is wrong, or the records have changed since the check; nothing was written",
    )
    FAILED = "failed", "failed for a reason that is not the file's; nothing was written"
    CANCELLED = "cancelled", "cancelled; nothing was written"
    EXPIRED = (
        "expired",
        "checked and not applied in time, or what it tells of was withdrawn or erased meanwhile; nothing was written",
    )


RUNNING = (ImportState.WAITING, ImportState.CHECKING, ImportState.APPLYING)
OPEN = (*RUNNING, ImportState.MAPPING, ImportState.CHECKED)
"""States in which the file is still kept."""


class OnError(models.TextChoices):
    REJECT = "reject", "one row that cannot be stored refuses the whole file"
    SKIP = "skip", "rows that cannot be stored are left out"


class RowOutcome(models.TextChoices):
    CREATED = "created", "a new record"
    UPDATED = "updated", "a record that differs from the row"
    UNCHANGED = "unchanged", "a record that is as the row says"
    REJECTED = "rejected", "not stored, for the reasons given"


class FileKind(models.TextChoices):
    CSV = "csv", "values separated by commas, semicolons or tabs"
    XLSX = "xlsx", "a spreadsheet"
    JSON_LINES = "jsonl", "one JSON object a line"


class Import(models.Model):
    """One file that somebody brings in, and what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False, help_text="Random identifier.")
    created_at = models.DateTimeField(db_default=Now(), editable=False, help_text="When the file came.")
    ended_at = models.DateTimeField(
        null=True, editable=False, help_text="When it was done, refused or given up; null: it is not."
    )
    checked_at = models.DateTimeField(null=True, editable=False, help_text="When its rows were last compared.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whose import it is: new records are this account's drafts; empty: a command's.",
    )
    key_name = models.CharField(max_length=100, blank=True, help_text="The key that it came with; empty: the desk.")
    reason = models.CharField(max_length=500, blank=True, help_text="Why, for the history of the records.")
    request_id = models.CharField(max_length=64, blank=True, help_text="The request that it came with.")
    file_name = models.CharField(max_length=100, help_text="The file's plain name.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    size = models.PositiveIntegerField(help_text="Bytes of the file.")
    kind = choice_field(FileKind, "What kind of file it is.")
    mapping = models.JSONField(default=dict, help_text="Which column is which field, as it was when the file came.")
    headers = models.JSONField(default=list, help_text="Names of the file's columns, in its order.")
    options = models.JSONField(
        default=dict, help_text="What somebody said of the file: encoding, delimiter, sheet; empty: found out."
    )
    mapping_name = models.CharField(max_length=120, blank=True, help_text="Name of the saved mapping; empty: guessed.")
    on_error = choice_field(OnError, "What becomes of the file where a row cannot be stored.", default=OnError.REJECT)
    dry_run = models.BooleanField(default=True, help_text="Whether it stops after the check, until it is applied.")
    collection = models.CharField(
        max_length=80, blank=True, help_text="Slug of a collection to which each row belongs; empty: as the rows say."
    )
    state = choice_field(ImportState, "How far it is.", default=ImportState.WAITING)
    rows_done = models.PositiveIntegerField(default=0, help_text="Rows that were looked at in this state.")
    rows_total = models.PositiveIntegerField(null=True, help_text="Rows of the file; null: not counted yet.")
    n_created = models.PositiveIntegerField(default=0, help_text="Rows that are new records.")
    n_updated = models.PositiveIntegerField(default=0, help_text="Rows of records that differ.")
    n_unchanged = models.PositiveIntegerField(default=0, help_text="Rows of records that are as the row says.")
    n_rejected = models.PositiveIntegerField(default=0, help_text="Rows that are not stored.")
    refusal = models.CharField(
        max_length=300, blank=True, help_text="Why it was refused or failed, and what to do next."
    )
    problems = models.JSONField(default=list, help_text="What is wrong with the file itself: column and reason.")
    plan = models.CharField(max_length=64, blank=True, help_text="Digest of what the check found.")
    must_stop = models.BooleanField(default=False, help_text="Whether somebody cancelled it while it ran.")

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "id"], name="import_by_time"),
            models.Index(fields=["ended_at"], name="import_by_end"),
        ]
        constraints = [
            one_of("import", "state", ImportState),
            one_of("import", "on_error", OnError),
            one_of("import", "kind", FileKind),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, ended_at__isnull=True) | (~Q(state__in=OPEN) & Q(ended_at__isnull=False)),
                name="import_ends_with_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(rows_total__isnull=True) | Q(rows_done__lte=F("rows_total")), name="import_rows_are_counted"
            ),
        ]

    class Exposure:
        restricted = (
            "id", "created_at", "checked_at", "ended_at", "created_by", "file_name", "digest", "size", "kind", "mapping", "headers", "options", "mapping_name", "on_error",
            "dry_run", "collection", "state", "rows_done", "rows_total", "n_created", "n_updated", "n_unchanged",
            "n_rejected", "refusal", "problems",
        )  # fmt: skip
        internal = ("key_name", "reason", "request_id", "plan", "must_stop")

    def __str__(self) -> str:
        return f"import {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class ImportChunk(models.Model):
    """A piece of a file, kept until its import has ended."""

    of_import = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="chunks", help_text="Of which import.")
    number = models.PositiveIntegerField(help_text="Its place in the file, from 0.")
    data = models.BinaryField(help_text="The bytes.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["of_import", "number"], name="import_chunk_has_a_place_of_its_own")
        ]

    class Exposure:
        internal = ("id", "of_import", "number", "data")

    def __str__(self) -> str:
        return f"chunk {self.number} of import {self.of_import_id}"


class ImportRow(models.Model):
    """What became of one row of a file, or would: with what differs, field by field, and what is wrong."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False, help_text="Random identifier.")
    of_import = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", help_text="Of which import.")
    number = models.PositiveIntegerField(
        help_text="The row's number in the file, as a spreadsheet counts: the header is 1."
    )
    outcome = choice_field(RowOutcome, "What became of it, or would.")
    testimony_id = models.UUIDField(null=True, help_text="The testimony; null: there is none, or none yet.")
    person_id = models.UUIDField(null=True, help_text="Who testifies; null: nobody, or nobody yet.")
    keys = ArrayField(
        models.CharField(max_length=64),
        default=list,
        help_text="Keyed digests of the external ids in the row: an erasure finds it by them.",
    )
    changes = models.JSONField(default=list, help_text="What differs: field, before and after.")
    problems = models.JSONField(default=list, help_text="What is wrong: column, value and reason.")

    class Meta:
        indexes = [
            models.Index(fields=["of_import", "outcome", "number"], name="import_row_by_outcome"),
            models.Index(fields=["testimony_id"], name="import_row_testimony"),
            models.Index(fields=["person_id"], name="import_row_person"),
        ]
        constraints = [
            one_of("import_row", "outcome", RowOutcome),
            models.UniqueConstraint(fields=["of_import", "number"], name="import_row_is_told_once"),
        ]

    class Exposure:
        restricted = ("number", "outcome", "testimony_id", "person_id", "changes", "problems")
        internal = ("id", "of_import", "keys")

    def __str__(self) -> str:
        return f"row {self.number} of import {self.of_import_id}"
