"""Values of records as people read them, from the values that acts take: the same words as on the forms."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from testimonies.access import Tier
from testimonies.models import Membership
from testimonies.models.fields import Missing

Labels = Mapping[str, str]
"""Id of a record -> how people call it."""


def title(kind: type[models.Model], name: str) -> str:
    """What the field is called on its form."""
    column = _column(kind, name)
    return str(column.verbose_name if column is not None else name.replace("_", " ")).capitalize()


def in_words(kind: type[models.Model], name: str, value: Any, labels: Labels) -> str:
    """The value as plain text, in lines; empty where there is none. A list that is written as a whole has a line for each row."""
    if value is None or value == "" or value in ([], {}):
        return ""
    if isinstance(value, dict):
        words = Tier if name == "raised" else Missing
        return "\n".join(f"{one.replace('_', ' ')}: {words(word).label}" for one, word in sorted(value.items()))
    if isinstance(value, list):
        return "\n".join(_row(kind, name, row) for row in value)
    if name.endswith("_id"):
        return labels.get(str(value), str(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _chosen(_column(kind, name), value)


def _row(kind: type[models.Model], name: str, row: Any) -> str:
    if isinstance(row, dict):
        return " | ".join(_cell(key, value) for key, value in row.items() if value not in (None, ""))
    return _chosen(getattr(_column(kind, name), "base_field", None), row)


def _cell(key: str, value: Any) -> str:
    if key == "tier":
        return str(Tier(value).label)
    if key == "is_case":
        return "is among its cases" if value else "is not"
    return str(value).replace("_", " ") if key in {"kind", "basis"} else str(value)


def _column(kind: type[models.Model], name: str) -> Any:
    """The column of that name; a testimony is written with its membership."""
    for model in (kind, Membership):
        try:
            return model._meta.get_field(name.removesuffix("_id"))
        except FieldDoesNotExist:
            continue
    return None


def _chosen(column: Any, value: Any) -> str:
    choices = dict(getattr(column, "flatchoices", ()) or ())
    return str(choices.get(value, value))
