"""Spreadsheets brought in at the desk: uploaded, checked, looked at row by row, applied. It works without JavaScript."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from testimonies.access import Capability
from testimonies.admin import pages
from testimonies.admin.actors import writer
from testimonies.errors import DomainError, Invalid, RejectedFile
from testimonies.models import Collection, Import, ImportMapping
from testimonies.models.imports import RUNNING, ImportState, OnError, RowOutcome
from testimonies.services import imports

MOST_BYTES = imports.MOST_BYTES + 1024 * 1024
"""Of a request: its file, and the form around it."""
MOST_LISTED = 50
ROWS = 50
"""Rows on a page."""
AGAIN = 3
"""Seconds after which the page of a running import is asked for again."""
_TOO_LARGE = f"The file has more than {imports.MOST_BYTES // 1024 // 1024} MB. Import it in parts."


class UploadForm(forms.Form):
    file = forms.FileField(
        label="File",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.jsonl,.ndjson"}),
        help_text="CSV, XLSX or JSON Lines. It is kept until the import has ended.",
    )
    mapping = forms.ModelChoiceField(
        ImportMapping.objects.order_by("name"),
        required=False,
        to_field_name="name",
        empty_label="none: the columns have our names",
        help_text="Which column is which of ours, as it was kept for files of this kind.",
    )
    collection = forms.ModelChoiceField(
        Collection.objects.order_by("title"),
        required=False,
        to_field_name="slug",
        empty_label="as the rows say",
        help_text="Each row belongs to it.",
    )
    on_error = forms.ChoiceField(label="A row that cannot be stored", choices=OnError.choices)


def urls(admin_view: Any) -> list[URLPattern]:
    return [
        path("imports/", admin_view(show), name="imports"),
        path("imports/<uuid:import_id>/", admin_view(show_one), name="import"),
    ]


@csrf_exempt  # only until it is known who asks and how much they send: the body is read after that
def show(request: HttpRequest) -> HttpResponse:
    """What was brought in lately, and the form for the next file."""
    length = request.headers.get("Content-Length") or "0"
    if not length.isdigit() or int(length) > MOST_BYTES:
        return HttpResponse(_TOO_LARGE, content_type="text/plain", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    _allow(request)
    return _take(request)


def _allow(request: HttpRequest) -> None:
    if not writer(request).may(Capability.IMPORT):
        raise PermissionDenied


@csrf_protect
def _take(request: HttpRequest) -> HttpResponse:
    form = UploadForm(pages.posted(request), request.FILES if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        mapping, collection = said["mapping"], said["collection"]
        try:
            made = imports.create(
                by=writer(request),
                file=said["file"],
                name=said["file"].name or "",
                mapping_name=mapping.name if mapping else "",
                collection=collection.slug if collection else "",
                on_error=said["on_error"],
                dry_run=True,
            )
        except RejectedFile as error:
            form.errors["file"] = form.error_class(error.problems)
        except Invalid as error:
            form.add_error(None, [detail for _, _, detail in error.errors])
        else:
            return HttpResponseRedirect(reverse("admin:import", args=[made.pk]))
    found = Import.objects.select_related("created_by").order_by("-created_at", "id")[:MOST_LISTED]
    laid_out = pages.laid_out(form)
    return pages.page(request, "imports", "Import testimonies", form=form, adminform=laid_out, imports=found)


def show_one(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """How far it is, and what it does or would do."""
    _allow(request)
    if request.method == "POST":
        return _act(request, import_id)
    found = Import.objects.select_related("created_by").filter(pk=import_id).first()
    if found is None:
        raise Http404
    outcome = request.GET.get("outcome", "")
    rows = found.rows.order_by("number")
    if outcome in RowOutcome.values:
        rows = rows.filter(outcome=outcome)
    response = pages.page(
        request,
        "import_one",
        f"Import of {found.file_name}",
        found=found,
        rows=Paginator(rows, ROWS).get_page(request.GET.get("p")),
        outcome=outcome,
        numbers=[(name, getattr(found, f"n_{name.value}")) for name in RowOutcome],
        is_running=found.state in RUNNING,
        may_apply=found.state == ImportState.CHECKED and not (found.n_rejected and found.on_error == OnError.REJECT),
    )
    if found.state in RUNNING:
        response.headers["Refresh"] = str(AGAIN)
    return response


def _act(request: HttpRequest, import_id: UUID) -> HttpResponse:
    step = imports.apply if "apply" in request.POST else imports.cancel
    try:
        step(import_id, by=writer(request))
    except DomainError as error:
        messages.error(request, error.detail)
    return HttpResponseRedirect(reverse("admin:import", args=[import_id]))
