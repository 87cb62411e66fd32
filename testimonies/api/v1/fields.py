"""Fields of bodies that several resources share. Help texts, lengths and words come from the models."""

from typing import Any

from django.db import models
from rest_framework import serializers

from testimonies.access import Tier
from testimonies.api.parsing import Choice, Flag, StrictSerializer, Text, Whole
from testimonies.models.fields import Missing

_NOT_GIVEN = models.NOT_PROVIDED


class TierWord(Choice):
    """A tier by its word."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[(tier.label, tier.label) for tier in Tier], **options)

    def to_internal_value(self, data: Any) -> Tier:
        word = super().to_internal_value(data)
        return next(tier for tier in Tier if tier.label == word)


class FieldReason(StrictSerializer):
    field = Text(max_length=80, help_text="Name of the field.")
    reason = Choice(choices=Missing.choices, help_text="Why it is missing.")


class FieldTier(StrictSerializer):
    field = Text(max_length=80, help_text="Name of the field.")
    tier = TierWord(help_text="The tier that it needs.")


class Pairs(serializers.ListField):
    """A list of {field, reason} or {field, tier}, kept as a mapping; each field once."""

    def __init__(self, *, value: str, **options: Any) -> None:
        self.value = value
        super().__init__(max_length=40, **options)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        rows = super().to_internal_value(data)
        found = {row["field"]: row[self.value] for row in rows}
        if len(found) < len(rows):
            raise serializers.ValidationError("Name each field once.", code="repeated")
        return found


class ExternalIdWrite(StrictSerializer):
    system = Text(max_length=80, help_text="The other system.")
    value = Text(max_length=200, help_text="What that system calls the record.")


def external_ids() -> serializers.ListSerializer:
    return ExternalIdWrite(
        many=True, required=False, max_length=50, help_text="What other systems call it: the whole list."
    )


def missing() -> Pairs:
    return Pairs(
        value="reason",
        child=FieldReason(),
        required=False,
        default=dict,
        help_text="Why dates or countries are missing.",
    )


def raised() -> Pairs:
    return Pairs(
        value="tier",
        child=FieldTier(),
        required=False,
        default=dict,
        help_text="Fields that need a higher tier than usual.",
    )


def of(model: type[models.Model], *names: str) -> dict[str, serializers.Field]:
    """Body fields with the constraints, help texts and defaults of the model's fields."""
    return {name: _field(model._meta.get_field(name)) for name in names}


def _field(field: Any) -> serializers.Field:
    options: dict[str, Any] = {"help_text": field.help_text, "validators": list(field.validators)}
    if field.default is not _NOT_GIVEN:
        options |= {"required": False, "default": field.default}
    elif field.null:
        options |= {"required": False, "default": None}
    elif field.blank and field.get_internal_type() in {"CharField", "TextField", "SlugField"}:
        options |= {"required": False, "default": ""}
    if field.null:
        options["allow_null"] = True
    kind = field.get_internal_type()
    if kind == "PositiveSmallIntegerField" and field.choices:
        return TierWord(help_text=field.help_text, required=False, default=field.default)
    if field.choices:
        del options["validators"]
        return Choice(choices=field.choices, **options)
    if kind == "ArrayField":
        return _array(field, options)
    if kind in {"CharField", "TextField", "SlugField"}:
        return Text(allow_blank=bool(field.blank) and not field.null, max_length=field.max_length or 200_000, **options)
    kinds = {
        "BooleanField": Flag,
        "DateTimeField": serializers.DateTimeField,
        "FloatField": serializers.FloatField,
        "PositiveIntegerField": Whole,
        "PositiveSmallIntegerField": Whole,
    }
    del options["validators"]
    return kinds[kind](**options)  # type: ignore[return-value]


def _array(field: Any, options: dict[str, Any]) -> serializers.Field:
    del options["validators"]
    if field.base_field.choices:
        child: serializers.Field = Choice(choices=field.base_field.choices)
    else:
        child = Text(max_length=5_000)
    return serializers.ListField(
        child=child, max_length=200, **{**options, "default": list} if "default" in options else options
    )


def body(component: str, doc: str, /, **fields: serializers.Field) -> type[StrictSerializer]:
    """A body of these fields, as the OpenAPI component of that name."""
    return type(f"{component}Serializer", (StrictSerializer,), {"__doc__": doc, **fields})
