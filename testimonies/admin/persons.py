"""Persons, with their names."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from testimonies.access import Capability, Tier
from testimonies.admin.actors import writer
from testimonies.admin.columns import external_ids
from testimonies.admin.fields import Rows
from testimonies.admin.forms import RecordForm
from testimonies.admin.records import RecordAdmin
from testimonies.models import Person
from testimonies.models.corrections import CorrectedKind
from testimonies.models.persons import RAISABLE, NameKind
from testimonies.services import persons, records

VAULT = (
    "What could lead to this person’s door belongs into the vault, which no page here shows. Custodians open it over the API, "
    "each time with a purpose: POST /api/v1/vault-openings/ with the person {}."
)
NAME_KINDS = [choice for choice in NameKind.choices if choice[0] != NameKind.NONE]


class PersonForm(RecordForm):
    other_names = Rows(
        {
            "value": forms.CharField(label="Name", max_length=200),
            "kind": forms.ChoiceField(choices=NAME_KINDS),
            "tier": forms.TypedChoiceField(choices=Tier.choices, coerce=int, initial=Tier.RESTRICTED.value),
        },
        help_text="Other names, perhaps in another script. Empty the name to remove a row.",
    )
    external_ids = external_ids()

    def beside(self) -> dict[str, Any]:
        return {
            "other_names": list(self.instance.other_names.order_by("pk").values("value", "kind", "tier")),
            "external_ids": list(self.instance.external_ids.order_by("pk").values("system", "value")),
        }


@admin.register(Person)
class PersonAdmin(RecordAdmin):
    service = persons
    corrects = CorrectedKind.PERSON
    form = PersonForm
    MISSING = ("nationality", "residence_before")
    RAISABLE = RAISABLE
    list_display = ("ref", "name", "name_kind", "gender", "nationality", "residence_before", "tier")
    list_filter = ("gender", "name_kind", "tier")
    search_fields = ("ref__exact", "name__istartswith")
    search_help_text = "A reference such as P-7K3QM2X9, or how the name begins."
    ordering = ("ref",)
    fieldsets = (
        ("Name", {"fields": ("name", "name_kind", "other_names")}),
        ("What was reported", {"fields": ("gender", "nationality", "residence_before", "origin_stated", "missing")}),
        ("Who sees it", {"fields": ("tier", "disclosure", "raised")}),
        ("In other systems", {"fields": ("external_ids",), "classes": ("collapse",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A custodian is told where the vault is opened. No page of the desk shows anything of it, nor whether there is any."""
        found = super().get_fieldsets(request, obj)
        if obj is None or not writer(request).may(Capability.VAULT):
            return found
        (title, options), *others = found
        return [(title, {**options, "description": VAULT.format(obj.pk)}), *others]

    def check_open(self, record: Person, request: HttpRequest) -> None:
        records.check_draft(record, by=writer(request))
