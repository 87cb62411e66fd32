"""Why a testimony was found: passages of what the caller may see, for the rows of one page.

PostgreSQL tells which words of a vector match, by their numbers; the text itself is cut in Python (values/highlights.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from testimonies.access import Actor
from testimonies.projections.documents import NO_SNIPPETS, UNNAMED, compact
from testimonies.projections.shapes import Segment, Snippet
from testimonies.selectors import visibility
from testimonies.selectors.search import Stemmed
from testimonies.selectors.sql import Sql, fetch
from testimonies.values import highlights
from testimonies.values.folding import fold, words

Positions = Mapping[str, Sequence[int]]
"""Lexeme -> numbers of its words, from 1."""
LAST = 16_383
"""Every further word of a vector has this number."""

_HITS = "(SELECT json_object_agg(lexeme, positions)::text FROM unnest(ts_filter(setweight({vector}, 'C', %s::text[]), '{{c}}')))"
_STATEMENT = """
SELECT testimony_id::text, item, {hits}, x.text_id::text, x.body, x.hits
FROM {table} t LEFT JOIN LATERAL (
  SELECT text_id, document::json->>'body' AS body, {text_hits} AS hits FROM projection_text p
  WHERE p.testimony_id = t.testimony_id AND tier <= %s AND vector @@ %s::tsquery AND NOT t.vector @@ %s::tsquery
  ORDER BY vector @@ %s::tsquery DESC, ts_rank(vector, %s::tsquery) DESC, position, text_id LIMIT 1) x ON true
WHERE testimony_id = ANY (%s::uuid[]) AND {seen}
"""


def items(ids: Sequence[str], found: Stemmed, actor: Actor) -> list[str]:
    """The list items of these testimonies, in this order, with their snippets. What is not seen any more is left out.

    Of the texts one is shown, and only where title, name and summary do not hold all that was asked for.
    """
    seen, lexemes = visibility.rows(actor), list(found.lexemes)
    whole = found.whole or found.some
    statement = _STATEMENT.format(
        table=visibility.table(actor),
        hits=_HITS.format(vector="t.vector"),
        text_hits=_HITS.format(vector="p.vector"),
        seen=seen.text,
    )
    asked = (lexemes, lexemes, int(actor.tier), found.some, whole, whole, found.some, [UUID(key) for key in ids])
    rows = {row[0]: row[1:] for row in fetch(Sql(statement, (*asked, *seen.parameters)))}
    found_items = []
    for item, hits, text_id, body, text_hits in (rows[key] for key in ids if key in rows):
        made = _of_item(orjson.loads(item), _marked(found, orjson.loads(hits))) if hits else []
        if text_hits:
            made += _snippet("text", text_id, body, _marked(found, orjson.loads(text_hits)))
        found_items.append(f'{item.removesuffix(NO_SNIPPETS)},"snippets":{compact(made)}}}')
    return found_items


def _of_item(item: dict[str, Any], marked: set[int]) -> list[Snippet]:
    """Of title, name and summary. The vector numbers their words as those of one text."""
    name = item["person"]["name"]
    made: list[Snippet] = []
    for field, text in (("title", item["title"]), ("name", "" if name == UNNAMED else name)):
        number = len(words(fold(text)))
        made += _snippet(field, None, text, {at for at in marked if at < number})
        marked = {at - number for at in marked if at >= number}
    return made + _snippet("summary", None, item["summary"], marked)


def _snippet(field: str, text_id: str | None, text: str, marked: set[int]) -> list[Snippet]:
    found = highlights.highlight(text, marked)
    if found is None:
        return []
    segments: list[Segment] = [{"text": piece, "is_match": is_match} for piece, is_match in found.pieces]
    return [{"field": field, "text_id": text_id, "start": found.start, "segments": segments}]


def _marked(found: Stemmed, hits: Positions) -> set[int]:
    """Numbers, from 0, of the words that the terms match; of a phrase only where all of it stands."""
    marked: set[int] = set()
    for term, its_words in found.terms.items():
        if term.negated:
            continue
        places: list[set[int]] = [
            {at - 1 for lexeme in word.lexemes for at in hits.get(lexeme, ()) if at < LAST} for word in its_words
        ]
        starts = set.intersection(*({at - offset for at in of_word} for offset, of_word in enumerate(places)))
        marked |= {start + offset for start in starts for offset in range(len(places))}
    return marked
