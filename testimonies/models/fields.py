"""Column types that several models share. Each knows its help text's vocabulary and its database constraint."""

import json
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from testimonies.access import Tier
from testimonies.values import dates, languages, places, refs


def check_edtf(value: str) -> None:
    try:
        dates.bounds(value)
    except dates.InvalidDate as error:
        raise ValidationError(str(error), code="invalid_date") from None


def check_country(value: str) -> None:
    if not places.is_country(value):
        raise ValidationError(
            "Write a country as ISO 3166-1 alpha-2: two capital letters such as SY or DE.", code="invalid_country"
        )


def check_language(value: str) -> None:
    if not languages.is_language(value):
        raise ValidationError("Write a language as a BCP 47 tag such as en, ar or zh-Hant.", code="invalid_language")


def ref_field(prefix: str) -> models.CharField:
    return models.CharField(
        max_length=16,
        unique=True,
        editable=False,
        default=partial(refs.new_ref, prefix),
        help_text=f"Human reference, random with a check character, such as {prefix}-7K3QM2X9: for notes and letters.",
    )


def edtf_field(what: str) -> models.CharField:
    """An uncertain date, kept as written. `derive_bounds` fills the two days beside it."""
    return models.CharField(
        max_length=100,
        null=True,  # a date that is missing is null, everywhere (DESIGN: what is missing is typed)
        blank=True,
        validators=[check_edtf],
        help_text=f"{what}, as EDTF: 2014-09-25, 2014-09, 2014, 2014~ (about), 2014? (unsure), 2014/2015, ../2015, 201X.",
    )


def day_field(what: str) -> models.DateField:
    return models.DateField(null=True, blank=True, editable=False, help_text=what)


def country_field(what: str) -> models.CharField:
    return models.CharField(
        max_length=2,
        null=True,
        blank=True,
        validators=[check_country],
        help_text=f"{what}: ISO 3166-1 alpha-2, such as SY.",
    )


def language_field(what: str, **options: Any) -> models.CharField:
    return models.CharField(
        max_length=35, validators=[check_language], help_text=f"{what}: a BCP 47 tag such as en or ar.", **options
    )


def tier_field(what: str, default: Tier = Tier.RESTRICTED) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        choices=Tier.choices,
        default=default,
        help_text=f"The least tier that may see {what}: public, partner or restricted.",
    )


def texts_field(what: str, **options: Any) -> ArrayField:
    return ArrayField(models.TextField(), default=list, blank=True, help_text=what, **options)


def choice_field(choices: type[models.TextChoices], what: str, **options: Any) -> models.CharField:
    return models.CharField(max_length=40, choices=choices.choices, help_text=what, **options)


def slug_field(what: str, **options: Any) -> models.SlugField:
    return models.SlugField(max_length=80, help_text=f"{what}: lower-case letters, digits and hyphens.", **options)


class Missing(models.TextChoices):
    """Why a date or a country is missing. Below restricted every one of them reads `not_available`."""

    NOT_STATED = "not_stated", "nobody said"
    UNKNOWN = "unknown", "we do not know"
    NOT_APPLICABLE = "not_applicable", "it does not apply"
    REFUSED = "refused", "the person would not say"
    WITHHELD = "withheld_for_safety", "kept out for somebody's safety"


RAISED = (Tier.PARTNER.value, Tier.RESTRICTED.value)
"""Tiers that a record may raise a field to."""


def missing_field() -> models.JSONField:
    return models.JSONField(
        default=dict,
        blank=True,
        help_text='Why a date or a country is missing, such as {"joined": "not_stated"}. '
        "Reasons: " + ", ".join(Missing.values) + ".",
    )


def raised_field() -> models.JSONField:
    return models.JSONField(
        default=dict,
        blank=True,
        help_text='Fields of this record that need a higher tier than usual, such as {"nationality": 2} '
        "(1 partner, 2 restricted). A tier is raised, never lowered.",
    )


def derive_bounds(record: models.Model) -> None:
    """Fill `X_earliest` and `X_latest` of every uncertain date X that the record's class names in DATES."""
    for name, value in with_bounds(type(record), {name: getattr(record, name) for name in dated(type(record))}).items():
        setattr(record, name, value)


def dated(model: type[models.Model]) -> tuple[str, ...]:
    """Its uncertain dates."""
    return getattr(model, "DATES", ())


def with_bounds(model: type[models.Model], values: dict[str, Any]) -> dict[str, Any]:
    """Values of a record, with the two days beside each uncertain date that is among them."""
    found = dict(values)
    for name in values.keys() & {*dated(model)}:
        text = values[name] or None
        found[name] = text
        found[f"{name}_earliest"], found[f"{name}_latest"] = dates.bounds(text) if text else (None, None)
    return found


# --- Constraints ----------------------------------------------------------------------------------------------------


def one_of(model: str, field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": choices.values}), name=f"{model}_{field}_is_a_known_word"
    )


def known_tier(model: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(tier__in=Tier.values), name=f"{model}_tier_is_known")


def only(model: str, field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    """An array holds known words only."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__contained_by": choices.values}), name=f"{model}_{field}_are_known_words"
    )


def days_in_order(model: str, field: str) -> list[models.CheckConstraint]:
    """Derived days come with a date as written, and the earliest is not after the latest."""
    low, high = f"{field}_earliest", f"{field}_latest"
    empty = Q(**{f"{low}__isnull": True, f"{high}__isnull": True})
    return [
        models.CheckConstraint(
            condition=~Q(**{field: ""}) & (Q(**{f"{field}__isnull": False}) | empty),
            name=f"{model}_{field}_days_need_a_date",
        ),
        models.CheckConstraint(
            condition=Q(**{f"{low}__isnull": True}) | Q(**{f"{high}__isnull": True}) | Q(**{f"{low}__lte": F(high)}),
            name=f"{model}_{field}_days_are_in_order",
        ),
    ]


def country_code(model: str, field: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__regex": "^[A-Z]{2}$"}),
        name=f"{model}_{field}_is_a_country_code",
    )


def known_pairs(model: str, field: str, names: Iterable[str], values: Iterable[str | int]) -> models.CheckConstraint:
    """A JSON object of which the keys are these fields and the values are these words or numbers."""
    keys = ", ".join(f"'{name}'" for name in names)
    spelled = [json.dumps(value) for value in values]
    kind = "number" if spelled[0].isdigit() else "string"
    other = " && ".join(f"@ != {value}" for value in spelled)
    return models.CheckConstraint(
        condition=models.Func(
            F(field),
            template=f"(jsonb_typeof(%(expressions)s) = 'object' AND %(expressions)s - ARRAY[{keys}]::text[] = '{{}}'::jsonb "
            f"AND NOT jsonb_path_exists(%(expressions)s, 'strict $.* ? (@.type() != \"{kind}\" || ({other}))'))",
            output_field=models.BooleanField(),
        ),
        name=f"{model}_{field}_names_known_fields",
    )


def valid_ref(model: str, prefix: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(ref__regex=f"^{prefix}-[0-9A-Z]+$"), name=f"{model}_ref_has_its_prefix")
