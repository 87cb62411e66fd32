"""Who codes what: one coder's task to code one testimony with one codebook version."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from testimonies.access import Actor
from testimonies.models.base import Record
from testimonies.models.codebooks import Codebook
from testimonies.models.fields import choice_field, one_of
from testimonies.models.testimonies import Testimony


class AssignmentState(models.TextChoices):
    OPEN = "open", "open: not begun"
    IN_PROGRESS = "in_progress", "in progress"
    SUBMITTED = "submitted", "submitted: its coder is blind no more"
    RETURNED = "returned", "returned to its coder with a reason"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def unsubmitted(self) -> Self:
        """Those whose coder still works, or should: while there is one, its coder is blind (docs/adr/0025)."""
        return self.exclude(state=AssignmentState.SUBMITTED)

    def visible_to(self, actor: Actor) -> Self:
        """One's own; an editor's eyes reach all others, but where the editor is the one who codes and has not submitted."""
        own = Q(coder=actor.user_id)
        if not actor.is_staff:
            return self.none()
        return self.filter(own | ~is_blind(actor)) if actor.sees_every_state else self.filter(own)


def is_blind(actor: Actor) -> Exists:
    """Of a row with a testimony: whether the actor codes that testimony and has not submitted it."""
    mine = Assignment.objects.unsubmitted().filter(coder=actor.user_id, testimony=OuterRef("testimony"))
    return Exists(mine)


def is_withheld() -> Exists:
    """Of a row with a testimony and a code: whether its consensus is kept from everybody, for an assignment is open."""
    open_ = Assignment.objects.unsubmitted()
    return Exists(open_.filter(testimony=OuterRef("testimony"), codebook=OuterRef("code__codebook")))


class Assignment(Record):
    """One coder's task to code one testimony with one codebook version; blind until it is submitted."""

    testimony = models.ForeignKey(
        Testimony, on_delete=models.CASCADE, related_name="assignments", help_text="What is to be coded."
    )
    codebook = models.ForeignKey(
        Codebook,
        on_delete=models.PROTECT,
        related_name="assignments",
        help_text="The codebook version to code it with.",
    )
    coder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="assignments",
        help_text="Who is to code it.",
    )
    state = choice_field(AssignmentState, "How far the coder is.", default=AssignmentState.OPEN)
    note = models.TextField(blank=True, help_text="What whoever assigned it wants the coder to know.")
    started_at = models.DateTimeField(null=True, blank=True, help_text="When the coder began.")
    submitted_at = models.DateTimeField(null=True, blank=True, help_text="When it was last submitted.")
    return_reason = models.TextField(blank=True, help_text="Why it was last returned to the coder.")

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["coder", "state", "testimony"], name="assignment_queue")]
        constraints = [
            one_of("assignment", "state", AssignmentState),
            models.UniqueConstraint(fields=["testimony", "codebook", "coder"], name="assignment_is_given_once"),
            models.CheckConstraint(
                condition=Q(state="open") ^ Q(started_at__isnull=False), name="assignment_begun_has_a_moment"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "returned"]) | Q(submitted_at__isnull=False),
                name="assignment_submitted_has_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(return_reason=""), name="assignment_returned_has_a_reason"
            ),
        ]

    class Exposure:
        restricted = (
            "id", "version", "testimony", "codebook", "coder", "state", "note", "created_at", "created_by", "started_at",
            "submitted_at", "return_reason",
        )  # fmt: skip
        internal = ("changed_at",)

    def __str__(self) -> str:
        return f"assignment {self.pk}"

    @property
    def is_submitted(self) -> bool:
        return bool(self.state == AssignmentState.SUBMITTED)
