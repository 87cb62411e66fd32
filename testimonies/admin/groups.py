"""Groups: organisations that people are said to have belonged to."""

from django.contrib import admin

from testimonies.access import Capability
from testimonies.admin.records import RecordAdmin
from testimonies.models import Group
from testimonies.services import groups


@admin.register(Group)
class GroupAdmin(RecordAdmin):
    service = groups
    capability = Capability.CURATE
    list_display = ("slug", "name", "tier")
    list_filter = ("tier",)
    search_fields = ("slug__istartswith", "name__icontains")
    ordering = ("slug",)
    fields = ("slug", "name", "description", "tier")
