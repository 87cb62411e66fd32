"""Codebooks and their codes."""

from django.db import models
from django.db.models import Q

from testimonies.access import Tier
from testimonies.models.base import Record
from testimonies.models.fields import (
    choice_field,
    known_tier,
    language_field,
    one_of,
    slug_field,
    texts_field,
    tier_field,
)


class CodebookStatus(models.TextChoices):
    DRAFT = "draft", "draft: may still change"
    PUBLISHED = "published", "published: frozen"


class Codebook(Record):
    """One version of a set of codes. A published version is frozen; codings pin the version they were made with."""

    slug = slug_field("Short name, the same for all versions")
    edition = models.CharField(max_length=20, help_text="The version of the codebook, such as 1.1.0.")
    title = models.CharField(max_length=300, help_text="Title.")
    language = language_field("Language of the codebook", default="en")
    method = models.TextField(blank=True, help_text="How the codebook was made.")
    unit_of_coding = models.TextField(blank=True, help_text="What one coding is applied to.")
    hierarchy_rule = models.TextField(blank=True, help_text="How parents and children are to be used.")
    reliability_rule = models.TextField(blank=True, help_text="How reliability is computed.")
    absence_rule = models.TextField(blank=True, help_text="What it means that a code is absent.")
    status = choice_field(CodebookStatus, "Whether it may still change.", default=CodebookStatus.DRAFT)
    tier = tier_field("this codebook")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "edition"], name="codebook_version_is_one"),
            one_of("codebook", "status", CodebookStatus),
            known_tier("codebook"),
            models.CheckConstraint(condition=~Q(edition=""), name="codebook_has_a_version"),
        ]

    class Exposure:
        public = (
            "id", "slug", "edition", "title", "language", "method", "unit_of_coding", "hierarchy_rule", "reliability_rule",
            "absence_rule", "status",
        )  # fmt: skip
        internal = ("version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return f"{self.slug}@{self.edition}"


class Code(Record):
    """One code: what it means, when to use it and when not. Its dimension is its topmost ancestor's slug."""

    codebook = models.ForeignKey(
        Codebook, on_delete=models.CASCADE, related_name="codes", help_text="The codebook version it belongs to."
    )
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        help_text="The broader code; empty for a dimension.",
    )
    slug = slug_field("Short name within the codebook")
    dimension = slug_field("Slug of the dimension that the code belongs to")
    label = models.CharField(max_length=200, help_text="The name that coders read.")
    brief_definition = models.TextField(blank=True, help_text="The definition in one line.")
    definition = models.TextField(blank=True, help_text="The full definition.")
    inclusion = texts_field("When to use the code.")
    exclusion = texts_field("When not to use the code, and which to use instead.")
    example = models.TextField(blank=True, help_text="An invented example.")
    near_miss = models.TextField(blank=True, help_text="An example to which the code does not apply.")
    source_section = models.TextField(blank=True, help_text="Which part of the source the code comes from.")
    basis = texts_field("Which sources the code rests on.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order within the codebook, from 0.")
    level = models.PositiveSmallIntegerField(default=1, help_text="1 for a dimension, 2 for a code, 3 for a subcode.")
    is_assignable = models.BooleanField(default=True, help_text="Whether coders may apply it; dimensions usually not.")
    tier = tier_field("this code and where it applies", Tier.PUBLIC)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["codebook", "slug"], name="code_slug_is_one_per_codebook"),
            known_tier("code"),
            models.CheckConstraint(
                condition=Q(parent=None) ^ Q(level__gt=1), name="code_without_parent_is_a_dimension"
            ),
        ]

    class Exposure:
        public = (
            "id", "codebook", "parent", "slug", "dimension", "label", "brief_definition", "definition", "inclusion", "exclusion", "example",
            "near_miss", "source_section", "basis", "level", "is_assignable",
        )  # fmt: skip
        restricted = ("position",)
        internal = ("version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return str(self.slug)
