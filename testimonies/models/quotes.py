"""Passages that somebody may quote: proposed by one person, approved by another (docs/adr/0034)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from testimonies.access import Tier
from testimonies.models.base import Record
from testimonies.models.codings import Anchor
from testimonies.models.fields import choice_field, known_tier, one_of, tier_field
from testimonies.models.testimonies import Testimony, Text


class QuoteStatus(models.TextChoices):
    PROPOSED = "proposed", "proposed: waits for a second person"
    APPROVED = "approved", "approved: served wherever a clearance covers it"
    REJECTED = "rejected", "rejected: not to be quoted"


VERDICTS = [(status.value, status.label) for status in QuoteStatus if status != QuoteStatus.PROPOSED]
HOLDS = (Anchor.ANCHORED, Anchor.MOVED)
"""Of a quote that is served: its words stand in its text as they were approved."""


class Quote(Record):
    """A passage of one text, with its words. It is served while it is approved, its words stand in the text, and a clearance covers it."""

    testimony = models.ForeignKey(
        Testimony, on_delete=models.CASCADE, related_name="quotes", help_text="The testimony that is quoted."
    )
    text = models.ForeignKey(
        Text,
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="quotes",
        help_text="The text that the passage is of; empty once that text is removed.",
    )
    start = models.PositiveIntegerField(
        help_text="Where the passage starts, in Unicode code points from 0 (W3C TextPositionSelector)."
    )
    end = models.PositiveIntegerField(
        help_text="Where it ends, in Unicode code points: that of the first one after it."
    )
    quote = models.TextField(help_text="The words of the passage (W3C TextQuoteSelector).")
    prefix = models.TextField(blank=True, help_text="Up to 32 code points before the passage.")
    suffix = models.TextField(blank=True, help_text="Up to 32 code points after the passage.")
    anchor = choice_field(Anchor, "How it holds on to its text.", default=Anchor.ANCHORED)
    translation_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="translations",
        help_text="The quote of the same testimony that this one says in another language.",
    )
    note = models.TextField(blank=True, help_text="What to know before quoting it. For staff.")
    status = choice_field(QuoteStatus, "Where it stands.", default=QuoteStatus.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who proposed it as it is now.",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who approved or rejected it.",
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When it was decided.")
    tier = tier_field("this quote, beside what its text needs", Tier.PUBLIC)

    class Meta:
        constraints = [
            one_of("quote", "anchor", Anchor),
            one_of("quote", "status", QuoteStatus),
            known_tier("quote"),
            models.CheckConstraint(condition=Q(end__gt=F("start")) & ~Q(quote=""), name="quote_has_words"),
            models.CheckConstraint(
                condition=~Q(anchor__in=HOLDS) | Q(text__isnull=False, end=F("start") + Length("quote")),
                name="quote_holds_on_to_a_text",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_at=None, decided_by=None)
                | ~Q(status="proposed") & Q(decided_at__isnull=False),
                name="quote_is_decided_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["text", "start", "end"], condition=Q(anchor__in=HOLDS), name="quote_of_a_passage_is_one"
            ),
        ]

    class Exposure:
        public = (
            "id", "testimony", "text", "start", "end", "quote", "prefix", "suffix", "anchor", "status", "translation_of",
        )  # fmt: skip
        restricted = ("note", "version")
        internal = ("created_at", "changed_at", "created_by", "proposed_by", "decided_by", "decided_at", "tier")

    def __str__(self) -> str:
        return f"quote {self.pk}"
