"""Outside efforts, what they use of testimonies, and how far that reached (docs/adr/0034)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from testimonies.access import Use
from testimonies.models.base import Record
from testimonies.models.fields import (
    check_language,
    choice_field,
    day_field,
    days_in_order,
    edtf_field,
    known_tier,
    language_field,
    one_of,
    slug_field,
    tier_field,
)
from testimonies.models.quotes import Quote
from testimonies.models.sources import Source
from testimonies.models.testimonies import Testimony


class ActorKind(models.TextChoices):
    GOVERNMENT = "government", "a government or one of its bodies"
    INTERGOVERNMENTAL = "intergovernmental", "an organisation of governments"
    NGO = "ngo", "a non-governmental organisation"
    RESEARCH = "research", "a research institution"
    MEDIA = "media", "press or broadcasting"
    COMPANY = "company", "a company"
    COMMUNITY = "community", "a community or a private group"
    OTHER = "other", "other"
    NOT_KNOWN = "not_known", "not known"


class UseKind(models.TextChoices):
    VIDEO = "video", "video"
    POST = "post", "post on a platform"
    ARTICLE = "article", "article"
    BROADCAST = "broadcast", "broadcast"
    LECTURE = "lecture", "lecture"
    TRAINING = "training", "training"
    EXHIBITION = "exhibition", "exhibition"
    PUBLICATION = "publication", "book or report"
    WEBSITE = "website", "website"
    OTHER = "other", "other"


class Metric(models.TextChoices):
    VIEWS = "views", "times viewed"
    IMPRESSIONS = "impressions", "times shown"
    SHARES = "shares", "times shared"
    LIKES = "likes", "times liked"
    COMMENTS = "comments", "comments"
    CLICKS = "clicks", "times followed to somewhere else"
    DOWNLOADS = "downloads", "times downloaded"
    FOLLOWERS = "followers", "followers"
    ATTENDEES = "attendees", "people who attended"
    COPIES = "copies", "copies printed or sold"


MOST = 10**12
"""Of anything that is counted: more than there are people, by far."""


class Campaign(Record):
    """An outside effort, such as that of a government centre or an organisation. It need not use any testimony."""

    DATES = ("starts", "ends")

    slug = slug_field("Short name in addresses and filters", unique=True)
    title = models.CharField(max_length=300, help_text="Title.")
    actor_name = models.CharField(max_length=300, help_text="Who runs it: an organisation, not a person.")
    actor_kind = choice_field(ActorKind, "What kind of organisation runs it.", default=ActorKind.NOT_KNOWN)
    description = models.TextField(blank=True, help_text="What it does, in our own words.")
    starts = edtf_field("When it began")
    starts_earliest = day_field("First day on which it may have begun.")
    starts_latest = day_field("Last day on which it may have begun.")
    ends = edtf_field("When it ended")
    ends_earliest = day_field("First day on which it may have ended.")
    ends_latest = day_field("Last day on which it may have ended.")
    languages = ArrayField(
        models.CharField(max_length=35, validators=[check_language]),
        default=list,
        blank=True,
        help_text="Languages that it speaks, as BCP 47 tags such as en or ar.",
    )
    tier = tier_field("this campaign")

    class Meta:
        constraints = [
            one_of("campaign", "actor_kind", ActorKind),
            known_tier("campaign"),
            *days_in_order("campaign", "starts"),
            *days_in_order("campaign", "ends"),
        ]

    class Exposure:
        public = (
            "id", "slug", "title", "actor_name", "actor_kind", "description", "starts", "starts_earliest", "starts_latest",
            "ends", "ends_earliest", "ends_latest", "languages",
        )  # fmt: skip
        internal = ("version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return str(self.slug)


class Channel(models.Model):
    """Where a campaign speaks: a platform and what it is called there."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="channels", help_text="The campaign.")
    platform = models.CharField(max_length=80, help_text="The platform, such as YouTube or a radio station.")
    handle = models.CharField(max_length=200, blank=True, help_text="What the campaign is called there, such as @name.")
    url = models.URLField(max_length=1000, blank=True, help_text="Address of the channel.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order among the campaign's channels, from 0.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "platform", "handle", "url"], name="channel_is_listed_once")
        ]

    class Exposure:
        public = ("platform", "handle", "url", "position")
        internal = ("id", "campaign")

    def __str__(self) -> str:
        return f"channel {self.pk}"


class CampaignSource(models.Model):
    """A source that tells of a campaign."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="campaign_sources", help_text="The campaign."
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="campaign_sources", help_text="Who tells of it."
    )
    locator = models.CharField(max_length=300, blank=True, help_text="Where in the source.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order among the campaign's sources, from 0.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "source"], name="campaign_source_is_listed_once")]

    class Exposure:
        public = ("source", "locator", "position")
        internal = ("id", "campaign")

    def __str__(self) -> str:
        return f"campaign source {self.pk}"


class CampaignUse(Record):
    """One use in a campaign of none, one or several testimonies: a video, an article, a lecture."""

    DATES = ("published",)

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="uses", help_text="The campaign that it is part of."
    )
    kind = choice_field(UseKind, "What it is.")
    title = models.CharField(max_length=500, help_text="Title, or what it is in a few words where it has none.")
    url = models.URLField(max_length=1000, blank=True, help_text="Address where it can be seen.")
    description = models.TextField(blank=True, help_text="What it shows, in our own words.")
    audience = models.CharField(max_length=300, blank=True, help_text="Whom it is made for.")
    language = language_field("Its main language", null=True, blank=True)
    published = edtf_field("When it was published, shown or held")
    published_earliest = day_field("First day on which that may have been.")
    published_latest = day_field("Last day on which that may have been.")
    purpose = models.CharField(
        max_length=20,
        choices=Use.choices,
        default=Use.CAMPAIGN,
        help_text="As what it uses testimonies: each needs a clearance for this use.",
    )
    tier = tier_field("this use")

    class Meta:
        verbose_name = "use"
        constraints = [
            one_of("campaignuse", "kind", UseKind),
            one_of("campaignuse", "purpose", Use),
            known_tier("campaignuse"),
            *days_in_order("campaignuse", "published"),
        ]

    class Exposure:
        public = (
            "id", "campaign", "kind", "title", "url", "description", "audience", "language", "published", "published_earliest",
            "published_latest", "purpose",
        )  # fmt: skip
        internal = ("version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return str(self.title)


class UseSource(models.Model):
    """A source that tells of a use."""

    use = models.ForeignKey(CampaignUse, on_delete=models.CASCADE, related_name="use_sources", help_text="The use.")
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="use_sources", help_text="Who tells of it."
    )
    locator = models.CharField(max_length=300, blank=True, help_text="Where in the source.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order among the use's sources, from 0.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["use", "source"], name="use_source_is_listed_once")]

    class Exposure:
        public = ("source", "locator", "position")
        internal = ("id", "use")

    def __str__(self) -> str:
        return f"use source {self.pk}"


class UsedTestimony(models.Model):
    """A use uses a testimony, perhaps by a quote. Nobody sees it who does not see the testimony."""

    use = models.ForeignKey(
        CampaignUse, on_delete=models.CASCADE, related_name="used_testimonies", help_text="The use."
    )
    testimony = models.ForeignKey(
        Testimony, on_delete=models.CASCADE, related_name="used_in", help_text="The testimony that it uses."
    )
    quote = models.ForeignKey(
        Quote,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="used_in",
        help_text="The passage that it quotes; empty where it quotes none, or it is not known which.",
    )

    class Meta:
        verbose_name_plural = "used testimonies"
        constraints = [
            # without a quote it may stand twice, where quotes by which it was used are gone: readers are shown it once
            models.UniqueConstraint(fields=["use", "testimony", "quote"], name="used_testimony_is_listed_once")
        ]

    class Exposure:
        public = ("testimony", "quote")
        internal = ("id", "use")

    def __str__(self) -> str:
        return f"used testimony {self.pk}"


class Measurement(Record):
    """How far a use had reached by a day, as somebody measured it. A later measurement stands beside an earlier one."""

    use = models.ForeignKey(CampaignUse, on_delete=models.CASCADE, related_name="measurements", help_text="The use.")
    metric = choice_field(Metric, "What is counted. Never add one metric to another.")
    value = models.PositiveBigIntegerField(help_text="How many, as the source states it.")
    measured_on = models.DateField(
        help_text="The day of the measurement; of a printed figure, the day of its printing."
    )
    source = models.ForeignKey(
        Source,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="measurements",
        help_text="Who states it; empty where it was read off the platform itself.",
    )
    note = models.TextField(blank=True, help_text="How it was measured, and what to know before using it.")

    class Meta:
        constraints = [
            one_of("measurement", "metric", Metric),
            models.CheckConstraint(condition=Q(value__lte=MOST), name="measurement_value_is_plausible"),
            models.UniqueConstraint(
                fields=["use", "metric", "measured_on", "source"],
                nulls_distinct=False,
                name="measurement_is_one_a_day_by_a_source",
            ),
        ]

    class Exposure:
        public = ("id", "use", "metric", "value", "measured_on", "source", "note")
        internal = ("version", "created_at", "changed_at", "created_by")

    def __str__(self) -> str:
        return f"{self.metric} on {self.measured_on}"


SHOWN_WITH_SOURCES = (CampaignSource, UseSource, Measurement)
"""What names a source beside testimonies and figures, as its model with a `source`."""
