"""Codebooks: versioned sets of codes. A published version is frozen."""

from django.contrib import admin
from django.http import HttpRequest

from testimonies.access import Capability
from testimonies.admin.records import RecordAdmin
from testimonies.models import Codebook
from testimonies.services import codebooks


@admin.register(Codebook)
class CodebookAdmin(RecordAdmin):
    service = codebooks
    capability = Capability.CURATE
    list_display = ("__str__", "title", "language", "status", "tier")
    list_filter = ("status", "tier")
    search_fields = ("slug__istartswith", "title__icontains")
    ordering = ("slug", "edition")
    fieldsets = (
        (None, {"fields": (("slug", "edition"), "title", "language", "status", "tier")}),
        ("How it was made", {"fields": ("method",)}),
        ("Rules", {"fields": ("unit_of_coding", "hierarchy_rule", "reliability_rule", "absence_rule")}),
    )

    def check_open(self, record: Codebook, request: HttpRequest) -> None:  # noqa: ARG002
        codebooks.check_draft(record)
