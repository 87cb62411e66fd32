"""Sources: publications and recordings."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from testimonies.admin.actors import writer
from testimonies.admin.columns import external_ids
from testimonies.admin.forms import RecordForm
from testimonies.admin.records import RecordAdmin
from testimonies.models import Source
from testimonies.models.corrections import CorrectedKind
from testimonies.services import records, sources


class SourceForm(RecordForm):
    external_ids = external_ids()

    def beside(self) -> dict[str, Any]:
        return {"external_ids": list(self.instance.external_ids.order_by("pk").values("system", "value"))}


@admin.register(Source)
class SourceAdmin(RecordAdmin):
    service = sources
    corrects = CorrectedKind.SOURCE
    form = SourceForm
    list_display = ("ref", "outlet", "title", "published", "medium", "reliability", "tier")
    list_filter = ("medium", "reliability", "tier")
    search_fields = ("ref__exact", "url__exact", "outlet__istartswith", "title__istartswith")
    search_help_text = "A reference, an address, or how the outlet or the title begins."
    ordering = ("ref",)
    fieldsets = (
        (None, {"fields": ("outlet", "title", "url", "published", "medium", "reliability")}),
        ("Who sees it", {"fields": ("tier",)}),
        ("In other systems", {"fields": ("external_ids",), "classes": ("collapse",)}),
    )

    def check_open(self, record: Source, request: HttpRequest) -> None:
        records.check_draft(record, by=writer(request))
