"""/api/v1/statistics/: how many testimonies, by a fixed list of breakdowns, with the populations that are counted."""

from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

from django.db.models import TextChoices
from django.http import HttpResponse
from rest_framework.viewsets import ViewSet

from testimonies import models
from testimonies.access import Tier
from testimonies.analysis.suppression import THRESHOLD
from testimonies.api import concurrency
from testimonies.api.saying import query, says
from testimonies.api.v1.testimonies import FILTERS
from testimonies.models.collections import FigureStatus, Listing
from testimonies.projections import shapes
from testimonies.projections.documents import compact, instant
from testimonies.projections.shapes import Described, Id, Moment, TierWord, of
from testimonies.selectors import filters, statistics
from testimonies.selectors.breakdowns import ALL, BREAKDOWNS, CODE, Over, Place
from testimonies.selectors.filters import Context
from testimonies.selectors.pages import Order
from testimonies.selectors.parameters import Asked, Declared
from testimonies.selectors.statistics import BATCH, Axis, Cell, Population, Statistics


class StatisticKind(TextChoices):
    COUNTED = "counted", "the count stands beside"
    SUPPRESSED = "suppressed", f"not told: fewer than {THRESHOLD}, or something that would tell of a cell with fewer"


class StatisticAxis(TypedDict):
    """By what a table is broken down."""

    by: Annotated[
        str, Described("The breakdown, as it was asked for; of a year over which it goes: year_given or year_left.")
    ]
    is_multiple: Annotated[
        bool, Described("Whether a testimony may count in several of its cells: they do not add up to the total.")
    ]
    n_stated: Annotated[
        int | None,
        Described(
            "Testimonies of which anything is stated; of codes: that are coded with the codebook. Shares are shares of "
            "these: not coded is not zero. Null: not told."
        ),
    ]  # fmt: skip


class StatisticPopulation(TypedDict):
    """A collection of which testimonies were counted."""

    collection: Annotated[str, Described("Slug of the collection; empty for testimonies that are in none.")]
    title: Annotated[str, of(models.Collection)]
    population: Annotated[str, of(models.Collection)]
    caveats: Annotated[list[str], of(models.Collection)]
    listing: Annotated[str, Described(model=models.Collection, choices=Listing)]
    is_invented: Annotated[bool, of(models.Collection)]
    n_testimonies: Annotated[
        int | None, Described("How many of the counted testimonies are in it; one may be in several. Null: not told.")
    ]


class StatisticCell(TypedDict):
    """One count: of the testimonies at this row, this column and this year. A cell that is not listed is zero."""

    row_kind: Annotated[str, Described("Where on the first breakdown.", choices=Place)]
    row: Annotated[str, Described("The value there; empty unless the kind is value.")]
    column_kind: Annotated[str, Described("Where on the second breakdown.", choices=Place)]
    column: Annotated[str, Described("The value there; empty unless the kind is value.")]
    year_kind: Annotated[str, Described("Where on the years.", choices=Place)]
    year: Annotated[int | None, Described("The year; null unless the kind is value.")]
    kind: Annotated[str, Described("Whether the count is told.", choices=StatisticKind)]
    count: Annotated[int | None, Described("How many testimonies; null where it is suppressed.")]


class StatisticFilter(TypedDict):
    """A filter, as it was asked for."""

    name: Annotated[str, Described("Name of the parameter.")]
    value: Annotated[str, Described("Its value. Several values of one name are OR.")]


class StatisticFigure(TypedDict):
    """A published figure beside the counts. It has a population of its own: never add or subtract the two."""

    id: Id
    collection: Annotated[str, Described("Slug of the collection whose population it speaks of.")]
    collection_title: Annotated[str, of(models.Collection, "title")]
    population: Annotated[str, Described("Whom the figure is about: not the testimonies that are counted here.")]
    slug: Annotated[str, of(models.Figure)]
    statement: Annotated[str, of(models.Figure)]
    status: Annotated[str, Described(model=models.Figure, choices=FigureStatus)]
    metric: Annotated[str, of(models.Figure)]
    operator: Annotated[str, of(models.Figure)]
    value: Annotated[str, of(models.Figure)]
    range_low: Annotated[float | None, of(models.Figure)]
    range_high: Annotated[float | None, of(models.Figure)]
    denominator: Annotated[int | None, of(models.Figure)]
    note: Annotated[str, of(models.Figure)]
    sources: list[shapes.FigureSourceEntry]


class StatisticTable(TypedDict):
    """Counts of testimonies, with the populations that were counted."""

    as_of: Annotated[Moment, Described("By PostgreSQL's clock: the counts are those of this moment.")]
    tier: Annotated[TierWord, Described("As this tier sees them.", choices=Tier)]
    by: Annotated[list[StatisticAxis], Described("The breakdowns: rows, then columns.")]
    over: Annotated[list[StatisticAxis], Described("The years that it goes over; empty if none.")]
    filters: Annotated[list[StatisticFilter], Described("The filters, as they were asked for.")]
    is_suppressed: Annotated[
        bool,
        Described(
            f"Whether small cells and what would tell of them are suppressed: the records of the collection are not listed to "
            f"the caller. Counted are then whole batches of {BATCH}, in the order in which records last changed."
        ),
    ]  # fmt: skip
    kind: Annotated[str, Described("Whether the total is told.", choices=StatisticKind)]
    count: Annotated[int | None, Described("The total: testimonies, not persons. Null where it is suppressed.")]
    populations: Annotated[list[StatisticPopulation], Described("Which collections were counted.")]
    cells: Annotated[list[StatisticCell], Described("The counts, margins included.")]
    figures: Annotated[
        list[StatisticFigure], Described("Published figures that speak of the same, each with its own population.")
    ]


DECLARED = Declared(
    name="statistics",
    filters=tuple(one for one in FILTERS if one.name != "updated_since"),
    orders={"id": Order("testimony_id", "uuid")},
    ordering="id",
    key=Order("testimony_id", "uuid"),
    has_match=True,
)
_FIXED = "; ".join(f"{one.name}: {one.help}" for one in BREAKDOWNS.values())
_STAFF = ", ".join(one.name for one in BREAKDOWNS.values() if one.tier == Tier.RESTRICTED)
BY = query(
    "by",
    f"What to count by, once or twice. {_FIXED}; {CODE}leaving: the codes below that dimension, with their children. For staff: {_STAFF}.",
    {"type": "array", "items": {"type": "string", "maxLength": 1_000}, "maxItems": 2, "uniqueItems": True},
    style="form",
    explode=True,
)


class StatisticsViewSet(ViewSet):
    """How many testimonies there are, of those that the caller could list, by a fixed list of breakdowns.

    Of a collection whose records are not listed to the caller (`listing: closed`), small cells are suppressed, and those that
    would tell of them. Published figures that speak of the same stand beside the counts, with their own population.
    """

    http_method_names = ["get", "head"]
    shape = StatisticTable
    narrowed = DECLARED
    asked = (Asked("over", "Break it down by years too.", filters.word(Over), choices=Over),)

    @says("get_statistics", "Get statistics", shape=StatisticTable, parameters=(BY,))
    def retrieve(self, request: Any) -> HttpResponse:
        context = Context(request.user, request.auth)
        question = statistics.read(DECLARED, dict(request._request.GET.lists()), context)
        shown = _shown(statistics.ask(question, request.user))
        # the clock goes on: what was counted then is what is counted now, if all else is the same
        etag = concurrency.of_parts(compact({**shown, "as_of": ""}))
        return concurrency.answer(request, compact(shown).encode(), etag)


def _shown(found: Statistics) -> StatisticTable:
    counted, n_by = found.counted, len(found.by)
    return {
        "as_of": instant(found.as_of),
        "tier": counted.tier.label,
        "by": [_axis(one) for one in found.by],
        "over": [_axis(one) for one in found.over],
        "filters": [{"name": name, "value": value} for name, value in found.question.filters],
        "is_suppressed": counted.is_suppressed,
        "kind": _kind(counted.count),
        "count": counted.count,
        "populations": [_population(one) for one in counted.populations],
        "cells": [_cell(one, n_by) for one in counted.cells],
        "figures": [_figure(*one) for one in found.figures],
    }


def _kind(count: int | None) -> str:
    return (StatisticKind.SUPPRESSED if count is None else StatisticKind.COUNTED).value


def _axis(axis: Axis) -> StatisticAxis:
    breakdown = axis.breakdown
    return {"by": breakdown.name, "is_multiple": breakdown.is_multiple, "n_stated": axis.n_stated}


_NO_COLLECTION = {
    "slug": "",
    "title": "",
    "population": "",
    "caveats": [],
    "listing": Listing.OPEN.value,
    "is_invented": False,
}


def _population(found: Population) -> StatisticPopulation:
    collection: Mapping[str, Any] = found.collection or _NO_COLLECTION
    return {
        "collection": collection["slug"],
        "title": collection["title"],
        "population": collection["population"],
        "caveats": collection["caveats"],
        "listing": collection["listing"],
        "is_invented": collection["is_invented"],
        "n_testimonies": found.count,
    }


def _cell(cell: Cell, n_by: int) -> StatisticCell:
    row, column = [*cell.keys[:n_by], ALL, ALL][:2]
    (year,) = cell.keys[n_by:] or (ALL,)
    return {
        "row_kind": row.place.value,
        "row": row.value,
        "column_kind": column.place.value,
        "column": column.value,
        "year_kind": year.place.value,
        "year": int(year.value) if year.value else None,
        "kind": _kind(cell.count),
        "count": cell.count,
    }


def _figure(figure: Any, collection: Any) -> StatisticFigure:
    return {
        "id": figure["id"],
        "collection": figure["collection"],
        "collection_title": collection["title"],
        "population": figure["population"],
        "slug": figure["slug"],
        "statement": figure["statement"],
        "status": figure["status"],
        "metric": figure["metric"],
        "operator": figure["operator"],
        "value": figure["value"],
        "range_low": figure["range_low"],
        "range_high": figure["range_high"],
        "denominator": figure["denominator"],
        "note": figure["note"],
        "sources": figure["sources"],
    }
