"""Pages of one codebook beside its form: its versions with the map between them, and its REFI-QDA file; and making one of a file."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from testimonies.access import Capability, Tier
from testimonies.admin import pages
from testimonies.admin.actors import writer
from testimonies.errors import DomainError, Invalid
from testimonies.models import Codebook
from testimonies.models.codebooks import CodebookStatus
from testimonies.selectors import codebook_versions as selectors
from testimonies.selectors import qdc
from testimonies.selectors.visibility import visible
from testimonies.services import codebook_versions as services
from testimonies.services import qdc as files
from testimonies.values.safe_xml import MOST_BYTES

FATES = dict(selectors.Fate.choices)
INTO = "into:"
"""Name of the input of a code of the version before, without its slug."""


class FileForm(forms.Form):
    """What a file does not say of its codebook."""

    file = forms.FileField(
        widget=forms.ClearableFileInput(attrs={"accept": ".qdc,.xml"}), help_text="A codebook in the REFI-QDA format (.qdc)."
    )  # fmt: skip
    slug = forms.SlugField(max_length=80, help_text="Short name, the same for all versions.")
    edition = forms.CharField(max_length=20, label="Version", initial="1.0.0", help_text="Such as 1.0.0.")
    title = forms.CharField(max_length=300, widget=forms.TextInput(attrs={"class": "vTextField"}))
    language = forms.CharField(max_length=35, initial="en", help_text="A BCP 47 tag such as en or ar.")
    tier = forms.TypedChoiceField(
        choices=Tier.choices, coerce=int, initial=int(Tier.RESTRICTED), help_text="Who sees it."
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(f"A file holds at most {MOST_BYTES // 1_000_000} MB.")
        return file


def upload(request: HttpRequest) -> HttpResponse:
    """A draft of a file, or all that is wrong with it."""
    by = writer(request)
    if not by.may(Capability.CURATE):
        raise PermissionDenied
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        document = values.pop("file").read()
        try:
            made = files.create(by=by, document=document, **values)
        except Invalid as refused:
            for pointer, _, detail in refused.errors:
                name = pointer.removeprefix("/")
                form.add_error(name if name in form.fields else "file", detail)
        except DomainError as refused:
            form.add_error(None, refused.detail)
        else:
            return HttpResponseRedirect(reverse("admin:testimonies_codebook_change", args=[made.pk]))
    context: dict[str, Any] = {
        "form": form,
        "adminform": pages.laid_out(form),
        "button": "Make a draft of it",
        "opts": Codebook._meta,
    }
    return pages.page(request, "form", "Codebook from a file", **context)


def download(request: HttpRequest, codebook_id: UUID) -> HttpResponse:
    codebook = _found(request, codebook_id)
    name, body = qdc.export(str(codebook.pk), writer(request))
    return HttpResponse(
        body, content_type=qdc.MEDIA_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def show(request: HttpRequest, codebook_id: UUID) -> HttpResponse:
    """The version before and the map to it, how the two differ, and the next version."""
    codebook, by = _found(request, codebook_id), writer(request)
    found = selectors.map_of(codebook, by)
    rows = [
        (code, FATES[found.fate(code)], " ".join(into.slug for into in found.into[code.id]), f"{INTO}{code.slug}")
        for code in found.before
    ]
    differing = []
    if codebook.follows_id:
        differing = selectors.comparison(str(codebook.pk), str(codebook.follows_id), by)["codes"]
    return pages.page(
        request,
        "codebook_versions",
        f"Versions of {codebook.slug}",
        opts=Codebook._meta,
        codebook=codebook,
        next_version=codebook.next_versions.first(),
        versions=visible(Codebook, by).filter(slug=codebook.slug).order_by("created_at"),
        rows=rows,
        added=found.added(),
        differing=differing,
        is_draft=codebook.status == CodebookStatus.DRAFT,
        may_change=by.may(Capability.CURATE),
    )


def change(request: HttpRequest, codebook_id: UUID) -> HttpResponse:
    """One act on the page of versions, named by its button."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    codebook, by = _found(request, codebook_id), writer(request)
    shown = codebook.pk
    try:
        if "next" in request.POST:
            shown = services.begin_next(
                codebook.pk, by=by, edition=request.POST.get("edition", "").replace("\0", "")
            ).pk
            said = "This is the next version. Change its codes, then say below what became of those before."
        elif "map" in request.POST:
            version = request.POST.get("version", "")[:9]
            number = int(version) if version.isascii() and version.isdigit() else 0
            services.change_map(codebook.pk, by=by, version=number, into=_into(request))
            said = "The map is saved."
        else:
            follows = codebook.follows.edition if codebook.follows else ""
            done = services.carry_over(codebook.pk, by=by, follows=follows)
            said = f"{done.codes} codes of {done.testimonies} testimonies were carried over; {done.left} are to be coded anew."
    except Invalid as refused:
        messages.error(request, " ".join(detail for _, _, detail in refused.errors))
    except DomainError as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, said)
    return HttpResponseRedirect(reverse("admin:testimonies_codebook_versions", args=[shown]))


def _into(request: HttpRequest) -> dict[str, list[str]]:
    sent = {name.removeprefix(INTO): str(value) for name, value in request.POST.items() if name.startswith(INTO)}
    return {slug: list(dict.fromkeys(value.replace("\0", "").split())) for slug, value in sent.items()}


def _found(request: HttpRequest, codebook_id: UUID) -> Codebook:
    """Errors: Http404, hidden or never there."""
    rows: Any = visible(Codebook, writer(request)).select_related("follows")
    found: Codebook | None = rows.filter(pk=codebook_id).first()
    if found is None:
        raise Http404
    return found
