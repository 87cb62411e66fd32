"""Taking a record back to a version of its own: a new version with the values of then, by the ordinary act of its kind."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from uuid import UUID

from django.db.models import Model

from testimonies import models
from testimonies.access import Actor, Capability
from testimonies.errors import Invalid, NotFound
from testimonies.models.base import Record
from testimonies.selectors.past import at_version, rows_then
from testimonies.selectors.visibility import may_see
from testimonies.services import (
    acts,
    campaigns,
    codebooks,
    codes,
    collections,
    figures,
    groups,
    persons,
    sources,
    testimonies,
    uses,
)
from testimonies.services.acts import act

Values = dict[str, Any]


@act(Capability.DRAFT)
def revert(noun: str, record_id: UUID, *, by: Actor, to: int, version: int | None) -> Record:
    """Make a version that says what version `to` said: its fields, and the whole lists that are written with it.

    Errors: Invalid without such a version; those of changing such a record, which asks the ordinary questions.
    """
    kind = KINDS[noun]
    row = kind.model._default_manager.filter(pk=record_id).first()  # noqa: SLF001 - locked by the act below, in its order
    if row is None or not may_see(row, by):
        raise NotFound
    then = at_version(kind.model, record_id, to)
    if then is None:
        raise Invalid(("/version", "unknown", "There was no such version. The history names those that there were."))
    acts.explain(by, by.reason or f"Back to version {to}.")
    values = {name: getattr(then, name) for name in kind.acts.FIELDS}
    return kind.acts.change(record_id, by=by, version=version, **values, **kind.more(then, then.pgh_created_at))  # type: ignore[no-any-return]


def _slug(model: type[Model], pk: Any, name: Callable[[Any], str] = lambda row: str(row.slug)) -> str | None:
    """What a record is called now; of one that is no more, what it was last called, which the act will refuse."""
    if pk is None:
        return None
    row = model._default_manager.filter(pk=pk).first()  # noqa: SLF001
    last = row or models.EVENTS[model]._default_manager.filter(pgh_obj_id=pk).order_by("pgh_id").last()  # noqa: SLF001
    return name(last) if last else str(pk)


def _listed(rows: Iterable[Any], *names: str) -> list[Values]:
    return [{name: getattr(row, name) for name in names} for row in rows]


def _external_ids(model: type[Model], moment: dt.datetime, **owner: UUID) -> list[Values]:
    return _listed(rows_then(model, moment, **owner), "system", "value")


def _of_testimony(then: Any, moment: dt.datetime) -> Values:
    mine = {"testimony_id": then.id}
    items = rows_then(models.CollectionItem, moment, **mine)
    cases = rows_then(models.CaseLink, moment, **mine)
    memberships = rows_then(models.Membership, moment, pgh_obj_id=then.membership_id) if then.membership_id else []
    member: Values = {"group": None}
    for row in memberships:
        member = {"group": _slug(models.Group, row.group_id)} | {n: getattr(row, n) for n in testimonies.MEMBERSHIP}
    return {
        "person_id": then.person_id,
        **member,
        "collections": [_slug(models.Collection, row.collection_id) for row in items],
        "cases": [{"collection": _slug(models.Collection, row.collection_id), "is_case": row.is_case} for row in cases],
        "external_ids": _external_ids(models.TestimonyExternalId, moment, **mine),
    }


def _of_person(then: Any, moment: dt.datetime) -> Values:
    names = sorted(rows_then(models.PersonName, moment, person_id=then.id), key=lambda row: row.id)
    return {
        "other_names": _listed(names, "value", "kind", "tier"),
        "external_ids": _external_ids(models.PersonExternalId, moment, person_id=then.id),
    }


def _of_source(then: Any, moment: dt.datetime) -> Values:
    return {"external_ids": _external_ids(models.SourceExternalId, moment, source_id=then.id)}


def _of_figure(then: Any, moment: dt.datetime) -> Values:
    rows = sorted(rows_then(models.FigureSource, moment, figure_id=then.id), key=lambda row: (row.position, row.id))
    return {
        "collection": _slug(models.Collection, then.collection_id),
        "sources": _listed(rows, "source_id", "locator"),
    }


def _of_collection(then: Any, moment: dt.datetime) -> Values:  # noqa: ARG001
    return {"codebook": _slug(models.Codebook, then.codebook_id, lambda row: f"{row.slug}@{row.edition}")}


def _of_code(then: Any, moment: dt.datetime) -> Values:  # noqa: ARG001
    return {"parent": _slug(models.Code, then.parent_id)}


def _of_campaign(then: Any, moment: dt.datetime) -> Values:
    channels = sorted(rows_then(models.Channel, moment, campaign_id=then.id), key=_by_position)
    sources = sorted(rows_then(models.CampaignSource, moment, campaign_id=then.id), key=_by_position)
    return {
        "channels": _listed(channels, "platform", "handle", "url"),
        "sources": _listed(sources, "source_id", "locator"),
    }


def _of_use(then: Any, moment: dt.datetime) -> Values:
    """What it used then is asked anew: what is no longer cleared refuses the act."""
    sources = sorted(rows_then(models.UseSource, moment, use_id=then.id), key=_by_position)
    used = sorted(rows_then(models.UsedTestimony, moment, use_id=then.id), key=lambda row: row.id)
    return {
        "campaign": _slug(models.Campaign, then.campaign_id),
        "sources": _listed(sources, "source_id", "locator"),
        "testimonies": _listed(used, "testimony_id", "quote_id"),
    }


def _by_position(row: Any) -> tuple[int, Any]:
    return row.position, row.id


def _nothing(then: Any, moment: dt.datetime) -> Values:  # noqa: ARG001
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """How a record of one kind is written: its acts, and what is written with it beside their FIELDS."""

    model: type[Record]
    acts: ModuleType
    more: Callable[[Any, dt.datetime], Values] = _nothing


KINDS = {
    "testimony": Kind(models.Testimony, testimonies, _of_testimony),
    "person": Kind(models.Person, persons, _of_person),
    "source": Kind(models.Source, sources, _of_source),
    "group": Kind(models.Group, groups),
    "collection": Kind(models.Collection, collections, _of_collection),
    "figure": Kind(models.Figure, figures, _of_figure),
    "campaign": Kind(models.Campaign, campaigns, _of_campaign),
    "campaignuse": Kind(models.CampaignUse, uses, _of_use),
    "codebook": Kind(models.Codebook, codebooks),
    "code": Kind(models.Code, codes, _of_code),
}
