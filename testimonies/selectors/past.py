"""The record as it was at a moment: the statements of the projections, asked of events in place of the base tables."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models as django_models

from testimonies import models
from testimonies.access import Tier
from testimonies.errors import NotFound
from testimonies.models import EVENTS
from testimonies.projections import documents as made
from testimonies.projections import prepared, reading, redaction, shared, storage
from testimonies.projections.documents import compact
from testimonies.selectors.documents import Document
from testimonies.selectors.history import table


def _of(owner: str, *kinds: type[django_models.Model]) -> list[tuple[type[django_models.Model], str]]:
    return [(model, f"SELECT pgh_obj_id FROM {table(model)} WHERE {owner}_id = ANY (%(ids)s)") for model in kinds]


_IDS = "SELECT unnest(%(ids)s::uuid[])"
SHADOWS: dict[str, list[tuple[type[django_models.Model], str]]] = {
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
            f"SELECT pgh_obj_id FROM {table(models.Evidence)} WHERE citation_id IN (SELECT id FROM testimonies_citation)",
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
    "campaign": [
        (models.Campaign, _IDS),
        *_of("campaign", models.Channel, models.CampaignSource),
        (models.Source, "SELECT source_id FROM testimonies_campaignsource"),
    ],
    "campaignuse": [
        (models.CampaignUse, _IDS),
        *_of("use", models.UseSource, models.Measurement),
        (models.Campaign, "SELECT campaign_id FROM testimonies_campaignuse"),
        (models.Source, "SELECT source_id FROM testimonies_usesource"),
    ],
    "codebook": [(models.Codebook, _IDS)],
    "code": [
        (
            models.Code,
            f"{_IDS} UNION SELECT parent_id FROM {table(models.Code)} WHERE pgh_obj_id = ANY (%(ids)s)",
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
        shadows = [f"{_shadow(model, ids)}" for model, ids in SHADOWS[self.noun]]
        changed = ", ".join(
            f"(SELECT max(pgh_created_at) FROM {model._meta.db_table})" for model, _ in SHADOWS[self.noun]
        )
        statement = self.statement.replace("%s", "%(ids)s")
        return one(
            f"WITH {', '.join(shadows)} SELECT past.*, greatest({changed}) FROM ({statement}) past",
            {"ids": [record_id], "moment": moment},
        )


def one(statement: str, parameters: dict[str, Any]) -> tuple[Any, ...] | None:
    found = prepared.fetch(statement, parameters, prepare=False)  # by name, since they stand in many places
    return found[0] if found else None


def _shadow(model: type[django_models.Model], ids: str) -> str:
    """A table by the name of the base table: of each row the last event by that moment, unless it was its end."""
    return (
        f'"{model._meta.db_table}" AS (SELECT * FROM (SELECT DISTINCT ON (pgh_obj_id) * FROM {table(model)} '
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
    stored = storage.stored_row(record_id, row, found[-1])
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
