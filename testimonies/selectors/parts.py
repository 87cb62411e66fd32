"""What staff read from the base tables: parts of a testimony, and the links between persons."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from testimonies.access import Actor
from testimonies.errors import NotFound
from testimonies.projections.documents import compact
from testimonies.selectors import pages, visibility
from testimonies.selectors.documents import Document
from testimonies.selectors.pages import Page
from testimonies.selectors.parameters import Query
from testimonies.selectors.sql import TRUE, Sql, both, either, fetch

Show = Callable[[Any], Mapping[str, Any]]
"""From a row to its document."""


def page(rows: QuerySet[Any], show: Show, where: Sql, query: Query, *, of: UUID | None = None) -> Page:
    """A page of the rows for which `where` holds. A cursor made for one testimony fits no other."""
    request = replace(query.request, scope=pages.scope(query.request.scope, of))
    found = pages.page(_table(rows), "id::text", both([where, *query.conditions]), request)
    by_id = rows.in_bulk([UUID(row_id) for row_id in found.items])
    shown = [compact(show(by_id[row_id])) for row_id in map(UUID, found.items) if row_id in by_id]
    return replace(found, items=shown)


def document(rows: QuerySet[Any], show: Show, where: Sql, row_id: UUID) -> Document:
    """Errors: NotFound, whether hidden or never there."""
    condition = both([Sql("id = %s", (row_id,)), where])
    is_seen = fetch(Sql(f"SELECT 1 FROM {_table(rows)} WHERE {condition.text}", condition.parameters))
    row = rows.filter(pk=row_id).first() if is_seen else None
    if row is None:
        raise NotFound
    return made(show(row), getattr(row, "version", None))


def made(values: Mapping[str, Any], version: int | None) -> Document:
    body = compact(values)
    return Document(body.encode(), version)


def links(actor: Actor) -> Sql:
    """A condition on links between persons: both are seen."""
    if actor.sees_every_state:
        return TRUE
    seen = visibility.shared("person", actor)
    persons = f"(SELECT record_id FROM projection_shared WHERE {seen.text})"
    return Sql(
        f"(person_id IN {persons} AND (other_id IS NULL OR other_id IN {persons}))",
        (*seen.parameters, *seen.parameters),
    )


def corrections(actor: Actor) -> Sql:
    """A condition on corrections: the testimony, the person or the source is seen."""
    if actor.sees_every_state:
        return TRUE
    seen = visibility.rows(actor)
    pieces = [
        Sql(f"testimony_id IN (SELECT testimony_id FROM {visibility.table(actor)} WHERE {seen.text})", seen.parameters)
    ]
    for noun in ("person", "source"):
        shared = visibility.shared(noun, actor)
        pieces.append(
            Sql(f"{noun}_id IN (SELECT record_id FROM projection_shared WHERE {shared.text})", shared.parameters)
        )
    return either(pieces)


def _table(rows: QuerySet[Any]) -> str:
    return f'"{rows.model._meta.db_table}"'
