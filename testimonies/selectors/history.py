"""What was: who changed a record or its parts, when, through what and how. The record as it was is selectors/past.py's.

Whoever may see a record now may see its past, drafts included: history is for staff (docs/adr/0010). Read by the API and the
admin alike.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated, Any, TypedDict
from uuid import UUID

from django.db import models as django_models

from testimonies import models
from testimonies.access import Actor, Tier
from testimonies.models import EVENTS
from testimonies.projections import documents as made
from testimonies.projections.documents import compact
from testimonies.projections.shapes import Described, Moment
from testimonies.selectors import pages
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared, Query
from testimonies.selectors.sql import TRUE, Sql, fetch


class Act(django_models.TextChoices):
    """What became of a row."""

    CREATED = "created", "was made"
    CHANGED = "changed", "was changed"
    DELETED = "deleted", "was deleted; what it last was stands under before"


_ACTS = {"insert": Act.CREATED, "update": Act.CHANGED, "delete": Act.DELETED}


class HistoryChange(TypedDict):
    """One field of which the value changed."""

    field: Annotated[str, Described("Name of the field.")]
    label: Annotated[str, Described("The field in words.")]
    before: Annotated[str, Described("The value before, as text; empty where there was none.")]
    after: Annotated[str, Described("The value after, as text; empty where there is none.")]


class HistoryEntry(TypedDict):
    """What became of a record, or of one of its parts, in one act."""

    at: Annotated[Moment, Described("The moment of the act.")]
    what: Annotated[str, Described("The record or the part of it, such as testimony or text.")]
    record_id: Annotated[str, Described("Id of that record or part.")]
    act: Annotated[str, Described("What became of it.", choices=Act)]
    version: Annotated[int | None, Described("The version that it then had; null for what has no versions.")]
    who: Annotated[str, Described("The account, and the key as key:name; empty where nobody was named.")]
    through: Annotated[str, Described("api, admin, import or command; empty for plain SQL.")]
    request_id: Annotated[str, Described("Id of the request; empty where there was none.")]
    reason: Annotated[str, Described("Why, if somebody said so.")]
    changes: Annotated[list[HistoryChange], Described("Fields that changed, in the order of the record.")]


DECLARED = Declared(
    name="history",
    filters=(),
    orders={"at": Order("at", "timestamptz")},
    ordering="-at",
    key=Order("number", "bigint"),
)


# --- Entries ----------------------------------------------------------------------------------------------------------


def table(model: type[django_models.Model]) -> str:
    return f'"{EVENTS[model]._meta.db_table}"'


def _parts(owner: str, *kinds: type[django_models.Model]) -> dict[type[django_models.Model], str]:
    return dict.fromkeys(kinds, f"{owner}_id = {{id}}")


_SELF = "pgh_obj_id = {id}"
PARTS: dict[str, dict[type[django_models.Model], str]] = {
    "testimony": {
        models.Testimony: _SELF,
        **_parts(
            "testimony",
            *(models.Text, models.Citation, models.Claim, models.Clearance, models.ConsensusCode),
            *(models.CollectionItem, models.CaseLink, models.TestimonyExternalId),
        ),
        models.Evidence: f"citation_id IN (SELECT pgh_obj_id FROM {table(models.Citation)} WHERE testimony_id = {{id}})",
        models.Membership: f"pgh_obj_id IN (SELECT membership_id FROM {table(models.Testimony)} WHERE pgh_obj_id = {{id}})",
    },
    "person": {
        models.Person: _SELF,
        **_parts("person", models.PersonName, models.PersonExternalId, models.Membership),
        models.SamePersonLink: "{id} IN (person_id, other_id)",
    },
    "source": {models.Source: _SELF, **_parts("source", models.SourceExternalId)},
    "figure": {models.Figure: _SELF, **_parts("figure", models.FigureSource)},
    "group": {models.Group: _SELF},
    "collection": {models.Collection: _SELF},
    "campaign": {models.Campaign: _SELF, **_parts("campaign", models.Channel, models.CampaignSource)},
    "campaignuse": {
        models.CampaignUse: _SELF,
        **_parts("use", models.UseSource, models.UsedTestimony, models.Measurement),
    },
    "quote": {models.Quote: _SELF},
    "measurement": {models.Measurement: _SELF},
    "codebook": {models.Codebook: _SELF},
    "code": {models.Code: _SELF},
    "samepersonlink": {models.SamePersonLink: _SELF},
}
"""By kind of record: its own table and those of its parts, with the condition on their events."""
NOUNS = frozenset(PARTS)
"""Kinds of records that have a history of their own."""
_MANY = 32
"""More than the kinds of parts of any record: a number of an event and of its table in one."""


def _events(noun: str, record_id: UUID, actor: Actor) -> str:
    """All events of a record and its parts as one table; `item` holds the row after and before."""
    pieces = []
    for number, (model, condition) in enumerate(PARTS[noun].items()):
        if model is models.SamePersonLink and noun == "person" and not actor.sees_every_state:
            continue  # the other person may be hidden
        pieces.append(
            f"SELECT e.pgh_created_at AS at, e.pgh_id * {_MANY} + {number} AS number, json_build_object('what', "
            f"'{model._meta.model_name}', 'act', e.pgh_label, 'id', e.pgh_obj_id, 'context', e.pgh_context, 'at', e.pgh_created_at, "
            f"'after', to_jsonb(e){_but(model)}, 'before', (SELECT to_jsonb(b){_but(model)} FROM {table(model)} b WHERE b.pgh_obj_id = e.pgh_obj_id "
            f"AND b.pgh_id < e.pgh_id ORDER BY b.pgh_id DESC LIMIT 1))::text AS item FROM {table(model)} e "
            f"WHERE {condition.format(id=literal(record_id))}{_unless_withheld(model)}"
        )
    return f"({' UNION ALL '.join(pieces)}) history"


def _unless_withheld(model: type[django_models.Model]) -> str:
    """While a testimony is coded, nobody reads of its consensus codes in its past either (docs/adr/0025)."""
    if model is not models.ConsensusCode:
        return ""
    return (
        " AND NOT EXISTS (SELECT FROM testimonies_assignment a JOIN testimonies_code c ON c.codebook_id = a.codebook_id "
        "WHERE a.testimony_id = e.testimony_id AND a.state <> 'submitted' AND c.id = e.code_id)"
    )


def _but(model: type[django_models.Model]) -> str:
    """What is taken out of an event: how the withheld codes came about."""
    if model is not models.Testimony:
        return ""
    being_coded = "SELECT FROM testimonies_assignment a WHERE a.testimony_id = e.pgh_obj_id AND a.state <> 'submitted'"
    return f" - CASE WHEN EXISTS ({being_coded}) THEN 'coding_status' ELSE '' END"


def literal(record_id: UUID) -> str:
    return f"'{UUID(str(record_id))}'::uuid"


def page(noun: str, record_id: UUID, query: Query, actor: Actor) -> Page:
    """Entries of a record that the actor may see, newest first."""
    request = replace(query.request, scope=pages.scope(query.request.scope, noun, record_id))
    found = pages.page(_events(noun, record_id, actor), "item", TRUE, request)
    return replace(found, items=[compact(entry) for entry in _entries(map(json.loads, found.items))])


def latest(noun: str, record_id: UUID, actor: Actor, *, most: int = 100) -> list[HistoryEntry]:
    """The newest entries of a record that the actor may see."""
    events = _events(noun, record_id, actor)
    found = fetch(Sql(f"SELECT item FROM {events} ORDER BY at DESC, number DESC LIMIT %s", (most,)))
    return list(_entries(json.loads(item) for (item,) in found))


_BY_NAME = {str(model._meta.model_name): model for model in EVENTS}


def _entries(events: Iterable[dict[str, Any]]) -> Iterator[HistoryEntry]:
    events = list(events)
    words = _Words(events)
    for event in events:
        said, model = event["context"] or {}, _BY_NAME[event["what"]]
        account = words.name(models.User, said.get("user"), "")
        key = f"key:{said['key']}" if said.get("key") else ""
        if account == key:  # one that the key was given of its own
            account = ""
        yield {
            "at": made.instant(dt.datetime.fromisoformat(event["at"])),
            "what": str(model._meta.verbose_name),
            "record_id": str(event["id"]),
            "act": _ACTS[event["act"]].value,
            "version": event["after"].get("version"),
            "who": ", ".join(filter(None, (account, key))),
            "through": said.get("through", ""),
            "request_id": said.get("request", ""),
            "reason": said.get("reason", ""),
            "changes": list(_changes(model, event, words)),
        }


def _shown(model: type[django_models.Model]) -> list[Any]:
    """Fields that people enter; ids, versions and what is derived say nothing of their own."""
    return [field for field in model._meta.concrete_fields if field.editable and not field.primary_key]


def _changes(model: type[django_models.Model], event: dict[str, Any], words: "_Words") -> Iterator[HistoryChange]:
    before, after = event["before"] or {}, event["after"]
    if event["act"] == "delete":
        before, after = after, {}
    elif event["act"] == "insert":
        before = {}
    for field in _shown(model):
        old, new = (words.say(field, values.get(field.column)) for values in (before, after))
        if old != new:
            yield {"field": field.name, "label": str(field.verbose_name), "before": old, "after": new}


def _name_of(model: type[django_models.Model]) -> str | None:
    """The column by which people know such a record."""
    known = {field.name for field in model._meta.fields}
    return next((name for name in ("ref", "slug", "username") if name in known), None)


class _Words:
    """Values as people read them: a record by its reference or slug, a tier by its word, an account by its name."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        wanted: dict[type[django_models.Model], set[str]] = {
            models.User: {str(user) for event in events if (user := (event["context"] or {}).get("user"))}
        }
        for event in events:
            for field in _shown(_BY_NAME[event["what"]]):
                if field.is_relation and _name_of(field.related_model):
                    ids = {(row or {}).get(field.column) for row in (event["before"], event["after"])} - {None}
                    wanted.setdefault(field.related_model, set()).update(map(str, ids))
        pieces = [
            Sql(
                f"SELECT '{model._meta.label}', id::text, {_name_of(model)} FROM \"{model._meta.db_table}\" "
                f"WHERE id = ANY (%s::{'int8' if model is models.User else 'uuid'}[])",
                (list(ids),),
            )
            for model, ids in wanted.items()
        ]
        statement = Sql(
            " UNION ALL ".join(piece.text for piece in pieces),
            tuple(value for piece in pieces for value in piece.parameters),
        )
        self.names = {(label, key): name for label, key, name in fetch(statement)}

    def name(self, model: type[django_models.Model], key: Any, default: str) -> str:
        return str(self.names.get((model._meta.label, str(key)), default))

    def say(self, field: Any, value: Any) -> str:
        if value is None or value in ([], {}):
            return ""
        if field.is_relation:
            return self.name(field.related_model, value, str(value))
        if field.name == "tier":
            return str(Tier(value).label)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return "\n".join(value)
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
