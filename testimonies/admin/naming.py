"""How people call the records that a page refers to: asked once for each kind of record, whatever the number of fields."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest
from django.urls import reverse

from testimonies.admin import fields
from testimonies.admin.actors import writer
from testimonies.admin.labels import label
from testimonies.models.base import Record
from testimonies.selectors.visibility import visible


def name_related(shown: Iterable[forms.BaseForm], request: HttpRequest) -> None:
    """Tell every field that refers to a record how people call it: one question for each kind of record."""
    wanted: dict[type[models.Model], set[str]] = defaultdict(set)
    widgets: list[fields.RecordSelect] = []
    for form in shown:
        for bound in form:
            for widget, values in _related(bound):
                widgets.append(widget)
                wanted[widget.to] |= values
    labels = {kind: _labels(kind, ids, request) for kind, ids in wanted.items()}
    for widget in widgets:
        widget.labels = labels[widget.to]


def _related(bound: forms.BoundField) -> Iterator[tuple[fields.RecordSelect, set[str]]]:
    field = bound.field
    if isinstance(field, fields.Related) and isinstance(field.widget, fields.RecordSelect):
        began = bound.form.data.get(bound.html_initial_name)
        yield field.widget, {field.prepare_value(value) for value in (bound.initial, bound.value(), began)}
    elif isinstance(field, fields.Rows):
        for name, column in field.columns.items():
            if isinstance(column.widget, fields.RecordSelect):
                rows = [*_rows(bound.initial), *_rows(bound.value())]
                yield column.widget, {str(row.get(name) or "") for row in rows}


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _labels(kind: type[models.Model], ids: set[str], request: HttpRequest) -> dict[str, str]:
    known = [found for text in ids if (found := fields.as_uuid(text))]
    if not known:
        return {}
    rows = visible(kind, writer(request)).filter(pk__in=known)
    return {str(row.pk): label(row) for row in rows}


def address(record: Record) -> str:
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])
