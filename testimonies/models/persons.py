"""Persons, their names, and the open question whether two of them are one."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least

from testimonies.models.base import ExternalId, Record
from testimonies.models.fields import (
    RAISED,
    Missing,
    choice_field,
    country_code,
    country_field,
    known_pairs,
    known_tier,
    missing_field,
    one_of,
    raised_field,
    ref_field,
    tier_field,
    valid_ref,
)


class NameKind(models.TextChoices):
    OUTLET_PSEUDONYM = "outlet_pseudonym", "a pseudonym that the outlet chose"
    KUNYA = "kunya", "a kunya: to the group it is the name"
    GIVEN_NAME = "given_name", "a given name, which may be real"
    INITIALS = "initials", "initials"
    NONE = "none", "no name was published"


class Gender(models.TextChoices):
    FEMALE = "female", "female"
    MALE = "male", "male"
    OTHER = "other", "other"
    NOT_KNOWN = "not_known", "not known"


class Disclosure(models.TextChoices):
    """How much of what somebody could be recognised by is shown below restricted."""

    EXACT = "exact", "gender, origin and five-year age bands are shown"
    BANDED = "banded", "gender and ten-year age bands are shown, no origin"
    WITHHELD = "withheld", "neither gender nor origin nor age is shown"


class LinkStatus(models.TextChoices):
    POSSIBLE = "possible", "possible: nobody has decided"
    CONFIRMED = "confirmed", "confirmed by a human"
    REJECTED = "rejected", "rejected by a human"


RAISABLE = ("name", "name_kind", "gender", "nationality", "residence_before", "origin_stated")
"""Fields that a person may raise to a higher tier: each has a value that says nothing."""


class Person(Record):
    """Somebody who testifies. Never a login account; never found by name, since names are no keys."""

    ref = ref_field("P")
    name = models.CharField(
        max_length=200,
        blank=True,
        help_text="The name as the outlet printed it. Outside staff only an outlet's pseudonym is shown.",
    )
    name_kind = choice_field(NameKind, "What kind of name it is; this decides who may see it.", default=NameKind.NONE)
    gender = choice_field(Gender, "Gender as reported.", default=Gender.NOT_KNOWN)
    nationality = country_field("Nationality as stated")
    residence_before = country_field("Country lived in before joining, kept apart from nationality")
    origin_stated = models.CharField(
        max_length=200,
        blank=True,
        help_text="What was said about origin where it names no country, such as 'Western country'.",
    )
    disclosure = choice_field(
        Disclosure,
        "How much of gender, origin (nationality, residence before, what was stated) and age is shown below restricted, with "
        "whichever of the person's testimonies.",
        default=Disclosure.EXACT,
    )
    tier = tier_field("this person")
    raised = raised_field()
    missing = missing_field()

    class Meta:
        constraints = [
            valid_ref("person", "P"),
            one_of("person", "name_kind", NameKind),
            one_of("person", "gender", Gender),
            one_of("person", "disclosure", Disclosure),
            known_tier("person"),
            country_code("person", "nationality"),
            country_code("person", "residence_before"),
            known_pairs("person", "raised", RAISABLE, RAISED),
            known_pairs("person", "missing", ("nationality", "residence_before"), Missing.values),
            models.CheckConstraint(
                condition=~Q(name_kind=NameKind.NONE) | Q(name=""), name="person_without_a_name_has_none"
            ),
        ]

    class Exposure:
        public = ("id", "ref", "name_kind", "gender", "nationality", "residence_before", "origin_stated", "missing")
        by_kind = ("name",)
        restricted = ("raised", "disclosure")
        internal = ("version", "created_at", "changed_at", "created_by", "tier")

    def __str__(self) -> str:
        return str(self.ref)


class PersonName(models.Model):
    """Another name of a person, perhaps in another script. Two people may share one."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="other_names", help_text="Whose name it is."
    )
    value = models.CharField(max_length=200, help_text="The name as printed.")
    kind = choice_field(NameKind, "What kind of name it is; this decides who may see it.")
    tier = tier_field("this name")

    class Meta:
        constraints = [
            one_of("other_name", "kind", NameKind),
            known_tier("person_name"),
            models.UniqueConstraint(fields=["person", "value"], name="person_name_is_listed_once"),
            models.CheckConstraint(condition=~Q(value="") & ~Q(kind=NameKind.NONE), name="person_name_is_a_name"),
        ]

    class Exposure:
        by_kind = ("value",)
        internal = ("id", "person", "kind", "tier")

    def __str__(self) -> str:
        return f"name {self.pk} of {self.person_id}"


class PersonExternalId(ExternalId):
    """What another system calls a person."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="external_ids", help_text="Whose id it is."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "value"], name="person_external_id_names_one_person")]

    class Exposure:
        restricted = ("system", "value")
        internal = ("id", "person")


class SamePersonLink(Record):
    """'Possibly the same person': a question that a human confirms or rejects and may take back. Nothing merges by itself.

    `other` is empty while the record that the link names has not been loaded; `awaits` then says which it is.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", help_text="One person.")
    other = models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="The person who may be the same.",
    )
    awaits = models.CharField(
        max_length=300, blank=True, help_text="External id (system: value) of a testimony that is not loaded yet."
    )
    status = choice_field(LinkStatus, "What a human decided.", default=LinkStatus.POSSIBLE)
    note = models.TextField(blank=True, help_text="Why the two may or may not be one person. For staff only.")

    class Meta:
        constraints = [
            one_of("same_person_link", "status", LinkStatus),
            models.CheckConstraint(
                condition=Q(other=None) ^ Q(awaits=""), name="same_person_link_has_two_sides_or_waits"
            ),
            models.CheckConstraint(
                condition=Q(other=None) | ~Q(other=F("person")), name="same_person_link_joins_two_people"
            ),
            models.UniqueConstraint(
                Least("person", "other"),
                Greatest("person", "other"),
                condition=Q(other__isnull=False),
                name="same_person_link_is_asked_once",
            ),
            models.UniqueConstraint(
                fields=["person", "awaits"], condition=~Q(awaits=""), name="same_person_link_waits_once"
            ),
        ]

    class Exposure:
        restricted = ("id", "person", "other", "status", "note")
        internal = ("version", "created_at", "changed_at", "created_by", "awaits")

    def __str__(self) -> str:
        return f"{self.person_id} ~ {self.other_id or self.awaits}"
