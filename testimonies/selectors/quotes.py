"""Passages that may be quoted, with what must stand beside them (docs/adr/0034).

A quote is read from its own table through the door of its testimony. All else that an answer says (name, outlets, warnings,
codes) is taken from the testimony's projection row for the caller's tier, and from nowhere else.
"""

import datetime as dt
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from testimonies.access import Actor, Tier, Use
from testimonies.errors import NotFound
from testimonies.projections import shapes
from testimonies.projections.documents import compact, instant
from testimonies.selectors import actors, pages, parts, visibility
from testimonies.selectors.documents import Document
from testimonies.selectors.filters import Context
from testimonies.selectors.pages import Page
from testimonies.selectors.parameters import Query
from testimonies.selectors.sql import Sql, both, fetch

TABLE = "testimonies_quote"
NEVER = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
"""How projection rows spell that they hold for good."""


def seen(actor: Actor) -> Sql:
    """Ids of the quotes that the actor may see."""
    condition = visibility.quotes(actor)
    return Sql(f"SELECT id FROM {TABLE} WHERE {condition.text}", condition.parameters)


def page(query: Query, actor: Actor, use: str) -> Page:
    """`use`: what the quotes are wanted for, which `query` asks for already; empty where it does not."""
    where = both([visibility.quotes(actor), *query.conditions])
    found = pages.page(TABLE, "id::text", where, query.request)
    shown = _documents([UUID(pk) for pk in found.items], actor, use)
    return replace(found, items=[compact(shown[pk]) for pk in found.items if pk in shown])


def document(quote_id: UUID, actor: Actor) -> Document:
    """Errors: NotFound, whether hidden or never there."""
    condition = both([Sql("id = %s", (quote_id,)), visibility.quotes(actor)])
    if not fetch(Sql(f"SELECT 1 FROM {TABLE} WHERE {condition.text}", condition.parameters)):
        raise NotFound
    shown = _documents([quote_id], actor, "").get(str(quote_id))
    if shown is None:
        raise NotFound
    return parts.made(shown, shown["version"])


# --- Filters --------------------------------------------------------------------------------------------------------------


def cleared_for(values: list[str], context: Context) -> Sql:
    return visibility.quotable(context.actor, Use.QUOTE, *values)


def of_testimony(condition: Sql, context: Context) -> Sql:
    """Quotes of testimonies whose projection row satisfies the condition."""
    door = both([visibility.rows(context.actor), condition])
    return Sql(
        f"testimony_id IN (SELECT testimony_id FROM {visibility.table(context.actor)} WHERE {door.text})",
        door.parameters,
    )


def in_language(values: list[str], context: Context) -> Sql:
    """Of the text that is quoted."""
    return Sql(
        "text_id IN (SELECT text_id FROM projection_text WHERE tier <= %s AND document::jsonb ->> 'language' = ANY (%s))",
        (int(context.actor.tier), values),
    )


# --- Documents ------------------------------------------------------------------------------------------------------------


def _documents(ids: list[UUID], actor: Actor, use: str) -> dict[str, shapes.Quote]:
    if not ids:
        return {}
    door, shown = visibility.rows(actor), visibility.quotes(actor)
    statement = Sql(
        f"""
        SELECT q.id, q.text_id, q.start, q."end", q.quote, q.prefix, q.suffix, q.status, q.anchor, q.note, q.version, q.tier,
          t.testimony_id, t.item, t.extra, coalesce(x.document::json ->> 'language', ''), {_expiry(actor, use)},
          (SELECT o.id FROM ({_others(shown)}) o WHERE o.id = q.translation_of_id),
          (SELECT coalesce(json_agg(json_build_object('quote_id', o.id, 'language', o.language, 'quote', o.quote) ORDER BY o.language, o.id), '[]')
           FROM ({_others(shown)}) o WHERE o.translation_of_id = q.id)::text
        FROM {TABLE} q JOIN (SELECT * FROM {visibility.table(actor)} WHERE {door.text}) t ON t.testimony_id = q.testimony_id
        LEFT JOIN projection_text x ON x.text_id = q.text_id WHERE q.id = ANY (%s)
        """,
        (*shown.parameters, *shown.parameters, *door.parameters, ids),
    )
    return {str(row[0]): _shown(row, actor) for row in fetch(statement)}


def _others(shown: Sql) -> str:
    return (
        f"SELECT {TABLE}.id, {TABLE}.translation_of_id, {TABLE}.quote, coalesce(y.document::json ->> 'language', '') AS language "
        f"FROM (SELECT * FROM {TABLE} WHERE {shown.text}) AS {TABLE} LEFT JOIN projection_text y ON y.text_id = {TABLE}.text_id"
    )


def _expiry(actor: Actor, use: str) -> str:
    """When the rows that permit it, one after the other, come to an end."""
    permitted = [visibility.permitting([wanted]).text for wanted in (Use.QUOTE.value, *([use] if use else []))]
    if actor.uses:
        permitted.append(visibility.permitting(actor.uses).text)
    condition, table = " AND ".join(permitted), visibility.table(actor)
    return (
        f"(SELECT min(r.ends_at) FROM {table} r WHERE r.testimony_id = q.testimony_id AND r.ends_at > {actors.CLOCK} AND {condition} "
        f"AND NOT EXISTS (SELECT FROM {table} n WHERE n.testimony_id = q.testimony_id AND n.starts_at = r.ends_at AND {condition}))"
    )


def _shown(row: tuple[Any, ...], actor: Actor) -> shapes.Quote:
    quote_id, text_id, start, end, quote, prefix, suffix, status, anchor, note, version, tier, testimony_id = row[:13]
    item, extra, language, ends_at, translation_of, translations = row[13:]
    said, more = json.loads(item), json.loads(f"{{{extra}}}")
    staff = actor.is_staff
    return {
        "id": str(quote_id),
        "testimony_id": str(testimony_id),
        "testimony_ref": said["ref"],
        "text_id": str(text_id) if text_id else None,
        "language": language,
        "quote": quote,
        "start": start,
        "end": end,
        "prefix": prefix,
        "suffix": suffix,
        "attribution": _attribution(said),
        "name": said["person"]["name"],
        "name_kind": said["person"]["name_kind"],
        "outlets": said["outlets"],
        "given": said["given"],
        "kind": said["kind"],
        "speaking_conditions": said["speaking_conditions"],
        "citations": more["citations"],
        "content_warnings": said["content_warnings"],
        "collections": said["collections"],
        "caveats": more["caveats"],
        "codes": said["codes"],
        "cleared_for": said["cleared_for"],
        "expires_at": instant(ends_at) if ends_at and ends_at < NEVER else None,
        "translation_of": str(translation_of) if translation_of else None,
        "translations": json.loads(translations),
        "status": status,
        "anchor": anchor,
        "note": note if staff else "",
        "version": version if staff else None,
        "tier": Tier(tier).label,
    }


def _attribution(said: dict[str, Any]) -> str:
    """Such as: unnamed, to NPR and The New York Times, 2014-09-25 (T-VCPS055M)."""
    outlets = " and ".join(filter(None, (", ".join(said["outlets"][:-1]), *said["outlets"][-1:])))
    pieces = [said["person"]["name"], f"to {outlets}" if outlets else "", said["given"] or ""]
    return f"{', '.join(filter(None, pieces))} ({said['ref']})"
