"""A collection's files are checked, shown, and loaded. Nothing is kept between the two: the same files come twice."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from testimonies.access import Capability
from testimonies.admin import pages
from testimonies.admin.actors import writer
from testimonies.errors import RejectedFile
from testimonies.services import collection_files
from testimonies.services.loading.report import Report

MOST_BYTES = collection_files.MOST_BYTES + 1024 * 1024
"""Of a request: its files, and the form around them."""
VALID = 60 * 60
"""Seconds from a check to the loading of what was checked."""
_TOO_LARGE = f"The files hold more than {collection_files.MOST_BYTES // 1024 // 1024} MB together. Load a part of them."
_OTHER = "These are not the files that were checked, or the check is too old. They were checked anew."


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """All the files that were chosen."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        return [super(FilesField, self).clean(file, initial) for file in data or [None]]


class ImportForm(forms.Form):
    chosen = FilesField(
        label="Files",
        widget=Files(attrs={"accept": ".json,.jsonl,.zip"}),
        help_text="All files of one folder (collections.json and what it names), or a zip of the folder. They are not kept.",
    )
    overwrite = forms.BooleanField(
        required=False, help_text="Replace what people changed here since the records were loaded. Otherwise such lines are rejected."
    )  # fmt: skip


@csrf_exempt  # only until it is known who asks and how much they send: the body is read after that
def show(request: HttpRequest) -> HttpResponse:
    length = request.headers.get("Content-Length") or "0"
    if not length.isdigit() or int(length) > MOST_BYTES:
        return HttpResponse(_TOO_LARGE, content_type="text/plain", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if not writer(request).may(Capability.IMPORT):
        raise PermissionDenied
    return _take(request)


@csrf_protect
def _take(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    uploads = [(file.name or "", file) for file in form.cleaned_data["chosen"]]
    overwrite = form.cleaned_data["overwrite"]
    try:
        proof = [collection_files.digest(uploads), overwrite, request.user.pk]
        wants, proved = "load" in request.POST, _proved(request.POST.get("checked", ""))
        is_checked = wants and proved == proof
        report = collection_files.load(uploads, by=writer(request), dry_run=not is_checked, overwrite=overwrite)
    except RejectedFile as error:
        return _page(request, form, problems=error.problems)
    if is_checked:
        return _page(request, ImportForm(), report=report, is_loaded=True)
    notes = [_OTHER] if wants else []
    return _page(request, form, report=report, checked=signing.dumps(proof, salt=__name__), notes=notes)


def _proved(text: str) -> Any:
    try:
        return signing.loads(text, salt=__name__, max_age=VALID)
    except signing.BadSignature:
        return None


def _page(request: HttpRequest, form: ImportForm, **context: Any) -> HttpResponse:
    report: Report | None = context.get("report")
    counts = (
        [
            (kind, changes.created, changes.updated, changes.unchanged, changes.rejected)
            for kind, changes in report.kinds.items()
        ]
        if report
        else []
    )
    return pages.page(
        request, "import", "Import a collection", form=form, adminform=pages.laid_out(form), counts=counts, **context
    )  # fmt: skip
