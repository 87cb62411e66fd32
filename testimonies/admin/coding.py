"""Coding at the desk: one's queue, a testimony beside its codebook, and for editors what coders coded side by side."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path

from testimonies.access import Actor, Capability
from testimonies.admin import pages
from testimonies.admin.actors import writer
from testimonies.admin.widgets import as_books
from testimonies.errors import DomainError, Invalid
from testimonies.models import Assignment, Code, Codebook, Coding, Decision, Testimony, Text
from testimonies.models.codings import Anchor, Presence
from testimonies.selectors import coding
from testimonies.selectors.visibility import visible
from testimonies.services import assignments, codings, decisions

MOST = 200
"""So many assignments are listed at once."""


class CodingForm(forms.Form):
    """One passage and one code. Where the passage is, coding.js fills in; without it the words are looked for."""

    code_id = forms.ModelChoiceField(Code.objects.none(), error_messages={"required": "Choose a code."})
    text_id = forms.ModelChoiceField(Text.objects.none(), required=False)
    start = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    end = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    quote = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        label="Passage",
        help_text="Mark it in the text, or copy it here. Empty: the whole testimony.",
    )
    presence = forms.ChoiceField(choices=Presence.choices, initial=Presence.PRESENT)
    salience = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "not said"), ("1", "1: in passing"), ("2", "2: clearly"), ("3", "3: central")],
    )
    memo = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}))

    def __init__(self, assignment: Assignment, data: Any = None) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["code_id"].queryset = Code.objects.filter(codebook=assignment.codebook_id, is_assignable=True)
        fields["text_id"].queryset = Text.objects.filter(testimony=assignment.testimony_id)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        text, quote = found.get("text_id"), found.get("quote") or ""
        if not quote.strip():
            return found | {"text_id": None, "start": None, "end": None, "quote": ""}
        if text is None:
            self.add_error("quote", "Say which text the passage is of.")
            return found
        if found.get("start") is None or found.get("end") is None:
            found |= self._place(text, quote)
        else:  # as the text itself has it: a browser writes line ends in its own way
            found["quote"] = text.body[found["start"] : found["end"]]
            if _lines(found["quote"]) != _lines(quote):
                self.add_error("quote", "The text reads otherwise there. Mark the passage again.")
        return found

    def _place(self, text: Text, quote: str) -> dict[str, Any]:
        """Where the words stand, if at one place only."""
        start = text.body.find(quote)
        if start < 0 or text.body.find(quote, start + 1) >= 0:
            there = "is not there" if start < 0 else "is there more than once: copy more of it"
            self.add_error("quote", f"This passage {there}, or mark it in the text.")
            return {}
        return {"start": start, "end": start + len(quote)}

    def values(self) -> dict[str, Any]:
        found = dict(self.cleaned_data)
        for name in ("code_id", "text_id"):
            found[name] = found[name].pk if found[name] else None
        return found


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def queue(request: HttpRequest) -> HttpResponse:
    """What is assigned to whoever looks, and for editors what waits to be decided."""
    actor = writer(request)
    mine = visible(Assignment, actor).filter(coder=actor.user_id).select_related("testimony", "codebook")
    flagged = Coding.objects.visible_to(actor).filter(
        assignment__coder=actor.user_id, anchor__in=(Anchor.FUZZY, Anchor.ORPHANED)
    )
    return pages.page(
        request,
        "coding_queue",
        "My queue",
        open=mine.unsubmitted().order_by("created_at", "pk")[:MOST],  # type: ignore[attr-defined]
        done=mine.filter(state="submitted").order_by("-submitted_at", "pk")[:20],
        flagged=flagged.select_related("code", "testimony")[:MOST],
        undecided=_undecided(actor),
    )


def _undecided(actor: Actor) -> list[tuple[Testimony, Codebook]]:
    """Testimonies that all who were asked have coded, and of which nothing stands decided."""
    if not actor.may(Capability.REVIEW):
        return []
    given = visible(Assignment, actor).select_related("testimony", "codebook").order_by("testimony__ref")
    found: dict[tuple[UUID, UUID], list[Assignment]] = {}
    for one in given[: MOST * 5]:
        found.setdefault((one.testimony_id, one.codebook_id), []).append(one)
    decided = set(Decision.objects.standing().values_list("testimony_id", "codebook_id"))
    return [
        (rows[0].testimony, rows[0].codebook)
        for key, rows in found.items()
        if key not in decided
        and all(one.is_submitted for one in rows)
        and not any(one.coder_id == actor.user_id for one in rows)
    ]


def work(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """One testimony, to code it. What is wrong is said on the page, and nothing that was typed is lost."""
    actor = writer(request)
    rows = visible(Assignment, actor).filter(coder=actor.user_id).select_related("testimony", "codebook")
    assignment = rows.filter(pk=assignment_id).first()
    if assignment is None:
        raise Http404
    form = CodingForm(assignment)
    if request.method == "POST":
        try:
            form, said = _act(request, assignment, actor)
        except DomainError as error:
            form = CodingForm(assignment, request.POST)
            form.is_valid()
            form.add_error(None, _words(error))
        else:
            if said:
                messages.success(request, said)
                return HttpResponseRedirect(request.path)
    return pages.page(
        request,
        "coding",
        f"Code {assignment.testimony.ref}",
        assignment=assignment,
        testimony=assignment.testimony,
        texts=Text.objects.filter(testimony=assignment.testimony).order_by("position", "pk"),
        tree=_tree(assignment, form),
        form=form,
        codings=assignment.codings.select_related("code").order_by("text", "start", "created_at"),
        status=422 if form.errors else 200,
    )


def _act(request: HttpRequest, assignment: Assignment, actor: Actor) -> tuple[CodingForm, str]:
    """What the button that was pressed does; in words, or nothing where the form does not fit."""
    if "submit_all" in request.POST:
        assignments.move(assignment.pk, by=actor, to="submitted")
        return CodingForm(assignment), "Submitted. Others' codings of it are no longer hidden from you."
    if coding_id := request.POST.get("remove"):
        codings.remove(_uuid(coding_id), by=actor, version=None)
        return CodingForm(assignment), "The coding was deleted."
    form = CodingForm(assignment, request.POST)
    if not form.is_valid():
        return form, ""
    codings.create(by=actor, testimony_id=assignment.testimony_id, **form.values())
    return CodingForm(assignment), "Coded."


def _tree(assignment: Assignment, form: CodingForm) -> dict[str, Any]:
    """The codebook as the widget of codes shows it, with one code to choose."""
    codes = list(Code.objects.filter(codebook=assignment.codebook_id).select_related("codebook"))
    books = as_books(codes)
    chosen = form.data.get("code_id", "")
    waiting = [node for book in books for node in book.dimensions]
    while waiting:
        node = waiting.pop()
        waiting += node.below
        if node.code.is_assignable:
            node.option = {"value": str(node.code.pk), "selected": str(node.code.pk) == chosen}
    return {"name": "code_id", "books": books, "attrs": {"id": "codes"}}


def compare(request: HttpRequest, testimony_id: UUID, codebook_id: UUID) -> HttpResponse:
    """What coders coded, side by side, and the decision: one click where they agree, a reason where they do not."""
    actor = writer(request)
    if not actor.may(Capability.REVIEW):
        raise PermissionDenied
    testimony = visible(Testimony, actor).filter(pk=testimony_id).first()
    found = [one for one in coding.side_by_side(testimony_id, actor) if one.codebook.pk == codebook_id]
    if testimony is None or not found:
        raise Http404
    codes = found[0].codes
    errors: list[str] = []
    standing = Decision.objects.visible_to(actor).standing().filter(testimony=testimony, codebook=codebook_id)
    if request.method == "POST":
        try:
            messages.success(request, _decide(request, testimony, found[0], standing.first(), actor))
        except Invalid as error:
            errors = [detail for _, _, detail in error.errors]
        except DomainError as error:
            errors = [error.detail]
        else:
            return HttpResponseRedirect(request.path)
    decision = standing.prefetch_related("codes__code").select_related("created_by").first()
    return pages.page(
        request,
        "coding_decision",
        f"Decide {testimony.ref}",
        testimony=testimony,
        book=found[0],
        rows=[(one, request.POST.get(f"applies-{one.code.pk}"), request.POST.get(f"reason-{one.code.pk}", "")) for one in codes],
        coders=[said.coder for said in codes[0].said] if codes else [],
        decision=decision,
        refusal="" if decision or not found[0].is_complete else _refusal(testimony, found[0].codebook, actor),
        errors=errors,
        status=422 if errors else 200,
    )  # fmt: skip


def _decide(
    request: HttpRequest, testimony: Testimony, book: coding.SideBySide, standing: Decision | None, actor: Actor
) -> str:
    if "reopen" in request.POST and standing is not None:
        reason = request.POST.get("reason", "").strip()
        if not reason:
            raise Invalid(("/reason", "required", "Say why it is to be decided anew."))
        decisions.reopen(standing.pk, by=actor, reason=reason)
        return "Reopened. Its consensus codes are no longer shown."
    said = []
    for one in book.codes:
        word = request.POST.get(f"applies-{one.code.pk}")
        if word in {"yes", "no"}:
            reason = request.POST.get(f"reason-{one.code.pk}", "")
            said.append({"code_id": one.code.pk, "applies": word == "yes", "reason": reason})
    decisions.create(
        by=actor,
        testimony_id=testimony.pk,
        codebook_id=book.codebook.pk,
        codes=said,
        reason=request.POST.get("reason", "").strip(),
    )
    return "Decided. The consensus codes are shown wherever the testimony is."


def _refusal(testimony: Testimony, codebook: Codebook, actor: Actor) -> str:
    try:
        decisions.check(testimony, codebook, by=actor)
    except DomainError as error:
        return error.detail
    return ""


def _words(error: DomainError) -> str:
    if isinstance(error, Invalid):
        return " ".join(detail for _, _, detail in error.errors)
    return error.detail


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def urls(view: Any) -> list[URLPattern]:
    """Addresses below the desk's; `view` lets in only who works here."""
    return [
        path("coding/", view(queue), name="coding_queue"),
        path("coding/<uuid:assignment_id>/", view(work), name="coding_work"),
        path("coding/<uuid:testimony_id>/<uuid:codebook_id>/", view(compare), name="coding_decision"),
    ]
