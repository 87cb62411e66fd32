"""Testimonies with their texts, citations, claims and clearances, and the buttons that move them on."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from testimonies.access import Actor, Capability
from testimonies.admin import erasures, exporting, fields, lists, proposing
from testimonies.admin.actors import writer
from testimonies.admin.columns import external_ids
from testimonies.admin.forms import PartForms, RecordForm
from testimonies.admin.naming import address
from testimonies.admin.records import RecordAdmin
from testimonies.admin.testimony_parts import CitationInline, ClaimInline, ClearanceInline, TextInline
from testimonies.admin.widgets import CodesField, DateInput
from testimonies.errors import DomainError, NotAllowedNow, NotFound
from testimonies.models import (
    Assignment,
    CaseLink,
    Code,
    Collection,
    CollectionItem,
    ConsensusCode,
    Group,
    Membership,
    Testimony,
    TestimonyExternalId,
)
from testimonies.models.assignments import is_withheld
from testimonies.models.base import Record
from testimonies.models.corrections import CorrectedKind
from testimonies.models.testimonies import RAISABLE, CodingStatus, Status
from testimonies.selectors import filters, search
from testimonies.selectors.visibility import found, visible
from testimonies.services import records, testimonies, together, workflow
from testimonies.services.corrections import Proposal
from testimonies.services.together import Refused
from testimonies.values import webquery

STEPS = {
    Status.DRAFT: "Back to draft",
    Status.IN_REVIEW: "Send to review",
    Status.PUBLISHED: "Publish",
    Status.WITHDRAWN: "Withdraw",
}
"""What the button of a step says."""
MEMBERSHIP = ("belonging", "role_in_group", "joined", "left")


def _of_membership(name: str) -> Any:
    column: Any = Membership._meta.get_field(name)
    options = {"widget": DateInput} if name in Membership.DATES else {}
    field = column.formfield(required=False, **options)
    field.validators = [*field.validators, *column.validators]
    return field


def _listed(rows: Any, value: Any) -> ArraySubquery:
    return ArraySubquery(rows.filter(testimony=OuterRef("pk")).order_by("pk").values_list(value, flat=True))


LISTS = {
    "collections": _listed(CollectionItem.objects, "collection__slug"),
    "cases": _listed(CaseLink.objects, JSONObject(collection="collection__slug", is_case="is_case")),
    "external_ids": _listed(TestimonyExternalId.objects, JSONObject(system="system", value="value")),
    "codes": _listed(ConsensusCode.objects.exclude(is_withheld()), "code_id"),
}
"""What a testimony has in rows of their own, written as whole lists: read with it, as `listed_…`."""


class TestimonyForm(RecordForm):
    __test__ = False  # not a test, whatever its name begins with

    group = forms.ChoiceField(
        required=False, help_text="The group that the testimony tells of. Empty: none is told of."
    )
    belonging = _of_membership("belonging")
    role_in_group = _of_membership("role_in_group")
    joined = _of_membership("joined")
    left = _of_membership("left")
    collections = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, help_text="The collections that it belongs to."
    )
    cases = fields.Rows(
        {
            "collection": forms.SlugField(max_length=80),
            "is_case": forms.TypedChoiceField(
                label="Is a case",
                choices=[("True", "is among its cases"), ("False", "is not")],
                coerce=lambda text: text == "True",
            ),
        },
        n_blank=1,
        help_text="Whether the person is known to be, or not to be, among the cases that a collection's figures count.",
    )
    external_ids = external_ids()
    codes = CodesField(
        required=False,
        help_text="The consensus codes: what is published. A code that is absent was not mentioned; it was not denied.",
    )

    def beside(self) -> dict[str, Any]:
        testimony, membership = self.instance, self.instance.membership
        found = {name: getattr(membership, name) for name in MEMBERSHIP} if membership else {}
        return found | {
            "group": membership.group.slug if membership else "",
            **{name: getattr(testimony, f"listed_{name}") for name in LISTS},
        }

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        told = [name for name in ("role_in_group", "joined", "left") if found.get(name)]
        if told and not found.get("group") and {"group", *told} & set(self.touched):
            self.add_error("group", "Name the group to which the membership belongs, or empty its other fields.")
        return found

    def values(self) -> dict[str, Any]:
        found = super().values()
        found.pop("codes", None)
        if "group" in found:
            found["group"] = found["group"] or None
            if found["group"] is None:  # what was told of it goes with it
                found = {name: value for name, value in found.items() if name not in MEMBERSHIP}
        if "belonging" in found and not found["belonging"]:
            del found["belonging"]
        return found


# --- The list ---------------------------------------------------------------------------------------------------------


class Nationality(lists.Asked):
    title, parameter_name, help = "nationality", "nationality", "ISO 3166-1 alpha-2, such as SY."
    read, where = filters.country, filters.column("nationality")


class GroupFilter(lists.Listed):
    title, parameter_name, kind, name = "group", "group", Group, "name"
    read, where = filters.slug_of("group"), filters.column('"group"')


class CollectionFilter(lists.Listed):
    title, parameter_name, kind, name = "collection", "collection", Collection, "title"
    read, where = filters.slug_of("collection"), filters.array("collections")


class Outlet(lists.Asked):
    title, parameter_name, help = "outlet", "outlet", "As printed; case and accents do not matter."
    read, where = filters.folded, filters.array("outlets")


class CodeFilter(lists.Asked):
    title, parameter_name, help = "code", "code", "Its slug, or codebook/slug; codes below it count."
    read, where = filters.code, filters.any_code


class GivenAfter(lists.Asked):
    title, parameter_name, help = "given on or after", "given_after", "A date, such as 2014 or 2014-09."
    read, where = filters.day(last=False), filters.reaches("given")


class GivenBefore(lists.Asked):
    title, parameter_name, help = "given on or before", "given_before", "A date, such as 2014 or 2014-09."
    read, where = filters.day(last=True), filters.starts_by("given")


@admin.register(Testimony)
class TestimonyAdmin(RecordAdmin):
    __test__ = False

    service = testimonies
    corrects = CorrectedKind.TESTIMONY
    form = TestimonyForm
    change_form_template = "admin/testimonies/testimony.html"
    change_list_template = "admin/testimonies/testimonies.html"
    inlines = (TextInline, CitationInline, ClaimInline, ClearanceInline)
    MISSING = ("given", "given_country", "joined", "left")
    RAISABLE = RAISABLE
    list_display = ("ref", "title", "person_name", "given", "given_country", "status", "changed_at", "tier")
    list_filter = (
        "status", Nationality, GroupFilter, CollectionFilter, Outlet, CodeFilter, GivenAfter, GivenBefore, "kind", "tier",
    )  # fmt: skip
    list_select_related = ("person",)
    search_fields = ("ref",)
    search_help_text = 'Words of the title, summary, shown names and texts ("a phrase", -not, OR), or a reference.'
    ordering = ("-changed_at", "id")
    fieldsets = (
        (None, {"fields": ("person", "title", "summary", "summary_language", "content_warnings", "notes_internal")}),
        (
            "The account",
            {
                "fields": (
                    ("kind", "account_language"),
                    "speaking_conditions",
                    ("given", "given_country"),
                    ("age_from", "age_to"),
                    "credibility",
                )
            },
        ),
        ("Membership", {"fields": (("group", "belonging"), "role_in_group", ("joined", "left"))}),
        ("Codes", {"fields": ("codes", "coding_status")}),
        ("Where it belongs", {"fields": ("collections", "cases", "external_ids")}),
        ("Who sees it", {"fields": ("tier", "embargo_until", "missing", "raised")}),
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).select_related("person", "membership__group")

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """As the API's `q`; a reference is found as well."""
        term = search_term.replace("\0", "").strip()
        if term.upper().startswith("T-"):
            return queryset.filter(ref=term.upper()), False
        try:
            query = webquery.parse(term)
        except webquery.QueryTooLong as error:
            self.message_user(request, str(error), messages.ERROR)
            return queryset.none(), False
        if not query:
            return queryset, False
        actor = writer(request)
        return queryset.filter(pk__in=found(actor, search.matching(query, actor.tier))), False

    @admin.display(description="person")
    def person_name(self, testimony: Testimony) -> str:
        return testimony.person.name or "unnamed"

    def whole(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        found: models.QuerySet[Any] = rows.annotate(
            is_being_coded=Exists(Assignment.objects.unsubmitted().filter(testimony=OuterRef("pk"))),
            **{f"listed_{name}": listed for name, listed in LISTS.items()},
        )
        return found

    # --- The workflow ---------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        steps = [
            path(f"<uuid:testimony_id>/{name}/", self.admin_site.admin_view(view), name=f"testimonies_testimony_{name}")
            for name, view in (("move", self.move), ("erase", self.erase))
        ]
        export = path("export/", self.admin_site.admin_view(self.export), name="testimonies_testimony_export")
        return [export, *steps, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "export_formats": exporting.FORMATS})

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """All that the list shows, by the filters in the address."""
        writer(request)
        return exporting.export(request, self.get_changelist_instance(request).queryset)

    def erase(self, request: HttpRequest, testimony_id: UUID) -> HttpResponse:
        if not writer(request).may(Capability.WITHDRAW):
            raise PermissionDenied
        testimony = self.get_object(request, str(testimony_id))
        if testimony is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(testimony_id))
        return erasures.erase(request, testimony)

    def move(self, request: HttpRequest, testimony_id: UUID) -> HttpResponse:
        """Take a step of the workflow, from the version that the buttons were shown with."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        actor, version = writer(request), request.POST.get("version", "")
        testimony = self.get_object(request, str(testimony_id))
        if testimony is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(testimony_id))
        try:
            workflow.move(
                testimony_id,
                by=actor,
                to=request.POST.get("to", ""),
                note=actor.reason,
                accept_recognition=request.POST.get("accept_recognition", ""),
                version=int(version[:9]) if version.isascii() and version.isdigit() else 0,
            )
        except DomainError as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
        else:
            self.message_user(request, f"It is now {Status(request.POST['to']).label}.", messages.SUCCESS)
        return HttpResponseRedirect(address(testimony))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What is refused because it is published may be sent back to draft first, and is then saved as it was typed."""
        if request.method == "POST" and proposing.UNPUBLISH in request.POST and object_id:
            self._unpublish(request, object_id)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _unpublish(self, request: HttpRequest, object_id: str) -> None:
        by, shown = writer(request), request.POST.get("shown_version", "")
        testimony_id = fields.as_uuid(object_id)
        version = int(shown[:9]) if shown.isascii() and shown.isdigit() else 0
        try:
            testimony = self.get_object(request, object_id)
            if testimony_id is None or testimony is None:
                raise NotFound
            if not proposing.stays_with(testimony, by):
                raise NotAllowedNow("As a draft it would no longer be yours to change. Propose a correction instead.")
            moved = workflow.move(testimony_id, by=by, to=Status.DRAFT, note=by.reason, version=version)
        except DomainError as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
        else:
            self.message_user(request, "It is a draft now.", messages.SUCCESS)
            sent = request.POST.copy()
            sent["shown_version"] = str(moved.version)  # its own step, which nobody else has taken
            request.POST = sent  # type: ignore[assignment]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **options: Any) -> HttpResponse:
        testimony = context["original"]
        context["may_erase"] = testimony is not None and writer(request).may(Capability.WITHDRAW)
        if testimony is not None and request.method == "GET":  # a step would leave behind what was typed and refused
            context["steps"] = [
                {
                    "to": step.to.value,
                    "label": STEPS[step.to],
                    "reason": step.reason,
                    "may_be_accepted": step.may_be_accepted,
                }
                for step in workflow.steps(testimony, writer(request))
            ]
        return super().render_change_form(request, context, *args, **options)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        form = super().get_form(request, obj, change, **options)
        actor = writer(request)
        found = form.base_fields
        groups = visible(Group, actor).order_by("name").values_list("slug", "name")
        found["group"].choices = [("", "none"), *groups]
        found["collections"].choices = list(visible(Collection, actor).order_by("title").values_list("slug", "title"))
        if getattr(obj, "is_being_coded", False):  # withheld, with the codes (docs/adr/0025)
            obj.coding_status, found["coding_status"].disabled = CodingStatus.NOT_CODED, True
        if "codes" in found:
            found["codes"].offer(_codes(actor))
            found["codes"].disabled = not actor.may(Capability.CURATE)
        return form

    def check_open(self, record: Testimony, request: HttpRequest) -> None:
        records.check_draft(record, by=writer(request))

    def proposals(self, form: RecordForm, formsets: Iterable[PartForms]) -> list[Proposal]:
        found, pk = super().proposals(form, formsets), form.instance.pk
        if "codes" in form.touched:
            codes = {"codes": form.cleaned_data["codes"]}
            found.append(Proposal(name="", kind=CorrectedKind.CODES, record_id=pk, values=codes))
        for part in (part for formset in formsets for part in formset.parts()):
            if part.values is None:
                raise Refused({part.name: NotAllowedNow("Removing shows less and needs nobody: save it by itself.")})
            kind = CorrectedKind(part.kind._meta.model_name)
            found.append(Proposal(name=part.name, kind=kind, testimony_id=pk, record_id=part.id, values=part.values))
        return found

    def store(self, request: HttpRequest, form: RecordForm, formsets: Iterable[PartForms]) -> Record:
        codes = form.cleaned_data["codes"] if "codes" in form.touched else None
        values, parts = form.values(), [part for formset in formsets for part in formset.parts()]
        if not form.is_new and not values and not parts and codes is None:
            return form.instance  # type: ignore[no-any-return]
        return together.write(
            None if form.is_new else form.instance.pk,
            by=writer(request),
            version=form.at_version,
            values=values,
            parts=parts,
            codes=codes,
        )


def _codes(actor: Actor) -> models.QuerySet[Code]:
    """Of every codebook: which one applies to a testimony nobody says but whoever codes it."""
    return visible(Code, actor).select_related("codebook")
