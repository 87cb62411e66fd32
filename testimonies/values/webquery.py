"""What somebody types into a search box, parsed once.

    fled war            both words
    "left the group"    the words in this order
    -prison -"in jail"  not this word, not this phrase
    army OR militia     either; OR binds closer than the space, and is written in capitals, since `or` is a French word
    ex-fighter          cut into two words, so it is searched as a phrase

Curly and angled quotes are quotes too; one that is never closed runs to the end. Whatever else is no letter, digit or
mark only separates words. What makes no sense (`OR` at an end, a lone `-`) is left out: nothing but length is an error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from testimonies.values.folding import fold, words

MAX_TERMS = 32
MAX_LENGTH = 1_000

_QUOTES = '"“”„‟«»'
_PIECE = re.compile(rf"(?P<minus>-*)(?:[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]?|(?P<chunk>[^\s{_QUOTES}]+))")


class QueryTooLong(ValueError):
    """Says the limits; never repeats the query, which may hold a name."""

    def __init__(self) -> None:
        super().__init__(
            f"Search for at most {MAX_TERMS} words, those inside quotes counted too, "
            f"in at most {MAX_LENGTH:,} characters."
        )


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to find, or to exclude. `words` are folded and never empty; more than one is a phrase."""

    words: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All of `clauses` must hold; of each clause, any one term. False when there is nothing to search for."""

    clauses: tuple[tuple[Term, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.clauses)

    @property
    def wanted(self) -> tuple[Term, ...]:
        """The terms that are not exclusions: what a highlight marks and a ranking weighs."""
        return tuple(term for clause in self.clauses for term in clause if not term.negated)


def parse(q: str) -> Query:
    """The query in conjunctive form, folded as the index is.

    Returns an empty Query when nothing in it can be searched. A query of exclusions only is a query.
    Errors  QueryTooLong, at more than MAX_TERMS words or MAX_LENGTH characters.
    """
    if len(q) > MAX_LENGTH:
        raise QueryTooLong
    clauses: list[tuple[Term, ...]] = []
    n_words = 0
    either = False
    for term in _terms(q):
        if term is None:
            either = bool(clauses)
            continue
        n_words += len(term.words)
        if n_words > MAX_TERMS:
            raise QueryTooLong
        if either:
            clauses[-1] += (term,)
        else:
            clauses.append((term,))
        either = False
    return Query(tuple(clauses))


def _terms(q: str) -> Iterator[Term | None]:
    """The terms in order, and None for each OR. What holds no word is passed over."""
    for piece in _PIECE.finditer(q):
        if piece["chunk"] == "OR" and not piece["minus"]:
            yield None
        elif found := words(fold(piece["phrase"] or piece["chunk"] or "")):
            yield Term(tuple(found), negated=bool(piece["minus"]))
