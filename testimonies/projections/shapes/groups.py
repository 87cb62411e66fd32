"""Whom they are said to have belonged to."""

from typing import Annotated, TypedDict

from testimonies import models
from testimonies.projections.shapes.base import Id, TierWord, UpdatedAt, of


class Group(TypedDict):
    """An organisation that people are said to have belonged to."""

    id: Id
    slug: Annotated[str, of(models.Group)]
    updated_at: UpdatedAt
    name: Annotated[str, of(models.Group)]
    description: Annotated[str, of(models.Group)]
    tier: TierWord
