"""The parts that the form of a testimony holds: its texts, citations, claims and clearances."""

from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest

from testimonies.access import Capability
from testimonies.admin import fields
from testimonies.admin.forms import PartForms, RecordForm
from testimonies.admin.labels import label
from testimonies.admin.parts import PartInline
from testimonies.models import Citation, Claim, Clearance, Evidence, Text


class TextForms(PartForms):
    """A translation is of another text of the same testimony: these are few, so they are listed."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        others = [(str(pk), label(text)) for pk, text in self.stored.items() if pk != form.instance.pk]
        form.fields["translation_of"].widget.choices = [("", "none"), *others]


class TextInline(PartInline):
    model = Text
    ordering = ("position", "id")
    formset = TextForms
    fields = ("language", "kind", "translation_of", "body", ("position", "tier"))

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "translation_of":
            said = {"label": "Translation of", "help_text": db_field.help_text, "required": False}
            return fields.Related(Text, widget=forms.Select, **said)
        return super().formfield_for_dbfield(db_field, request, **options)


class CitationForm(RecordForm):
    evidence = fields.Rows(
        {
            "field": forms.CharField(max_length=80),
            "basis": forms.ChoiceField(choices=Evidence.Basis.choices),
            "note": forms.CharField(required=False, max_length=2_000),
        },
        n_blank=1,
        help_text="Which fields of the testimony rest on this citation, such as nationality or codes.leaving.",
    )

    def beside(self) -> dict[str, Any]:
        rows = sorted(self.instance.evidence.all(), key=lambda row: row.pk)
        return {"evidence": [{"field": row.field, "basis": row.basis, "note": row.note} for row in rows]}


class CitationInline(PartInline):
    model = Citation
    ordering = ("position", "id")
    form = CitationForm
    fields = ("source", ("relation", "locator"), "evidence", ("position", "tier"))

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("evidence")


class ClaimInline(PartInline):
    model = Claim
    ordering = ("position", "id")
    fields = (("field", "value"), "source", "note", ("is_preferred", "position", "tier"))


class ClearanceInline(PartInline):
    model = Clearance
    capability = Capability.CURATE
    fields = ("basis", "uses", ("starts_at", "ends_at", "withdrawn_at"), "evidence", "reviewed_by")
    ordering = ("starts_at", "id")
