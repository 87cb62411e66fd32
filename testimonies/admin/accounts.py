"""Accounts and keys: made, changed and ended by administrators, through services."""

import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from testimonies.access import DESK, Capability, Role, Tier, Use
from testimonies.admin import joining, pages
from testimonies.admin.actors import actor_of, writer
from testimonies.errors import DomainError
from testimonies.models import ApiKey, User
from testimonies.services import keys, users

ROLES = [(role.value, f"{role.value}: {role.label}") for role in Role if role != Role.ANONYMOUS]
DAYS = "three days"


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


class KeyForm(forms.Form):
    name = forms.CharField(
        max_length=80, help_text="Which app or partner uses the key, so that it can be found and revoked.",
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )  # fmt: skip
    role = forms.TypedChoiceField(choices=ROLES, coerce=Role, help_text="What the key may do.", initial=Role.READER)
    tier = forms.TypedChoiceField(
        choices=[("", "as high as its role may"), *Tier.choices],
        coerce=lambda value: Tier(int(value)),
        empty_value=None,
        required=False,
        label="Highest tier",
        help_text="The highest tier that the key reads.",
    )
    uses = forms.MultipleChoiceField(
        choices=Use.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The key reads only what is cleared for one of these; none: no such limit.",
    )
    expires_at = forms.CharField(
        required=False,
        label="Expires",
        max_length=20,
        help_text="30d, 12h, 2w, or a day such as 2027-01-31; empty: it works until it is revoked.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )
    rate = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=keys.MOST_A_MINUTE,
        help_text="Most requests a minute; empty: no limit. Each process of the service counts for itself.",
    )
    user = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        label="Account",
        help_text="In whose name a key writes; empty: a key that writes gets an account of its own, which cannot log in.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = User.objects.filter(is_active=True, role__in=DESK).order_by("username")

    def clean_expires_at(self) -> dt.datetime | None:
        text = self.cleaned_data["expires_at"]
        try:
            return keys.expiry(text) if text else None
        except DomainError as error:
            raise forms.ValidationError(error.detail) from None


class RevocationForm(forms.Form):
    sure = forms.BooleanField(label="The app that uses this key may stop working now")


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


class RevokedFilter(WordFilter):
    title = parameter_name = "revoked"
    words: ClassVar = {"no": ("not revoked", {"revoked_at": None}), "yes": ("revoked", {"revoked_at__isnull": False})}


class Administered(admin.ModelAdmin):
    """Rows that administrators alone see, and that only services write."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_title: str

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"list_title": self.list_title, **(extra_context or {})})

    def has_module_permission(self, request: HttpRequest) -> bool:
        actor = actor_of(request)
        return actor is not None and actor.may(Capability.ADMINISTER)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        raise Http404

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """The row of an address, to an administrator."""
        if not self.has_module_permission(request):
            raise PermissionDenied
        if (row := self.get_object(request, object_id)) is None:
            raise Http404
        return row

    def address(self, page: str, *args: Any) -> str:
        return reverse(f"admin:testimonies_{self.opts.model_name}_{page}", args=args)

    def step(self, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
        """`<id>/<name>/`, which takes a POST alone."""

        def run(request: HttpRequest, object_id: str) -> HttpResponse:
            row = self.found(request, object_id)
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            try:
                return view(request, row)
            except DomainError as error:
                messages.error(request, error.detail)
                return HttpResponseRedirect(self.address("change", row.pk))

        wrapped = self.admin_site.admin_view(run)
        return path(f"<path:object_id>/{name}/", wrapped, name=f"testimonies_{self.opts.model_name}_{name}")


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
        if form.is_valid():
            try:
                user, door = users.invite(by=writer(request), **form.cleaned_data)
            except DomainError as error:
                form.add_error(None, error.detail)
            else:
                return self._handed_over(request, user, door)
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

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002
        extra_context: Any = None,  # noqa: ARG002
    ) -> HttpResponse:
        user: User = self.found(request, object_id)
        before = {"role": user.role, "is_administrator": user.is_superuser}
        form = AccountForm(pages.posted(request), initial=before)
        if form.is_valid():
            try:
                users.change(user.pk, by=writer(request), **form.cleaned_data)
            except DomainError as error:
                form.add_error(None, error.detail)
            else:
                messages.success(request, f"The account {user.username} was changed.")
                return HttpResponseRedirect(self.address("changelist"))
        is_own = user.pk == writer(request).user_id
        return pages.page(
            request, "account", f"Account {user.username}", form=form, adminform=pages.laid_out(form), opts=self.opts,
            account=user, is_own=is_own, days=DAYS,
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


@admin.register(ApiKey)
class ApiKeyAdmin(Administered):
    list_title = "Keys of apps"
    list_display = ("name", "state", "does", "reads_up_to", "for_uses", "user", "last_used_at", "expires_at")
    list_filter = (RoleFilter, RevokedFilter)
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    search_help_text = "Search by name or account"
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:  # noqa: ARG002
        return ApiKey.objects.defer("digest").with_state().order_by(*self.ordering)

    @admin.display(description="state")
    def state(self, key: ApiKey) -> str:
        if key.revoked_at:
            return "revoked"
        return "works" if key.works else "expired, or its account is switched off"  # type: ignore[attr-defined]

    @admin.display(description="role", ordering="role")
    def does(self, key: ApiKey) -> str:
        return Role(key.role).value

    @admin.display(description="reads up to", ordering="tier")
    def reads_up_to(self, key: ApiKey) -> str:
        return Tier(key.tier).label

    @admin.display(description="for uses")
    def for_uses(self, key: ApiKey) -> str:
        return ", ".join(key.uses) or "any"

    def get_urls(self) -> list[URLPattern]:
        return [self.step("revoke", self.revoke), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = KeyForm(pages.posted(request))
        if form.is_valid():
            try:
                key, secret = keys.create(by=writer(request), **form.cleaned_data)
            except DomainError as error:
                form.add_error(None, error.detail)
            else:
                return pages.shown_once(
                    request,
                    f"The key of {key.name}",
                    secret=secret,
                    label="Key",
                    opts=self.opts,
                    then=self.address("change", key.pk),
                    explanation="It is not shown again and kept nowhere: only its hash is. Apps send it as "
                    "Authorization: Bearer <key>.",
                )
        return pages.page(
            request, "form", "Make a key", form=form, adminform=pages.laid_out(form), opts=self.opts, button="Make the key",
            before="The key is shown once, on the next page.",
        )  # fmt: skip

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002
        extra_context: Any = None,  # noqa: ARG002
    ) -> HttpResponse:
        key: ApiKey = self.found(request, object_id)
        return pages.page(
            request, "key", f"Key {key.name}", key=key, state=self.state(key), tier=self.reads_up_to(key), opts=self.opts,
            uses=self.for_uses(key), form=RevocationForm(), form_url=self.address("revoke", key.pk),
        )  # fmt: skip

    def revoke(self, request: HttpRequest, key: ApiKey) -> HttpResponse:
        if not RevocationForm(request.POST).is_valid():
            messages.error(request, "Nothing was revoked: say first that the app may stop working.")
            return HttpResponseRedirect(self.address("change", key.pk))
        keys.revoke(by=writer(request), name=key.name)
        messages.success(request, f"The key {key.name} is revoked for good.")
        return HttpResponseRedirect(self.address("changelist"))
