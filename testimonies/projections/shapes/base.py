"""What every shape is made of: how a key is described, and what records of several kinds have."""

from dataclasses import dataclass
from typing import Annotated, TypedDict

from django.db import models as django_models

from testimonies import models
from testimonies.access import Tier


@dataclass(frozen=True)
class Described:
    """What OpenAPI says of a key: from a model's field, in its own words, or both."""

    help: str = ""
    model: type[django_models.Model] | None = None
    field: str = ""
    choices: type[django_models.Choices] | None = None
    format: str = ""
    tier: Tier | None = None


def of(model: type[django_models.Model], field: str = "") -> Described:
    return Described(model=model, field=field)


Id = Annotated[str, Described(format="uuid")]
Day = Annotated[str, Described(format="date")]
Moment = Annotated[str, Described(format="date-time")]
Uri = Annotated[str, Described(format="uri")]
UpdatedAt = Annotated[str, Described(format="date-time", help="When this document last changed for the caller's tier.")]
TierWord = Annotated[str, Described(choices=Tier, help="Least tier that may see the record.")]


class MissingReason(django_models.TextChoices):
    NOT_AVAILABLE = "not_available", "not available to this caller, for whatever reason"
    NOT_STATED = "not_stated", "nobody said"
    UNKNOWN = "unknown", "we do not know"
    NOT_APPLICABLE = "not_applicable", "it does not apply"
    REFUSED = "refused", "the person would not say"
    WITHHELD = "withheld_for_safety", "kept out for somebody's safety"


class MissingValue(TypedDict):
    """A date or a country that is null, and why. Below restricted the reason is always `not_available`."""

    field: Annotated[str, Described(help="Name of the field.")]
    reason: Annotated[str, Described(choices=MissingReason, help="Why it is missing.")]


class RaisedField(TypedDict):
    """A field of this record that needs a higher tier than usual."""

    field: Annotated[str, Described(help="Name of the field.")]
    tier: Annotated[str, Described(choices=Tier, help="The tier that it needs.")]


class ExternalIdRef(TypedDict):
    """What another system calls the record."""

    system: Annotated[str, of(models.TestimonyExternalId)]
    value: Annotated[str, of(models.TestimonyExternalId)]
