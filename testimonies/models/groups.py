"""Organisations, and who is said to have belonged to them."""

from django.db import models

from testimonies.access import Tier
from testimonies.models.base import Record
from testimonies.models.fields import (
    choice_field,
    day_field,
    days_in_order,
    edtf_field,
    known_tier,
    one_of,
    slug_field,
    tier_field,
)
from testimonies.models.persons import Person


class Belonging(models.TextChoices):
    """On whose word a person belonged. Membership is said, never assumed and never a finding of ours."""

    SAYS_MEMBER = "says_member", "says so"
    SAYS_FORCED = "says_forced", "says they were forced"
    DENIED = "denied", "denies it"
    ALLEGED = "alleged", "only somebody else says so"
    FOUND_BY_COURT = "found_by_court", "a court found so"
    NOT_KNOWN = "not_known", "not known"


class Group(Record):
    """An organisation that people are said to have belonged to."""

    slug = slug_field("Short name in addresses and filters", unique=True)
    name = models.CharField(max_length=200, help_text="The group's name.")
    description = models.TextField(blank=True, help_text="What the group is, in our own words.")
    tier = tier_field("this group")

    class Meta:
        constraints = [known_tier("group")]

    class Exposure:
        public = ("id", "slug", "name", "description")
        internal = ("version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return self.name


class Membership(Record):
    """One person's time with one group, as it was told: on whose word, in which role, from when until when."""

    DATES = ("joined", "left")

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="memberships", help_text="Who is said to have belonged."
    )
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="memberships", help_text="To which group.")
    belonging = choice_field(Belonging, "On whose word the person belonged.", default=Belonging.NOT_KNOWN)
    role_in_group = models.CharField(
        max_length=80, blank=True, help_text="What the person did there, such as fighter or support."
    )
    joined = edtf_field("When the person joined")
    joined_earliest = day_field("First day on which the person may have joined.")
    joined_latest = day_field("Last day on which the person may have joined.")
    left = edtf_field("When the person left")
    left_earliest = day_field("First day on which the person may have left.")
    left_latest = day_field("Last day on which the person may have left.")
    tier = tier_field("this membership", Tier.PUBLIC)

    class Meta:
        constraints = [
            one_of("membership", "belonging", Belonging),
            known_tier("membership"),
            *days_in_order("membership", "joined"),
            *days_in_order("membership", "left"),
        ]

    class Exposure:
        public = (
            "group", "belonging", "role_in_group",
            "joined", "joined_earliest", "joined_latest", "left", "left_earliest", "left_latest",
        )  # fmt: skip
        internal = ("id", "person", "version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return f"membership {self.pk}"
