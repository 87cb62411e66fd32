"""Keys of apps: made, changed and revoked by administrators, through services."""

import datetime as dt
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern

from testimonies.access import DESK, Role, Tier, Use
from testimonies.admin import pages
from testimonies.admin.accounts import ROLES, Administered, RoleFilter, WordFilter, latest
from testimonies.admin.acted_on import done
from testimonies.admin.actors import writer
from testimonies.errors import DomainError
from testimonies.models import ApiKey, User
from testimonies.services import keys


class RateForm(forms.Form):
    rate = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=keys.MOST_A_MINUTE,
        help_text="Most requests a minute; empty: no limit. Each process of the service counts for itself.",
    )


class KeyForm(RateForm):
    field_order = ("name", "role", "tier", "uses", "expires_at", "rate", "user")

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


class RevokedFilter(WordFilter):
    title = parameter_name = "revoked"
    words: ClassVar = {"no": ("not revoked", {"revoked_at": None}), "yes": ("revoked", {"revoked_at__isnull": False})}


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
        steps = [self.step("revoke", self.revoke), self.step("rate", self.rate)]
        return [*steps, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = KeyForm(pages.posted(request))
        if made := done(form, partial(keys.create, by=writer(request))):
            key, secret = made
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

    def page(self, request: HttpRequest, key: ApiKey) -> HttpResponse:
        return pages.page(
            request, "key", f"Key {key.name}", key=key, state=self.state(key), tier=self.reads_up_to(key), opts=self.opts,
            uses=self.for_uses(key), form=RevocationForm(), form_url=self.address("revoke", key.pk),
            rate=RateForm(initial={"rate": key.rate}), rate_url=self.address("rate", key.pk), acts=latest(key),
        )  # fmt: skip

    def revoke(self, request: HttpRequest, key: ApiKey) -> HttpResponse:
        if not RevocationForm(request.POST).is_valid():
            messages.error(request, "Nothing was revoked: say first that the app may stop working.")
            return HttpResponseRedirect(self.address("change", key.pk))
        keys.revoke(by=writer(request), name=key.name)
        messages.success(request, f"The key {key.name} is revoked for good.")
        return HttpResponseRedirect(self.address("changelist"))

    def rate(self, request: HttpRequest, key: ApiKey) -> HttpResponse:
        form = RateForm(request.POST)
        if done(form, partial(keys.change_rate, by=writer(request), name=key.name)):
            messages.success(request, f"The key {key.name} has another rate now.")
        else:
            messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return HttpResponseRedirect(self.address("change", key.pk))
