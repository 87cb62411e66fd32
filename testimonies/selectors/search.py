"""Full-text search: each term OR-ed across the languages, then the terms combined.

Whole queries OR-ed per language would break exclusion: a word that one language ignores would exclude nothing. Our text
search configurations stem but ignore no word (migration 0003).
"""

from collections.abc import Sequence

from django.conf import settings

from testimonies.access import Tier
from testimonies.models.projections import ROWS
from testimonies.projections.storage import configuration
from testimonies.selectors.sql import Sql, both, either
from testimonies.values.webquery import Query, Term


def configurations() -> tuple[str, ...]:
    """Fixed by a setting, not by the languages of the texts: a hidden text must change no answer."""
    return tuple(dict.fromkeys(["simple", *(configuration(tag) for tag in settings.SEARCH_LANGUAGES)]))


def tsquery(terms: Sequence[Term]) -> Sql:
    """A tsquery that matches any of the terms, in any of the languages."""
    names = configurations()
    pieces = [("phraseto_tsquery(%s::regconfig, %s)", (name, " ".join(term.words))) for term in terms for name in names]
    return Sql(f"({' || '.join(text for text, _ in pieces)})", tuple(value for _, values in pieces for value in values))


def matching(query: Query, tier: Tier) -> Sql:
    """A condition on projection rows of the tier: title, shown name, summary and the texts that the tier may see."""
    return both([_clause(clause, tier) for clause in query.clauses])


def _clause(terms: tuple[Term, ...], tier: Tier) -> Sql:
    wanted = [term for term in terms if not term.negated]
    pieces = [_found(wanted, tier)] if wanted else []
    for term in terms:
        if term.negated:
            found = _found([term], tier)
            pieces.append(Sql(f"NOT {found.text}", found.parameters))
    return either(pieces)


def _found(terms: Sequence[Term], tier: Tier) -> Sql:
    """Ids first: each vector is asked through its own index. A term may be in the summary and another in a text."""
    words = tsquery(terms)
    return Sql(
        f"testimony_id IN (SELECT testimony_id FROM {ROWS[tier]._meta.db_table} WHERE vector @@ {words.text} "
        f"UNION ALL SELECT testimony_id FROM projection_text WHERE tier <= %s AND vector @@ {words.text})",
        (*words.parameters, int(tier), *words.parameters),
    )


def rank(query: Query) -> Sql:
    """How well a row matches, by its small vector of title, name and summary. Only found rows are ranked."""
    if not query.wanted:
        return Sql("0::float8")
    words = tsquery(query.wanted)
    return Sql(f"ts_rank(vector, {words.text})::float8", words.parameters)
