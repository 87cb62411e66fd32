"""Codebooks: versioned sets of codes. A published version is frozen."""

from collections.abc import Callable

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from testimonies.access import Capability
from testimonies.admin import codebook_versions
from testimonies.admin.records import RecordAdmin
from testimonies.models import Codebook
from testimonies.services import codebooks


@admin.register(Codebook)
class CodebookAdmin(RecordAdmin):
    service = codebooks
    capability = Capability.CURATE
    change_form_template = "admin/testimonies/codebook.html"
    change_list_template = "admin/testimonies/codebooks.html"
    list_display = ("__str__", "title", "language", "status", "tier")
    list_filter = ("status", "tier")
    search_fields = ("slug__istartswith", "title__icontains")
    ordering = ("slug", "edition")
    fieldsets = (
        (None, {"fields": (("slug", "edition"), "title", "language", "status", "tier")}),
        ("How it was made", {"fields": ("method",)}),
        ("Rules", {"fields": ("unit_of_coding", "hierarchy_rule", "reliability_rule", "absence_rule")}),
    )

    def get_urls(self) -> list[URLPattern]:
        pages: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
            "upload": ("upload/", codebook_versions.upload),
            "versions": ("<uuid:codebook_id>/versions/", codebook_versions.show),
            "version_change": ("<uuid:codebook_id>/versions/change/", codebook_versions.change),
            "qdc": ("<uuid:codebook_id>/qdc/", codebook_versions.download),
        }
        ours = [
            path(route, self.admin_site.admin_view(view), name=f"testimonies_codebook_{name}")
            for name, (route, view) in pages.items()
        ]
        return [*ours, *super().get_urls()]

    def check_open(self, record: Codebook, request: HttpRequest) -> None:  # noqa: ARG002
        codebooks.check_draft(record)
