"""Collections, and the figures that were published about them."""

from typing import Annotated, TypedDict

from testimonies import models
from testimonies.access import Use
from testimonies.models.clearances import Basis
from testimonies.models.collections import FigureScope, FigureStatus, Listing
from testimonies.projections.shapes.base import Described, Id, TierWord, UpdatedAt, of
from testimonies.projections.shapes.sources import SourceRef


class Collection(TypedDict):
    """A named set of testimonies. Every count names the collection that it counts."""

    id: Id
    slug: Annotated[str, of(models.Collection)]
    updated_at: UpdatedAt
    title: Annotated[str, of(models.Collection)]
    population: Annotated[str, of(models.Collection)]
    scope: Annotated[str, of(models.Collection)]
    caveats: Annotated[list[str], of(models.Collection)]
    unavailable: Annotated[list[str], of(models.Collection)]
    codebook: Annotated[str | None, Described("The codebook version that it is coded with: slug@version.")]
    basis_of_use: Annotated[str, Described(model=models.Collection, choices=Basis)]
    permitted_uses: Annotated[list[str], Described(model=models.Collection, choices=Use)]
    reviewed_by: Annotated[list[str], of(models.Collection)]
    case_status: Annotated[str, of(models.Collection)]
    listing: Annotated[str, Described(model=models.Collection, choices=Listing)]
    is_invented: Annotated[bool, of(models.Collection)]
    tier: TierWord


class FigureConflict(TypedDict):
    """What another source says instead."""

    source: Annotated[str, Described("Who says so.")]
    statement: Annotated[str, Described("What it says, in our own words.")]
    value: Annotated[str, Described("The value that it gives.")]


class FigureSourceEntry(TypedDict):
    """A source that states the figure."""

    source: SourceRef
    locator: Annotated[str, of(models.FigureSource)]


class Figure(TypedDict):
    """A published statement about a collection or its context, never computed from our records."""

    id: Id
    collection: Annotated[str, Described("Slug of the collection whose population it speaks of.")]
    slug: Annotated[str, of(models.Figure)]
    updated_at: UpdatedAt
    scope: Annotated[str, Described(model=models.Figure, choices=FigureScope)]
    statement: Annotated[str, of(models.Figure)]
    population: Annotated[str, Described("Whom the figure is about: never the records of another collection.")]
    status: Annotated[str, Described(model=models.Figure, choices=FigureStatus)]
    derivation: Annotated[str, of(models.Figure)]
    metric: Annotated[str, of(models.Figure)]
    operator: Annotated[str, of(models.Figure)]
    value: Annotated[str, of(models.Figure)]
    range_low: Annotated[float | None, of(models.Figure)]
    range_high: Annotated[float | None, of(models.Figure)]
    denominator: Annotated[int | None, of(models.Figure)]
    filter: Annotated[str, of(models.Figure)]
    conflicts: Annotated[list[FigureConflict], of(models.Figure)]
    note: Annotated[str, of(models.Figure)]
    position: Annotated[int | None, of(models.Figure)]
    sources: list[FigureSourceEntry]
    tier: TierWord
