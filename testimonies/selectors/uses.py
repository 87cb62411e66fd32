"""Uses with what they use of testimonies, asked of the projection rows: by the caller's tier, time and uses (docs/adr/0034)."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from testimonies.access import Actor
from testimonies.models import UsedTestimony
from testimonies.models.testimonies import Status
from testimonies.projections.documents import compact
from testimonies.projections.shapes import UsedTestimonyEntry
from testimonies.selectors import actors, documents, pages, past, quotes, visibility
from testimonies.selectors.documents import Document
from testimonies.selectors.filters import Context
from testimonies.selectors.pages import Page
from testimonies.selectors.parameters import Query
from testimonies.selectors.sql import Sql, both, fetch

NOUN = "campaignuse"
_ID = 36


def page(query: Query, actor: Actor) -> Page:
    where = both([visibility.shared(NOUN, actor), *query.conditions])
    found = pages.page("projection_shared", "record_id::text || document", where, query.request)
    entries = _entries([UUID(item[:_ID]) for item in found.items], actor)
    return replace(found, items=[_whole(item[_ID:], entries[item[:_ID]]) for item in found.items])


def document(key: str, actor: Actor) -> Document:
    """One use by id. Errors: NotFound, whether hidden or never there."""
    core = documents.shared_document(NOUN, key, "", actor)
    use_id = json.loads(core.body)["id"]
    return Document(_whole(core.body.decode(), _entries([UUID(use_id)], actor)[use_id]).encode(), core.version)


def as_of(use_id: UUID, moment: dt.datetime, actor: Actor) -> Document:
    """The use as it was, with what it used then, as far as the actor may see that now. Whether it is covered is said of now."""
    core = past.as_of(NOUN, use_id, moment)
    used = [(row.testimony_id, row.quote_id) for row in past.rows_then(UsedTestimony, moment, use_id=use_id)]
    links = Sql(
        "(SELECT %s::uuid AS use_id, * FROM unnest(%s::uuid[], %s::uuid[]) AS used (testimony_id, quote_id))",
        (use_id, [testimony_id for testimony_id, _ in used], [quote_id for _, quote_id in used]),
    )
    return Document(_whole(core.body.decode(), _entries([use_id], actor, links)[str(use_id)]).encode(), None)


def _whole(core: str, entries: list[UsedTestimonyEntry]) -> str:
    more = {"testimonies": entries, "is_covered": all(entry["is_covered"] for entry in entries)}
    return f"{core[:-1]},{compact(more)[1:]}"


_LINKS = Sql("testimonies_usedtestimony")


def _entries(ids: Iterable[UUID], actor: Actor, links: Sql = _LINKS) -> dict[str, list[UsedTestimonyEntry]]:
    """By use, what it uses of what the actor may see."""
    seen, quoted = seen_testimonies(actor), quotes.seen(actor)
    found: dict[str, list[UsedTestimonyEntry]] = defaultdict(list)
    ids = list(ids)
    if not ids:
        return found
    statement = Sql(
        f"SELECT u.use_id, u.testimony_id, t.ref, t.item::json ->> 'title', q.id, {_COVERED} FROM {links.text} u "
        f"JOIN testimonies_campaignuse c ON c.id = u.use_id JOIN ({seen.text}) t ON t.testimony_id = u.testimony_id "
        f"LEFT JOIN ({quoted.text}) q ON q.id = u.quote_id WHERE u.use_id = ANY (%s) ORDER BY t.ref, q.id NULLS LAST",
        (*links.parameters, *seen.parameters, *quoted.parameters, ids),
    )
    shown: set[tuple[UUID, UUID]] = set()
    for use_id, testimony_id, ref, title, quote_id, is_covered in fetch(statement):
        if quote_id is None and (use_id, testimony_id) in shown:
            continue  # by another quote, which the caller does not see: that there is one would tell of it
        shown.add((use_id, testimony_id))
        found[str(use_id)].append(
            {
                "testimony_id": str(testimony_id),
                "ref": ref,
                "title": title,
                "quote_id": str(quote_id) if quote_id else None,
                "is_covered": is_covered,
            }
        )
    return found


_COVERED = "(c.purpose = ANY (t.uses) AND t.is_out)"


def seen_testimonies(actor: Actor) -> Sql:
    """The projection rows that the actor may read now; `is_out`: published, with its embargo past."""
    door = visibility.rows(actor)
    # below restricted there is no row of anything else
    is_out = (
        f"(p.status = '{Status.PUBLISHED.value}' AND NOT EXISTS (SELECT FROM testimonies_testimony b "
        f"WHERE b.id = p.testimony_id AND b.embargo_until > {actors.CLOCK}))"
        if actor.is_staff
        else "true"
    )
    return Sql(
        f"SELECT p.testimony_id, p.ref, p.item, p.uses, p.codes, p.collections, {is_out} AS is_out "
        f"FROM {visibility.table(actor)} p WHERE {door.text}",
        door.parameters,
    )


# --- Filters by what is used ----------------------------------------------------------------------------------------------


def using(condition: Sql, actor: Actor) -> Sql:
    """Uses of at least one testimony that the actor may see and of whose row `t` the condition holds."""
    seen = seen_testimonies(actor)
    return Sql(
        "record_id IN (SELECT u.use_id FROM testimonies_usedtestimony u JOIN testimonies_campaignuse c ON c.id = u.use_id "
        f"JOIN ({seen.text}) t ON t.testimony_id = u.testimony_id WHERE {condition.text})",
        (*seen.parameters, *condition.parameters),
    )


def of_testimony(values: list[Any], context: Context) -> Sql:
    ids = [value for value in values if isinstance(value, UUID)]
    refs = [value for value in values if isinstance(value, str)]
    named = Sql("(t.testimony_id = ANY (%s::uuid[]) OR t.ref = ANY (%s::text[]))", (ids, refs))
    return using(named, context.actor)


def of_code(values: list[list[UUID]], context: Context) -> Sql:
    return using(Sql("t.codes && %s::uuid[]", ([pk for ids in values for pk in ids],)), context.actor)


def of_collection(values: list[str], context: Context) -> Sql:
    return using(Sql("t.collections && %s", (values,)), context.actor)


def uses_some(values: list[bool], context: Context) -> Sql:
    return _either_way(using(Sql("true"), context.actor), values)


def is_covered(values: list[bool], context: Context) -> Sql:
    return _either_way(using(Sql(f"NOT {_COVERED}"), context.actor), [not value for value in values])


def _either_way(condition: Sql, values: list[bool]) -> Sql:
    if len(set(values)) > 1:
        return Sql("true")
    return condition if values[0] else Sql(f"NOT {condition.text}", condition.parameters)
