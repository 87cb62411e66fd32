"""/api/v1/reach/: totals of reach by campaign, by testimony or by code."""

from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework.viewsets import ViewSet

from testimonies import models
from testimonies.access import Tier, Use
from testimonies.api import concurrency
from testimonies.models.campaigns import Metric, UseKind
from testimonies.projections.documents import compact, instant
from testimonies.projections.shapes import Day, Described, Id, Moment
from testimonies.selectors import filters, parameters, reach
from testimonies.selectors.filters import Context
from testimonies.selectors.parameters import Asked


class ReachTotal(TypedDict):
    """Of one metric, the latest measurements of all uses that belong here, added up. Totals overlap: do not add them."""

    campaign: Annotated[str, Described("Slug of the campaign; empty unless asked by campaign.")]
    testimony_id: Annotated[Id | None, Described("The testimony; null unless asked by testimony.")]
    testimony_ref: Annotated[str, Described("Its reference; empty unless asked by testimony.")]
    codebook: Annotated[str, Described("Codebook of the code; empty unless asked by code.")]
    version: Annotated[str, Described("Its version; empty unless asked by code.")]
    code: Annotated[str, Described("Slug of the code; empty unless asked by code.")]
    metric: Annotated[str, Described(model=models.Measurement, choices=Metric)]
    total: Annotated[int, Described("The latest measurements added up. Nobody knows how many people these are.")]
    n_uses: Annotated[int, Described("Of how many uses. Each counts once.")]
    measured_from: Annotated[Day, Described("Day of the earliest of these measurements.")]
    measured_to: Annotated[Day, Described("Day of the latest of them.")]


class Reach(TypedDict):
    """Totals of reach, of what the caller could list."""

    by: Annotated[str, Described("What the totals are of.", choices=reach.By)]
    population: Annotated[str, Described("What is counted, in words.")]
    tier: Annotated[str, Described("For which tier it is counted.", choices=Tier)]
    as_of: Annotated[Moment, Described("When it was counted.")]
    is_whole: Annotated[bool, Described(f"Whether these are all: the {reach.MOST:,} greatest are told.")]
    results: Annotated[list[ReachTotal], Described("The greatest first.")]


class ReachViewSet(ViewSet):
    """Totals of reach: of each use and metric the latest measurement, never one metric added to another.

    A use of several testimonies counts once in each total that it belongs to. Counted is what the caller could list:
    other callers get other totals.
    """

    http_method_names = ["get", "head"]
    noun = "reach"
    shape = Reach
    asked = (
        Asked("by", "What the totals are of. Default: campaign.", filters.word(reach.By), choices=reach.By),
        Asked("campaign", "Slug of the only campaign to count.", filters.as_written),
        Asked("testimony", "Only uses of this testimony, by id or reference.", filters.key("T")),
        Asked("code", "Only uses of testimonies with this code; counts its children.", filters.code),
        Asked("metric", "The only metric to count.", filters.word(Metric), choices=Metric),
        Asked("kind", "Only uses of this kind.", filters.word(UseKind), choices=UseKind),
        Asked("purpose", "Only uses for this purpose.", filters.word(Use), choices=Use),
    )

    def retrieve(self, request: Any) -> HttpResponse:
        actor, reference = request.user, request.auth
        given = parameters.read_asked(self.asked, dict(request._request.GET.lists()), Context(actor, reference))
        by = reach.By(given.pop("by", reach.By.CAMPAIGN))
        found, is_whole = reach.totals(by, given, actor, reference)
        codes = {code.id: code for code in reference.codes if code.tier <= actor.tier}
        shown: Reach = {
            "by": by.value,
            "population": "uses that the caller may see, each by its latest measurement of the metric"
            + ("" if by is reach.By.CAMPAIGN else "; of testimonies that the caller may see"),
            "tier": actor.tier.label,
            "as_of": instant(actor.now),
            "is_whole": is_whole,
            "results": [_total(one, codes) for one in found],
        }
        body = compact(shown).encode()
        return concurrency.answer(request, body, concurrency.of_body(body))


def _total(one: reach.Total, codes: dict[Any, Any]) -> ReachTotal:
    code = codes.get(one.code_id)
    return {
        "campaign": one.campaign,
        "testimony_id": str(one.testimony_id) if one.testimony_id else None,
        "testimony_ref": one.testimony_ref,
        "codebook": code.codebook if code else "",
        "version": code.edition if code else "",
        "code": code.slug if code else "",
        "metric": one.metric,
        "total": one.total,
        "n_uses": one.n_uses,
        "measured_from": one.measured_from.isoformat(),
        "measured_to": one.measured_to.isoformat(),
    }
