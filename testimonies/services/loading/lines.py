"""What one line of a file of records holds: what one person said on one occasion, checked and in our words."""

import datetime as dt
from dataclasses import dataclass, field

from django.utils.text import slugify

from testimonies.access import Tier
from testimonies.models.sources import Relation
from testimonies.services.loading.checks import Place


def group_slug(name: str) -> str:
    return slugify(name)[:80]


@dataclass(frozen=True, slots=True)
class SourceLine:
    outlet: str
    title: str
    url: str
    published: str | None
    medium: str
    relation: str = Relation.REPORT_ABOUT.value


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    fields: tuple[str, ...]
    source: int
    basis: str
    note: str


@dataclass(frozen=True, slots=True)
class ClaimLine:
    field: str
    value: str
    source: int | None
    note: str
    is_preferred: bool


@dataclass(frozen=True, slots=True)
class TextLine:
    kind: str
    language: str
    tier: Tier
    body: str


@dataclass(frozen=True, slots=True)
class ClearanceLine:
    basis: str
    uses: tuple[str, ...]
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    reviewed_by: str


@dataclass(frozen=True, slots=True)
class PersonLine:
    name: str
    name_kind: str
    other_names: tuple[str, ...]
    gender: str
    nationality: str | None
    residence_before: str | None
    origin_stated: str
    age: int | None
    role_in_group: str
    group: str
    joined: str | None
    left: str | None


@dataclass(frozen=True, slots=True)
class AccountLine:
    title: str
    summary: str
    language: str
    given: str | None
    given_country: str | None
    kind: str
    speaking_conditions: str
    content_warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodingLine:
    """What an invented coder coded: `start` and `end` in Unicode code points of the text of that number."""

    coder: str
    code: str
    text: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """A checked line. What does not show in its `repr` is no part of what is stored, nor of its digest."""

    place: Place = field(repr=False)
    key: str
    tier: Tier
    belonging: str
    person: PersonLine
    account: AccountLine
    sources: tuple[SourceLine, ...]
    codes: tuple[str, ...] | None
    """None: not coded, which is not the same as coded and nothing found."""
    evidence: tuple[EvidenceLine, ...]
    claims: tuple[ClaimLine, ...]
    same_person_as: tuple[str, ...]
    is_case: bool | None
    clearance: ClearanceLine | None
    embargo_until: dt.datetime | None
    texts: tuple[TextLine, ...]
    notes_internal: str
    codings: tuple[CodingLine, ...]
    n_sealed: int = field(repr=False)
    n_codings: int = field(repr=False)
