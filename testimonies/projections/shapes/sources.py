"""Where it was published."""

from typing import Annotated, TypedDict

from testimonies import models
from testimonies.access import Tier
from testimonies.models.sources import Medium, Reliability
from testimonies.projections.shapes.base import Day, Described, ExternalIdRef, Id, TierWord, UpdatedAt, of


class SourceRef(TypedDict):
    """A source, as a citation shows it."""

    id: Id
    ref: Annotated[str, of(models.Source)]
    outlet: Annotated[str, of(models.Source)]
    title: Annotated[str, of(models.Source)]
    url: Annotated[str, of(models.Source)]
    published: Annotated[str | None, of(models.Source)]
    medium: Annotated[str, Described(model=models.Source, choices=Medium)]
    reliability: Annotated[str, Described(model=models.Source, choices=Reliability)]


class Source(TypedDict):
    """A publication or recording."""

    id: Id
    ref: Annotated[str, of(models.Source)]
    updated_at: UpdatedAt
    outlet: Annotated[str, of(models.Source)]
    title: Annotated[str, of(models.Source)]
    url: Annotated[str, of(models.Source)]
    published: Annotated[str | None, of(models.Source)]
    published_earliest: Annotated[Day | None, of(models.Source)]
    published_latest: Annotated[Day | None, of(models.Source)]
    medium: Annotated[str, Described(model=models.Source, choices=Medium)]
    reliability: Annotated[str, Described(model=models.Source, choices=Reliability)]
    external_ids: Annotated[list[ExternalIdRef], Described("What other systems call it.", tier=Tier.RESTRICTED)]
    tier: TierWord
