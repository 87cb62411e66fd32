"""What coders coded: one code applied once, to a passage or to the whole testimony (docs/adr/0026)."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from testimonies.access import Actor
from testimonies.models.assignments import Assignment, AssignmentState, is_blind
from testimonies.models.base import Record
from testimonies.models.codebooks import Code, Codebook
from testimonies.models.fields import choice_field, one_of
from testimonies.models.testimonies import Testimony, Text


class Presence(models.TextChoices):
    PRESENT = "present", "present"
    ABSENT = "absent", "absent: looked for, and not there"
    UNCERTAIN = "uncertain", "uncertain"


class Anchor(models.TextChoices):
    """How a coding holds on to its text since it was made."""

    ANCHORED = "anchored", "anchored: where the coder put it"
    MOVED = "moved", "moved: the same words, at another place since the text was edited"
    FUZZY = "fuzzy", "fuzzy: probably there, but the words changed; look at it"
    ORPHANED = "orphaned", "orphaned: the text was edited, and its words were not found again"


FLAGGED = (Anchor.FUZZY, Anchor.ORPHANED)
"""What its coder must look at."""


class CodingQuerySet(models.QuerySet["Coding"]):
    def visible_to(self, actor: Actor) -> Self:
        """The only door to codings: one's own; those of others once one is blind no more (docs/adr/0025).

        An editor sees all codings but on a testimony that the editor codes and has not submitted. A coder sees what others
        submitted on testimonies of which all that is assigned to the coder is submitted.
        """
        if not actor.is_staff:
            return self.none()
        own = Q(assignment__coder=actor.user_id)
        if actor.sees_every_state:
            return self.filter(own | ~is_blind(actor))
        coded = Assignment.objects.filter(coder=actor.user_id, state=AssignmentState.SUBMITTED).values("testimony")
        others = Q(assignment__state=AssignmentState.SUBMITTED, testimony__in=coded) & ~is_blind(actor)
        return self.filter(own | others)


class Coding(Record):
    """One coder applied one code to a testimony: to a passage of one of its texts, or to all of it."""

    assignment = models.ForeignKey(
        Assignment,
        on_delete=models.CASCADE,
        related_name="codings",
        help_text="The task it belongs to, and with it its coder.",
    )
    testimony = models.ForeignKey(
        Testimony, on_delete=models.CASCADE, related_name="codings", help_text="What is coded: that of the assignment."
    )
    codebook = models.ForeignKey(
        Codebook, on_delete=models.PROTECT, related_name="+", help_text="The codebook version: that of the assignment."
    )
    code = models.ForeignKey(Code, on_delete=models.PROTECT, related_name="codings", help_text="The code.")
    presence = choice_field(Presence, "Whether the coder finds the code there.", default=Presence.PRESENT)
    salience = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How much weight it has: 1 in passing, 2 clearly, 3 central; empty: not said."
    )
    grade = models.FloatField(
        null=True, blank=True, help_text="A grade, where the code asks for one; empty where it only applies or not."
    )
    memo = models.TextField(blank=True, help_text="The coder's note.")
    text = models.ForeignKey(
        Text,
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="codings",
        help_text="The text that the passage is of; empty for the whole testimony.",
    )
    start = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Where the passage starts, in Unicode code points from 0 (W3C TextPositionSelector).",
    )
    end = models.PositiveIntegerField(
        null=True, blank=True, help_text="Where it ends, in Unicode code points: that of the first one after it."
    )
    quote = models.TextField(blank=True, help_text="The words of the passage (W3C TextQuoteSelector).")
    prefix = models.TextField(blank=True, help_text="Up to 32 code points before the passage.")
    suffix = models.TextField(blank=True, help_text="Up to 32 code points after the passage.")
    anchor = choice_field(Anchor, "How it holds on to its text.", default=Anchor.ANCHORED)

    objects = CodingQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("coding", "presence", Presence),
            one_of("coding", "anchor", Anchor),
            models.CheckConstraint(
                condition=Q(salience__isnull=True) | Q(salience__range=(1, 3)), name="coding_salience_is_known"
            ),
            models.CheckConstraint(
                # said in full: a comparison with nothing is neither true nor false, and a check accepts that
                condition=Q(text=None, start=None, end=None, quote="", prefix="", suffix="", anchor="anchored")
                | Q(start__isnull=False, end__isnull=False, end__gt=F("start"), anchor="orphaned") & ~Q(quote="")
                | Q(text__isnull=False, start__isnull=False, end__isnull=False, end__gt=F("start"), anchor="fuzzy")
                & ~Q(quote="")
                | Q(text__isnull=False, start__isnull=False, end__isnull=False, end=F("start") + Length("quote"))
                & Q(anchor__in=["anchored", "moved"])
                & ~Q(quote=""),
                name="coding_is_of_a_passage_or_of_all",
            ),
            models.UniqueConstraint(
                fields=["assignment", "code", "text", "start", "end"],
                condition=~Q(anchor="orphaned"),
                nulls_distinct=False,
                name="coding_is_made_once",
            ),
        ]  # fmt: skip

    class Exposure:
        restricted = (
            "id", "version", "assignment", "testimony", "codebook", "code", "presence", "salience", "grade", "memo", "text", "start",
            "end", "quote", "prefix", "suffix", "anchor", "created_at", "changed_at",
        )  # fmt: skip
        internal = ("created_by",)

    def __str__(self) -> str:
        return f"coding {self.pk}"
