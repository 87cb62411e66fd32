"""Reads a body strictly: what is not exactly JSON of the declared types is refused, with a pointer to the place."""

import functools
import json
import math
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from rest_framework import exceptions, serializers
from rest_framework.fields import empty
from rest_framework.parsers import BaseParser

from testimonies.errors import Invalid

MAX_BYTES = 2_000_000
MAX_DEPTH = 20
MAX_VALUES = 4_000
"""In a whole body: more than any contract of ours has, and few enough to say of each what is wrong with it."""


class StrictJSONParser(BaseParser):
    """UTF-8 JSON: no NaN, no lone surrogates, no NUL, no key twice, neither depth nor length that no contract of ours has."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:  # noqa: ARG002
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise RequestDataTooBig
        try:
            value = json.loads(body.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_once)
            _check(value)
        except (ValueError, RecursionError):
            raise exceptions.ParseError from None
        return value


def _refuse(_: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("which of the two is meant, nobody knows")
    return found


def _check(value: Any) -> None:
    if len(list(islice(_checked(value), MAX_VALUES + 1))) > MAX_VALUES:
        raise ValueError("more values than any contract has")


def _checked(value: Any, depth: int = 0) -> Iterator[None]:
    """One step for each value. Errors: ValueError."""
    yield None
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    if isinstance(value, str):
        value.encode("utf-8")  # a lone surrogate cannot be
        if "\0" in value:
            raise ValueError("NUL")
    elif isinstance(value, float) and math.isinf(value):
        raise ValueError("larger than any number here")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _checked(key, depth + 1)
            yield from _checked(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _checked(item, depth + 1)


class Text(serializers.CharField):
    """A JSON string: a number is not one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **options})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A JSON number without fraction: a string or a boolean is not one."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class Number(serializers.FloatField):
    """A JSON number: a string or a boolean is not one."""

    def to_internal_value(self, data: Any) -> float:
        if not isinstance(data, int | float) or isinstance(data, bool) or abs(data) > sys.float_info.max:
            self.fail("invalid")
        return super().to_internal_value(data)


class Id(serializers.UUIDField):
    """A UUID as a JSON string: a number is not one."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value="")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """true or false: no number and no word stands for one."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input="")
        return data


class Choice(serializers.ChoiceField):
    """One of the schema's words. The message lists them: they are no secret."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            raise serializers.ValidationError(f"Use one of: {', '.join(map(str, self.choices))}.", code="unknown_value")
        return data


class StrictSerializer(serializers.Serializer):
    """A body of which every field is declared. Nothing here saves: services do."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = {
                name: [serializers.ErrorDetail("There is no such field here, or not for you.", code="unknown_field")]
                for name in data
                if name not in self.fields or self.fields[name].read_only
            }
            try:
                values = super().to_internal_value(data)
            except serializers.ValidationError as error:
                raise serializers.ValidationError({**error.detail, **unknown}) from None  # type: ignore[dict-item]
            if unknown:
                raise serializers.ValidationError(unknown)
            return values
        return super().to_internal_value(data)


def body(request: Any) -> Any:
    """What was sent. Nothing at all is no JSON: taken for an empty object, it would let a PUT empty a record."""
    if request.stream is None:
        raise exceptions.ParseError
    return request.data


def read(serializer_class: type[serializers.Serializer], data: Any, *, partial: bool = False) -> dict[str, Any]:
    """The values of a body. Errors: Invalid, everything at once. Fields left out by PUT take their defaults."""
    try:
        return dict(_reader(serializer_class, partial).run_validation(data))
    except serializers.ValidationError as error:
        raise Invalid(*_flat(error.detail, "")) from None


@functools.cache
def _reader(serializer_class: type[serializers.Serializer], partial: bool) -> serializers.Serializer:
    """One for all requests: fields keep nothing of what they read, and copying them takes longer than reading does."""
    reader = serializer_class()
    if partial:  # not DRF's own, under which rows within lists may lack keys too
        for field in reader.fields.values():
            field.required, field.default = False, empty
    return reader


def _flat(errors: Any, pointer: str) -> Iterator[tuple[str, str, str]]:
    """DRF's nested errors as (JSON pointer, code, detail)."""
    if isinstance(errors, dict):
        for name, inner in errors.items():
            place = pointer if name == "non_field_errors" else f"{pointer}/{_escaped(str(name))}"
            yield from _flat(inner, place)
    elif isinstance(errors, list):
        for number, inner in enumerate(errors):
            if isinstance(inner, serializers.ErrorDetail | str):
                yield pointer, str(getattr(inner, "code", "invalid")), str(inner)
            elif inner:
                yield from _flat(inner, f"{pointer}/{number}")


def _escaped(name: str) -> str:
    return name[:80].replace("~", "~0").replace("/", "~1")
