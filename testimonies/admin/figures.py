"""Figures: published statements about a collection, never computed from our records."""

from typing import Any

from django import forms
from django.contrib import admin

from testimonies.access import Capability
from testimonies.admin.fields import Related, Rows
from testimonies.admin.forms import RecordForm
from testimonies.admin.records import RecordAdmin
from testimonies.models import Collection, Figure, Source
from testimonies.services import figures


class FigureForm(RecordForm):
    sources = Rows(
        {
            "source_id": Related(Source, label="Source"),
            "locator": forms.CharField(label="Where in it", required=False, max_length=300),
        },
        help_text="Who states it, the first first. Empty a row to remove it.",
    )
    conflicts = Rows(
        {
            "source": forms.CharField(max_length=500),
            "statement": forms.CharField(max_length=5_000),
            "value": forms.CharField(required=False, max_length=60),
        },
        n_blank=1,
        help_text="What other sources say instead.",
    )

    def beside(self) -> dict[str, Any]:
        rows = self.instance.figure_sources.order_by("position", "pk").values("source_id", "locator")
        return {"sources": [{**row, "source_id": str(row["source_id"])} for row in rows]}

    def values(self) -> dict[str, Any]:
        """A figure names its collection by its slug."""
        found = super().values()
        if "collection_id" in found:
            collection = Collection.objects.filter(pk=found.pop("collection_id")).first()
            found["collection"] = collection.slug if collection else ""
        return found


@admin.register(Figure)
class FigureAdmin(RecordAdmin):
    service = figures
    capability = Capability.CURATE
    form = FigureForm
    list_display = ("slug", "collection", "population", "statement", "metric", "operator", "value", "scope", "tier")
    list_filter = ("scope", "status", "collection", "tier")
    list_select_related = ("collection",)
    search_fields = ("slug__istartswith", "statement__icontains")
    ordering = ("collection", "position", "slug")

    @admin.display(description="whom it is about")
    def population(self, figure: Figure) -> str:
        return str(figure.collection.population)

    fieldsets = (
        (None, {"fields": ("collection", "slug", "scope", "statement", "sources")}),
        ("The value", {"fields": ("metric", "operator", "value", ("range_low", "range_high"), "denominator")}),
        ("How we know", {"fields": ("status", "derivation", "filter", "conflicts", "note")}),
        ("Where it stands", {"fields": (("position", "tier"),)}),
    )
