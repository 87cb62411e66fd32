"""Which form field a column of a record gets."""

from typing import Any, ClassVar

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.http import HttpRequest

from testimonies.access import Tier
from testimonies.admin import fields
from testimonies.admin.widgets import DateInput
from testimonies.models.fields import Missing

RAISE = [(Tier.PARTNER.value, Tier.PARTNER.label), (Tier.RESTRICTED.value, Tier.RESTRICTED.label)]


class Fields:
    """Which form field a column gets."""

    MISSING: ClassVar[tuple[str, ...]] = ()
    """Fields for which the record says why they are missing."""
    RAISABLE: ClassVar[tuple[str, ...]] = ()
    """Fields whose tier the record may raise."""

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **options: Any) -> Any:
        said: dict[str, Any] = {
            "label": _label(db_field),
            "help_text": db_field.help_text,
            "required": not db_field.blank,
        }
        if isinstance(db_field, models.ForeignKey):
            return fields.Related(db_field.remote_field.model, **said)
        if isinstance(db_field, ArrayField) and db_field.base_field.choices:
            choices = list(db_field.base_field.choices)
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **said)
        if isinstance(db_field, ArrayField):
            return fields.Lines(**said)
        if isinstance(db_field, models.URLField):
            options["assume_scheme"] = "https"
        if db_field.name == "missing":
            return fields.Words(self.MISSING, Missing.choices, **said | {"help_text": "Why it is missing."})
        if db_field.name == "raised":
            text = "Fields of this record that need a higher tier than usual. A tier is raised, never lowered."
            return fields.Words(self.RAISABLE, RAISE, **said | {"help_text": text})
        if db_field.name in getattr(db_field.model, "DATES", ()):
            options["widget"] = DateInput
        field = super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]
        if isinstance(field, forms.SplitDateTimeField):
            for widget, what in zip(field.widget.widgets, ("day", "time"), strict=True):
                widget.attrs["aria-label"] = f"{_label(db_field)}, {what}"
        return field


def _label(db_field: models.Field) -> str:
    return str(db_field.verbose_name).capitalize()


def external_ids() -> fields.Rows:
    """What other systems call the record: the whole list."""
    return fields.Rows(
        {"system": forms.CharField(max_length=80), "value": forms.CharField(max_length=200)},
        help_text="What other systems call it. Imports find the record again by it.",
    )
