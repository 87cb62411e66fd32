"""Regions: named sets of countries. They come with collection files (regions.json), and are looked at here."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from testimonies.admin import pages
from testimonies.admin.acted_on import ActedOn
from testimonies.admin.actors import actor_of
from testimonies.models import Region


@admin.register(Region)
class RegionAdmin(ActedOn):
    list_title = "Regions"
    list_display = ("name", "slug", "source", "n_countries")
    search_fields = ("name", "slug")
    search_help_text = "Search by name"
    ordering = ("name", "pk")

    def may(self, request: HttpRequest) -> bool:
        return actor_of(request) is not None

    @admin.display(description="countries")
    def n_countries(self, region: Region) -> int:
        return len(region.countries)

    def page(self, request: HttpRequest, region: Region) -> HttpResponse:
        return pages.page(request, "region", region.name, opts=self.opts, region=region)
