"""The desk: who may enter Django's admin here, what its front page says, and the pages that belong to no record type."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from testimonies.access import DESK, Capability
from testimonies.admin import agreement, checking, coding, collection_files, imports, joining, sessions, statistics
from testimonies.admin.actors import writer
from testimonies.models import User
from testimonies.selectors import desk

SECTIONS = {
    "Testimonies": ("Testimony", "Person", "SamePersonLink", "Correction", "Erasure"),
    "What they refer to": ("Source", "Group", "Collection", "Figure", "Codebook", "Code", "Region"),
    "What is done with them": ("Quote", "Campaign", "CampaignUse", "Measurement"),
    "Accounts": ("User", "ApiKey"),
}
"""How coders think of the record types; any other stands under OTHER."""
OTHER = "More"


def may_enter(user: User | AnonymousUser) -> bool:
    """The role alone decides. Being a superuser opens no door here; it adds accounts and keys (docs/adr/0012)."""
    return isinstance(user, User) and user.is_active and user.role in DESK


class LoginForm(AdminAuthenticationForm):
    def confirm_login_allowed(self, user: Any) -> None:
        if not may_enter(user):
            raise ValidationError(
                self.error_messages["invalid_login"],
                code="invalid_login",
                params={"username": self.username_field.verbose_name},
            )


class Desk(admin.AdminSite):
    site_header = "Testimony records"
    site_title = "Testimony records"
    index_title = "Desk"
    site_url = "/api/docs/"
    login_form = LoginForm

    def has_permission(self, request: HttpRequest) -> bool:
        return may_enter(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method != "POST":
            return super().login(request, extra_context)
        return sessions.throttled(
            request, lambda: super(Desk, self).login(request, extra_context), self.each_context(request)
        )

    def get_urls(self) -> list[URLPattern | URLResolver]:
        ours = [
            path("agreement/", self.admin_view(agreement.show), name="agreement"),
            path("agreement/confusions/", self.admin_view(agreement.confusions), name="confusions"),
            path("date/", self.admin_view(checking.date), name="check_date"),
            *coding.urls(self.admin_view),
            path("import/", self.admin_view(collection_files.show), name="import_collection"),
            path("statistics/", self.admin_view(statistics.show), name="statistics"),
            *imports.urls(self.admin_view),
            path("join/<uidb64>/<token>/", joining.ChoosePassword.as_view(), name="choose_password"),
        ]
        return [*ours, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        if not self.has_permission(request):
            return []
        found = {
            model["object_name"]: model for app in super().get_app_list(request, app_label) for model in app["models"]
        }
        sections = [(title, [found.pop(name) for name in names if name in found]) for title, names in SECTIONS.items()]
        return [
            {"name": title, "app_label": f"section-{n}", "app_url": reverse("admin:index"), "models": listed}
            for n, (title, listed) in enumerate([*sections, (OTHER, list(found.values()))])
            if listed
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        actor = writer(request)
        ours = {
            "waiting": desk.waiting(actor),
            "may_import": actor.may(Capability.IMPORT),
            "may_review": actor.may(Capability.REVIEW),
            "role": actor.role.value,
            "sees_every_state": actor.sees_every_state,
        }
        return super().index(request, ours | (extra_context or {}))
