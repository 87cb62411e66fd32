"""Fields of bodies that several resources share. Help texts, lengths and words come from the models."""

from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.fields import empty

from testimonies.access import Tier
from testimonies.api.parsing import Choice, Flag, Number, StrictSerializer, Text, Whole
from testimonies.api.saying import TIER_WORDS
from testimonies.models.fields import Missing

_BY_WORD = {tier.label: tier for tier in Tier}
_NOT_GIVEN = models.NOT_PROVIDED


class TierWord(Choice):
    """A tier by its word."""

    def __init__(self, **options: Any) -> None:
        if "default" in options:  # the word, which the OpenAPI document shows
            options["default"] = Tier(options["default"]).label
        super().__init__(choices=TIER_WORDS, **options)

    def to_internal_value(self, data: Any) -> Any:
        return _BY_WORD[super().to_internal_value(data)]

    def get_default(self) -> Any:
        return _BY_WORD[str(super().get_default())]


class FieldReason(StrictSerializer):
    """A date or a country that is missing, and why."""

    field = Text(max_length=80, help_text="Name of the field.")
    reason = Choice(choices=Missing.choices, help_text="Why it is missing.")


class FieldTier(StrictSerializer):
    """A field of this record that needs a higher tier than usual."""

    field = Text(max_length=80, help_text="Name of the field.")
    tier = TierWord(help_text="The tier that it needs.")


class Pairs(serializers.ListField):
    """A list of {field, reason} or {field, tier}, kept as a mapping; each field once."""

    def __init__(self, *, value: str, **options: Any) -> None:
        self.value = value
        super().__init__(max_length=40, **options)

    def to_internal_value(self, data: Any) -> Any:
        rows = super().to_internal_value(data)
        found = {row["field"]: row[self.value] for row in rows}
        if len(found) < len(rows):
            raise serializers.ValidationError("Name each field once.", code="repeated")
        return found


class ExternalIdWrite(StrictSerializer):
    """What another system calls the record."""

    system = Text(max_length=80, help_text="The other system.")
    value = Text(max_length=200, help_text="What that system calls the record.")


def whole_list(row: Any, help_text: str, **options: Any) -> serializers.Field:
    """Rows that are replaced as a whole; left out, they stay."""
    found: serializers.Field = row(many=True, help_text=help_text, **{"required": False, "max_length": 50, **options})
    return found


def external_ids() -> serializers.Field:
    return whole_list(ExternalIdWrite, "What other systems call it: the whole list.")


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


def position() -> Whole:
    """Left out, a new record comes last, and one that is there stays where it is."""
    return Whole(required=False, min_value=0, max_value=32_767, help_text="Order, from 0; left out: last.")


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
    kinds: dict[str, Any] = {
        "BooleanField": Flag,
        "DateField": serializers.DateField,
        "DateTimeField": serializers.DateTimeField,
        "FloatField": Number,
        "PositiveIntegerField": Whole,
        "PositiveSmallIntegerField": Whole,
    }
    del options["validators"]
    found: serializers.Field = kinds[kind](**options)
    return found


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


class _Some(StrictSerializer):
    """Every field may be left out, and none has a default."""

    def get_fields(self) -> dict[str, serializers.Field]:
        found = super().get_fields()
        for field in found.values():
            field.required, field.default = False, empty
        return found


def some(component: str, doc: str, whole: type[StrictSerializer]) -> type[StrictSerializer]:
    """The fields of a body, of which each may be left out."""
    return type(f"{component}Serializer", (_Some, whole), {"__doc__": doc})
