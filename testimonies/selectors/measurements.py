"""Measurements of the uses that the caller may see; their sources as far as the caller may see them."""

from typing import Any
from uuid import UUID

from testimonies.access import Actor
from testimonies.errors import InvalidParameter, NotFound
from testimonies.selectors import pages, uses, visibility
from testimonies.selectors.documents import Document
from testimonies.selectors.filters import Context, as_uuid
from testimonies.selectors.pages import Page
from testimonies.selectors.parameters import Query
from testimonies.selectors.sql import Sql, both, fetch

TABLE = "testimonies_measurement"


def page(query: Query, actor: Actor) -> Page:
    return pages.page(TABLE, _item(actor), both([_seen(actor), *query.conditions]), query.request)


def document(measurement_id: UUID, actor: Actor) -> Document:
    """Errors: NotFound, whether hidden or never there."""
    condition = both([Sql("id = %s", (measurement_id,)), _seen(actor)])
    found = fetch(Sql(f"SELECT {_item(actor)}, version FROM {TABLE} WHERE {condition.text}", condition.parameters))
    if not found:
        raise NotFound
    body, version = found[0]
    return Document(body.encode(), version if actor.is_staff else None)


def _seen(actor: Actor) -> Sql:
    shared = visibility.shared(uses.NOUN, actor)
    return Sql(f"use_id IN (SELECT record_id FROM projection_shared WHERE {shared.text})", shared.parameters)


def _item(actor: Actor) -> str:
    source = f"(SELECT e.source_id FROM projection_source_tier e WHERE e.source_id = {TABLE}.source_id AND e.tier <= {int(actor.tier)})"
    return (
        f"json_build_object('id', id, 'use_id', use_id, 'metric', metric, 'value', value, 'measured_on', measured_on, "
        f"'source_id', {source}, 'note', note)::text"
    )


def ids(name: str, values: list[str], _: Context) -> list[UUID]:
    found = [as_uuid(value) for value in values]
    if None in found:
        raise InvalidParameter(name, "invalid", "Write an id: a UUID.")
    return [pk for pk in found if pk is not None]


def of_campaign(values: list[Any], context: Context) -> Sql:
    shared = visibility.shared(uses.NOUN, context.actor)
    return Sql(
        f"use_id IN (SELECT record_id FROM projection_shared WHERE {shared.text} AND facets ->> 'campaign' = ANY (%s))",
        (*shared.parameters, values),
    )
