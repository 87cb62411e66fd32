"""Many rows of a table by one statement of one parameter, new or changed, without an instance of the model for each."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from django.db.models import Field, Model

from testimonies.models.fields import with_bounds
from testimonies.projections import prepared

Values = Mapping[str, Any]
"""Attribute of a record -> value; `person_id`, never `person`. What is missing has its default."""


def insert(model: type[Model], rows: Iterable[Values]) -> None:
    """Stored as they are: the values are checked by whoever calls. What PostgreSQL fills in itself is left to it."""
    columns, defaults, makers = _columns(model)
    made = []
    for row in rows:
        values = defaults | with_bounds(model, dict(row))
        for name, make in makers:
            if name not in row:
                values[name] = make()
        if len(values) != len(columns):
            unknown = sorted(values.keys() - columns)
            raise TypeError(f"{model.__name__} has no {', '.join(unknown)}")
        made.append({column: values[name] for name, column in columns.items()})
    prepared.insert(model, list(columns.values()), made)


def change(model: type[Model], rows: Mapping[Any, Values]) -> None:
    """The same few attributes of each of these records, by id; checked and locked by whoever calls."""
    columns = _columns(model)[0] | {"id": "id"}
    made = [{"id": pk, **with_bounds(model, dict(values))} for pk, values in rows.items()]
    prepared.update(model, [{columns[name]: value for name, value in row.items()} for row in made])


def values_of(record: Model) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _columns(type(record))[0]}


@cache
def _columns(model: type[Model]) -> tuple[dict[str, str], dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """Attribute -> column, attribute -> default, and those whose default is made for each row."""
    fields = [field for field in model._meta.concrete_fields if not _is_left_to_postgresql(field)]
    columns = {field.attname: str(field.column) for field in fields}
    makers = [(field.attname, field.default) for field in fields if callable(field.default) and field.has_default()]
    return columns, {field.attname: field.get_default() for field in fields}, makers


def _is_left_to_postgresql(field: "Field[Any, Any]") -> bool:
    return field.has_db_default() or (field.primary_key and field.get_internal_type().endswith("AutoField"))
