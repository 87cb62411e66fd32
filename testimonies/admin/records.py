"""What the admin of every record type does alike: who may, which rows, how it is saved. Nothing here saves by itself.

A page shows Django's own form. What was changed in it goes to one act of a service, at the version that the form was
shown with; what the service refuses is said at the field, and a form that was overtaken goes to admin/overtaken.py.
"""

import copy
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, models
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from testimonies.access import Capability
from testimonies.admin import fields, overtaken, past, proposing
from testimonies.admin.actors import REASON, actor_of, writer
from testimonies.admin.columns import Fields
from testimonies.admin.forms import PartForms, RecordForm
from testimonies.admin.labels import label
from testimonies.admin.lists import CappedPaginator
from testimonies.admin.naming import name_related
from testimonies.admin.parts import refusals
from testimonies.errors import DomainError, NotFound, Overtaken
from testimonies.models import Testimony
from testimonies.models.base import Record
from testimonies.models.corrections import CorrectedKind
from testimonies.selectors.visibility import visible
from testimonies.services import acts
from testimonies.services.corrections import Proposal
from testimonies.services.together import Refused

CHOSEN = 20
"""How many records a search for one to refer to shows at once."""


class RecordAdmin(Fields, admin.ModelAdmin):
    """`service` has create, change and remove. Subclasses say what is listed, found and written, and how."""

    service: Any
    capability: ClassVar[Capability] = Capability.DRAFT
    """What one must be able to do to change such a record."""
    corrects: ClassVar[CorrectedKind | None] = None
    """The kind of correction by which it is changed while it is published."""
    asks: ClassVar[Capability | None] = None
    """What one must be able to do to enter one, if that is less."""
    form = RecordForm
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the table
    list_per_page = 50
    actions = None  # a list does not say what each record holds: they are deleted one by one, at the version shown
    change_form_template = "admin/testimonies/record.html"
    delete_confirmation_template = "admin/testimonies/remove.html"

    if TYPE_CHECKING:  # Django's own, unknown to its stubs
        _changeform_view: Callable[..., HttpResponse]
        _get_obj_does_not_exist_redirect: Callable[..., HttpResponse]

    # --- Who may, and which rows ----------------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return actor_of(request) is not None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return actor_of(request) is not None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.asks or self.capability)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may only look is shown the same form, in which nothing can be changed."""
        is_look = request.method == "GET" and obj is not None and self.has_view_permission(request)
        return is_look or self._may(request, self.capability)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return self._may(request, self.capability)

    def _may(self, request: HttpRequest, capability: Capability) -> bool:
        actor = actor_of(request)
        return actor is not None and actor.may(capability)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return visible(self.model, writer(request)).order_by(*self.get_ordering(request))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:  # noqa: ARG002
        """The record with what its form shows; None, whether hidden or never there."""
        record_id = fields.as_uuid(object_id)
        rows = self.whole(self.get_queryset(request))
        rows = proposing.counted(rows) if self.corrects else rows
        return None if record_id is None else rows.filter(pk=record_id).order_by().first()

    def whole(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Rows with what a form shows beside their columns, so that it costs no statement of its own."""
        return rows

    def why_closed(self, record: Any, request: HttpRequest) -> str:
        """Why nothing may be changed now; empty: it may."""
        try:
            self.check_open(record, request)
        except DomainError as refusal:
            return refusal.detail
        return ""

    def check_open(self, record: Any, request: HttpRequest) -> None:
        """Errors: those with which the service would refuse a change because of the record's state."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Errors: SuspiciousOperation, for an address with NUL, which PostgreSQL takes in no comparison."""
        if any("\0" in value for values in request.GET.lists() for value in (values[0], *values[1])):
            raise SuspiciousOperation("NUL in an address")
        return super().changelist_view(request, extra_context)

    # --- Showing --------------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_fieldsets(request, obj), (None, {"fields": ["shown_version"]})]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **options)
        form.base_fields = copy.deepcopy(form.base_fields)  # declared once for all requests, told apart here
        form.refusals = refusals(request)
        if not self._may(request, self.capability if change else self.asks or self.capability):
            form.closed = "Your role does not change such records. Ask an editor."
        elif change and request.method == "GET":
            # who sent a form that has closed meanwhile is told so by the service, and keeps what they typed
            form.closed = self.why_closed(obj, request)
        request.closed = form.closed  # type: ignore[attr-defined]  # the parts ask for it
        return form

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **options: Any) -> HttpResponse:
        form = context["adminform"].form
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        if overtaken.is_answer(request) and context["original"] is not None:
            return overtaken.show(self, request, "", (form, formsets))  # something is wrong with the answer
        self.name_related(form, formsets, request)
        context |= {"closed": form.closed, "reason_name": REASON, "reason": writer(request).reason}
        if self.corrects and context["original"] is not None:
            context |= self.ways_on(request, context["original"])
        if form.closed:
            buttons = ("show_save", "show_save_and_continue", "show_save_and_add_another", "show_delete")
            context |= dict.fromkeys(buttons, False) | {"show_close": True}
        return super().render_change_form(request, context, *args, **options)

    def ways_on(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """What a page says of corrections, and of what may be done about what is frozen."""
        found: dict[str, Any] = {"open_corrections": getattr(record, "open_corrections", 0)}
        if proposing.is_offered(request):
            found |= {"may_propose": True, "propose": proposing.PROPOSE, "unpublish": proposing.UNPUBLISH}
            if isinstance(record, Testimony):
                found["may_unpublish"] = proposing.stays_with(record, writer(request))
            else:
                found["shown_by"] = proposing.shown_by(record, request)
        return found

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A link may say to which records a new one refers; nothing else comes from an address."""
        relations = {column.name for column in self.opts.concrete_fields if column.is_relation}
        return {name: value for name, value in request.GET.items() if name in relations and fields.as_uuid(value)}

    def name_related(self, form: RecordForm, formsets: Iterable[PartForms], request: HttpRequest) -> None:
        name_related([form, *(part for formset in formsets for part in formset.forms)], request)

    # --- Saving ---------------------------------------------------------------------------------------------------

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Without the transaction that Django puts around it: an act repeats itself after a deadlock, as a whole."""
        arguments = (request, object_id, form_url, extra_context)
        if request.method == "POST":
            request.POST = _with_plain_lines(request.POST)  # type: ignore[assignment]
        if request.method == "POST" and object_id is not None:
            if not self.has_change_permission(request):
                return self._changeform_view(*arguments)
            if self.get_object(request, object_id) is None:
                return overtaken.gone(self, request)
        for is_last in (False, True):
            try:
                return self._changeform_view(*arguments)  # the second time, the same forms say what was refused
            except overtaken.SeenOvertaken as seen:
                return overtaken.show(self, request, str(object_id), seen.sent)
            except Overtaken:
                return overtaken.show(self, request, str(object_id))
            except Refused as refused:
                if isinstance(refused.errors.get(""), NotFound):
                    return overtaken.gone(self, request)
                request.refusals = refused.errors  # type: ignore[attr-defined]
                if is_last:
                    raise
        raise AssertionError("unreachable")

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:  # noqa: ARG002
        return form.instance

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Saved with its parts, below."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: ARG002
        overtaken.check(form, formsets)
        if proposing.is_proposal(request) and self.corrects and not form.is_new:
            proposing.send(request, lambda: self.proposals(form, formsets))
            return
        saved = refusing(lambda: self.store(request, form, formsets))
        form.instance.__dict__.update(saved.__dict__)  # what Django goes on to name and to link to

    def store(self, request: HttpRequest, form: RecordForm, formsets: Any) -> Record:  # noqa: ARG002
        """One act. Errors: those of the service."""
        values, by = form.values(), writer(request)
        if form.is_new:
            return self.service.create(by=by, **values)  # type: ignore[no-any-return]
        if not values:
            return form.instance  # type: ignore[no-any-return]
        return self.service.change(form.instance.pk, by=by, version=form.at_version, **values)  # type: ignore[no-any-return]

    def proposals(self, form: RecordForm, formsets: Any) -> list[Proposal]:  # noqa: ARG002
        """What was changed in the form, as corrections. Errors: Refused, for what cannot be one."""
        values = form.values()
        if not values or self.corrects is None:
            return []
        return [Proposal(name="", kind=self.corrects, record_id=form.instance.pk, values=values)]

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return proposing.answer(request) or super().response_change(request, obj)

    def _no(self, *_: Any) -> None:
        """What Django would write by itself."""
        raise NotImplementedError

    delete_model = delete_queryset = save_formset = _no  # type: ignore[assignment]

    def construct_change_message(self, *_: Any, **__: Any) -> list[Any]:
        """What changed is in the history of the record, which triggers write."""
        return []

    def log_addition(self, *_: Any) -> None: ...  # type: ignore[override]

    def log_change(self, *_: Any) -> None: ...  # type: ignore[override]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        """What triggers wrote, in place of what Django would note of its own forms."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return past.show(self, request, record)

    # --- Deleting -------------------------------------------------------------------------------------------------

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Asks first, at the version that is shown; what changes meanwhile is shown again."""
        record = self.get_object(request, object_id)
        if not self.has_delete_permission(request, record):
            raise PermissionDenied
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        refusal = ""
        if request.method == "POST":
            version = request.POST.get("version", "")
            try:
                if not (version.isascii() and version.isdigit()):
                    raise Overtaken(record.version)
                self.service.remove(record.pk, by=writer(request), version=int(version[:12]))
            except DomainError as error:
                refusal = error.detail
                record.refresh_from_db()
            else:
                return self.response_delete(request, str(record), record.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "Delete",
            "opts": self.opts,
            "object": record,
            "object_label": label(record),
            "refusal": refusal,
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.delete_confirmation_template, context, status=409 if refusal else 200)

    # --- Finding a record to refer to -----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_choose"
        return [path("choose/", self.admin_site.admin_view(self.choose), name=name), *super().get_urls()]

    def choose(self, request: HttpRequest) -> JsonResponse:
        """What a search finds among the records that the actor may see, a page at a time."""
        if not self.has_view_permission(request):
            raise Http404
        term, number = request.GET.get("term", "").replace("\0", ""), request.GET.get("page", "1")
        start = (int(number[:4]) - 1 if number.isascii() and number.isdigit() and number != "0" else 0) * CHOSEN
        rows, _ = self.get_search_results(request, self.get_queryset(request), term)
        found = list(rows[start : start + CHOSEN + 1])
        results = [{"id": str(row.pk), "text": label(row)} for row in found[:CHOSEN]]
        return JsonResponse({"results": results, "pagination": {"more": len(found) > CHOSEN}})


def _with_plain_lines(sent: QueryDict) -> QueryDict:
    """Browsers send each line break as two characters. What is stored has one, and would always differ."""
    found = sent.copy()
    for name, values in sent.lists():
        found.setlist(name, [value.replace("\r\n", "\n") for value in values])
    found.pop("_saveasnew", None)  # Django would enter a new record, whether a button offers it or not
    return found


def refusing(act: Callable[[], Record]) -> Record:
    """Run the act; whatever it refuses becomes Refused, except Overtaken. Errors: Overtaken, Refused."""
    try:
        return act()
    except Overtaken:
        raise
    except DomainError as error:
        raise Refused({"": error}) from None
    except DatabaseError as error:
        if not acts.is_chance(error):
            raise
        busy = DomainError("Others were saving at the same moment. Nothing was saved; save again.")
        raise Refused({"": busy}) from None
