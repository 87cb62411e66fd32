"""Accounts: made, changed and ended by administrators, through services."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern

from testimonies.access import Capability, Role
from testimonies.admin import joining, pages
from testimonies.admin.acted_on import ActedOn, done
from testimonies.admin.actors import actor_of, writer
from testimonies.models import AccountAct, ApiKey, User
from testimonies.services import users

ROLES = [(role.value, f"{role.value}: {role.label}") for role in Role if role != Role.ANONYMOUS]
DAYS = "three days"
MOST_ACTS = 50
"""So many acts on an account or a key are shown."""


class AccountForm(forms.Form):
    role = forms.TypedChoiceField(
        choices=ROLES, coerce=Role, help_text="What this account may see and do. Readers cannot enter this desk."
    )
    is_administrator = forms.BooleanField(
        required=False, label="Administrator", help_text="Also makes accounts and keys. It opens no further record."
    )


class InvitationForm(AccountForm):
    name = forms.CharField(
        max_length=150, help_text="The name to log in with: letters, digits and @ . + - _ only.",
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )  # fmt: skip
    field_order = ("name", "role", "is_administrator")


def latest(about: User | ApiKey) -> list[AccountAct]:
    """What became of an account or a key, newest first."""
    return list(about.acts.select_related("by").order_by("-at", "-pk")[:MOST_ACTS])


class WordFilter(admin.SimpleListFilter):
    """A filter by a few words, each with the condition that it stands for."""

    words: ClassVar[dict[str, tuple[str, dict[str, Any]]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(word, label) for word, (label, _) in self.words.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        chosen = self.words.get(self.value() or "")
        return queryset.filter(**chosen[1]) if chosen else queryset


class RoleFilter(WordFilter):
    title = parameter_name = "role"
    words: ClassVar = {role.value: (role.value, {"role": role}) for role in Role if role != Role.ANONYMOUS}


class SwitchedOnFilter(WordFilter):
    title, parameter_name = "who enters", "entering"
    words: ClassVar = {
        "on": ("switched on", {"is_active": True}),
        "off": ("switched off", {"is_active": False}),
        "administrators": ("administrators", {"is_superuser": True}),
    }


class Administered(ActedOn):
    """Rows that administrators alone see, and make."""

    def may(self, request: HttpRequest) -> bool:
        actor = actor_of(request)
        return actor is not None and actor.may(Capability.ADMINISTER)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request)


@admin.register(User)
class UserAdmin(Administered):
    list_title = "Accounts of those who work here"
    list_display = ("username", "does", "administers", "enters", "last_login")
    list_filter = (RoleFilter, SwitchedOnFilter)
    search_fields = ("username",)
    search_help_text = "Search by name"
    ordering = ("username",)

    @admin.display(description="role", ordering="role")
    def does(self, user: User) -> str:
        return Role(user.role).value

    @admin.display(description="administrator", boolean=True, ordering="is_superuser")
    def administers(self, user: User) -> bool:
        return user.is_superuser

    @admin.display(description="switched on", boolean=True, ordering="is_active")
    def enters(self, user: User) -> bool:
        return user.is_active

    def get_urls(self) -> list[URLPattern]:
        return [self.step("switch", self.switch), self.step("renew", self.renew), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = InvitationForm(pages.posted(request))
        if invited := done(form, partial(users.invite, by=writer(request))):
            return self._handed_over(request, *invited)
        return pages.page(
            request,
            "form",
            "Invite somebody",
            form=form,
            adminform=pages.laid_out(form),
            opts=self.opts,
            button="Invite",
            before="You get a link to hand over. Whoever opens it chooses a password; nobody else ever knows it.",
        )

    def page(self, request: HttpRequest, user: User) -> HttpResponse:
        before = {"role": user.role, "is_administrator": user.is_superuser}
        form = AccountForm(pages.posted(request), initial=before)
        if done(form, partial(users.change, user.pk, by=writer(request))):
            messages.success(request, f"The account {user.username} was changed.")
            return HttpResponseRedirect(self.address("changelist"))
        is_own = user.pk == writer(request).user_id
        return pages.page(
            request, "account", f"Account {user.username}", form=form, adminform=pages.laid_out(form), opts=self.opts,
            account=user, is_own=is_own, days=DAYS, acts=latest(user),
        )  # fmt: skip

    def switch(self, request: HttpRequest, user: User) -> HttpResponse:
        on = request.POST.get("on") == "1"
        users.switch(user.pk, by=writer(request), on=on)
        said = "is switched on" if on else "is switched off: its sessions and keys no longer work"
        messages.success(request, f"The account {user.username} {said}.")
        return HttpResponseRedirect(self.address("change", user.pk))

    def renew(self, request: HttpRequest, user: User) -> HttpResponse:
        return self._handed_over(request, *users.renew(user.pk, by=writer(request)))

    def _handed_over(self, request: HttpRequest, user: User, door: users.Door) -> HttpResponse:
        return pages.shown_once(
            request,
            f"A link for {user.username}",
            secret=joining.link(request, door),
            label="Link to choose a password",
            opts=self.opts,
            then=self.address("change", user.pk),
            explanation=f"Hand this link to its owner alone, over a way that nobody else reads. It works once, for {DAYS}.",
        )
