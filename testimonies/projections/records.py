"""What a projection is made of: plain values of one testimony and of everything that its documents embed.

The names of the fields are those of the models, so that a model's Exposure says from which tier each is filled. A record
is read by `reading.py`, cut down to a tier by `redaction.py`, and turned into documents by `documents.py`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    ref: str
    tier: int
    raised: dict[str, int] = field(default_factory=dict)
    name: str = ""
    name_kind: str = "none"
    gender: str = "not_known"
    nationality: str | None = None
    residence_before: str | None = None
    origin_stated: str = ""
    missing: dict[str, str] = field(default_factory=dict)
    disclosure: str = "exact"


@dataclass(frozen=True, slots=True)
class PersonName:
    value: str
    kind: str
    tier: int


@dataclass(frozen=True, slots=True)
class ExternalId:
    system: str
    value: str


@dataclass(frozen=True, slots=True)
class Membership:
    tier: int
    group: str | None = None
    group_tier: int = 0
    belonging: str = "not_known"
    role_in_group: str = ""
    joined: str | None = None
    joined_earliest: str | None = None
    joined_latest: str | None = None
    left: str | None = None
    left_earliest: str | None = None
    left_latest: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """`tier` is the effective one: the highest of the source's own and of those of all testimonies that cite it."""

    id: str
    ref: str
    tier: int
    outlet: str = ""
    title: str = ""
    url: str = ""
    published: str | None = None
    published_earliest: str | None = None
    published_latest: str | None = None
    medium: str = "not_known"
    reliability: str = "not_graded"


@dataclass(frozen=True, slots=True)
class Evidence:
    field: str
    basis: str


@dataclass(frozen=True, slots=True)
class Citation:
    id: str
    tier: int
    relation: str
    locator: str
    position: int
    source: Source | None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    id: str
    codebook: str
    edition: str
    dimension: str
    slug: str
    position: int
    tier: int
    dimension_tier: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    id: str
    tier: int
    field: str
    value: str
    is_preferred: bool
    position: int
    source: Source | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    id: str
    tier: int
    language: str
    kind: str
    translation_of: str | None
    body: str
    position: int


@dataclass(frozen=True, slots=True)
class Clearance:
    uses: tuple[str, ...]
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    withdrawn_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Collection:
    slug: str
    caveats: tuple[str, ...]
    tier: int
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    collection: str
    is_case: bool
    tier: int


@dataclass(frozen=True, slots=True)
class Testimony:
    """One testimony with all that its documents embed."""

    __test__ = False

    id: str
    ref: str
    tier: int
    status: str
    person: Person
    raised: dict[str, int] = field(default_factory=dict)
    title: str = ""
    version: int = 1
    created_by: int | None = None
    membership: Membership | None = None
    summary: str = ""
    summary_language: str = "en"
    notes_internal: str = ""
    kind: str = "other"
    speaking_conditions: str = "not_known"
    account_language: str = "und"
    given: str | None = None
    given_earliest: str | None = None
    given_latest: str | None = None
    given_country: str | None = None
    age_from: int | None = None
    age_to: int | None = None
    credibility: str = "not_graded"
    content_warnings: tuple[str, ...] = ()
    coding_status: str = "not_coded"
    embargo_until: dt.datetime | None = None
    missing: dict[str, str] = field(default_factory=dict)
    external_ids: tuple[ExternalId, ...] = ()
    citations: tuple[Citation, ...] = ()
    codes: tuple[Code, ...] = ()
    claims: tuple[Claim, ...] = ()
    texts: tuple[Text, ...] = ()
    clearances: tuple[Clearance, ...] = ()
    collections: tuple[Collection, ...] = ()
    cases: tuple[Case, ...] = ()
