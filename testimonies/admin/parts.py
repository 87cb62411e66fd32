"""Texts, citations, claims and clearances: written in the form of their testimony, as forms of their own."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from testimonies.access import Capability
from testimonies.admin.actors import actor_of
from testimonies.admin.columns import Fields
from testimonies.admin.forms import PartForms, RecordForm
from testimonies.errors import DomainError

MOST_PARTS = 300
"""How many parts of one kind a form is read for. Beyond, nothing is saved and it is said."""


class PartInline(Fields, admin.StackedInline):
    """Parts of a testimony, written with it."""

    form = RecordForm
    formset: Any = PartForms
    capability: ClassVar[Capability] = Capability.DRAFT
    extra = 0
    max_num = 200
    template = "admin/testimonies/parts.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return actor_of(request) is not None

    has_change_permission = has_view_permission  # who may only look is shown the same forms, closed

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return not self._why_closed(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return not self._why_closed(request)

    def _why_closed(self, request: HttpRequest) -> str:
        actor = actor_of(request)
        may = actor is not None and actor.may(self.capability)
        return getattr(request, "closed", "") if may else "Your role does not change these. Ask an editor."

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_fieldsets(request, obj), (None, {"fields": ["shown_version"]})]

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **{"absolute_max": MOST_PARTS, **options})
        formset.refusals = formset.form.refusals = refusals(request)
        formset.form.closed = self._why_closed(request)
        return formset


def refusals(request: HttpRequest) -> Mapping[str, DomainError]:
    return getattr(request, "refusals", {})
