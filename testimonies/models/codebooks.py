"""Codebooks, their codes, and which codes of one version those of the next come from."""

import re
import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from testimonies.access import Tier
from testimonies.models.base import Record
from testimonies.models.fields import (
    choice_field,
    known_tier,
    language_field,
    one_of,
    slug_field,
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
    published_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="From when on it is frozen, with its codes and their origins."
    )
    follows = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="next_versions",
        help_text="The published version that this one was made from; there is one next version at most.",
    )
    tier = tier_field("this codebook")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "edition"], name="codebook_version_is_one"),
            one_of("codebook", "status", CodebookStatus),
            known_tier("codebook"),
            models.CheckConstraint(condition=~Q(edition=""), name="codebook_has_a_version"),
            models.UniqueConstraint(fields=["follows"], name="codebook_has_one_next_version"),
            models.CheckConstraint(condition=~Q(follows=F("id")), name="codebook_follows_another"),
        ]

    class Exposure:
        public = (
            "id", "slug", "edition", "title", "language", "method", "unit_of_coding", "hierarchy_rule", "reliability_rule",
            "absence_rule", "status", "published_at",
        )  # fmt: skip
        internal = ("version", "created_at", "changed_at", "created_by", "follows", "tier")

    def __str__(self) -> str:
        return f"{self.slug}@{self.edition}"


UNCARRIED = re.compile(r"[\x00-\x08\x0B\x0C\x0E-\x1F\uD800-\uDFFF\uFFFE\uFFFF]")
"""Characters that XML cannot carry: codebooks travel as REFI-QDA files (docs/adr/0030)."""
_COLOR = r"#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})"


TEXTS = (
    "label", "brief_definition", "definition", "inclusion", "exclusion", "example", "near_miss", "source_section", "basis",
)  # fmt: skip
"""What a code says in words, in the order in which it is read."""


def check_carried(value: str) -> None:
    if UNCARRIED.search(value):
        raise ValidationError(
            "Leave out control characters: files for other software cannot carry them.", code="control_character"
        )


def check_color(value: str) -> None:
    if not re.fullmatch(_COLOR, value):
        raise ValidationError("Write a colour as #RRGGBB, such as #1f77b4, or as #RGB.", code="invalid_color")


def _words(what: str) -> models.TextField:
    return models.TextField(blank=True, validators=[check_carried], help_text=what)


def _lines(what: str) -> ArrayField:
    return ArrayField(models.TextField(validators=[check_carried]), default=list, blank=True, help_text=what)


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
    guid = models.UUIDField(
        default=uuid.uuid4,
        editable=False,
        help_text="What other software knows the code by (REFI-QDA): minted once, and the same in later versions.",
    )
    slug = slug_field("Short name within the codebook")
    dimension = slug_field("Slug of the dimension that the code belongs to")
    label = models.CharField(max_length=200, validators=[check_carried], help_text="The name that coders read.")
    brief_definition = _words("The definition in one line.")
    definition = _words("The full definition.")
    inclusion = _lines("When to use the code.")
    exclusion = _lines("When not to use the code, and which to use instead.")
    example = _words("An invented example.")
    near_miss = _words("An example to which the code does not apply.")
    source_section = _words("Which part of the source the code comes from.")
    basis = _lines("Which sources the code rests on.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order within the codebook, from 0.")
    level = models.PositiveSmallIntegerField(default=1, help_text="1 for a dimension, 2 for a code, 3 for a subcode.")
    is_assignable = models.BooleanField(default=True, help_text="Whether coders may apply it; dimensions usually not.")
    color = models.CharField(
        max_length=7,
        blank=True,
        validators=[check_color],
        help_text="Colour at the desk and in other software, as #RRGGBB.",
    )
    tier = tier_field("this code and where it applies", Tier.PUBLIC)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["codebook", "slug"], name="code_slug_is_one_per_codebook"),
            models.UniqueConstraint(fields=["codebook", "guid"], name="code_guid_is_one_per_codebook"),
            models.CheckConstraint(condition=Q(color="") | Q(color__regex=f"^{_COLOR}$"), name="code_color_is_a_color"),
            known_tier("code"),
            models.CheckConstraint(
                condition=Q(parent=None) ^ Q(level__gt=1), name="code_without_parent_is_a_dimension"
            ),
        ]

    class Exposure:
        public = (
            "id", "codebook", "parent", "slug", "dimension", "label", "brief_definition", "definition", "inclusion", "exclusion", "example",
            "near_miss", "source_section", "basis", "level", "is_assignable", "guid", "color",
        )  # fmt: skip
        restricted = ("position",)
        internal = ("version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return str(self.slug)


class CodeOrigin(models.Model):
    """Part of the map between two versions: a code, and a code of the version before from which it comes.

    What became of a code follows from these rows: kept, renamed, merged, split or dropped (selectors/codebook_versions.py).
    """

    code = models.ForeignKey(
        Code, on_delete=models.CASCADE, related_name="origins", help_text="The code of the later version."
    )
    origin = models.ForeignKey(
        Code,
        on_delete=models.PROTECT,
        related_name="successors",
        help_text="The code of the version before from which it comes.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "origin"], name="code_origin_is_named_once")]

    class Exposure:
        public = ("code", "origin")
        internal = ("id",)

    def __str__(self) -> str:
        return f"{self.code_id} from {self.origin_id}"
