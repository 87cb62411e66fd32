"""What somebody proposes to correct in what is frozen, until a second person decides (docs/adr/0016)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from testimonies.models.base import Record
from testimonies.models.fields import choice_field, one_of
from testimonies.models.persons import Person
from testimonies.models.sources import Source
from testimonies.models.testimonies import Testimony


class CorrectedKind(models.TextChoices):
    TESTIMONY = "testimony", "a testimony, with its membership"
    PERSON = "person", "a person"
    SOURCE = "source", "a source"
    TEXT = "text", "a text of a testimony"
    CITATION = "citation", "a citation of a testimony"
    CLAIM = "claim", "a claim about a testimony"
    CLEARANCE = "clearance", "a clearance of a testimony"
    CODES = "codes", "the consensus codes of a testimony"


class CorrectionState(models.TextChoices):
    PROPOSED = "proposed", "proposed: nobody has decided"
    APPROVED = "approved", "approved by a second person, and done"
    REJECTED = "rejected", "rejected by a second person"
    WITHDRAWN = "withdrawn", "withdrawn by whoever proposed it"


VERDICTS = [choice for choice in CorrectionState.choices if choice[0] != CorrectionState.PROPOSED]
"""What can become of a proposal."""


class Correction(Record):
    """One proposed change of one record: kept beside it, for staff alone, and gone with it."""

    kind = choice_field(CorrectedKind, "What kind of record it corrects.")
    testimony = models.ForeignKey(
        Testimony,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="corrections",
        help_text="The testimony that it corrects, or of which it corrects a part.",
    )
    person = models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="corrections",
        help_text="The person whom it corrects.",
    )
    source = models.ForeignKey(
        Source,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="corrections",
        help_text="The source that it corrects.",
    )
    record_id = models.UUIDField(
        null=True, blank=True, help_text="Id of what it corrects; empty where it proposes a new part of the testimony."
    )
    record_version = models.PositiveIntegerField(
        null=True, blank=True, help_text="The version of the record on which it was proposed; empty for a new part."
    )
    before = models.JSONField(default=dict, blank=True, help_text="What the fields said when it was proposed.")
    proposed = models.JSONField(help_text="What they are to say: the whole value of each field that changes.")
    reason = models.TextField(help_text="Why it should be corrected.")
    state = choice_field(CorrectionState, "What became of it.", default=CorrectionState.PROPOSED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The account that decided.",
    )
    decided_at = models.DateTimeField(null=True, blank=True, help_text="When it was decided.")
    note = models.TextField(blank=True, help_text="What whoever decided said to it.")

    class Meta:
        constraints = [
            one_of("correction", "kind", CorrectedKind),
            one_of("correction", "state", CorrectionState),
            models.CheckConstraint(
                condition=Q(kind="person", person__isnull=False, testimony=None, source=None)
                | Q(kind="source", source__isnull=False, testimony=None, person=None)
                | (~Q(kind__in=["person", "source"]) & Q(testimony__isnull=False, person=None, source=None)),
                name="correction_is_of_one_record",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at=None, decided_by=None)
                | (~Q(state="proposed") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="correction_decided_says_when_and_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "rejected"]) | ~Q(decided_by=F("created_by")),
                name="correction_is_decided_by_another",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_has_a_reason"),
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="correction_state")]

    class Exposure:
        restricted = (
            "id", "version", "kind", "testimony", "record_id", "record_version", "before", "proposed", "reason", "state", "created_by",
            "created_at", "decided_by", "decided_at", "note",
        )  # fmt: skip
        internal = ("person", "source", "changed_at")

    def __str__(self) -> str:
        return f"correction {self.pk}"
