"""Published figures beside a count of ours, each with whom it is about (docs/adr/0034).

They are never computed from each other: a figure is what somebody published about a population; a count is of the records of
one collection that the caller could list now. The answer names both.
"""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models

from testimonies.access import Actor
from testimonies.errors import InvalidParameter, InvalidParameters
from testimonies.models.collections import FigureScope, Listing
from testimonies.selectors import documents, visibility
from testimonies.selectors.reference import Reference
from testimonies.selectors.sql import Sql, both, fetch

COUNTED = ("gender", "nationality")
"""What a figure's query may ask so that our records can be asked the same. Other words of it are the source's own."""


class CountStatus(models.TextChoices):
    COUNTED = "counted", "counted"
    CLOSED = "closed", "the collection's records are not listed to this caller"
    NO_SUCH_QUESTION = "no_such_question", "our records cannot be asked what the figure answers"


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one collection, what the caller could list; all None where its list is closed to the caller."""

    n_testimonies: int | None
    n_persons: int | None
    n_known_cases: int | None
    n_known_not_cases: int | None
    of_figures: dict[str, int]
    """By figure id, how many persons answer to its query."""


@dataclass(frozen=True, slots=True)
class Beside:
    collection: dict[str, Any]
    figures: list[dict[str, Any]]
    counts: Counts
    as_of: dt.datetime

    def status_of(self, figure: dict[str, Any]) -> CountStatus:
        if self.counts.n_testimonies is None:
            return CountStatus.CLOSED
        return CountStatus.COUNTED if figure["id"] in self.counts.of_figures else CountStatus.NO_SUCH_QUESTION


def beside(key: str, figures_of: str | None, actor: Actor, reference: Reference) -> Beside:
    """Figures of one collection (by default its own) beside counts of a collection, by id or slug.

    Errors: NotFound; InvalidParameters.
    """
    collection = json.loads(documents.shared_document("collection", key, "", actor).body)
    of = figures_of or collection["slug"]
    if not reference.has("collection", of, actor.tier):
        detail = "There is no such collection. /api/v1/collections/ lists them."
        raise InvalidParameters([InvalidParameter("figures", "unknown_value", detail)])
    seen = visibility.shared("figure", actor)
    rows = fetch(
        Sql(
            f"SELECT document FROM projection_shared WHERE {seen.text} AND facets @> %s::jsonb ORDER BY sort_key, record_id",
            (*seen.parameters, json.dumps({"collection": of})),
        )
    )
    figures = [json.loads(document) for (document,) in rows]
    return Beside(collection, figures, _counts(collection, figures, of, actor), actor.now)


def _counts(collection: dict[str, Any], figures: Iterable[dict[str, Any]], of: str, actor: Actor) -> Counts:
    if collection["listing"] == Listing.CLOSED and not actor.is_staff:
        return Counts(None, None, None, None, {})
    asked = {figure["id"]: question for figure in figures if (question := _question(figure)) is not None}
    door = both([visibility.rows(actor), Sql("collections && %s", ([collection["slug"]],))])
    case = (
        "count(*) FILTER (WHERE EXISTS (SELECT FROM testimonies_caselink l JOIN testimonies_collection c ON c.id = l.collection_id "
        "WHERE l.testimony_id = t.testimony_id AND c.slug = %s AND l.is_case = {}))"
    )
    pieces = [
        Sql("count(*), count(DISTINCT person_id)"),
        Sql(case.format("true"), (of,)),
        Sql(case.format("false"), (of,)),
        *(Sql(f"count(DISTINCT person_id) FILTER (WHERE {one.text})", one.parameters) for one in asked.values()),
    ]
    selected = ", ".join(piece.text for piece in pieces)
    parameters = [value for piece in pieces for value in piece.parameters]
    ((n_testimonies, n_persons, n_cases, n_not, *answers),) = fetch(
        Sql(f"SELECT {selected} FROM {visibility.table(actor)} t WHERE {door.text}", (*parameters, *door.parameters))
    )
    return Counts(n_testimonies, n_persons, n_cases, n_not, dict(zip(asked, answers, strict=True)))


def _question(figure: dict[str, Any]) -> Sql | None:
    """What our records would be asked; None where the figure is no count of persons by what they hold."""
    if figure["scope"] != FigureScope.CASES or figure["metric"] != "count_persons" or not figure["filter"]:
        return None
    try:
        asked = json.loads(figure["filter"])
    except ValueError:
        return None
    if not isinstance(asked, dict) or not all(key in COUNTED and isinstance(asked[key], str) for key in asked):
        return None
    return both([Sql(f"{key} = %s", (value,)) for key, value in sorted(asked.items())])
