"""How far coders agree, and where they differ: two pages for whoever decides on codings."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from testimonies.access import Actor, Capability
from testimonies.admin import pages
from testimonies.admin.actors import writer
from testimonies.analysis.agreement import Level, Reason
from testimonies.errors import InvalidParameters
from testimonies.models import Codebook
from testimonies.selectors import agreement, filters, reference
from testimonies.selectors import confusions as differing
from testimonies.selectors.agreement import Measure, Question, Row, Scope

WHY = {
    Reason.NO_UNITS: "nothing coded",
    Reason.FEWER_THAN_TWO_CODERS: "one coder",
    Reason.NO_PAIRABLE_UNITS: "never two coders",
    Reason.NO_VARIATION: "nothing varies",
    Reason.FEWER_THAN_TEN_UNITS: "fewer than ten testimonies",
    Reason.TOO_LITTLE_VARIATION: "hardly anything varies",
}
"""What stands where there is no number."""
LEVELS = {
    Level.NOMINAL: "nominal: alike or not",
    Level.ORDINAL: "ordinal: in an order",
    Level.INTERVAL: "interval: differences mean something",
    Level.RATIO: "ratio: proportions too",
}


class QuestionForm(forms.Form):
    codebook = forms.ModelChoiceField(Codebook.objects.none(), label="Codebook version", empty_label=None)
    measure = forms.ChoiceField(choices=Measure.choices, required=False, label="What is compared")
    level = forms.ChoiceField(choices=[("", "as usual"), *LEVELS.items()], required=False, label="Taken for")
    after = forms.DateField(
        required=False, label="All submitted on or after", widget=forms.DateInput(attrs={"type": "date"})
    )
    before = forms.DateField(
        required=False, label="All submitted on or before", widget=forms.DateInput(attrs={"type": "date"})
    )
    seed = forms.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, help_text="The same seed draws the same intervals."
    )

    def __init__(self, data: Any, *, by: Actor) -> None:
        super().__init__(data or None)
        books = Codebook.objects.filter(assignments__isnull=False, tier__lte=by.tier)
        field: Any = self.fields["codebook"]
        field.queryset = books.distinct().order_by("slug", "edition")

    def question(self) -> Question:
        given = self.cleaned_data
        measure = Measure(given["measure"] or Measure.PRESENCE)
        return Question(
            given["codebook"],
            measure,
            Level(given["level"] or agreement.LEVELS[measure][0]),
            seed=given["seed"] or 0,
            after=given["after"],
            before=given["before"],
        )

    def clean(self) -> dict[str, Any]:
        measure = Measure(self.cleaned_data.get("measure") or Measure.PRESENCE)
        level = self.cleaned_data.get("level")
        if level and Level(level) not in agreement.LEVELS[measure]:
            self.add_error("level", f"This can only be taken for {agreement.LEVELS[measure][0]}.")
        return self.cleaned_data


def show(request: HttpRequest) -> HttpResponse:
    actor = _reviewer(request)
    form = QuestionForm(request.GET, by=actor)
    found = None
    if form.is_valid():
        try:
            found = agreement.measure(form.question(), by=actor)
        except InvalidParameters as error:
            form.add_error("level", error.errors[0].detail)
    return pages.page(
        request,
        "agreement",
        "How far coders agree",
        form=form,
        adminform=pages.laid_out(form),
        found=found,
        rows=[_line(row, found.question.codebook) for row in found.rows] if found else [],
    )


def confusions(request: HttpRequest) -> HttpResponse:
    """Of one codebook version, or of one of its codes."""
    actor = _reviewer(request)
    context = filters.Context(actor, reference.current())
    conditions, codebook, code = [], request.GET.get("codebook", ""), request.GET.get("code", "")
    if codebook:
        conditions.append(differing.of_codebook([codebook], context))
    if code and (pk := filters.as_uuid(code)):
        conditions.append(differing.of_code([[pk]], context))
    found, count = differing.first(conditions, by=actor)
    return pages.page(request, "confusions", "Where coders differ", found=found, count=count, codebook=codebook)


def _reviewer(request: HttpRequest) -> Actor:
    actor = writer(request)
    if not actor.may(Capability.REVIEW):
        raise PermissionDenied
    return actor


def _line(row: Row, codebook: Codebook) -> dict[str, Any]:
    """One line of the table, in words and rounded for reading."""
    names = {Scope.CODE: row.label or row.slug, Scope.DIMENSION: f"All of {row.slug}", Scope.OVERALL: "All codes"}
    asked = {"codebook": str(codebook)} | ({"code": str(row.code_id)} if row.code_id else {})
    low, high = row.interval.low, row.interval.high
    return {
        "name": names[row.scope],
        "is_summary": row.scope is not Scope.CODE,
        "alpha": _number(row.alpha.value) or WHY.get(row.alpha.reason),  # type: ignore[arg-type]
        "interval": f"{_number(low)} to {_number(high)}" if row.interval.reason is None else WHY[row.interval.reason],
        "percent": "" if row.percent.pooled.value is None else f"{row.percent.pooled.value:.0%}",
        "n_units": row.n_units,
        "n_pairs": row.percent.pairs,
        "n_differing": row.percent.pairs - row.percent.agreeing,
        "pairs": [
            (pair.coder, pair.other, pair.n_units, _number(pair.kappa.value) or WHY.get(pair.kappa.reason))  # type: ignore[arg-type]
            for pair in row.pairs
        ],
        "url": f"{reverse('admin:confusions')}?{urlencode(asked)}",
    }


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
