"""Counts of testimonies by a fixed list of breakdowns: of those that the caller could list, or of one closed collection.

Three statements: who asks; which collections and figures there are; the counts, all of them by one.
"""

import datetime as dt
import itertools
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from testimonies.access import Actor, Tier
from testimonies.analysis import suppression
from testimonies.errors import InvalidParameter, InvalidParameters
from testimonies.models.collections import FigureScope, Listing
from testimonies.models.projections import ROWS
from testimonies.selectors import breakdowns, parameters, visibility
from testimonies.selectors.breakdowns import ALL, HUB, OTHERS, Breakdown, Key, Over, Place
from testimonies.selectors.filters import Context, nearest
from testimonies.selectors.parameters import Declared, Values
from testimonies.selectors.sql import Sql, both, either, fetch

MOST_CELLS = 5_000
MOST_BY = 2
BATCH = 10
"""A closed collection is counted in whole batches of so many: what a single record changes is not seen."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many testimonies stand at these keys of the axes; None: that is not told."""

    keys: tuple[Key, ...]
    count: int | None


@dataclass(frozen=True, slots=True)
class Population:
    """A collection of which testimonies were counted, by its document; without one those that are in no collection."""

    collection: Mapping[str, Any] | None
    count: int | None


@dataclass(frozen=True, slots=True)
class Axis:
    """`n_stated`: testimonies that stand at a value, or at none of those that are counted; None: that is not told."""

    breakdown: Breakdown
    n_stated: int | None


@dataclass(frozen=True, slots=True)
class Counted:
    """`axes` as the question has them; `tier` is the one as which was counted."""

    tier: Tier
    axes: list[Axis]
    count: int | None
    populations: list[Population]
    cells: list[Cell]
    is_suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Statistics:
    """The answer. `figures` are published ones of the same breakdowns, each with the collection whose population it speaks of."""

    as_of: dt.datetime
    question: "Question"
    counted: Counted
    figures: list[tuple[Mapping[str, Any], Mapping[str, Any]]]

    @property
    def by(self) -> list[Axis]:
        return self.counted.axes[: len(self.question.by)]

    @property
    def over(self) -> list[Axis]:
        return self.counted.axes[len(self.question.by) :]


@dataclass(frozen=True, slots=True)
class Question:
    by: list[Breakdown]
    over: Breakdown | None
    conditions: tuple[Sql, ...]
    filters: list[tuple[str, str]] = field(default_factory=list)

    @property
    def axes(self) -> list[Breakdown]:
        return [*self.by, *([self.over] if self.over else [])]

    @property
    def collections(self) -> list[str]:
        return [value for name, value in self.filters if name == "collection"]


def read(declared: Declared, values: Values, context: Context) -> Question:
    """Errors: InvalidParameters, with one entry for each parameter at fault."""
    own = {name: list(values.get(name, ())) for name in ("by", "over")}
    errors: list[InvalidParameter] = []
    by: list[Breakdown] = []
    over: Breakdown | None = None
    conditions: tuple[Sql, ...] = ()
    filters = {name: given for name, given in values.items() if name not in own}
    try:
        conditions = parameters.read_filters(declared, filters, context)
    except InvalidParameters as error:
        errors += error.errors
    try:
        by = _by(own["by"], context)
    except InvalidParameter as error:
        errors.append(error)
    try:
        over = _over(own["over"], by)
    except InvalidParameter as error:
        errors.append(error)
    if errors:
        raise InvalidParameters(errors)
    named = [(name, value) for name, given in filters.items() for value in given]
    return Question(by, over, conditions, named)


def _by(values: list[str], context: Context) -> list[Breakdown]:
    if len(values) > MOST_BY or len(set(values)) < len(values):
        raise InvalidParameter("by", "too_many_values", "Give by once or twice, with two different breakdowns.")
    if any("\0" in value or len(value) > parameters.MAX_LENGTH for value in values):
        raise InvalidParameter("by", "invalid", "Write the name of a breakdown, without NUL.")
    return breakdowns.read("by", values, context)


def _over(values: list[str], by: list[Breakdown]) -> Breakdown | None:
    if not values:
        return None
    if len(values) > 1 or values[0] not in Over.values:
        hint = nearest(values[0], Over.values)
        raise InvalidParameter("over", "unknown_value", f"Give one of: {', '.join(Over.values)}.{hint}")
    over = Over(values[0]).breakdown
    if over in by:
        raise InvalidParameter("over", "repeated", "The table is already broken down by that year.")
    return over


def ask(question: Question, actor: Actor) -> Statistics:
    """The counts. Errors: InvalidParameters, where the collection is closed to the caller and the question goes too far."""
    collections, figures = _documents(actor)
    if not set(question.collections) <= collections.keys():  # while it is being rebuilt
        raise InvalidParameters([InvalidParameter("collection", "unknown_value", "There is no such collection now.")])
    shut = [slug for slug in question.collections if collections[slug]["listing"] == Listing.CLOSED]
    if shut and not actor.is_staff:
        counted = _closed(question, collections, actor)
    else:
        counted = _open(question, collections, actor)
    counted.cells.sort(key=lambda cell: [(_ORDER[key.place], key.value) for key in cell.keys])
    return Statistics(actor.now, question, counted, _beside(question, collections, figures))


_ORDER = {place: number for number, place in enumerate(Place)}


def _documents(actor: Actor) -> tuple[dict[str, Any], list[Any]]:
    """Collections by slug, and figures about cases, as the caller may read them."""
    seen = either([visibility.shared(noun, actor) for noun in ("collection", "figure")])
    statement = f"SELECT noun, document FROM projection_shared WHERE {seen.text} ORDER BY noun, sort_key, record_id"
    found = [(noun, json.loads(document)) for noun, document in fetch(Sql(statement, seen.parameters))]
    collections = {document["slug"]: document for noun, document in found if noun == "collection"}
    return collections, [one for noun, one in found if noun == "figure" and one["scope"] == FigureScope.CASES]


# --- What the caller could list ---------------------------------------------------------------------------------------


def _open(question: Question, collections: dict[str, Any], actor: Actor) -> Counted:
    counted, of_collections = _counts(question, actor)
    total = counted[()]
    margins = [{key: n for (at, key), n in _margin(counted, number)} for number in range(len(question.axes))]
    axes = [Axis(one, total - _unstated(margin)) for one, margin in zip(question.axes, margins, strict=True)]
    populations = [
        Population(collections[slug], n) for slug, n in sorted(of_collections.items()) if slug in collections
    ]
    populations += [Population(collections[slug], 0) for slug in question.collections if slug not in of_collections]
    populations += [Population(None, of_collections[""])] if of_collections[""] else []
    cells = [
        Cell(tuple(dict(placed).get(number, ALL) for number in range(len(axes))), count)
        for placed, count in counted.items()
    ]
    return Counted(actor.tier, axes, total, populations, cells)


Placed = tuple[tuple[int, Key], ...]
"""Keys by the number of their axis; what is missing is a margin."""


def _margin(counted: Mapping[Placed, int], number: int) -> Iterable[tuple[tuple[int, Key], int]]:
    return ((placed[0], count) for placed, count in counted.items() if len(placed) == 1 and placed[0][0] == number)


def _unstated(margin: Mapping[Key, int]) -> int:
    return sum(count for key, count in margin.items() if key.place in {Place.NOT_STATED, Place.NOT_CODED})


def _counts(question: Question, actor: Actor) -> tuple[dict[Placed, int], Counter[str]]:
    """Cells, margins and the total; and how many are in each collection, or (an empty slug) in none."""
    axes, condition = question.axes, both([visibility.rows(actor), *question.conditions])
    keys = "".join(f"({one.key.text}) AS k{number}, " for number, one in enumerate(axes))
    joined = " ".join(dict.fromkeys(one.joined for one in axes))
    subsets = [chosen for size in range(len(axes) + 1) for chosen in itertools.combinations(range(len(axes)), size)]
    pieces = [_piece(axes, chosen, number) for number, chosen in enumerate(subsets)]
    statement = (
        f"WITH seen AS MATERIALIZED (SELECT {keys}collections FROM {visibility.table(actor)} {joined} WHERE {condition.text}) "
        "SELECT -1, ARRAY[c], count(*) FROM seen, unnest(CASE WHEN cardinality(collections) = 0 THEN '{\"\"}' ELSE collections END) c "
        f"GROUP BY c UNION ALL ({' UNION ALL '.join(pieces)} LIMIT {MOST_CELLS + 1})"
    )
    values = tuple(value for one in axes for value in one.key.parameters) + condition.parameters
    rows = fetch(Sql(statement, values))
    cells = [(subsets[number], keys, count) for number, keys, count in rows if number >= 0]
    if len(cells) > MOST_CELLS:
        detail = f"The table has more than {MOST_CELLS:,} cells. Narrow it by filters, or give by once."
        raise InvalidParameters([InvalidParameter("by", "too_many_cells", detail)])
    placed = {tuple(zip(chosen, map(Key.read, keys or ()), strict=True)): count for chosen, keys, count in cells}
    return placed, Counter({keys[0]: count for number, keys, count in rows if number < 0})


def _piece(axes: Sequence[Breakdown], chosen: tuple[int, ...], name: int) -> str:
    """The counts by some of the axes. A testimony has each of its keys once."""
    keys = [f"u{number}.key" if axes[number].is_multiple else f"k{number}" for number in chosen]
    more = "".join(f", unnest(k{number}) AS u{number} (key)" for number in chosen if axes[number].is_multiple)
    grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
    return f"SELECT {name}, ARRAY[{', '.join(keys)}]::text[], count(*) FROM seen{more}{grouped}"


# --- A closed collection ----------------------------------------------------------------------------------------------


def _closed(question: Question, collections: dict[str, Any], actor: Actor) -> Counted:
    """The same for everybody below restricted: of the collection's own tier, whatever the key is for."""
    _refuse_too_much(question, actor)
    (slug,) = question.collections
    tier = next(one for one in Tier if one.label == collections[slug]["tier"])
    counts = _batched(question.by, slug, tier)
    total = sum(counts.values()) or None
    cells = [Cell((ALL,) * len(question.by), total), *_told(question.by, counts)]
    axes = [Axis(one, None) for one in question.by]
    populations = [Population(collections[slug], total)]
    return Counted(tier, axes, total, populations, cells, is_suppressed=True)


def _refuse_too_much(question: Question, actor: Actor) -> None:
    """Errors: InvalidParameters. Whatever else were counted could be set beside what is, and solved."""
    errors = [
        InvalidParameter(
            name, "closed", "The records of this collection are not listed: it is counted without other filters."
        )
        for name in dict.fromkeys(name for name, _ in question.filters)
        if name != "collection"
    ]
    if len(question.collections) > 1:
        detail = "One of these collections is closed: ask for it by itself, its counts are not added to others."
        errors.append(InvalidParameter("collection", "closed", detail))
    if actor.uses:
        detail = "This collection is counted as a whole, and your key is limited to some uses of its records."
        errors.append(InvalidParameter("collection", "closed", detail))
    known = [one.name for one in breakdowns.BREAKDOWNS.values() if one.is_for_closed]
    if not all(one.is_for_closed for one in question.by):
        errors.append(InvalidParameter("by", "closed", f"A closed collection is counted by {', '.join(known)}."))
    elif len(question.by) > 1 and HUB not in {one.name for one in question.by}:
        detail = f"In a closed collection two breakdowns are crossed only if one of them is {HUB}."
        errors.append(InvalidParameter("by", "closed", detail))
    if question.over:
        errors.append(InvalidParameter("over", "closed", "Not for a closed collection: use by=year_given."))
    if errors:
        raise InvalidParameters(errors)


def _batched(by: Sequence[Breakdown], slug: str, tier: Tier) -> dict[tuple[Key, ...], int]:
    """Counts of the innermost cells: of as many whole batches as there are, the records that changed last left out."""
    condition = visibility.closed(slug)
    keys = "".join(f"{one.key.text} AS k{number}, " for number, one in enumerate(by))
    names = ", ".join(f"k{number}" for number in range(len(by)))
    statement = (
        f"WITH ranked AS (SELECT {keys}row_number() OVER (ORDER BY updated_at, testimony_id) AS place, count(*) OVER () AS n "
        f"FROM {ROWS[tier]._meta.db_table} WHERE {condition.text}) "
        f"SELECT ARRAY[{names}]::text[], count(*) FROM ranked WHERE place <= n - n %% {BATCH} GROUP BY 1"
    )
    return {tuple(map(Key.read, keys)): count for keys, count in fetch(Sql(statement, condition.parameters))}


def _told(by: Sequence[Breakdown], counts: Mapping[tuple[Key, ...], int]) -> Iterable[Cell]:
    """What is told of each margin, and of the cells of a cross table."""
    if not by:
        return
    margins = []
    for number, one in enumerate(by):
        margin = Counter({Key(Place.VALUE, word): 0 for word in one.words})
        for keys, count in counts.items():
            margin[keys[number]] += count
        told = suppression.line(margin, _give_way(margin)) if counts else set()
        is_whole = bool(counts) and told == margin.keys()
        # of what anybody might be, that somebody is would be told by its name; of a few known words it is not
        listed = [*(margin if one.words else told), *([] if is_whole else [OTHERS])]
        margins.append((margin, told, listed))
    for number, (margin, told, listed) in enumerate(margins):
        for key in listed:
            yield Cell(_at(number, key, len(by)), margin[key] if key in told else None)
    if len(by) == MOST_BY:
        yield from _crossed(counts, [told for _, told, _ in margins], [listed for _, _, listed in margins])


def _crossed(counts: Mapping[tuple[Key, ...], int], told: list[set[Key]], listed: list[list[Key]]) -> Iterable[Cell]:
    """Every cell of what the margins tell, or none. What the margins do not tell one by one is one row, and one column."""
    lumped: Counter[tuple[Key, ...]] = Counter()
    for keys, count in counts.items():
        lumped[tuple(key if key in seen else OTHERS for key, seen in zip(keys, told, strict=True))] += count
    rows, columns = ({keys[number] for keys in lumped} for number in range(MOST_BY))
    is_told = bool(lumped) and suppression.is_told(lumped[row, column] for row in rows for column in columns)
    for row, column in itertools.product(*listed):
        is_cell = row in {OTHERS, *told[0]} and column in {OTHERS, *told[1]}
        yield Cell((row, column), lumped[row, column] if is_told and is_cell else None)


def _at(number: int, key: Key, n_axes: int) -> tuple[Key, ...]:
    return tuple(key if place == number else ALL for place in range(n_axes))


def _give_way(margin: Iterable[Key]) -> list[Key]:
    """What says least gives way first; the rest by name, last first: whatever the counts."""
    return sorted(margin, key=lambda key: (key.place != Place.VALUE, key.value == "not_known", key.value), reverse=True)


# --- Beside them ------------------------------------------------------------------------------------------------------


_SPEAKS_OF = {
    "gender": "gender",
    "nationality": "nationality",
    "region_group": "nationality_region",
    "age_band": "age_band",
    "outlet": "outlet",
    "year": "year_given",
    "left": "year_left",
    "left_year": "year_left",
    "left_season": "year_left",
    "count_distinct_countries": "nationality",
    "count_by_medium": "medium",
}
"""Of which breakdown a figure speaks, by the keys of its filter, or by its metric."""
_CODES = ("code", "any_code", "dimension")


def _beside(question: Question, collections: Mapping[str, Any], figures: list[Any]) -> list[Any]:
    """Figures that speak of all, or of these breakdowns; of the collections asked for and of those that are coded alike."""
    asked = [collections[slug] for slug in question.collections]
    books = {one["codebook"] for one in asked} - {None}
    beside = {slug for slug, one in collections.items() if not asked or one in asked or one["codebook"] in books}
    return [
        (figure, collections[figure["collection"]])
        for figure in figures
        if figure["collection"] in beside and _is_about(figure, question.axes)
    ]


def _is_about(figure: Mapping[str, Any], axes: Sequence[Breakdown]) -> bool:
    """Whether all that the figure looks at is one of the axes. Without a filter it is about no count of testimonies."""
    query = json.loads(figure["filter"]) if figure["filter"] else None
    if not isinstance(query, dict):
        return False
    names, codes = {one.name for one in axes}, {code for one in axes for code in one.words if one.codebooks}
    looks_at = [*query, *({figure["metric"]} & _SPEAKS_OF.keys())]
    return all(
        codes.issuperset(_listed(query[key])) if key in _CODES else _SPEAKS_OF.get(key) in names
        for key in looks_at
        if key != "report_narrative"
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
