"""'Possibly the same person': whoever drafts asks, an editor decides, and nothing merges by itself."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from testimonies.access import Capability
from testimonies.admin.labels import label
from testimonies.admin.records import RecordAdmin
from testimonies.models import SamePersonLink
from testimonies.services import same_person_links


@admin.register(SamePersonLink)
class SamePersonLinkAdmin(RecordAdmin):
    service = same_person_links
    capability = Capability.CURATE
    asks = Capability.DRAFT
    list_display = ("one_person", "other_person", "status", "created_at")
    list_filter = ("status",)
    ordering = ("-created_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("person", "other")

    @admin.display(description="one person")
    def one_person(self, link: SamePersonLink) -> str:
        return label(link.person)

    @admin.display(description="the other")
    def other_person(self, link: SamePersonLink) -> str:
        return label(link.other) if link.other else f"not loaded yet: {link.awaits}"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        names = ("person", "other", "note") if obj is None else ("person", "other", "status", "note")
        return [(None, {"fields": names}), *super().get_fieldsets(request, obj)[1:]]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        form = super().get_form(request, obj, change, **options)
        for name in {"person", "other"} & form.base_fields.keys():
            form.base_fields[name].disabled = change  # who is asked about stays; what is decided may change
            form.base_fields[name].required = not change
        return form
