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
from testimonies.selectors.sql import Sql, both, fetch
from testimonies.values import webquery

ID = "testimony_id::text"
LIKENESS = 0.4
"""Least share of a word's trigrams that a similar name has as well (pg_trgm's word similarity)."""
CANDIDATES = 500
"""So many of the latest rows that are similar enough are compared closely."""


def page(query: Query, actor: Actor) -> Page:
    """A page of the testimonies that match `query.search`, which asks for something."""
    conditions = [visibility.rows(actor), *query.conditions]
    found = _ids(query, actor, conditions)
    if not found.items and query.request.cursor is None and _is_unknown(query, actor, conditions):
        found = _similar(query, actor, conditions)
    elif query.search.wanted:
        found = replace(
            found, items=snippets.items(found.items, search.stemmed(query.search), actor), search_kind="words"
        )
    else:
        found = replace(found, items=_items(found.items, actor), search_kind="words")
    return found


def _ids(query: Query, actor: Actor, conditions: list[Sql]) -> Page:
    request, table = _ranked(query), visibility.table(actor)
    # most pages of the best matches hold rows of one kind only, which one index finds
    alone = search.matching_alone(query.search, actor.tier)
    is_best_first = query.request.steps[0].order is search.RELEVANCE and request.count == "none"
    if alone and is_best_first and not pages.goes_back(request):
        found = pages.page(table, ID, both([*conditions, alone]), request)
        if found.next_cursor:  # what follows is no better
            return found
    return pages.page(table, ID, both([*conditions, search.matching(query.search, actor.tier)]), request)


def _ranked(query: Query) -> Request:
    rank = search.rank(query.search)
    steps = tuple(
        replace(step, order=replace(step.order, column=rank.text), parameters=rank.parameters)
        if step.order is search.RELEVANCE
        else step
        for step in query.request.steps
    )
    return replace(query.request, steps=steps)


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
    """The titles and names that are spelt most alike, on one page: candidates by their index first, then few are ranked."""
    wanted = [[term for term in clause if not term.negated] for clause in query.search.clauses]
    likeness = _sum([_greatest([_mean(term.words) for term in terms]) for terms in wanted if terms])
    excluded = webquery.Query(tuple(clause for clause in query.search.clauses if all(term.negated for term in clause)))
    condition = both(
        [*conditions, *(_alike(terms) for terms in wanted if terms), search.matching(excluded, actor.tier)]
    )
    statement = Sql(
        f"SELECT item FROM (SELECT item, testimony_id, names FROM {visibility.table(actor)} WHERE {condition.text} "
        f"ORDER BY updated_at DESC, testimony_id DESC LIMIT {CANDIDATES}) c ORDER BY {likeness.text} DESC, testimony_id LIMIT %s",
        (*condition.parameters, *likeness.parameters, query.request.size),
    )
    with transaction.atomic():
        fetch(Sql(f"SELECT set_config('pg_trgm.word_similarity_threshold', '{LIKENESS}', true)"))
        items = [item for (item,) in fetch(statement)]
    is_counted = query.request.count != "none"
    return Page(
        items=items,
        next_cursor=None,
        previous_cursor=None,
        count=len(items) if is_counted else None,
        count_kind="exact" if is_counted else "none",
        search_kind="similar",
    )


def _alike(terms: list[webquery.Term]) -> Sql:
    """A condition: each word of one of the terms is spelt like a word of the names."""
    pieces = [both([Sql("names %%> %s", (word,)) for word in term.words]) for term in terms]
    return Sql(
        f"({' OR '.join(piece.text for piece in pieces)})", tuple(p for piece in pieces for p in piece.parameters)
    )


def _mean(words: tuple[str, ...]) -> Sql:
    summed = _sum([Sql("word_similarity(%s, names)", (word,)) for word in words])
    return Sql(f"({summed.text}) / {len(words)}", summed.parameters)


def _sum(pieces: list[Sql]) -> Sql:
    return Sql(" + ".join(piece.text for piece in pieces), tuple(p for piece in pieces for p in piece.parameters))


def _greatest(pieces: list[Sql]) -> Sql:
    text = ", ".join(piece.text for piece in pieces)
    return Sql(f"greatest({text})", tuple(p for piece in pieces for p in piece.parameters))
