"""Where coders differ: the codes of which they say different things on one testimony, with their passages."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from testimonies.access import Actor
from testimonies.models import Assignment, Code, Coding, Testimony
from testimonies.models.codings import Presence
from testimonies.projections.documents import compact
from testimonies.selectors import agreement, coding, filters, pages
from testimonies.selectors.filters import Context
from testimonies.selectors.pages import Order, Page, Request, Step
from testimonies.selectors.parameters import Query
from testimonies.selectors.sql import Sql, both


@dataclass(slots=True)
class Said:
    """What one coder said of the code; `other_codes` are what the coder put where others found it."""

    coder: str
    presence: str
    codings: list[Coding] = field(default_factory=list)
    other_codes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Confusion:
    """`id` is that of the first coding with the code on the testimony."""

    id: UUID
    testimony: Testimony
    code: Code
    said: list[Said]


def page(query: Query, show: Callable[[Confusion], Mapping[str, Any]], *, by: Actor) -> Page:
    """One entry for each code and testimony, in three statements however many."""
    found = pages.page('"testimonies_coding"', "id::text", both([_differing(by), *query.conditions]), query.request)
    by_id = {one.id: one for one in _confusions([UUID(row_id) for row_id in found.items])}
    shown = [compact(show(by_id[row_id])) for row_id in map(UUID, found.items) if row_id in by_id]
    return replace(found, items=shown)


def first(conditions: Iterable[Sql], *, by: Actor, at_most: int = 100) -> tuple[list[Confusion], int]:
    """The first of them, for a page of the desk, and how many there are, counted up to a limit."""
    request = Request(
        (Step(Order("created_at", "timestamptz"), False), Step(Order("id", "uuid"), False)),
        size=at_most,
        count="capped",
    )
    found = pages.page('"testimonies_coding"', "id::text", both([_differing(by), *conditions]), request)
    return _confusions([UUID(row_id) for row_id in found.items]), found.count or 0


def _differing(by: Actor) -> Sql:
    """The first coding of each code and testimony of which the coders do not all say the same.

    What a coder says is the greatest of absent, uncertain and present; who has no coding with the code says absent, so
    that not all have said something is a difference as soon as one did not say absent.
    """
    text, parameters = agreement.counted(by).values("pk").query.sql_with_params()
    rank = "CASE presence WHEN 'present' THEN 2 WHEN 'uncertain' THEN 1 ELSE 0 END"
    return Sql(
        f"""id IN (
            WITH counted AS MATERIALIZED (SELECT id, testimony_id, codebook_id FROM testimonies_assignment WHERE id IN ({text})),
            coders AS (SELECT testimony_id, codebook_id, count(*) AS n FROM counted GROUP BY 1, 2),
            said AS (
                SELECT c.testimony_id, c.codebook_id, c.code_id, max({rank}) AS word,
                    (array_agg(c.id ORDER BY c.created_at, c.id))[1] AS first, min(c.created_at) AS at
                FROM testimonies_coding c JOIN counted a ON a.id = c.assignment_id
                GROUP BY c.testimony_id, c.codebook_id, c.code_id, c.assignment_id
            )
            SELECT (array_agg(said.first ORDER BY said.at, said.first))[1]
            FROM said JOIN coders USING (testimony_id, codebook_id)
            GROUP BY testimony_id, codebook_id, code_id, coders.n
            HAVING count(DISTINCT word) > 1 OR (max(word) > 0 AND count(*) < coders.n)
        )""",
        parameters,
    )


def _confusions(first: list[UUID]) -> list[Confusion]:
    codings = Coding.objects.filter(pk__in=first).select_related("testimony", "code__codebook")
    subjects = {one.pk: one for one in sorted(codings, key=lambda one: first.index(one.pk))}
    of_testimonies = {one.testimony_id for one in subjects.values()}
    books = {one.codebook_id for one in subjects.values()}
    rows: dict[tuple[UUID, UUID], dict[UUID, list[Coding]]] = defaultdict(lambda: defaultdict(list))
    for row in (
        Coding.objects.filter(testimony__in=of_testimonies, codebook__in=books)
        .select_related("code")
        .order_by("text", "start", "end", "pk")
    ):
        rows[row.testimony_id, row.codebook_id][row.assignment_id].append(row)
    coders: dict[tuple[UUID, UUID], dict[UUID, str]] = defaultdict(dict)
    assignments = Assignment.objects.filter(testimony__in=of_testimonies, codebook__in=books).order_by(
        "coder__username"
    )
    for pk, testimony, codebook, name in assignments.values_list("pk", "testimony", "codebook", "coder__username"):
        coders[testimony, codebook][pk] = name
    return [
        _confusion(one, coders[one.testimony_id, one.codebook_id], rows[one.testimony_id, one.codebook_id])
        for one in subjects.values()
    ]


def _confusion(one: Coding, coders: Mapping[UUID, str], rows: Mapping[UUID, list[Coding]]) -> Confusion:
    found = [row for of_coder in rows.values() for row in of_coder if row.code_id == one.code_id and _holds(row)]
    said = []
    for assignment, name in coders.items():
        own = [row for row in rows.get(assignment, ()) if row.code_id == one.code_id]
        presence = coding.presence(own)
        others: set[str] = set()
        if presence == Presence.ABSENT:
            beside = (row for row in rows.get(assignment, ()) if row.code_id != one.code_id and _holds(row))
            others = {row.code.slug for row in beside if any(_overlap(row, place) for place in found)}
        said.append(Said(name, presence, own, sorted(others)))
    return Confusion(one.pk, one.testimony, one.code, said)


def _holds(row: Coding) -> bool:
    return bool(row.presence == Presence.PRESENT)


def _overlap(one: Coding, other: Coding) -> bool:
    """Whether two passages share a code point; what is of the whole testimony overlaps with nothing in particular."""
    if one.text_id is None or one.text_id != other.text_id:
        return False
    return bool(max(one.start or 0, other.start or 0) < min(one.end or 0, other.end or 0))


# --- Filters of the list ---


def of_codebook(values: list[str], context: Context) -> Sql:  # noqa: ARG001
    pairs = [value.partition("@")[::2] for value in values]
    named = " OR ".join("(slug = %s AND %s IN ('', edition))" for _ in pairs)
    return Sql(
        f"codebook_id IN (SELECT id FROM testimonies_codebook WHERE {named})",
        tuple(part for pair in pairs for part in pair),
    )


def of_code(values: list[list[UUID]], context: Context) -> Sql:  # noqa: ARG001
    return Sql("code_id = ANY (%s::uuid[])", ([code for codes in values for code in codes],))


def of_testimony(values: list[Any], context: Context) -> Sql:
    named = filters.id_or_ref("id", "ref")(values, context)
    return Sql(f"testimony_id IN (SELECT id FROM testimonies_testimony WHERE {named.text})", named.parameters)
