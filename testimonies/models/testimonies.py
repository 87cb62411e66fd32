"""The testimony: what one person said on one occasion, and what belongs to it alone."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from testimonies.models.base import ExternalId, Record
from testimonies.models.codebooks import Code
from testimonies.models.fields import (
    RAISED,
    Missing,
    choice_field,
    country_code,
    country_field,
    day_field,
    days_in_order,
    edtf_field,
    known_pairs,
    known_tier,
    language_field,
    missing_field,
    one_of,
    only,
    raised_field,
    ref_field,
    tier_field,
    valid_ref,
)
from testimonies.models.groups import Membership
from testimonies.models.persons import Person
from testimonies.models.sources import Source


class Kind(models.TextChoices):
    """How an account came about. Shown wherever the account is."""

    INTERVIEW = "interview", "interview"
    SECOND_HAND = "second_hand", "second hand: somebody else tells it"
    BROADCAST_STATEMENT = "broadcast_statement", "statement on a broadcast"
    VIDEO_STATEMENT = "video_statement", "statement on video"
    DOCUMENTARY = "documentary", "documentary"
    WRITTEN_ACCOUNT = "written_account", "written account"
    COURT_STATEMENT = "court_statement", "statement in court"
    OTHER = "other", "other"


class SpeakingConditions(models.TextChoices):
    """How freely somebody spoke. Shown wherever the account is."""

    FREE = "free", "free: nothing points to custody, a captor or officials; not proof"
    IN_CUSTODY = "in_custody", "in custody"
    THROUGH_CAPTOR = "through_captor", "through a captor"
    OFFICIALS_PRESENT = "officials_present", "officials were present"
    NOT_KNOWN = "not_known", "not known"


class Credibility(models.TextChoices):
    """Admiralty grade of what is said; its source is graded apart."""

    CONFIRMED = "1", "confirmed by other sources"
    PROBABLY_TRUE = "2", "probably true"
    POSSIBLY_TRUE = "3", "possibly true"
    DOUBTFUL = "4", "doubtful"
    IMPROBABLE = "5", "improbable"
    CANNOT_BE_JUDGED = "6", "cannot be judged"
    NOT_GRADED = "not_graded", "not graded"


class Status(models.TextChoices):
    DRAFT = "draft", "draft"
    IN_REVIEW = "in_review", "in review"
    PUBLISHED = "published", "published"
    WITHDRAWN = "withdrawn", "withdrawn"


class CodingStatus(models.TextChoices):
    NOT_CODED = "not_coded", "not coded: absence of a code says nothing"
    SINGLE_READER = "single_reader", "coded once, by one reader"
    DOUBLE_CODED = "double_coded", "coded by two or more readers"
    DECIDED = "decided", "decided by an editor"


class Warning(models.TextChoices):  # noqa: A001 - the field's own word; Python's class is never wanted here
    KILLING = "killing", "killing"
    EXECUTION = "execution", "execution"
    SEXUAL_VIOLENCE = "sexual_violence", "sexual violence"
    TORTURE = "torture", "torture"
    CHILD_HARM = "child_harm", "harm to children"


RAISABLE = (
    "title", "summary", "speaking_conditions", "given", "given_country", "age_from", "age_to", "credibility", "content_warnings",
    "coding_status", "membership", "group", "belonging", "role_in_group", "joined", "left",
)  # fmt: skip
"""Fields that a testimony may raise to a higher tier, those of its membership included: each has a value that says nothing."""


class Testimony(Record):
    """What one person said on one occasion."""

    DATES = ("given",)

    ref = ref_field("T")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="testimonies", help_text="Who testifies.")
    membership = models.ForeignKey(
        Membership,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="testimonies",
        help_text="The membership of that person that the testimony is about.",
    )
    title = models.CharField(max_length=300, help_text="A title in our own words, without names, places or exact ages.")
    summary = models.TextField(blank=True, help_text="A summary in our own words, 40 to 90 words; it may be published.")
    summary_language = language_field("Language of title and summary", default="en")
    notes_internal = models.TextField(blank=True, help_text="Notes for staff. Never published.")
    kind = choice_field(Kind, "How the account came about.")
    speaking_conditions = choice_field(
        SpeakingConditions, "How freely the person spoke.", default=SpeakingConditions.NOT_KNOWN
    )
    account_language = language_field("Language of the published account, not always the one spoken")
    given = edtf_field("When the testimony was given, as published or broadcast")
    given_earliest = day_field("First day on which it may have been given.")
    given_latest = day_field("Last day on which it may have been given.")
    given_country = country_field("Country in which it was given")
    age_from = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Age in years at the testimony, or the least it may be. Below restricted: the start of a five-year band.",
    )
    age_to = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Age in years at the testimony, or the most it may be. Below restricted: the end of a five-year band.",
    )
    credibility = choice_field(
        Credibility,
        "Admiralty grade of what is said, 1 to 6; the source is graded apart.",
        default=Credibility.NOT_GRADED,
    )
    content_warnings = ArrayField(
        models.CharField(max_length=40, choices=Warning.choices),
        default=list,
        blank=True,
        help_text="What a reader should know before reading.",
    )
    coding_status = choice_field(CodingStatus, "How the codes came about.", default=CodingStatus.NOT_CODED)
    status = choice_field(Status, "Where the record stands on its way to publication.", default=Status.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When it was last published.")
    embargo_until = models.DateTimeField(
        null=True, blank=True, help_text="Nobody below restricted sees the record before this moment."
    )
    tier = tier_field("this testimony")
    raised = raised_field()
    missing = missing_field()

    class Meta:
        verbose_name_plural = "testimonies"
        indexes = [
            models.Index(fields=["-changed_at", "id"], name="testimony_changed")
        ]  # the desk shows the newest first
        constraints = [
            valid_ref("testimony", "T"),
            *days_in_order("testimony", "given"),
            *(
                one_of("testimony", field, choices)
                for field, choices in (
                    ("kind", Kind),
                    ("speaking_conditions", SpeakingConditions),
                    ("credibility", Credibility),
                    ("status", Status),
                    ("coding_status", CodingStatus),
                )
            ),
            only("testimony", "content_warnings", Warning),
            known_tier("testimony"),
            known_pairs("testimony", "raised", RAISABLE, RAISED),
            known_pairs("testimony", "missing", ("given", "given_country", "joined", "left"), Missing.values),
            country_code("testimony", "given_country"),
            models.CheckConstraint(
                # said in full: a comparison with nothing is neither true nor false, and a check accepts that
                condition=Q(age_from__isnull=True, age_to__isnull=True)
                | Q(age_from__isnull=False, age_to__isnull=False, age_from__lte=F("age_to"), age_to__lte=130),
                name="testimony_ages_are_in_order",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="testimony_has_a_title"),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="testimony_published_has_a_moment",
            ),
        ]

    class Exposure:
        public = (
            "id", "ref", "person", "membership", "title", "summary", "summary_language", "kind", "speaking_conditions", "account_language",
            "given", "given_earliest", "given_latest", "given_country", "age_from", "age_to", "credibility", "content_warnings",
            "coding_status", "status", "tier", "missing",
        )  # fmt: skip
        restricted = ("notes_internal", "embargo_until", "version", "created_by")
        coarsened = ("age_from", "age_to")
        internal = ("created_at", "changed_at", "published_at", "raised")

    def __str__(self) -> str:
        return str(self.ref)


class TestimonyExternalId(ExternalId):
    """What another system calls a testimony, and what an import under that name last left."""

    __test__ = False  # not a test, whatever its name begins with

    testimony = models.ForeignKey(
        Testimony, on_delete=models.CASCADE, related_name="external_ids", help_text="Whose id it is."
    )
    line_digest = models.CharField(
        max_length=32,
        blank=True,
        editable=False,
        help_text="Digest of what was last imported under this id; empty: nothing was.",
    )
    record_digest = models.CharField(
        max_length=32,
        blank=True,
        editable=False,
        help_text="Digest of the record as that import left it: another one means that people changed the record since.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "value"], name="testimony_external_id_names_one_testimony")
        ]

    class Exposure:
        restricted = ("system", "value")
        internal = ("id", "testimony", "line_digest", "record_digest")


class ConsensusCode(models.Model):
    """A code that is published for a testimony. That a code is absent means not mentioned; it was not denied."""

    testimony = models.ForeignKey(
        Testimony, on_delete=models.CASCADE, related_name="consensus_codes", help_text="What is coded."
    )
    code = models.ForeignKey(Code, on_delete=models.PROTECT, related_name="+", help_text="The code.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["testimony", "code"], name="consensus_code_is_listed_once")]

    class Exposure:
        public = ("code",)
        internal = ("id", "testimony")

    def __str__(self) -> str:
        return f"consensus code {self.pk}"


class Claim(Record):
    """What one source reports about one field. Claims that differ stay side by side; at most one of a field is preferred."""

    testimony = models.ForeignKey(
        Testimony, on_delete=models.CASCADE, related_name="claims", help_text="What the claim is about."
    )
    field = models.CharField(
        max_length=80, help_text="Name of the field that the claim is about, such as left or role_in_group."
    )
    value = models.CharField(max_length=500, help_text="What the source reports, as written.")
    source = models.ForeignKey(
        Source, null=True, blank=True, on_delete=models.PROTECT, related_name="claims", help_text="Who reports it."
    )
    note = models.TextField(blank=True, help_text="Where else it is reported, or why it is preferred.")
    is_preferred = models.BooleanField(default=False, help_text="Whether the record follows this claim.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order among the testimony's claims, from 0.")
    tier = tier_field("this claim")

    class Meta:
        constraints = [
            known_tier("claim"),
            models.UniqueConstraint(
                fields=["testimony", "field"], condition=Q(is_preferred=True), name="claim_preferred_is_one_per_field"
            ),
            models.CheckConstraint(condition=~Q(field="") & ~Q(value=""), name="claim_says_something"),
        ]

    class Exposure:
        public = ("id", "field", "value", "source", "is_preferred", "position")
        restricted = ("note",)
        internal = ("testimony", "version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return f"claim {self.pk}"


class TextKind(models.TextChoices):
    TRANSCRIPT = "transcript", "transcript"
    EXCERPT = "excerpt", "excerpt"
    TRANSLATION = "translation", "translation"


class Text(Record):
    """A transcript, excerpt or translation of a testimony in one language."""

    testimony = models.ForeignKey(
        Testimony, on_delete=models.CASCADE, related_name="texts", help_text="Whose words these are."
    )
    language = language_field("Language of the text")
    kind = choice_field(TextKind, "What kind of text it is.")
    translation_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="translations",
        help_text="The text that this one translates.",
    )
    body = models.TextField(help_text="The text itself.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order among the testimony's texts, from 0.")
    tier = tier_field("this text")

    class Meta:
        constraints = [
            one_of("text", "kind", TextKind),
            known_tier("text"),
            models.CheckConstraint(
                condition=Q(translation_of=None) | (Q(kind="translation") & ~Q(translation_of=F("id"))),
                name="text_translation_is_of_another",
            ),
            models.CheckConstraint(condition=~Q(body=""), name="text_has_a_body"),
        ]

    class Exposure:
        public = ("id", "language", "kind", "translation_of", "body", "position")
        internal = ("testimony", "version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return f"text {self.pk}"
