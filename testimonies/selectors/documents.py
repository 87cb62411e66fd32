"""Pages and single documents, as projections keep them, for an actor."""

import json
from dataclasses import dataclass, replace
from uuid import UUID

from testimonies.access import Actor
from testimonies.errors import NotFound
from testimonies.projections.documents import NO_SNIPPETS, whole
from testimonies.selectors import actors, pages, results, search, visibility
from testimonies.selectors.filters import as_uuid
from testimonies.selectors.pages import Page, Rows
from testimonies.selectors.parameters import Query
from testimonies.selectors.sql import Sql, both, fetch
from testimonies.values import refs


@dataclass(frozen=True, slots=True)
class Document:
    """Ready JSON; at restricted also the record's version."""

    body: bytes
    version: int | None


_BEGUN = "updated_at <= greatest({clock}, statement_timestamp()) + interval '1 minute'"
"""True of every row that is shown now: one that is written ahead changes when it begins to be. So an index passes over all of
these at once, which come first among the latest changes; a cursor lies below them. A row that was committed since the clock
was asked is well within the minute."""


_STAMP = "digest || updated_at::text"
"""An item is made of what the digest is made of, and of the moment: hashing a hundred kilobytes again would take longer."""


def testimonies(query: Query, actor: Actor) -> Page:
    """A page of testimonies. Without filters the statement is prepared: its plan does not depend on values."""
    if query.search:
        return results.page(query, actor)
    door, first = visibility.rows(actor), query.request.steps[0]
    if first.order.column == "updated_at" and first.descending and query.request.cursor is None:
        door = both([door, Sql(_BEGUN.format(clock=actors.CLOCK))])
    return pages.page(
        visibility.table(actor),
        "item",
        both([door, *query.conditions]),
        query.request,
        prepare=not query.conditions,
        of="item, digest, updated_at",
        stamp=_STAMP,
    )


def testimony_rows(query: Query, actor: Actor) -> Rows:
    """What the list reads where nothing is searched for, without its pages."""
    return Rows(visibility.table(actor), "item", both([visibility.rows(actor), *query.conditions]))


def cited_rows(query: Query, actor: Actor) -> tuple[Rows, Query]:
    """The same with what each testimony cites; of a search, what has its words. With the order in which they come."""
    rows = testimony_rows(query, actor)
    if query.search:
        rows = replace(rows, where=both([rows.where, search.matching(query.search, actor.tier)]))
        query = replace(query, request=results.ranked(query))
    return replace(rows, item=_CITED), query


_CITED = f"left(item, {-len(NO_SNIPPETS)}) || ',' || extra || '}}'"
"""A detail without its texts."""


def testimony(key: str, actor: Actor) -> Document:
    """One testimony by id or reference, its texts included. Errors: NotFound, whether hidden or never there."""
    seen, named = visibility.rows(actor), _by_id_or_ref(key)
    found = fetch(
        Sql(
            f"SELECT item, extra, version, (SELECT string_agg(x.document, ',' ORDER BY x.position, x.text_id) FROM projection_text x "
            f"WHERE x.testimony_id = t.testimony_id AND x.tier <= %s) FROM {visibility.table(actor)} t WHERE {named.text} AND {seen.text}",
            (int(actor.tier), *named.parameters, *seen.parameters),
        ),
        prepare=True,
    )
    if not found:
        raise NotFound
    item, extra, version, texts = found[0]
    return Document(whole(item, extra, texts or "").encode(), version if actor.is_staff else None)


def testimony_id(key: str, actor: Actor) -> UUID:
    """Which testimony an id or reference names. Errors: NotFound, whether hidden or never there."""
    condition = both([_by_id_or_ref(key), visibility.rows(actor)])
    found = fetch(
        Sql(f"SELECT testimony_id FROM {visibility.table(actor)} WHERE {condition.text}", condition.parameters),
        prepare=True,
    )
    if not found:
        raise NotFound
    return found[0][0]  # type: ignore[no-any-return]


def texts(key: str, query: Query, actor: Actor) -> Page:
    """Texts of one testimony, up to the actor's tier. Errors: NotFound, as for the testimony itself."""
    owner = testimony_id(key, actor)
    own = Sql("testimony_id = %s AND tier <= %s", (owner, int(actor.tier)))
    request = replace(query.request, scope=pages.scope(query.request.scope, owner))
    return pages.page("projection_text", "document", both([own, *query.conditions]), request)


def text(key: str, text_id: UUID, actor: Actor) -> Document:
    """One text of a testimony. Errors: NotFound, as for the testimony itself."""
    found = fetch(
        Sql(
            "SELECT x.document, t.version FROM projection_text x JOIN testimonies_text t ON t.id = x.text_id "
            "WHERE x.testimony_id = %s AND x.text_id = %s AND x.tier <= %s",
            (testimony_id(key, actor), text_id, int(actor.tier)),
        ),
        prepare=True,
    )
    if not found:
        raise NotFound
    document, version = found[0]
    return Document(document.encode(), version if actor.is_staff else None)


def shared(noun: str, query: Query, actor: Actor) -> Page:
    rows = shared_rows(noun, query, actor)
    return pages.page(rows.table, rows.item, rows.where, query.request)


def shared_rows(noun: str, query: Query, actor: Actor) -> Rows:
    return Rows("projection_shared", "document", both([visibility.shared(noun, actor), *query.conditions]))


def shared_document(noun: str, key: str, prefix: str, actor: Actor) -> Document:
    """One shared document by id, or by reference or slug where its kind has one."""
    seen = visibility.shared(noun, actor)
    named = _by_id_or_facet(noun, prefix, key)
    statement = f"SELECT document, version FROM projection_shared WHERE {named.text} AND {seen.text}"
    found = fetch(Sql(statement, (*named.parameters, *seen.parameters)), prepare=True)
    if len(found) != 1:
        raise NotFound
    document, version = found[0]
    return Document(document.encode(), version if actor.is_staff else None)


def _by_id_or_ref(key: str) -> Sql:
    if record_id := as_uuid(key):
        return Sql("testimony_id = %s", (record_id,))
    ref = refs.normalise_ref(key[:40])
    if refs.is_ref(ref, "T"):
        return Sql("ref = %s", (ref,))
    raise NotFound


_HAVE_SLUGS = frozenset({"group", "collection", "campaign"})
"""Kinds in which a slug names one record only."""


def _by_id_or_facet(noun: str, prefix: str, key: str) -> Sql:
    """By id, else by reference or slug where the kind has one."""
    if record_id := as_uuid(key):
        return Sql("record_id = %s", (record_id,))
    ref = refs.normalise_ref(key[:40])
    if prefix and refs.is_ref(ref, prefix):
        return Sql("facets @> %s::jsonb", (json.dumps({"ref": ref}),))
    if noun in _HAVE_SLUGS and len(key) <= 80 and "\0" not in key:
        return Sql("facets @> %s::jsonb", (json.dumps({"slug": key}),))
    raise NotFound
