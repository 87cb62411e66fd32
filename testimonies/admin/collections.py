"""Collections: named sets of testimonies with their scope and caveats."""

from typing import Any

from django.contrib import admin

from testimonies.access import Capability
from testimonies.admin.forms import RecordForm
from testimonies.admin.records import RecordAdmin
from testimonies.models import Codebook, Collection
from testimonies.services import collections


class CollectionForm(RecordForm):
    def values(self) -> dict[str, Any]:
        """A collection names its codebook as slug@version."""
        found = super().values()
        if "codebook_id" in found:
            codebook_id = found.pop("codebook_id")
            codebook = Codebook.objects.filter(pk=codebook_id).first()
            found["codebook"] = None if codebook_id is None else str(codebook or "")
        return found


@admin.register(Collection)
class CollectionAdmin(RecordAdmin):
    service = collections
    capability = Capability.CURATE
    form = CollectionForm
    list_display = ("slug", "title", "listing", "is_invented", "tier")
    list_filter = ("listing", "basis_of_use", "is_invented", "tier")
    search_fields = ("slug__istartswith", "title__icontains")
    ordering = ("slug",)
    fieldsets = (
        (
            None,
            {"fields": ("slug", "title", "population", "scope", "caveats", "unavailable", "codebook", "case_status")},
        ),
        ("What may be done with it", {"fields": ("basis_of_use", "permitted_uses", "reviewed_by")}),
        ("Who sees it", {"fields": ("listing", "is_invented", "tier")}),
    )
