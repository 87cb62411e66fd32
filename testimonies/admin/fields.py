"""Form fields for what Django has none for: a related record, a list of lines, of rows, words for some fields.

Each compares what a form began with, what was typed and what is stored by value (`has_changed`), and says what it holds
in lines of plain text (`in_words`), so that admin/overtaken.py can set them side by side.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse


def as_uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


Labels = dict[str, str]
"""Id of a record -> how people call it."""
MOST_ROWS = 200


class ByValue(forms.Field):
    """Two values are the same if they are read as the same. What cannot be read is another."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        if self.disabled:
            return False
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


# --- Records --------------------------------------------------------------------------------------------------------


class RecordSelect(forms.Select):
    """One record, found as one types. `labels` is filled for a whole page at once (admin/naming.py)."""

    def __init__(self, to: type[models.Model], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.to = to
        self.labels: Labels = {}

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> Any:
        chosen = [(one, self.labels.get(one, one)) for one in value if one]
        self.choices = [("", ""), *chosen]
        return super().optgroups(name, value, attrs)

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        return super().build_attrs(base_attrs, extra_attrs) | {
            "class": "admin-autocomplete",
            "data-theme": "admin-autocomplete",
            "data-ajax--cache": "true",
            "data-ajax--delay": 250,
            "data-ajax--type": "GET",
            "data-ajax--url": reverse(f"admin:{self.to._meta.label_lower.replace('.', '_')}_choose"),
            "data-allow-clear": json.dumps(not self.is_required),
            "data-placeholder": "",  # without one, what was chosen cannot be cleared
        }

    @property
    def media(self) -> forms.Media:
        field = models.ForeignKey(self.to, on_delete=models.CASCADE)
        return AutocompleteSelect(field, admin.site).media


class Related(ByValue):
    """A record by its id. Whether there is one, and the actor may see it, the service says."""

    def __init__(self, to: type[models.Model], **options: Any) -> None:
        super().__init__(**{"widget": RecordSelect(to), **options})

    def prepare_value(self, value: Any) -> str:
        return str(getattr(value, "pk", value) or "")

    def to_python(self, value: Any) -> UUID | None:
        if value in self.empty_values:
            return None
        try:
            return value if isinstance(value, UUID) else UUID(str(value))
        except ValueError:
            raise ValidationError("Choose a record from the list.", code="unknown") from None

    def in_words(self, value: UUID | None) -> str:
        labels: Labels = getattr(self.widget, "labels", {})
        return labels.get(str(value), str(value)) if value else ""


class ManyHidden(forms.MultipleHiddenInput):
    """What a list of choices began with, also where it was empty: a form that is shown again would else begin with what was typed."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        is_initial = name.startswith("initial-")  # as Django calls it
        return super().get_context(name, value or ([""] if is_initial else []), attrs)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return [value for value in super().value_from_datadict(data, files, name) or [] if value]


# --- Lists and objects ------------------------------------------------------------------------------------------------


class Lines(ByValue, forms.CharField):
    """A list of texts, one in each line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}), **options})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        text = super().to_python(self.prepare_value(value)) or ""
        for validator in self.validators:
            validator(text)
        return [line.strip() for line in text.splitlines() if line.strip()]

    def run_validators(self, value: Any) -> None:
        """Done before the lines were parted."""

    def in_words(self, value: list[str]) -> str:
        return "\n".join(value)


class JsonHidden(forms.HiddenInput):
    def format_value(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value or None, default=str)


def _loaded(value: Any) -> Any:
    """What a hidden input holds. Errors: ValidationError for whatever no page of ours has sent."""
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value or "null")
        json.dumps(found, ensure_ascii=False).encode()  # no lone surrogates
    except (ValueError, RecursionError):
        raise ValidationError("This is not what the form was sent with. Load the page again.", code="invalid") from None
    return found


class RowsTable(forms.Widget):
    """A table with some empty rows at its end. Who empties a row removes it."""

    template_name = "testimonies/widgets/rows.html"
    use_fieldset = True

    def __init__(self, columns: Mapping[str, forms.Field], n_blank: int, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.columns, self.n_blank = columns, n_blank

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-0-{next(iter(self.columns))}" if id_ else ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:  # noqa: ARG002
        if name in data:  # as hidden
            return data[name]
        rows: list[dict[str, Any]] = []
        while len(rows) < MOST_ROWS and any(f"{name}-{len(rows)}-{column}" in data for column in self.columns):
            prefix = f"{name}-{len(rows)}"
            rows.append(
                {
                    column: field.widget.value_from_datadict(data, {}, f"{prefix}-{column}")
                    for column, field in self.columns.items()
                }
            )
        return rows

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        try:
            stored = _loaded(value)
        except ValidationError:
            stored = []
        rows = [row for row in stored or [] if isinstance(row, dict)]
        is_disabled = context["widget"]["attrs"].get("disabled", False)
        rows += [{}] * (0 if is_disabled else max(0, self.n_blank - sum(map(_is_blank, rows))))
        context["widget"]["labels"] = [field.label for field in self.columns.values()]
        context["widget"]["rows"] = [
            [self._cell(f"{name}-{n}-{column}", row.get(column), n, column, is_disabled) for column in self.columns]
            for n, row in enumerate(rows)
        ]
        return context

    def _cell(self, name: str, value: Any, number: int, column: str, is_disabled: bool) -> str:
        field = self.columns[column]
        if value is None:
            value = field.initial
        attrs: dict[str, Any] = {"id": f"id_{name}", "aria-label": f"{field.label}, row {number + 1}"}
        attrs |= {"disabled": True} if is_disabled else {}
        return str(field.widget.render(name, field.prepare_value(value), attrs))

    @property
    def media(self) -> forms.Media:
        found = forms.Media()
        for field in self.columns.values():
            found += field.widget.media
        return found


def _is_blank(row: Mapping[str, Any]) -> bool:
    return not any(row.values())


class Rows(ByValue):
    """A list of rows that are written as a whole: {column: value} each. A row without a text or a record is left out."""

    hidden_widget = JsonHidden

    def __init__(self, columns: Mapping[str, forms.Field], *, n_blank: int = 2, **options: Any) -> None:
        for name, column in columns.items():
            column.label = column.label or name.replace("_", " ").capitalize()
        self.columns = columns
        super().__init__(**{"widget": RowsTable(columns, n_blank), "required": False, **options})

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        rows = _loaded(value) or []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValidationError("This is not what the form was sent with. Load the page again.", code="invalid")
        found, errors = [], []
        for number, row in enumerate(rows):
            if not any(row.get(name) for name, column in self.columns.items() if not _has_words_of_its_own(column)):
                continue
            one = {}
            for name, column in self.columns.items():
                try:
                    one[name] = column.clean(row.get(name))
                except ValidationError as error:
                    errors += [f"Row {number + 1}, {column.label}: {message}" for message in error.messages]
            found.append(one)
        if errors:
            raise ValidationError(errors)
        return found

    def in_words(self, value: Sequence[Mapping[str, Any]]) -> str:
        return "\n".join(
            " | ".join(in_words(column, row[name]) for name, column in self.columns.items()) for row in value
        )


def _has_words_of_its_own(column: forms.Field) -> bool:
    """A choice is never empty, so it does not say whether somebody filled in the row."""
    return isinstance(column, forms.ChoiceField)


class WordsTable(forms.Widget):
    """One choice for each of some fields of the record."""

    template_name = "testimonies/widgets/words.html"
    use_fieldset = True

    def __init__(self, names: Sequence[str], choices: Sequence[tuple[Any, str]]) -> None:
        super().__init__()
        self.names, self.options = names, [("", "as usual"), *choices]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-{self.names[0]}" if id_ else ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:  # noqa: ARG002
        if name in data:  # as hidden
            return data[name]
        return {one: chosen for one in self.names if (chosen := data.get(f"{name}-{one}"))}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        try:
            stored = _loaded(value)
        except ValidationError:
            stored = {}
        is_disabled = context["widget"]["attrs"].get("disabled", False)
        context["widget"]["rows"] = [
            {
                "label": one.replace("_", " "),
                "id": f"id_{name}-{one}",
                "html": forms.Select(choices=self.options).render(
                    f"{name}-{one}",
                    stored.get(one) if isinstance(stored, dict) else None,
                    {"id": f"id_{name}-{one}"} | ({"disabled": True} if is_disabled else {}),
                ),
            }
            for one in self.names
        ]
        return context


class Words(ByValue):
    """A word (or a tier) for some fields of the record: {field: word}."""

    hidden_widget = JsonHidden

    def __init__(self, names: Sequence[str], choices: Sequence[tuple[Any, str]], **options: Any) -> None:
        self.names, self.choices = names, {str(value): (value, label) for value, label in choices}
        super().__init__(**{"widget": WordsTable(names, choices), "required": False, **options})

    def to_python(self, value: Any) -> dict[str, Any]:
        stored = _loaded(value) or {}
        if not isinstance(stored, dict) or stored.keys() - set(self.names):
            raise ValidationError("This is not what the form was sent with. Load the page again.", code="invalid")
        if unknown := [name for name, word in stored.items() if str(word) not in self.choices]:
            raise ValidationError(f"Choose one of the words for: {', '.join(unknown)}.", code="unknown")
        return {name: self.choices[str(word)][0] for name, word in stored.items()}

    def in_words(self, value: Mapping[str, Any]) -> str:
        return "\n".join(f"{name}: {self.choices[str(word)][1]}" for name, word in sorted(value.items()))


# --- In words ---------------------------------------------------------------------------------------------------------


def in_words(field: forms.Field, value: Any) -> str:
    """A value as plain text, in lines."""
    if hasattr(field, "in_words"):
        return str(field.in_words(value)) if value is not None else ""
    if value is None or value == "":
        return ""
    if isinstance(field, forms.ChoiceField):
        labels = {str(key): str(label) for key, label in _flat(field.choices)}
        values = value if isinstance(value, list | tuple | set) else [value]
        return "\n".join(labels.get(str(one), str(one)) for one in values)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _flat(choices: Any) -> Iterable[tuple[Any, Any]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield value, label
