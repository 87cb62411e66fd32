"""Checks the values of a row by the rules of the models' fields, and shows what differs. Nothing is asked of the database."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypedDict

from django.core.exceptions import ValidationError
from django.db import models as fields
from django.db.models import Model

from testimonies import models
from testimonies.models import persons, testimonies
from testimonies.models.fields import RAISED, Missing
from testimonies.models.groups import Belonging
from testimonies.models.persons import NameKind

MOST_SHOWN = 300
"""Characters of a value in a problem."""
_MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Problem(TypedDict):
    """Why a row, or a value of it, is not stored."""

    column: str
    value: str
    code: str
    reason: str


class Difference(TypedDict):
    """A field that the row would change; None where there is nothing."""

    field: str
    before: str | None
    after: str | None


class Fault(NamedTuple):
    """What is wrong with the value of a field."""

    field: str
    code: str
    reason: str


def problem(field: str, value: Any, code: str, reason: str) -> Problem:
    return {"column": field, "value": (shown(value) or "")[:MOST_SHOWN], "code": code, "reason": reason}


def shown(value: Any) -> str | None:
    """As somebody reads it: nothing for what says nothing."""
    if value in (None, "", [], {}):
        return None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        return "; ".join(value)
    return (
        json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)
        if isinstance(value, (list, tuple, dict))
        else str(value)
    )


def difference(field: str, before: Any, after: Any) -> Difference:
    return {"field": field, "before": shown(before), "after": shown(after)}


def cleaned(model: type[Model], values: Mapping[str, Any], path: str = "") -> tuple[dict[str, Any], list[Problem]]:
    """The values as the fields keep them, and whatever is wrong with them."""
    clean, problems = {}, []
    for name, value in values.items():
        try:
            found, fault = _clean(model, name, value)
        except TypeError:  # a list or an object, which no cache keeps
            found, fault = _clean.__wrapped__(model, name, value)
        if fault is None:
            clean[name] = found
        else:
            problems.append(problem(path + name, value, *fault))
    return clean, problems


@lru_cache(maxsize=20_000)
def _clean(model: type[Model], name: str, value: Any) -> tuple[Any, tuple[str, str] | None]:
    field: Any = model._meta.get_field(name)
    if value is None and not field.null:
        value = field.get_default() if field.has_default() else ""
    if isinstance(field, fields.DateTimeField) and isinstance(value, dt.datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=dt.UTC)
    try:
        found = field.clean(value, None)
    except ValidationError as error:
        return None, (str(error.error_list[0].code or "invalid"), " ".join(error.messages))
    if isinstance(field, fields.CharField):
        if field.null and found == "":
            found = None
        if found and _MARKS.search(found):
            return None, ("direction_mark", "Leave out the marks that override the direction of writing.")
    return found, None


def faults_of_testimony(values: Mapping[str, Any]) -> Iterable[Fault]:
    """What no single field shows, as the constraints of the table have it."""
    first, last = values.get("age_from"), values.get("age_to")
    if (first is None) != (last is None):
        yield Fault("age_from", "ages", "Give both ages or neither: an exact age is the same twice.")
    elif first is not None and last is not None and not first <= last <= 130:
        yield Fault("age_from", "ages", "Write the lower age first; nobody is older than 130.")
    if not values.get("title"):
        yield Fault("title", "required", "A testimony has a title.")
    if not values.get("kind"):
        yield Fault("kind", "required", "Say how the account came about.")
    if not values.get("account_language"):
        yield Fault("account_language", "required", "Say in which language the account is.")
    yield from _pairs(values.get("missing"), "missing", {"given", "given_country", "joined", "left"}, Missing.values)
    yield from _pairs(values.get("raised"), "raised", {*_raisable(models.Testimony)}, RAISED)


def faults_of_person(values: Mapping[str, Any]) -> Iterable[Fault]:
    if values.get("name") and values.get("name_kind", NameKind.NONE) == NameKind.NONE:
        yield Fault("name_kind", "name_without_kind", "Say what kind of name it is: this decides who may see it.")
    yield from _pairs(values.get("missing"), "missing", {"nationality", "residence_before"}, Missing.values)
    yield from _pairs(values.get("raised"), "raised", {*_raisable(models.Person)}, RAISED)


def _raisable(model: type[Model]) -> tuple[str, ...]:
    return persons.RAISABLE if model is models.Person else testimonies.RAISABLE


def _pairs(found: Any, field: str, names: set[str], words: Iterable[Any]) -> Iterable[Fault]:
    if found and not (isinstance(found, dict) and found.keys() <= names and {*found.values()} <= {*words}):
        yield Fault(field, "unknown", f"Known names here: {', '.join(sorted(names))}.")


def _same(before: Any, after: Any) -> bool:
    """Nothing is nothing, however it is spelled."""
    return before == after or (before in _NOTHING and after in _NOTHING)


_NOTHING: tuple[Any, ...] = (None, "", [], {})
NO_MEMBER: tuple[Any, ...] = (*_NOTHING, Belonging.NOT_KNOWN)
"""What a list or detail says of a membership that there is not."""


def same_field(name: str, before: Any, after: Any, values: Mapping[str, Any]) -> bool:
    """That something is missing for a reason unknown goes without saying, and so does a reason for what is not missing."""
    if name != "missing":
        return _same(before, after)
    return _reasons(before, values) == _reasons(after, values)


def _reasons(missing: Mapping[str, str] | None, values: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: reason
        for name, reason in (missing or {}).items()
        if reason != Missing.UNKNOWN and values.get(name) in _NOTHING
    }
