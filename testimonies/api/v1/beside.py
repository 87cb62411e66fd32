"""/api/v1/collections/{id}/beside/: published figures beside counts of ours, each with whom it is about."""

from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework.decorators import action

from testimonies import models
from testimonies.access import Tier
from testimonies.api import concurrency
from testimonies.api.saying import query, says
from testimonies.projections import shapes
from testimonies.projections.documents import compact, instant
from testimonies.projections.shapes import Described, Moment, of
from testimonies.selectors import beside, filters, parameters
from testimonies.selectors.filters import Context
from testimonies.selectors.parameters import Asked

_FIGURES = "Slug of the collection whose figures are shown. Default: the collection itself."
ASKED = (Asked("figures", _FIGURES, filters.as_written),)
WARNING = (
    "Two populations: the figures are what others published about theirs, the counts are of the records of this collection that "
    "you could list. Show both populations with their numbers; never add, subtract or divide one by the other."
)


class FigureBeside(TypedDict):
    """A published figure, and what our records answer when they are asked the same."""

    figure: Annotated[shapes.Figure, Described("The figure, with its own `population`.")]
    our_count: Annotated[
        int | None, Described("How many persons of this collection answer to it; null unless counted.")
    ]
    our_count_status: Annotated[
        str, Described("Whether our records could be asked the same.", choices=beside.CountStatus)
    ]


class FiguresBeside(TypedDict):
    """Published figures beside counts of one collection. Neither is computed from the other."""

    collection: Annotated[str, of(models.Collection, "slug")]
    title: Annotated[str, of(models.Collection)]
    population: Annotated[str, Described("Whom our counts are about: the records of this collection.")]
    is_invented: Annotated[bool, of(models.Collection)]
    caveats: Annotated[list[str], of(models.Collection)]
    tier: Annotated[str, Described("For which tier it is counted: others count others.", choices=Tier)]
    as_of: Annotated[Moment, Described("When it was counted.")]
    n_testimonies: Annotated[
        int | None,
        Described("Testimonies of this collection that the caller could list; null where its list is closed."),
    ]
    n_persons: Annotated[int | None, Described("Of how many persons they are.")]
    figures_of: Annotated[str, Described("Slug of the collection whose figures are shown.")]
    n_known_cases: Annotated[
        int | None, Described("Testimonies known to be of persons whom those figures count. Of most it is not known.")
    ]
    n_known_not_cases: Annotated[int | None, Described("Testimonies known to be of others.")]
    warning: Annotated[str, Described("What to keep in mind, to be shown with the numbers.")]
    figures: list[FigureBeside]


class BesideMixin:
    """Mixed into the view of collections."""

    @says(
        "list_figures_beside_a_collection",
        "Figures beside counts of a collection",
        shape=FiguresBeside,
        parameters=(query("figures", _FIGURES, {"type": "string", "maxLength": 80}),),
    )
    @action(detail=True)
    def beside(self, request: Any, pk: str) -> HttpResponse:
        """Published figures beside counts of this collection, each with the population that it is about."""
        context = Context(request.user, request.auth)
        given = parameters.read_asked(ASKED, dict(request._request.GET.lists()), context)
        found = beside.beside(pk, given.get("figures"), request.user, request.auth)
        body = compact(_shown(found, given.get("figures"), request.user.tier)).encode()
        return concurrency.answer(request, body, concurrency.of_body(body))


def _shown(found: beside.Beside, figures_of: str | None, tier: Tier) -> FiguresBeside:
    collection, counts = found.collection, found.counts
    return {
        "collection": collection["slug"],
        "title": collection["title"],
        "population": collection["population"],
        "is_invented": collection["is_invented"],
        "caveats": collection["caveats"],
        "tier": tier.label,
        "as_of": instant(found.as_of),
        "n_testimonies": counts.n_testimonies,
        "n_persons": counts.n_persons,
        "figures_of": figures_of or collection["slug"],
        "n_known_cases": counts.n_known_cases,
        "n_known_not_cases": counts.n_known_not_cases,
        "warning": WARNING,
        "figures": [
            {
                "figure": figure,  # type: ignore[typeddict-item]  # as it is stored
                "our_count": counts.of_figures.get(figure["id"]),
                "our_count_status": found.status_of(figure).value,
            }
            for figure in found.figures
        ],
    }
