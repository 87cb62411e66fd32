"""Pages of what a search finds: ids first, then the documents of the page with their snippets.

Where nothing that the caller may see has the words, titles and names that are spelt alike are offered instead, and the
answer says so. Both are decided by rows that the caller may see, and by nothing else.
"""

from dataclasses import replace

from django.db import transaction

from testimonies.access import Actor
from testimonies.selectors import pages, search, snippets, visibility
from testimonies.selectors.pages import Page, Request
from testimonies.selectors.parameters import Query
from testimonies.selectors.sql import Sql, both, either, fetch
from testimonies.values import spelling, webquery

ID = "testimony_id::text"
LIKENESS = 0.28
"""Least word similarity of trigrams (pg_trgm): with two letters swapped, a word of six keeps as much."""
CANDIDATES = 500
"""So many of the latest rows that are as similar are ranked by it."""
COMPARED = 100
"""So many of these are compared letter by letter."""


def page(query: Query, actor: Actor) -> Page:
    """A page of the testimonies that match `query.search`, which asks for something."""
    conditions = [visibility.rows(actor), *query.conditions]
    found = replace(_ids(query, actor, conditions), search_kind="words")
    if query.request.count != "none":
        counted = _count(query, actor, conditions)
        found = replace(found, count=counted.count, count_kind=counted.count_kind)
    if found.items:
        stemmed = search.stemmed(query.search)
        shown = snippets.items(found.items, stemmed, actor) if stemmed.some else _items(found.items, actor)
        return replace(found, items=shown)
    if query.request.cursor is None and _is_unknown(query, actor, conditions):
        similar = _similar(query, actor, conditions)
        return similar if similar.items else found
    return found


def _ids(query: Query, actor: Actor, conditions: list[Sql]) -> Page:
    """Most pages are found in a quick way, which sees when it does not suffice. The answer is the same either way."""
    request, table, tier = ranked(query), visibility.table(actor), actor.tier
    is_best_first = query.request.steps[0].order is search.RELEVANCE
    if is_best_first:
        # the best matches are rows of one kind, found by one index; what follows is no better
        alone = search.matching_alone(query.search, tier)
        if alone and not pages.goes_back(request):
            found = pages.page(table, ID, both([*conditions, alone]), ranked(query, alone=True), of="testimony_id")
            if pages.is_full(found, request):
                return found
    elif search.is_frequent(query.search, tier, one_in=50):
        walk = search.matching(query.search, tier, walking=True)
        found = pages.page(table, ID, both(conditions), request, walk=walk)
        if pages.is_full(found, request):
            return found
    return pages.page(table, ID, both([*conditions, search.matching(query.search, tier)]), request, of="testimony_id")


def _count(query: Query, actor: Actor, conditions: list[Sql]) -> Page:
    """How many match, as the count of a page that is not looked at: ranking all of them would cost far more."""
    walking = search.is_frequent(query.search, actor.tier, one_in=5)
    matching = search.matching(query.search, actor.tier, walking=walking)
    request = replace(query.request, steps=query.request.steps[-1:], size=1, cursor=None)
    return pages.page(visibility.table(actor), ID, both([*conditions, matching]), request)


def ranked(query: Query, *, alone: bool = False) -> Request:
    """The request with what relevance comes to for these words; `alone` as in `search.rank`."""
    rank = search.rank(query.search, alone=alone)
    steps = tuple(
        replace(step, order=replace(step.order, column=rank.text), parameters=rank.parameters)
        if step.order is search.RELEVANCE
        else step
        for step in query.request.steps
    )
    return replace(query.request, steps=steps, count="none")


def _items(ids: list[str], actor: Actor) -> list[str]:
    """Their list items as they are stored, in this order. What is not seen any more is left out."""
    condition = both([visibility.rows(actor), Sql("testimony_id = ANY (%s::uuid[])", (ids,))])
    rows = fetch(Sql(f"SELECT {ID}, item FROM {visibility.table(actor)} WHERE {condition.text}", condition.parameters))
    items = dict(rows)
    return [items[key] for key in ids if key in items]


def _is_unknown(query: Query, actor: Actor, conditions: list[Sql]) -> bool:
    """Whether nothing that the caller may see matches the words, whatever the other filters."""
    if not query.search.wanted:
        return False
    if len(conditions) == 1:
        return True
    condition = both([conditions[0], search.matching(query.search, actor.tier)])
    return not fetch(
        Sql(f"SELECT 1 FROM {visibility.table(actor)} WHERE {condition.text} LIMIT 1", condition.parameters)
    )


def _similar(query: Query, actor: Actor, conditions: list[Sql]) -> Page:
    """The titles and names that are spelt most alike, on one page: candidates by their index first, then few are compared."""
    wanted = [[term.words for term in clause if not term.negated] for clause in query.search.clauses]
    wanted = [phrases for phrases in wanted if phrases]
    excluded = webquery.Query(tuple(clause for clause in query.search.clauses if all(term.negated for term in clause)))
    condition = both([*conditions, *map(_alike, wanted), search.matching(excluded, actor.tier)])
    likeness = _joined(" + ", [_greatest(phrases) for phrases in wanted])
    statement = Sql(
        f"SELECT item, names FROM (SELECT item, testimony_id, names FROM {visibility.table(actor)} WHERE {condition.text} "
        f"ORDER BY updated_at DESC, testimony_id DESC LIMIT {CANDIDATES}) c ORDER BY {likeness.text} DESC, testimony_id LIMIT {COMPARED}",
        (*condition.parameters, *likeness.parameters),
    )
    with transaction.atomic():
        fetch(Sql(f"SELECT set_config('pg_trgm.word_similarity_threshold', '{LIKENESS}', true)"))
        candidates = fetch(statement)
    near = [(slips, item) for item, names in candidates if (slips := _slips(wanted, names.split())) is not None]
    items = [item for _, item in sorted(near, key=lambda one: one[0])][: query.request.size]
    is_counted = query.request.count != "none"
    return Page(
        items=items,
        next_cursor=None,
        previous_cursor=None,
        count=len(items) if is_counted else None,
        count_kind="exact" if is_counted else "none",
        search_kind="similar",
    )


Phrases = list[tuple[str, ...]]
"""The terms of one clause, any of which is enough, by their words."""


def _alike(phrases: Phrases) -> Sql:
    """A condition: each word of one of the phrases has many trigrams of a word of the names."""
    return either([both([Sql("names %%> %s", (word,)) for word in phrase]) for phrase in phrases])


def _greatest(phrases: Phrases) -> Sql:
    means = []
    for phrase in phrases:
        summed = _joined(" + ", [Sql("word_similarity(%s, names)", (word,)) for word in phrase])
        means.append(Sql(f"({summed.text}) / {len(phrase)}", summed.parameters))
    listed = _joined(", ", means)
    return Sql(f"greatest({listed.text})", listed.parameters)


def _joined(sign: str, pieces: list[Sql]) -> Sql:
    return Sql(sign.join(piece.text for piece in pieces), tuple(p for piece in pieces for p in piece.parameters))


def _slips(wanted: list[Phrases], names: list[str]) -> int | None:
    """How many slips in all turn the words into words of the names; None where one has more than are forgiven."""
    total = 0
    for phrases in wanted:
        counts = [
            [
                min(
                    (n for name in names if (n := spelling.slips(word, name, spelling.forgiven(word))) is not None),
                    default=None,
                )
                for word in phrase
            ]
            for phrase in phrases
        ]
        sums = [sum(n for n in of_phrase if n is not None) for of_phrase in counts if None not in of_phrase]
        if not sums:
            return None
        total += min(sums)
    return total
