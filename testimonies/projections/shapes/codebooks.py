"""Codebooks and their codes."""

from typing import Annotated, TypedDict

from testimonies import models
from testimonies.models.codebooks import CodebookStatus
from testimonies.projections.shapes.base import Described, Id, TierWord, UpdatedAt, of


class CodeRef(TypedDict):
    """A consensus code. That a code is absent means not mentioned; it was not denied."""

    codebook: Annotated[str, of(models.Codebook, "slug")]
    version: Annotated[str, of(models.Codebook, "edition")]
    dimension: Annotated[
        str, Described("Slug of the dimension; empty where the caller's tier does not see it.", model=models.Code)
    ]
    slug: Annotated[str, of(models.Code)]


class Codebook(TypedDict):
    """One version of a set of codes."""

    id: Id
    slug: Annotated[str, of(models.Codebook)]
    version: Annotated[str, of(models.Codebook, "edition")]
    updated_at: UpdatedAt
    title: Annotated[str, of(models.Codebook)]
    language: Annotated[str, of(models.Codebook)]
    method: Annotated[str, of(models.Codebook)]
    unit_of_coding: Annotated[str, of(models.Codebook)]
    hierarchy_rule: Annotated[str, of(models.Codebook)]
    reliability_rule: Annotated[str, of(models.Codebook)]
    absence_rule: Annotated[str, of(models.Codebook)]
    status: Annotated[str, Described(model=models.Codebook, choices=CodebookStatus)]
    tier: TierWord


class Code(TypedDict):
    """What a code means, when to use it and when not."""

    id: Id
    codebook: Annotated[str, of(models.Codebook, "slug")]
    version: Annotated[str, of(models.Codebook, "edition")]
    slug: Annotated[str, of(models.Code)]
    updated_at: UpdatedAt
    parent: Annotated[str | None, Described("Slug of the broader code; null for a dimension.")]
    dimension: Annotated[
        str, Described("Slug of the dimension; empty where the caller's tier does not see it.", model=models.Code)
    ]
    level: Annotated[int, of(models.Code)]
    position: Annotated[int | None, of(models.Code)]
    is_assignable: Annotated[bool, of(models.Code)]
    label: Annotated[str, of(models.Code)]
    brief_definition: Annotated[str, of(models.Code)]
    definition: Annotated[str, of(models.Code)]
    inclusion: Annotated[list[str], of(models.Code)]
    exclusion: Annotated[list[str], of(models.Code)]
    example: Annotated[str, of(models.Code)]
    near_miss: Annotated[str, of(models.Code)]
    source_section: Annotated[str, of(models.Code)]
    basis: Annotated[list[str], of(models.Code)]
    color: Annotated[str, of(models.Code)]
    guid: Annotated[str, Described(format="uuid", model=models.Code)]
    tier: TierWord


class CodeNode(Code):
    """A code with those below it."""

    children: "list[CodeNode]"


class CodebookTree(TypedDict):
    """The codes of one codebook version that the caller may see, each below its parent."""

    codebook: Annotated[str, of(models.Codebook, "slug")]
    version: Annotated[str, of(models.Codebook, "edition")]
    codes: list[CodeNode]
