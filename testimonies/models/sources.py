"""Publications and recordings, and how testimonies cite them."""

from django.db import models
from django.db.models import Q

from testimonies.access import Tier
from testimonies.models.base import ExternalId, Record
from testimonies.models.fields import (
    choice_field,
    day_field,
    days_in_order,
    edtf_field,
    known_tier,
    one_of,
    ref_field,
    tier_field,
    valid_ref,
)


class Medium(models.TextChoices):
    NEWSPAPER = "newspaper", "newspaper"
    MAGAZINE = "magazine", "magazine"
    NEWS_AGENCY = "news_agency", "news agency"
    ONLINE_NEWS = "online_news", "online news"
    BLOG = "blog", "blog"
    TELEVISION = "television", "television"
    RADIO = "radio", "radio"
    BOOK = "book", "book"
    REPORT = "report", "report"
    SOCIAL_MEDIA = "social_media", "social media"
    OFFICIAL_STATEMENT = "official_statement", "official statement"
    COURT_RECORD = "court_record", "court record"
    OTHER = "other", "other"
    NOT_KNOWN = "not_known", "not known"


class Reliability(models.TextChoices):
    """Admiralty grade of a source; what it says is graded apart, as credibility of the testimony."""

    A = "A", "completely reliable"
    B = "B", "usually reliable"
    C = "C", "fairly reliable"
    D = "D", "not usually reliable"
    E = "E", "unreliable"
    F = "F", "cannot be judged"
    NOT_GRADED = "not_graded", "not graded"


class Relation(models.TextChoices):
    ORIGINAL = "original", "the outlet that was spoken to"
    REPUBLICATION = "republication", "a republication"
    REPORT_ABOUT = "report_about", "a report about it"


class Source(Record):
    """A publication or recording. What leads to a name: it is seen from the highest tier of the testimonies that cite it."""

    DATES = ("published",)

    ref = ref_field("S")
    outlet = models.CharField(max_length=200, help_text="Who published it, such as NPR.")
    title = models.CharField(max_length=500, blank=True, help_text="Title as printed; empty if unknown or held back.")
    url = models.URLField(max_length=1000, blank=True, help_text="Address of the publication; it may be a copy.")
    published = edtf_field("When it was published or broadcast")
    published_earliest = day_field("First day on which it may have been published.")
    published_latest = day_field("Last day on which it may have been published.")
    medium = choice_field(Medium, "What kind of publication it is.", default=Medium.NOT_KNOWN)
    reliability = choice_field(Reliability, "Admiralty grade of the source, A to F.", default=Reliability.NOT_GRADED)
    tier = tier_field("this source")

    class Meta:
        constraints = [
            valid_ref("source", "S"),
            one_of("source", "medium", Medium),
            one_of("source", "reliability", Reliability),
            known_tier("source"),
            *days_in_order("source", "published"),
            models.UniqueConstraint(fields=["url"], condition=~Q(url=""), name="source_url_names_one_source"),
            models.UniqueConstraint(
                fields=["outlet", "title", "published"],
                condition=Q(url=""),
                nulls_distinct=False,
                name="source_without_url_is_one_of_its_kind",
            ),
        ]

    class Exposure:
        public = (
            "id",
            "ref",
            "outlet",
            "title",
            "url",
            "published",
            "published_earliest",
            "published_latest",
            "medium",
            "reliability",
        )
        internal = ("version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return str(self.ref)


class SourceExternalId(ExternalId):
    """What another system calls a source."""

    source = models.ForeignKey(
        Source, on_delete=models.CASCADE, related_name="external_ids", help_text="Whose id it is."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "value"], name="source_external_id_names_one_source")]

    class Exposure:
        restricted = ("system", "value")
        internal = ("id", "source")


class Citation(Record):
    """A testimony cites a source: as the original, a republication or a report about it."""

    testimony = models.ForeignKey(
        "Testimony", on_delete=models.CASCADE, related_name="citations", help_text="Which testimony cites."
    )
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="citations", help_text="What it cites.")
    relation = choice_field(Relation, "How the source relates to the testimony.")
    locator = models.CharField(max_length=200, blank=True, help_text="Where in the source, such as a page or 12:30.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order among the testimony's citations, from 0.")
    tier = tier_field("that this testimony cites this source", Tier.PUBLIC)

    class Meta:
        constraints = [
            one_of("citation", "relation", Relation),
            known_tier("citation"),
            models.UniqueConstraint(
                fields=["testimony", "source", "relation", "locator"], name="citation_is_listed_once"
            ),
        ]

    class Exposure:
        public = ("id", "source", "relation", "locator", "position")
        internal = ("testimony", "version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return f"citation {self.pk}"


class Evidence(models.Model):
    """Which field of a testimony rests on which of its citations. For staff only: a field's name can tell of a hidden value."""

    class Basis(models.TextChoices):
        STATED = "stated", "the source states it"
        DERIVED = "derived", "we derived it from the source"

    citation = models.ForeignKey(
        Citation, on_delete=models.CASCADE, related_name="evidence", help_text="The citation that it rests on."
    )
    field = models.CharField(max_length=80, help_text="Name of the field, such as nationality or codes.leaving.")
    basis = choice_field(Basis, "Whether the source states it or we derived it.")
    note = models.TextField(blank=True, help_text="How it was derived. Never published.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["citation", "field"], name="evidence_is_given_once"),
            models.CheckConstraint(condition=Q(basis__in=["stated", "derived"]), name="evidence_basis_is_a_known_word"),
        ]

    class Exposure:
        restricted = ("field", "basis")
        internal = ("id", "citation", "note")

    def __str__(self) -> str:
        return f"evidence {self.pk}"
