"""What an editor decided about the codings of a testimony: the consensus codes that are published."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from testimonies.access import Actor
from testimonies.models.assignments import Assignment, AssignmentState, is_blind
from testimonies.models.base import Record
from testimonies.models.codebooks import Code, Codebook
from testimonies.models.codings import Coding
from testimonies.models.testimonies import Testimony


class DecisionQuerySet(models.QuerySet["Decision"]):
    def standing(self) -> Self:
        return self.filter(reopened_at=None)

    def visible_to(self, actor: Actor) -> Self:
        """As the codings that it settled: an editor's unless blind there; a coder's who has submitted there."""
        if not actor.is_staff:
            return self.none()
        if actor.sees_every_state:
            return self.filter(~is_blind(actor))
        coded = Assignment.objects.filter(coder=actor.user_id, state=AssignmentState.SUBMITTED).values("testimony")
        return self.filter(~is_blind(actor), testimony__in=coded)


class Decision(Record):
    """An editor's adjudication of the codings of one testimony with one codebook version. `created_by` decided."""

    testimony = models.ForeignKey(
        Testimony, on_delete=models.CASCADE, related_name="decisions", help_text="The testimony that was coded."
    )
    codebook = models.ForeignKey(
        Codebook,
        on_delete=models.PROTECT,
        related_name="decisions",
        help_text="The codebook version it was coded with.",
    )
    reason = models.TextField(blank=True, help_text="Why, beside the reasons given for single codes.")
    reopened_at = models.DateTimeField(null=True, blank=True, help_text="When it was reopened; empty while it stands.")
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The account that reopened it.",
    )
    reopen_reason = models.TextField(blank=True, help_text="Why it was reopened.")

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["testimony", "codebook"], condition=Q(reopened_at=None), name="decision_stands_alone"
            ),
            models.CheckConstraint(
                condition=Q(reopened_at=None, reopened_by=None, reopen_reason="")
                | Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~Q(reopen_reason=""),
                name="decision_reopened_says_when_by_whom_and_why",
            ),
        ]

    class Exposure:
        restricted = (
            "id", "version", "testimony", "codebook", "reason", "created_at", "created_by", "reopened_at", "reopened_by",
            "reopen_reason",
        )  # fmt: skip
        internal = ("changed_at",)

    def __str__(self) -> str:
        return f"decision {self.pk}"


class DecidedCode(models.Model):
    """What was decided about one code that at least one coder had used."""

    decision = models.ForeignKey(
        Decision, on_delete=models.CASCADE, related_name="codes", help_text="The decision it is part of."
    )
    code = models.ForeignKey(Code, on_delete=models.PROTECT, related_name="+", help_text="The code.")
    applies = models.BooleanField(help_text="Whether it was decided that the code applies.")
    is_agreed = models.BooleanField(help_text="Whether all coders had said the same, and the decision with them.")
    reason = models.TextField(blank=True, help_text="Why, where coders differed.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "code"], name="decided_code_is_decided_once"),
            models.CheckConstraint(
                condition=Q(is_agreed=True) | ~Q(reason=""), name="decided_code_disputed_has_a_reason"
            ),
        ]

    class Exposure:
        restricted = ("code", "applies", "is_agreed", "reason")
        internal = ("id", "decision")

    def __str__(self) -> str:
        return f"decided code {self.pk}"


class SettledCoding(models.Model):
    """A coding that a decision settled: kept for as long as the decision is."""

    decision = models.ForeignKey(
        Decision, on_delete=models.CASCADE, related_name="settled", help_text="The decision that settled it."
    )
    coding = models.ForeignKey(Coding, on_delete=models.RESTRICT, related_name="settled", help_text="The coding.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["decision", "coding"], name="settled_coding_is_listed_once")]

    class Exposure:
        restricted = ("coding",)
        internal = ("id", "decision")

    def __str__(self) -> str:
        return f"settled coding {self.pk}"
