"""What every record was before: one event table for each table that holds content, filled by triggers (docs/adr/0010).

An event is the row as a statement left it; of a delete, as it last was. What was before is the event before it. Who, through
what and why stand in `pgh_context`, which services/acts.py tells the transaction; raw SQL tells nothing.
"""

from typing import NamedTuple

import pghistory
import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from pghistory.models import Event

from testimonies.models.assignments import Assignment
from testimonies.models.campaigns import (
    Campaign,
    CampaignSource,
    CampaignUse,
    Channel,
    Measurement,
    UsedTestimony,
    UseSource,
)
from testimonies.models.clearances import Clearance
from testimonies.models.codebooks import Code, Codebook, CodeOrigin
from testimonies.models.codings import Coding
from testimonies.models.collections import CaseLink, Collection, CollectionItem, Figure, FigureSource, Region
from testimonies.models.decisions import DecidedCode, Decision, SettledCoding
from testimonies.models.groups import Group, Membership
from testimonies.models.persons import Person, PersonExternalId, PersonName, SamePersonLink
from testimonies.models.quotes import Quote
from testimonies.models.sources import Citation, Evidence, Source, SourceExternalId
from testimonies.models.testimonies import Claim, ConsensusCode, Testimony, TestimonyExternalId, Text


class Kept(NamedTuple):
    """A model whose rows have a history, and the columns by which those of one record are found beside their ids."""

    model: type[models.Model]
    owners: tuple[str, ...] = ()


KEPT = (
    Kept(Person), Kept(PersonName, ("person",)), Kept(PersonExternalId, ("person",)), Kept(SamePersonLink, ("person", "other")),
    Kept(Group), Kept(Membership, ("person",)),
    Kept(Source), Kept(SourceExternalId, ("source",)),
    Kept(Testimony, ("person",)), Kept(TestimonyExternalId, ("testimony",)), Kept(ConsensusCode, ("testimony",)),
    Kept(Text, ("testimony",)), Kept(Claim, ("testimony",)), Kept(Clearance, ("testimony",)),
    Kept(Citation, ("testimony",)), Kept(Evidence, ("citation",)),
    Kept(CollectionItem, ("testimony",)), Kept(CaseLink, ("testimony",)),
    Kept(Collection), Kept(Figure), Kept(FigureSource, ("figure",)), Kept(Codebook), Kept(Code, ("codebook",)), Kept(CodeOrigin, ("code",)),
    Kept(Region), Kept(Assignment, ("testimony",)), Kept(Coding, ("testimony",)),
    Kept(Decision, ("testimony",)), Kept(DecidedCode, ("decision",)), Kept(SettledCoding, ("decision",)),
    Kept(Quote, ("testimony",)), Kept(Campaign), Kept(Channel, ("campaign",)), Kept(CampaignSource, ("campaign",)),
    Kept(CampaignUse), Kept(UseSource, ("use",)), Kept(UsedTestimony, ("testimony", "use", "quote")), Kept(Measurement, ("use",)),
)  # fmt: skip
"""Every model that holds content. Accounts, keys, sessions and what is made of other rows have no history."""


class RecordedEvent(Event):
    """What became of one row: `insert`, `update` or `delete`, and every column of it."""

    pgh_id = models.BigAutoField(
        primary_key=True, help_text="Grows with each event; of one row in the order of its changes."
    )
    pgh_created_at = models.DateTimeField(
        help_text="The moment of the act: the same for all events of one, and in the order in which acts had the row."
    )
    pgh_salt = models.UUIDField(
        db_default=RandomUUID(),
        editable=False,
        help_text="Random, so that a digest of the event tells nothing without it.",
    )
    pgh_label = models.CharField(max_length=10, help_text="insert, update or delete.")

    class Meta:
        abstract = True


def _event(kept: Kept) -> type[models.Model]:
    name = kept.model.__name__
    label = kept.model._meta.model_name
    return pghistory.create_event_model(
        kept.model,
        # by one statement for all rows of one: of many that an import adds, a row trigger takes three times as long
        pghistory.InsertEvent(level=pgtrigger.Statement),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        base_model=RecordedEvent,
        model_name=f"{name}Event",
        # an id alone: events outlive their row
        obj_field=pghistory.ObjForeignKey(related_name="+", db_index=False),
        context_field=pghistory.ContextJSONField(),
        context_id_field=None,  # type: ignore[arg-type]  # none is what it documents
        abstract=False,
        attrs={
            "__doc__": f"{name}: what became of one row, and how the row was then.",
            "__test__": False,
            "Exposure": _exposure(kept.model),
        },
        meta={
            "indexes": [
                models.Index(fields=["pgh_obj", "pgh_id"], name=f"{label}_event"[:30]),
                *(models.Index(fields=[owner, "pgh_id"], name=f"{label}_event_{owner}"[:30]) for owner in kept.owners),
            ],
        },
    )


def _exposure(model: type[models.Model]) -> type:
    """Whatever a row shows to any tier, its history shows to staff alone; what is internal stays so."""
    says = vars(model.Exposure)  # type: ignore[attr-defined]
    shown = tuple(name for tier in ("public", "partner", "restricted", "by_kind") for name in says.get(tier, ()))
    internal = (
        *says.get("internal", ()),
        "pgh_id",
        "pgh_created_at",
        "pgh_salt",
        "pgh_label",
        "pgh_obj",
        "pgh_context",
    )
    return type("Exposure", (), {"restricted": shown, "internal": internal})


EVENTS: dict[type[models.Model], type[models.Model]] = {kept.model: _event(kept) for kept in KEPT}
"""Model -> the model of its events."""
