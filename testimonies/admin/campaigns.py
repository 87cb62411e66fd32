"""Campaigns, what they use of testimonies, and how far it reached."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from testimonies.access import Capability
from testimonies.admin.fields import Related, Rows
from testimonies.admin.forms import RecordForm
from testimonies.admin.records import RecordAdmin
from testimonies.errors import NotAllowedNow
from testimonies.models import Campaign, CampaignUse, Measurement, Quote, Source, Testimony
from testimonies.services import campaigns, measurements, uses


def _sources() -> Rows:
    return Rows(
        {
            "source_id": Related(Source, label="Source"),
            "locator": forms.CharField(label="Where in it", required=False, max_length=300),
        },
        help_text="Who tells of it, the first first. Empty a row to remove it.",
    )


def _told_by(rows: Any) -> list[dict[str, Any]]:
    found = rows.order_by("position", "pk").values("source_id", "locator")
    return [{**row, "source_id": str(row["source_id"])} for row in found]


class CampaignForm(RecordForm):
    channels = Rows(
        {
            "platform": forms.CharField(max_length=80),
            "handle": forms.CharField(required=False, max_length=200),
            "url": forms.URLField(required=False, max_length=1000, assume_scheme="https"),
        },
        help_text="Where it speaks, and what it is called there. Empty a row to remove it.",
    )
    sources = _sources()

    def beside(self) -> dict[str, Any]:
        channels = self.instance.channels.order_by("position", "pk").values("platform", "handle", "url")
        return {"channels": list(channels), "sources": _told_by(self.instance.campaign_sources)}


@admin.register(Campaign)
class CampaignAdmin(RecordAdmin):
    service = campaigns
    capability = Capability.CURATE
    form = CampaignForm
    list_display = ("slug", "title", "actor_name", "actor_kind", "starts", "ends", "tier")
    list_filter = ("actor_kind", "tier")
    search_fields = ("slug__istartswith", "title__icontains", "actor_name__icontains")
    ordering = ("slug",)
    fieldsets = (
        (None, {"fields": ("slug", "title", "actor_name", "actor_kind", "description", "sources")}),
        ("When and where it speaks", {"fields": (("starts", "ends"), "languages", "channels")}),
        ("Who sees it", {"fields": ("tier",)}),
    )


class UseForm(RecordForm):
    testimonies = Rows(
        {
            "testimony_id": Related(Testimony, label="Testimony"),
            "quote_id": Related(Quote, label="Quote, if one is used", required=False),
        },
        help_text="What it uses. Each must be published, and cleared for the purpose on the day of the use. None: it uses no testimony.",
    )
    sources = _sources()

    def beside(self) -> dict[str, Any]:
        rows = self.instance.used_testimonies.order_by("pk").values("testimony_id", "quote_id")
        used = [{name: str(value or "") for name, value in row.items()} for row in rows]
        return {"testimonies": used, "sources": _told_by(self.instance.use_sources)}

    def values(self) -> dict[str, Any]:
        """A use names its campaign by its slug."""
        found = super().values()
        if "campaign_id" in found:
            campaign = Campaign.objects.filter(pk=found.pop("campaign_id")).first()
            found["campaign"] = campaign.slug if campaign else ""
        return found


@admin.register(CampaignUse)
class UseAdmin(RecordAdmin):
    service = uses
    capability = Capability.CURATE
    form = UseForm
    list_display = ("title", "campaign", "kind", "purpose", "published", "tier")
    list_filter = ("kind", "purpose", "tier")
    list_select_related = ("campaign",)
    search_fields = ("title__icontains", "campaign__slug__istartswith")
    ordering = ("campaign", "published_earliest", "pk")
    fieldsets = (
        (None, {"fields": ("campaign", "kind", "title", "url", "description", "audience", "language", "published")}),
        ("What it uses", {"fields": ("purpose", "testimonies")}),
        ("How we know, and who sees it", {"fields": ("sources", "tier")}),
    )


@admin.register(Measurement)
class MeasurementAdmin(RecordAdmin):
    """A later measurement is a new one; one that was entered wrongly is deleted."""

    service = measurements
    capability = Capability.CURATE
    list_display = ("use", "metric", "value", "measured_on")
    list_filter = ("metric",)
    list_select_related = ("use",)
    search_fields = ("use__title__icontains",)
    ordering = ("-measured_on", "pk")
    fieldsets = ((None, {"fields": ("use", "metric", "value", "measured_on", "source", "note")}),)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The same form, to look at."""
        return request.method == "GET" and obj is not None and self.has_view_permission(request)

    def check_open(self, record: Measurement, request: HttpRequest) -> None:  # noqa: ARG002
        raise NotAllowedNow("A measurement stays as it is. Enter a later one beside it, or delete a wrong one.")
