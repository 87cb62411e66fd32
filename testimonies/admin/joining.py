"""The link that an administrator hands to somebody: its owner chooses a password, and enters."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy

from testimonies.models import User
from testimonies.services.users import Door


def link(request: HttpRequest, door: Door) -> str:
    return request.build_absolute_uri(reverse("admin:choose_password", args=door))


class ChoosePassword(PasswordResetConfirmView):
    """Django's own: the token leaves the address at once and works a single time."""

    template_name = "testimonies/choose_password.html"
    success_url = reverse_lazy("admin:login")

    def get_user(self, uidb64: str) -> Any:
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.is_active else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        title = "Choose a password" if context["validlink"] else "This link does not work"
        return {**context, **admin.site.each_context(self.request), "title": title}
