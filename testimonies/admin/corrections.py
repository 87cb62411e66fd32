"""Corrections: what somebody proposes to change in what is published, the difference, and who decides (docs/adr/0020)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern

from testimonies.admin import pages
from testimonies.admin.acted_on import ActedOn
from testimonies.admin.actors import actor_of, writer
from testimonies.admin.labels import label
from testimonies.admin.naming import address
from testimonies.admin.overtaken import Piece, compared
from testimonies.admin.words import in_words, title
from testimonies.models import Correction, User
from testimonies.models.base import Record
from testimonies.models.corrections import CorrectedKind, CorrectionState
from testimonies.selectors.visibility import visible
from testimonies.services import corrections

VERDICTS = {
    CorrectionState.APPROVED: ("Approve, and change it now", "It is approved, and the change is made."),
    CorrectionState.REJECTED: ("Reject", "It is rejected. Nothing has changed."),
    CorrectionState.WITHDRAWN: ("Withdraw it", "You have withdrawn it. Nothing has changed."),
}
"""What the button of a decision says, and what is said once it is taken."""
ANY = "any"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that would change."""

    title: str
    before: str
    proposed: list[Piece]
    has_moved: bool
    """Whether it has changed since it was proposed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision that the actor may take, or why not."""

    decision: str
    button: str
    reason: str


class StateFilter(admin.SimpleListFilter):
    """Those that wait for somebody, unless another state is asked for."""

    title = parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [*((state.value, state.value) for state in CorrectionState), (ANY, "any")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        chosen = self.value() or CorrectionState.PROPOSED.value
        for value, words in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": value == chosen, "query_string": query, "display": words}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        chosen = self.value() or CorrectionState.PROPOSED
        return queryset if chosen == ANY else queryset.filter(state=chosen)


@admin.register(Correction)
class CorrectionAdmin(ActedOn):
    list_title = "Corrections of what is published"
    list_display = ("of", "what", "by", "since", "why", "state")
    list_filter = (StateFilter, "kind")
    search_fields = ("testimony__ref__iexact", "person__ref__iexact", "source__ref__iexact")
    search_help_text = "The reference of a testimony, a person or a source."
    ordering = ("-created_at", "pk")

    def may(self, request: HttpRequest) -> bool:
        return actor_of(request) is not None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correction]:
        rows = visible(Correction, writer(request)).order_by(*self.ordering)
        return rows.select_related("testimony", "person", "source", "created_by", "decided_by")

    @admin.display(description="record")
    def of(self, correction: Correction) -> str:
        return label(corrections.owner_of(correction))

    @admin.display(description="what", ordering="kind")
    def what(self, correction: Correction) -> str:
        return _what(correction)

    @admin.display(description="proposed by")
    def by(self, correction: Correction) -> str:
        return str(correction.created_by or "")

    @admin.display(description="since", ordering="created_at")
    def since(self, correction: Correction) -> Any:
        return correction.created_at

    @admin.display(description="why")
    def why(self, correction: Correction) -> str:
        return correction.reason if len(correction.reason) <= 120 else f"{correction.reason[:119]}…"

    def get_urls(self) -> list[URLPattern]:
        return [self.step("decide", self.decide), *super().get_urls()]

    def page(self, request: HttpRequest, correction: Correction) -> HttpResponse:
        actor, owner = writer(request), corrections.owner_of(correction)
        is_open = correction.state == CorrectionState.PROPOSED
        moved = corrections.moved(correction) if is_open else []
        return pages.page(
            request,
            "correction",
            f"Correction: {_what(correction)}",
            subtitle=label(owner),
            opts=self.opts,
            correction=correction,
            owner=label(owner),
            owner_address=address(owner),
            what=_what(correction),
            differences=list(_differences(correction, moved, request)),
            is_outdated=bool(moved),
            is_open=is_open,
            verdicts=list(_verdicts(correction, actor)) if is_open else [],
            form_url=self.address("decide", correction.pk),
        )

    def decide(self, request: HttpRequest, correction: Correction) -> HttpResponse:
        """Errors: those of the service, which are said on the page."""
        decision, note = (
            request.POST.get("decision", ""),
            request.POST.get("note", "").replace("\0", "").strip()[:5_000],
        )
        if decision in VERDICTS:
            corrections.decide(correction.pk, by=writer(request), decision=decision, note=note)
            messages.success(request, VERDICTS[CorrectionState(decision)][1])
        return HttpResponseRedirect(self.address("change", correction.pk))


def _what(correction: Correction) -> str:
    kind = CorrectedKind(correction.kind)
    return f"{'new ' if correction.record_id is None else ''}{kind.value}"


def _verdicts(correction: Correction, actor: Any) -> Iterator[Verdict]:
    """All that the workflow knows; withdrawing is offered to nobody but whoever proposed it."""
    for decision, (button, _) in VERDICTS.items():
        refusal = corrections.refusal(correction, decision, by=actor)
        if refusal is None or decision != CorrectionState.WITHDRAWN:
            yield Verdict(decision.value, button, "" if refusal is None else refusal.detail)


def _differences(correction: Correction, moved: list[str], request: HttpRequest) -> Iterator[Difference]:
    kind = corrections.KINDS[CorrectedKind(correction.kind)].model
    ids = {
        value
        for said in (correction.before, correction.proposed)
        for name, value in said.items()
        if name.endswith("_id")
    }
    names = _labels(kind, ids, request)
    for name, value in sorted(correction.proposed.items()):
        before, proposed = (in_words(kind, name, one, names) for one in (correction.before.get(name), value))
        yield Difference(title(kind, name), before, list(compared(before, proposed)), name in moved)


def _labels(kind: type[Record], ids: set[Any], request: HttpRequest) -> dict[str, str]:
    """How people call the records to which the fields of such a record refer, as far as the actor sees them."""
    known = [one for one in ids if one]
    if not known:
        return {}
    relations: list[Any] = [field.related_model for field in kind._meta.concrete_fields if field.is_relation]
    found = (row for to in relations if to is not User for row in visible(to, writer(request)).filter(pk__in=known))
    return {str(row.pk): label(row) for row in found}
