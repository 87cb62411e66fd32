"""Erasing a testimony for good, and the certificates of erasures: for custodians (docs/adr/0015, 0020)."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from testimonies.access import Capability
from testimonies.admin import pages
from testimonies.admin.acted_on import ActedOn, done
from testimonies.admin.actors import actor_of, writer
from testimonies.admin.labels import label
from testimonies.models import Erasure, Testimony
from testimonies.services import erasure


class ErasureForm(forms.Form):
    """The reference once more, so that no other one is erased; at the version that the page has named."""

    confirm = forms.CharField(
        max_length=40,
        label="Its reference",
        help_text="Type it once more, so that no other testimony is erased.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: Any, testimony: Testimony, **options: Any) -> None:
        super().__init__(*args, **options)
        self.testimony = testimony

    def clean_confirm(self) -> str:
        text = str(self.cleaned_data["confirm"]).strip().upper()
        if text != self.testimony.ref:
            raise forms.ValidationError("This is not the testimony's reference. Nothing was erased.")
        return text


def erase(request: HttpRequest, testimony: Testimony) -> HttpResponse:
    """Names what is destroyed, asks, and answers with the certificate. Errors: Forbidden, for whoever is no custodian."""
    by = writer(request)
    foreseen = erasure.foresee(testimony, by=by)
    sent = pages.posted(request)
    form = ErasureForm(sent, testimony=testimony, initial={"version": testimony.version})
    act = partial(erasure.erase, testimony.pk, by=by)
    if certificate := done(form, lambda confirm, version: act(version=version)):  # noqa: ARG005
        messages.success(request, "It is erased. This is its certificate.")
        return HttpResponseRedirect(reverse("admin:testimonies_erasure_change", args=[certificate.pk]))
    if sent is not None:  # what is shown now is what the next attempt is about
        form.data = again = sent.copy()
        again["version"] = str(testimony.version)
    return pages.page(
        request,
        "erase",
        "Erase for good",
        subtitle=label(testimony),
        opts=testimony._meta,
        testimony=testimony,
        foreseen=foreseen,
        person=label(foreseen.person) if foreseen.person else "",
        sources=[label(source) for source in foreseen.sources],
        form=form,
    )


@admin.register(Erasure)
class ErasureAdmin(ActedOn):
    """Certificates. Nothing in them tells what was erased."""

    list_title = "Certificates of erasures"
    list_display = ("pk", "at", "by")
    ordering = ("-at", "pk")

    def may(self, request: HttpRequest) -> bool:
        actor = actor_of(request)
        return actor is not None and actor.may(Capability.WITHDRAW)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Erasure]:  # noqa: ARG002
        return Erasure.objects.select_related("user").order_by(*self.ordering)

    @admin.display(description="by")
    def by(self, certificate: Erasure) -> str:
        return str(certificate.user or "a restored backup that was brought up to date")

    def page(self, request: HttpRequest, certificate: Erasure) -> HttpResponse:
        return pages.page(
            request,
            "certificate",
            "Certificate of an erasure",
            opts=self.opts,
            certificate=certificate,
            by=self.by(certificate),
            destroyed=sorted(certificate.destroyed.items()),
        )
