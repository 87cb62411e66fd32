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
from testimonies.errors import DomainError, Invalid, NotFound, RejectedFile
from testimonies.models import Collection, Import, ImportMapping
from testimonies.models.import_mappings import DateFormat
from testimonies.models.imports import RUNNING, ImportState, OnError, RowOutcome
from testimonies.services import imports
from testimonies.services.importing import columns, mappings
from testimonies.services.importing.mappings import Certainty

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
        empty_label="none: you are shown what each column is taken for",
        help_text="Which column is which of ours, as it was kept for files of this kind. You see it before the check.",
    )
    collection = forms.ModelChoiceField(
        Collection.objects.order_by("title"),
        required=False,
        to_field_name="slug",
        empty_label="as the rows say",
        help_text="Each row belongs to it.",
    )
    on_error = forms.ChoiceField(label="A row that cannot be stored", choices=OnError.choices)


class ColumnsForm(forms.Form):
    """Which column of the file is which of ours: a field for each header, and some for what every row says."""

    MOST_FIXED = 6
    date_format = forms.ChoiceField(label="Dates whose year comes last", choices=DateFormat.choices)
    save_as = forms.CharField(
        required=False, max_length=120, help_text="Keeps all of this by a name, for the next file of the same kind."
    )

    def __init__(self, found: Import, data: Any = None) -> None:
        said = mappings.ColumnMapping(**found.mapping)
        fixed = [*said.fixed.items()]
        super().__init__(data, initial={"date_format": said.date_format})
        self.headers: list[str] = found.headers
        for number, header in enumerate(self.headers):
            self.fields[f"column_{number}"] = _column_field(header, said.columns.get(header))
        self.n_fixed = max(self.MOST_FIXED, len(fixed))
        for number in range(self.n_fixed):
            name, value = fixed[number] if number < len(fixed) else ("", "")
            self.fields[f"fixed_{number}"] = _column_field(f"Column {number + 1}", name)
            self.fields[f"value_{number}"] = forms.CharField(
                label=f"Cell {number + 1}", required=False, max_length=2000, initial=value
            )

    def rows(self) -> list[tuple[Any, str]]:
        """Each header's field, and how sure the guess is."""
        guesses = mappings.guess(self.headers)
        return [(self[f"column_{number}"], _how_sure(guess)) for number, guess in enumerate(guesses)]

    def fixed_rows(self) -> list[tuple[Any, Any]]:
        return [(self[f"fixed_{number}"], self[f"value_{number}"]) for number in range(self.n_fixed)]

    def options(self) -> list[tuple[str, str]]:
        """Names that somebody may choose; numbered ones and ids of systems are typed."""
        return [(name, column.help) for name, column in columns.COLUMNS.items() if not column.is_read_only]

    def said(self) -> dict[str, Any]:
        values = self.cleaned_data
        return {
            "columns": [
                {"header": header, "column": values[f"column_{number}"] or None}
                for number, header in enumerate(self.headers)
            ],
            "fixed": [{"column": values[f"fixed_{n}"], "value": values[f"value_{n}"]} for n in self._fixed()],
            "date_format": values["date_format"],
            "save_as": values["save_as"],
        }

    def _fixed(self) -> list[int]:
        return [n for n in range(self.n_fixed) if self.cleaned_data[f"fixed_{n}"]]

    def tell(self, error: DomainError) -> None:
        """Beside the field that it is about."""
        if not isinstance(error, Invalid):
            self.add_error("save_as", error.detail)
            return
        for pointer, _, detail in error.errors:
            match pointer.strip("/").split("/"):
                case ["columns", number, *_]:
                    self.add_error(f"column_{number}", detail)
                case ["fixed", number, *what]:
                    name = "value" if what == ["value"] else "fixed"
                    self.add_error(f"{name}_{self._fixed()[int(number)]}", detail)
                case _:
                    self.add_error("save_as", detail)


_SURE = {
    Certainty.SAME: "has our name",
    Certainty.LIKE: "guessed: a common word for it",
    Certainty.NEAR: "guessed: spelled nearly so",
    Certainty.NONE: "not known: name it, or leave it out",
    Certainty.SEALED: "belongs into the vault: delete it from the file",
}


def _how_sure(guess: mappings.Guess) -> str:
    column = columns.find(guess.column) if guess.column else None
    return "left out: the service derives or decides it" if column and column.is_read_only else _SURE[guess.certainty]


def _column_field(label: str, name: str | None) -> forms.CharField:
    attributes = {"list": "our-columns", "autocomplete": "off", "dir": "ltr"}
    return forms.CharField(
        label=label, required=False, max_length=120, initial=name or "", widget=forms.TextInput(attributes)
    )


def urls(admin_view: Any) -> list[URLPattern]:
    return [
        path("imports/", admin_view(show), name="imports"),
        path("imports/<uuid:import_id>/", admin_view(show_one), name="import"),
        path("imports/<uuid:import_id>/columns/", admin_view(show_columns), name="import_columns"),
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
                asks=True,
            )
        except RejectedFile as error:
            form.errors["file"] = form.error_class(error.problems)
        except Invalid as error:
            form.add_error(None, [detail for _, _, detail in error.errors])
        else:
            return HttpResponseRedirect(reverse("admin:import_columns", args=[made.pk]))
    found = Import.objects.select_related("created_by").order_by("-created_at", "id")[:MOST_LISTED]
    laid_out = pages.laid_out(form)
    return pages.page(request, "imports", "Import testimonies", form=form, adminform=laid_out, imports=found)


def show_columns(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What each column of the file is taken for, to be confirmed; then the file is checked."""
    _allow(request)
    found = Import.objects.filter(pk=import_id).first()
    if found is None:
        raise Http404
    there = HttpResponseRedirect(reverse("admin:import", args=[import_id]))
    if found.state != ImportState.MAPPING:
        return there
    form = ColumnsForm(found, pages.posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            imports.map_columns(import_id, by=writer(request), **form.said())
        except NotFound:
            raise Http404 from None
        except DomainError as error:
            form.tell(error)
        else:
            return there
    title = f"Columns of {found.file_name}"
    return pages.page(request, "import_columns", title, form=form, found=found)


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
        needs_mapping=found.state == ImportState.MAPPING,
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
