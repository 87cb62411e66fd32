"""Codes: what each means, when to use it and when not. They change while their codebook is a draft."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from testimonies.access import Capability
from testimonies.admin.forms import RecordForm
from testimonies.admin.records import RecordAdmin
from testimonies.models import Code
from testimonies.services import codebooks, codes


class CodeForm(RecordForm):
    def clean_parent(self) -> Any:
        """Codes name their parent by its slug, which another codebook may have as well."""
        parent_id = self.cleaned_data["parent"]
        codebook_id = self.cleaned_data.get("codebook") or self.instance.codebook_id
        parent = Code.objects.filter(pk=parent_id).first() if parent_id and "parent" in self.changed_data else None
        if parent is not None and parent.codebook_id != codebook_id:
            self.add_error("parent", "Choose a code of the same codebook.")
        self.parent_slug = parent.slug if parent else ("" if parent_id else None)
        return parent_id

    def values(self) -> dict[str, Any]:
        found = super().values()
        if "parent_id" in found:
            del found["parent_id"]
            found["parent"] = self.parent_slug
        return found


@admin.register(Code)
class CodeAdmin(RecordAdmin):
    service = codes
    capability = Capability.CURATE
    form = CodeForm
    list_display = ("slug", "label", "codebook", "dimension", "level", "is_assignable", "tier")
    list_filter = ("codebook", "is_assignable", "tier")
    list_select_related = ("codebook",)
    search_fields = ("slug__istartswith", "label__icontains")
    ordering = ("codebook", "position", "slug")
    fieldsets = (
        (None, {"fields": ("codebook", "parent", ("slug", "label"), ("position", "is_assignable", "color"), "tier")}),
        (
            "What it means",
            {"fields": ("brief_definition", "definition", "inclusion", "exclusion", "example", "near_miss")},
        ),
        ("Where it comes from", {"fields": ("source_section", "basis")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("codebook")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        form = super().get_form(request, obj, change, **options)
        if change and "codebook" in form.base_fields:
            form.base_fields["codebook"].disabled = True  # a code stays in its codebook
        return form

    def check_open(self, record: Code, request: HttpRequest) -> None:  # noqa: ARG002
        codebooks.check_draft(record.codebook)
