"""What was: who changed a record or its parts, when, through what and how; and the record as it was at a moment.

Whoever may see a record now may see its past, drafts included: history is for staff (docs/adr/0010). Read by the API and the
admin alike.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypedDict
from uuid import UUID

from django.db import models as django_models

from testimonies import models
from testimonies.access import Actor, Tier
from testimonies.errors import NotFound
from testimonies.models import EVENTS
from testimonies.projections import documents as made
from testimonies.projections import reading, redaction, shared, storage
from testimonies.projections.documents import compact
from testimonies.projections.shapes import Described, Moment
from testimonies.selectors import pages
from testimonies.selectors.documents import Document
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


def _table(model: type[django_models.Model]) -> str:
    return f'"{EVENTS[model]._meta.db_table}"'


def _parts(owner: str, *kinds: type[django_models.Model]) -> dict[type[django_models.Model], str]:
    return dict.fromkeys(kinds, f"{owner}_id = {{id}}")


_SELF = "pgh_obj_id = {id}"
_PARTS: dict[str, dict[type[django_models.Model], str]] = {
    "testimony": {
        models.Testimony: _SELF,
        **_parts(
            "testimony",
            *(models.Text, models.Citation, models.Claim, models.Clearance, models.ConsensusCode),
            *(models.CollectionItem, models.CaseLink, models.TestimonyExternalId),
        ),
        models.Evidence: f"citation_id IN (SELECT pgh_obj_id FROM {_table(models.Citation)} WHERE testimony_id = {{id}})",
        models.Membership: f"pgh_obj_id IN (SELECT membership_id FROM {_table(models.Testimony)} WHERE pgh_obj_id = {{id}})",
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
    "codebook": {models.Codebook: _SELF},
    "code": {models.Code: _SELF},
    "samepersonlink": {models.SamePersonLink: _SELF},
}
"""By kind of record: its own table and those of its parts, with the condition on their events."""
NOUNS = frozenset(_PARTS)
"""Kinds of records that have a history of their own."""
_MANY = 32
"""More than the kinds of parts of any record: a number of an event and of its table in one."""


def _events(noun: str, record_id: UUID, actor: Actor) -> str:
    """All events of a record and its parts as one table; `item` holds the row after and before."""
    pieces = []
    for number, (model, condition) in enumerate(_PARTS[noun].items()):
        if model is models.SamePersonLink and noun == "person" and not actor.sees_every_state:
            continue  # the other person may be hidden
        pieces.append(
            f"SELECT e.pgh_created_at AS at, e.pgh_id * {_MANY} + {number} AS number, json_build_object('what', "
            f"'{model._meta.model_name}', 'act', e.pgh_label, 'id', e.pgh_obj_id, 'context', e.pgh_context, 'at', e.pgh_created_at, "
            f"'after', to_jsonb(e){_but(model)}, 'before', (SELECT to_jsonb(b){_but(model)} FROM {_table(model)} b WHERE b.pgh_obj_id = e.pgh_obj_id "
            f"AND b.pgh_id < e.pgh_id ORDER BY b.pgh_id DESC LIMIT 1))::text AS item FROM {_table(model)} e "
            f"WHERE {condition.format(id=_literal(record_id))}{_unless_withheld(model)}"
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


def _literal(record_id: UUID) -> str:
    return f"'{UUID(str(record_id))}'::uuid"


def page(noun: str, record_id: UUID, query: Query, actor: Actor) -> Page:
    """Entries of a record that the actor may see, newest first."""
    request = replace(query.request, scope=pages.scope(query.request.scope, noun, record_id))
    found = pages.page(_events(noun, record_id, actor), "item", TRUE, request)
    return replace(found, items=[compact(entry) for entry in _entries(map(json.loads, found.items))])


def latest(noun: str, record_id: UUID, actor: Actor, *, most: int = 100) -> list[HistoryEntry]:
    """The newest entries of a record that the actor may see."""
    table = _events(noun, record_id, actor)
    found = fetch(Sql(f"SELECT item FROM {table} ORDER BY at DESC, number DESC LIMIT %s", (most,)))
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


# --- The record as it was ---------------------------------------------------------------------------------------------


def _of(owner: str, *kinds: type[django_models.Model]) -> list[tuple[type[django_models.Model], str]]:
    return [(model, f"SELECT pgh_obj_id FROM {_table(model)} WHERE {owner}_id = ANY (%(ids)s)") for model in kinds]


_IDS = "SELECT unnest(%(ids)s::uuid[])"
_SHADOWS: dict[str, list[tuple[type[django_models.Model], str]]] = {
    "testimony": [
        (models.Testimony, _IDS),
        (models.Person, "SELECT person_id FROM testimonies_testimony"),
        (models.Membership, "SELECT membership_id FROM testimonies_testimony"),
        (models.Group, "SELECT group_id FROM testimonies_membership"),
        *_of(
            "testimony",
            *(models.Text, models.Citation, models.Claim, models.Clearance, models.ConsensusCode),
            *(models.CollectionItem, models.CaseLink, models.TestimonyExternalId),
        ),
        (
            models.Evidence,
            f"SELECT pgh_obj_id FROM {_table(models.Evidence)} WHERE citation_id IN (SELECT id FROM testimonies_citation)",
        ),
        (models.Source, "SELECT source_id FROM testimonies_citation UNION SELECT source_id FROM testimonies_claim"),
        (models.Code, "SELECT code_id FROM testimonies_consensuscode"),
        (models.Codebook, "SELECT codebook_id FROM testimonies_code"),
        (
            models.Collection,
            "SELECT collection_id FROM testimonies_collectionitem UNION SELECT collection_id FROM testimonies_caselink",
        ),
    ],
    "person": [
        (models.Person, _IDS),
        *_of("person", models.PersonName, models.PersonExternalId, models.Membership),
        (models.Group, "SELECT group_id FROM testimonies_membership"),
    ],
    "source": [(models.Source, _IDS), *_of("source", models.SourceExternalId)],
    "group": [(models.Group, _IDS)],
    "collection": [(models.Collection, _IDS), (models.Codebook, "SELECT codebook_id FROM testimonies_collection")],
    "figure": [
        (models.Figure, _IDS),
        *_of("figure", models.FigureSource),
        (models.Source, "SELECT source_id FROM testimonies_figuresource"),
        (models.Collection, "SELECT collection_id FROM testimonies_figure"),
    ],
    "codebook": [(models.Codebook, _IDS)],
    "code": [
        (
            models.Code,
            f"{_IDS} UNION SELECT parent_id FROM {_table(models.Code)} WHERE pgh_obj_id = ANY (%(ids)s)",
        ),
        (models.Codebook, "SELECT codebook_id FROM testimonies_code"),
    ],
}
"""By kind of record: every table that its statement reads, with the ids of the rows that matter, in an order in which each may ask
those before it. tests/history/test_as_of.py holds them against the statements."""


@dataclass(frozen=True, slots=True)
class _Past:
    """A statement of the projections, reading events in place of the base tables."""

    noun: str
    statement: str

    def read(self, record_id: UUID, moment: dt.datetime) -> tuple[Any, ...] | None:
        """What the statement selects, and when any of it last changed by then."""
        shadows = [f"{_shadow(model, ids)}" for model, ids in _SHADOWS[self.noun]]
        changed = ", ".join(
            f"(SELECT max(pgh_created_at) FROM {model._meta.db_table})" for model, _ in _SHADOWS[self.noun]
        )
        statement = self.statement.replace("%s", "%(ids)s")
        return _one(
            f"WITH {', '.join(shadows)} SELECT past.*, greatest({changed}) FROM ({statement}) past",
            {"ids": [record_id], "moment": moment},
        )


def _one(statement: str, parameters: dict[str, Any]) -> tuple[Any, ...] | None:
    found = fetch(Sql(statement, parameters))  # type: ignore[arg-type]  # by name, since they stand in many places
    return found[0] if found else None


def _shadow(model: type[django_models.Model], ids: str) -> str:
    """A table by the name of the base table: of each row the last event by that moment, unless it was its end."""
    return (
        f'"{model._meta.db_table}" AS (SELECT * FROM (SELECT DISTINCT ON (pgh_obj_id) * FROM {_table(model)} '
        f"WHERE pgh_obj_id IN ({ids}) AND pgh_created_at <= %(moment)s ORDER BY pgh_obj_id, pgh_id DESC) last WHERE pgh_label <> 'delete')"
    )


def as_of(noun: str, record_id: UUID, moment: dt.datetime) -> Document:
    """The restricted tier's document as it was at that moment. Errors: NotFound, where there was none then."""
    body = _testimony(record_id, moment) if noun == "testimony" else _shared(noun, record_id, moment)
    return Document(body.encode(), None)


def _testimony(record_id: UUID, moment: dt.datetime) -> str:
    found = _Past("testimony", reading.TESTIMONIES).read(record_id, moment)
    if found is None:
        raise NotFound
    record = reading.testimony(json.loads(found[0]))
    rows = made.project(record, Tier.RESTRICTED)
    row = next(
        r for r in rows if (r.starts_at is None or r.starts_at <= moment) and (r.ends_at is None or moment < r.ends_at)
    )
    texts = ",".join(compact(made.text_entry(text)) for text in redaction.texts(record.texts))
    stored = storage.stored_row(record, row, found[-1])
    return made.whole(stored["item"], stored["extra"], texts)


def _shared(noun: str, record_id: UUID, moment: dt.datetime) -> str:
    found = _Past(noun, shared.NOUNS[noun].statement).read(record_id, moment)
    if found is None:
        raise NotFound
    seen = shared.project(noun, json.loads(found[3]), Tier.RESTRICTED)
    if seen is None:
        raise NotFound
    return compact(made.stamped(seen.document, found[-1]))


def rows_then(model: type[django_models.Model], moment: dt.datetime, **where: Any) -> list[Any]:
    """Rows of a table as they were: those for which `where` held at that moment, as events."""
    event: Any = EVENTS[model]._default_manager  # noqa: SLF001
    ids = event.filter(**where).values("pgh_obj_id")
    found = (
        event.filter(pgh_obj_id__in=ids, pgh_created_at__lte=moment)
        .order_by("pgh_obj_id", "-pgh_id")
        .distinct("pgh_obj_id")
    )
    return [
        row
        for row in found
        if row.pgh_label != "delete" and all(getattr(row, name) == value for name, value in where.items())
    ]


def at_version(model: type[django_models.Model], record_id: UUID, version: int) -> Any:
    """The record as it was at one of its versions, as an event; None where it had no such version."""
    events: Any = EVENTS[model]._default_manager  # noqa: SLF001
    return events.filter(pgh_obj_id=record_id, version=version).exclude(pgh_label="delete").order_by("pgh_id").last()


# --- Whose work a testimony is ----------------------------------------------------------------------------------------

_STEPS = ("status", "published_at", "version", "changed_at")
"""What the workflow's own steps change."""


def has_changed(testimony: models.Testimony, user_id: int) -> bool:
    """Whether the account has changed what the testimony's document shows since it was last published, or else since it was made.

    Rows of its own, its membership, its person with their names, and the sources that it cites. Steps of the workflow change
    where it stands, not what it says.
    """
    me = _literal(testimony.pk)
    since = (
        f"SELECT coalesce(min(pgh_created_at) FILTER (WHERE published_at = %(published_at)s), min(pgh_created_at)) "
        f"FROM {_table(models.Testimony)} WHERE pgh_obj_id = {me}"
    )
    cited = f"SELECT source_id FROM testimonies_citation WHERE testimony_id = {me} UNION SELECT source_id FROM testimonies_claim WHERE testimony_id = {me}"
    conditions: dict[type[django_models.Model], str] = {
        **{model: text.format(id=me) for model, text in _PARTS["testimony"].items()},
        models.Person: f"pgh_obj_id = {_literal(testimony.person_id)}",
        models.PersonName: f"person_id = {_literal(testimony.person_id)}",
        models.Source: f"pgh_obj_id IN ({cited})",
    }
    asked = [
        f"EXISTS (SELECT FROM {_table(model)} e WHERE {condition} AND pgh_context @> %(by)s::jsonb AND pgh_created_at >= since.moment{_is_content(model)})"
        for model, condition in conditions.items()
    ]
    parameters = {"by": json.dumps({"user": user_id}), "published_at": testimony.published_at}
    found = _one(f"SELECT {' OR '.join(asked)} FROM ({since}) AS since (moment)", parameters)
    return bool(found and found[0])


def _is_content(model: type[django_models.Model]) -> str:
    if model is not models.Testimony:
        return ""
    columns = [field.column for field in model._meta.concrete_fields if field.name not in _STEPS]
    mine, theirs = (", ".join(f'{alias}."{column}"' for column in columns) for alias in ("e", "b"))
    before = f"SELECT ROW({theirs}) FROM {_table(model)} b WHERE b.pgh_obj_id = e.pgh_obj_id AND b.pgh_id < e.pgh_id ORDER BY b.pgh_id DESC LIMIT 1"
    return f" AND (ROW({mine}) IS DISTINCT FROM ({before}))"
