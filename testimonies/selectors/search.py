"""Full-text search: each word OR-ed across the languages in use, then the clauses combined with AND, and NOT last.

Whole queries OR-ed per language would break exclusion: a word that one language ignores would exclude nothing. Our text
search configurations stem but ignore no word (migration 0003). How it is found fast: docs/adr/0023.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from testimonies.access import Tier
from testimonies.models.projections import ROWS
from testimonies.projections.storage import configurations
from testimonies.selectors.pages import Order
from testimonies.selectors.sql import TRUE, Sql, both, either, fetch
from testimonies.values.webquery import Query, Term

RELEVANCE = Order("relevance", "float8")
NOTHING = Sql("false")


@dataclass(frozen=True, slots=True)
class Word:
    """What one word of a query stands for in the index: `query` as a tsquery, empty for what no index keeps."""

    query: str
    lexemes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stemmed:
    """A query whose words were stemmed.

    terms    every term with its words, in the order of the query's clauses
    whole    tsquery that the small vector alone satisfies where it holds all that was asked; empty where none could
    some     tsquery of every word that was asked for; empty where only exclusions were
    lexemes  those words, as vectors keep them
    """

    terms: dict[Term, tuple[Word, ...]]
    whole: str
    some: str
    lexemes: tuple[str, ...]


_STEMS = """
SELECT coalesce((SELECT string_agg(DISTINCT query::text, ' | ') FROM unnest(%s::regconfig[]) AS c, phraseto_tsquery(c, word) AS query
                 WHERE numnode(query) > 0), ''),
       ARRAY(SELECT DISTINCT unnest(tsvector_to_array(to_tsvector(c, word))) FROM unnest(%s::regconfig[]) AS c ORDER BY 1)
FROM unnest(%s::text[]) WITH ORDINALITY AS u (word, number) ORDER BY number
"""


@lru_cache(maxsize=1_000)
def _words(words: tuple[str, ...], languages: tuple[str, ...]) -> dict[str, Word]:
    """Stems are PostgreSQL's, and the same for everybody: those of the latest queries are remembered."""
    names = list(languages)
    found = fetch(Sql(_STEMS, (names, names, list(words))), prepare=True)
    return {word: Word(query, tuple(lexemes)) for word, (query, lexemes) in zip(words, found, strict=True)}


def stemmed(query: Query) -> Stemmed:
    terms = [term for clause in query.clauses for term in clause]
    known = _words(tuple(sorted({word for term in terms for word in term.words})), configurations())
    found = {term: tuple(known[word] for word in term.words) for term in terms}
    wanted = [word for term in query.wanted for word in found[term]]
    clauses = [_tsquery(clause, found) for clause in query.clauses if not any(term.negated for term in clause)]
    return Stemmed(
        terms=found,
        whole=" & ".join(f"({clause})" for clause in clauses) if all(clauses) else "",
        some=" | ".join(dict.fromkeys(f"({word.query})" for word in wanted if word.query)),
        lexemes=tuple(dict.fromkeys(chain.from_iterable(word.lexemes for word in wanted))),
    )


def _tsquery(terms: Sequence[Term], known: dict[Term, tuple[Word, ...]]) -> str:
    """A tsquery that matches any of the terms, in any of the languages; empty where none can be found."""
    phrases = [[word.query for word in known[term]] for term in terms]
    return " | ".join(" <-> ".join(f"({word})" for word in phrase) for phrase in phrases if all(phrase))


def matching(query: Query, tier: Tier, *, walking: bool = False) -> Sql:
    """A condition on projection rows of the tier: title, shown name, summary and the texts that the tier may see.

    `walking` says the same in another way, which suits a page of frequent words: rows are visited in the order of the page
    and each is asked, until it is full. The other way collects all that is found first.
    """
    found = stemmed(query)
    if walking:
        return both([_clause(clause, found, tier, walking=True) for clause in query.clauses])
    sought = [_tsquery(clause, found.terms) for clause in query.clauses if not any(term.negated for term in clause)]
    others = [_clause(clause, found, tier) for clause in query.clauses if any(term.negated for term in clause)]
    return both([_found(tier, *sought), *others] if sought else others)


def matching_alone(query: Query, tier: Tier) -> Sql | None:
    """`matching`, of those rows only whose small vector holds all that was asked. They come first by `rank`.

    They are found through one index. None: no row can.
    """
    found = stemmed(query)
    if not found.whole:
        return None
    others = [clause for clause in query.clauses if any(term.negated for term in clause)]
    return both([Sql("vector @@ %s::tsquery", (found.whole,)), *(_clause(clause, found, tier) for clause in others)])


def is_frequent(query: Query, tier: Tier, *, one_in: int) -> bool:
    """Whether one row in so many has the words, as far as the planner knows. No answer depends on it, only its speed."""
    found, table = stemmed(query), ROWS[tier]._meta.db_table
    if not found.whole:
        return False
    explain = f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {table} UNION ALL SELECT 1 FROM {table} WHERE vector @@ %s::tsquery"
    [[[explained]]] = fetch(Sql(explain, (found.whole,)))
    rows, matches = (plan["Plan Rows"] for plan in explained["Plan"]["Plans"])
    return bool(matches * one_in > rows)


def _clause(terms: tuple[Term, ...], found: Stemmed, tier: Tier, *, walking: bool = False) -> Sql:
    wanted = [term for term in terms if not term.negated]
    look = _asked if walking else _found
    pieces = [look(tier, _tsquery(wanted, found.terms))] if wanted else []
    pieces += [_not_found(_tsquery([term], found.terms), tier) for term in terms if term.negated]
    return either(pieces) if len(pieces) > 1 else pieces[0]


def _found(tier: Tier, *sought: str) -> Sql:
    """Ids first: each vector is asked through its own index. A term may be in the summary and another in a text.

    Ids that have all that is sought are intersected before any row is fetched by them.
    """
    if not all(sought):
        return NOTHING
    has_one = (
        f"(SELECT testimony_id FROM {ROWS[tier]._meta.db_table} WHERE vector @@ %s::tsquery "
        "UNION SELECT testimony_id FROM projection_text WHERE tier <= %s AND vector @@ %s::tsquery)"
    )
    return Sql(
        f"testimony_id IN ({' INTERSECT '.join([has_one] * len(sought))})",
        tuple(value for words in sought for value in (words, int(tier), words)),
    )


def _asked(tier: Tier, words: str) -> Sql:
    """The same, asked of one row. OFFSET 0 keeps the planner from collecting all texts that match first."""
    if not words:
        return NOTHING
    return Sql(f"(vector @@ %s::tsquery OR {_in_a_text(tier)})", (words, int(tier), words))


def _in_a_text(tier: Tier) -> str:
    return (
        f"EXISTS (SELECT FROM projection_text x WHERE x.testimony_id = {ROWS[tier]._meta.db_table}.testimony_id "
        "AND x.tier <= %s AND x.vector @@ %s::tsquery OFFSET 0)"
    )


def _not_found(words: str, tier: Tier) -> Sql:
    """Asked of each row that is left: what is excluded may be in almost all texts."""
    if not words:
        return TRUE
    return Sql(f"(NOT vector @@ %s::tsquery AND NOT {_in_a_text(tier)})", (words, int(tier), words))


def rank(query: Query, *, alone: bool = False) -> Sql:
    """How well a row matches, by its small vector of title, name and summary: above 1 where it holds all that was asked.

    `alone` says the same of rows that are known to (`matching_alone`).
    """
    found = stemmed(query)
    if not found.some:
        return Sql("0::float8")
    if alone:
        return Sql("(1 + ts_rank(vector, %s::tsquery, 32))::float8", (found.some,))
    return Sql(
        "((vector @@ %s::tsquery)::int + ts_rank(vector, %s::tsquery, 32))::float8",
        (found.whole or found.some, found.some),
    )
