"""The shape of every document that is served. One declaration serves two ends: the functions in `documents.py` and
`shared.py` fill it (mypy checks each key and type), and the OpenAPI document shows it (testimonies.api.schema).

A key is described by the model field of the same name unless `Annotated` says otherwise: help text, words of an
enumeration and the tier from which it is filled all come from the model. Shapes are the same at every tier.
"""

from dataclasses import dataclass
from typing import Annotated, TypedDict

from django.db import models as django_models

from testimonies import models
from testimonies.access import Role, Tier, Use
from testimonies.models.clearances import Basis
from testimonies.models.codebooks import CodebookStatus
from testimonies.models.collections import FigureScope, FigureStatus, Listing
from testimonies.models.groups import Belonging
from testimonies.models.persons import Gender, NameKind
from testimonies.models.sources import Medium, Relation, Reliability
from testimonies.models.testimonies import CodingStatus, Credibility, Kind, SpeakingConditions, Status, TextKind
from testimonies.models.testimonies import Warning as ContentWarning

SHAPE = 4
"""Number of the shapes below. It grows with each change of them; /readyz waits until no row of another shape is left."""


@dataclass(frozen=True)
class Described:
    """What OpenAPI says of a key: from a model's field, in its own words, or both."""

    help: str = ""
    model: type[django_models.Model] | None = None
    field: str = ""
    choices: type[django_models.Choices] | None = None
    format: str = ""
    tier: Tier | None = None


def of(model: type[django_models.Model], field: str = "") -> Described:
    return Described(model=model, field=field)


Id = Annotated[str, Described(format="uuid")]
Day = Annotated[str, Described(format="date")]
Moment = Annotated[str, Described(format="date-time")]
Uri = Annotated[str, Described(format="uri")]
UpdatedAt = Annotated[str, Described(format="date-time", help="When this document last changed for the caller's tier.")]
TierWord = Annotated[str, Described(choices=Tier, help="Least tier that may see the record.")]


class MissingReason(django_models.TextChoices):
    NOT_AVAILABLE = "not_available", "not available to this caller, for whatever reason"
    NOT_STATED = "not_stated", "nobody said"
    UNKNOWN = "unknown", "we do not know"
    NOT_APPLICABLE = "not_applicable", "it does not apply"
    REFUSED = "refused", "the person would not say"
    WITHHELD = "withheld_for_safety", "kept out for somebody's safety"


class MissingValue(TypedDict):
    """A date or a country that is null, and why. Below restricted the reason is always `not_available`."""

    field: Annotated[str, Described(help="Name of the field.")]
    reason: Annotated[str, Described(choices=MissingReason, help="Why it is missing.")]


class RaisedField(TypedDict):
    """A field of this record that needs a higher tier than usual."""

    field: Annotated[str, Described(help="Name of the field.")]
    tier: Annotated[str, Described(choices=Tier, help="The tier that it needs.")]


class ExternalIdRef(TypedDict):
    """What another system calls the record."""

    system: Annotated[str, of(models.TestimonyExternalId)]
    value: Annotated[str, of(models.TestimonyExternalId)]


class PersonRef(TypedDict):
    """The person who testifies, as a testimony shows them."""

    id: Id
    ref: Annotated[str, of(models.Person)]
    name: Annotated[str, Described("An outlet's pseudonym, or `unnamed`. Other names are filled from tier restricted.")]
    name_kind: Annotated[str, Described(model=models.Person, choices=NameKind)]
    gender: Annotated[str, Described(model=models.Person, choices=Gender)]
    nationality: Annotated[str | None, of(models.Person)]
    residence_before: Annotated[str | None, of(models.Person)]
    origin_stated: Annotated[str, of(models.Person)]


class CodeRef(TypedDict):
    """A consensus code. That a code is absent means not mentioned; it was not denied."""

    codebook: Annotated[str, of(models.Codebook, "slug")]
    version: Annotated[str, of(models.Codebook, "edition")]
    dimension: Annotated[
        str, Described("Slug of the dimension; empty where the caller's tier does not see it.", model=models.Code)
    ]
    slug: Annotated[str, of(models.Code)]


class TestimonyCore(TypedDict):
    """What lists and details say of a testimony alike."""

    id: Id
    ref: Annotated[str, of(models.Testimony)]
    updated_at: UpdatedAt
    title: Annotated[str, of(models.Testimony)]
    summary: Annotated[str, of(models.Testimony)]
    summary_language: Annotated[str, of(models.Testimony)]
    kind: Annotated[str, Described(model=models.Testimony, choices=Kind)]
    speaking_conditions: Annotated[str, Described(model=models.Testimony, choices=SpeakingConditions)]
    account_language: Annotated[str, of(models.Testimony)]
    given: Annotated[str | None, of(models.Testimony)]
    given_earliest: Annotated[Day | None, of(models.Testimony)]
    given_latest: Annotated[Day | None, of(models.Testimony)]
    given_country: Annotated[str | None, of(models.Testimony)]
    person: PersonRef
    age_from: Annotated[int | None, of(models.Testimony)]
    age_to: Annotated[int | None, of(models.Testimony)]
    group: Annotated[str | None, Described("Slug of the group that the person is said to have belonged to.")]
    membership: Annotated[str, Described(model=models.Membership, field="belonging", choices=Belonging)]
    joined: Annotated[str | None, of(models.Membership)]
    joined_earliest: Annotated[Day | None, of(models.Membership)]
    joined_latest: Annotated[Day | None, of(models.Membership)]
    left: Annotated[str | None, of(models.Membership)]
    left_earliest: Annotated[Day | None, of(models.Membership)]
    left_latest: Annotated[Day | None, of(models.Membership)]
    codes: Annotated[list[CodeRef], Described("Consensus codes; absent means not mentioned.")]
    coding_status: Annotated[str, Described(model=models.Testimony, choices=CodingStatus)]
    credibility: Annotated[str, Described(model=models.Testimony, choices=Credibility)]
    content_warnings: Annotated[list[str], Described(model=models.Testimony, choices=ContentWarning)]
    outlets: Annotated[list[str], Described("Outlets of the sources that the caller may see.")]
    collections: Annotated[
        list[str], Described("Slugs of the collections. Records of `invented` are made up: nobody said this.")
    ]
    cleared_for: Annotated[list[str], Described("Uses that a clearance covers now.", choices=Use)]
    status: Annotated[str, Described(model=models.Testimony, choices=Status)]
    tier: TierWord
    missing: list[MissingValue]


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


class CitationEntry(TypedDict):
    """How the testimony cites a source."""

    id: Id
    relation: Annotated[str, Described(model=models.Citation, choices=Relation)]
    locator: Annotated[str, of(models.Citation)]
    source: SourceRef
    supports: Annotated[list[str], Described("Names of the fields that rest on it.", tier=Tier.RESTRICTED)]


class ClaimEntry(TypedDict):
    """What one source reports about one field."""

    id: Id
    field: Annotated[str, of(models.Claim)]
    value: Annotated[str, of(models.Claim)]
    source_id: Annotated[Id | None, of(models.Claim, "source")]
    is_preferred: Annotated[bool, of(models.Claim)]
    note: Annotated[str, of(models.Claim)]


class CaseEntry(TypedDict):
    """Whether the person is known to be among the cases that a collection's figures count."""

    collection: Annotated[str, Described("Slug of the collection of figures.")]
    is_case: Annotated[bool, of(models.CaseLink)]


class TextEntry(TypedDict):
    """A transcript, excerpt or translation."""

    id: Id
    language: Annotated[str, of(models.Text)]
    kind: Annotated[str, Described(model=models.Text, choices=TextKind)]
    translation_of: Annotated[Id | None, of(models.Text)]
    tier: Annotated[str, Described("Least tier that may see the text.", choices=Tier)]
    body: Annotated[str, of(models.Text)]


class SnippetField(django_models.TextChoices):
    TITLE = "title", "title of the testimony"
    NAME = "name", "shown name of the person"
    SUMMARY = "summary", "summary"
    TEXT = "text", "one of the texts"


class Segment(TypedDict):
    """A piece of a passage, as plain text."""

    text: Annotated[str, Described("The piece itself; whoever shows it escapes it as any other text.")]
    is_match: Annotated[bool, Described("Whether it is what the search found.")]


class Snippet(TypedDict):
    """A passage that shows why a testimony was found. Its segments joined are the passage."""

    field: Annotated[str, Described("Where the passage stands.", choices=SnippetField)]
    text_id: Annotated[str | None, Described("The text, where it is one.", format="uuid")]
    start: Annotated[int, Described("Place of the passage in the field, in Unicode code points from 0.")]
    segments: list[Segment]


class TestimonySummary(TestimonyCore):
    """One testimony, as lists show it."""

    snippets: Annotated[list[Snippet], Described("Why it was found: filled where `q` asks for words.")]


class TestimonyExtra(TypedDict):
    """What the detail adds to the list item."""

    role_in_group: Annotated[str, of(models.Membership)]
    citations: list[CitationEntry]
    claims: list[ClaimEntry]
    cases: list[CaseEntry]
    caveats: Annotated[list[str], Described("Caveats of the record's collections: read them before using it.")]
    notes_internal: Annotated[str, of(models.Testimony)]
    embargo_until: Annotated[Moment | None, of(models.Testimony)]
    external_ids: Annotated[list[ExternalIdRef], Described("What other systems call it.", tier=Tier.RESTRICTED)]
    raised: Annotated[list[RaisedField], Described("Fields that need a higher tier than usual.", models.Testimony)]
    version: Annotated[int | None, Described(model=models.Testimony)]


class Testimony(TestimonyCore, TestimonyExtra):
    """One testimony with its citations, claims, caveats and texts."""

    texts: list[TextEntry]


class NameEntry(TypedDict):
    """Another name of the person."""

    value: Annotated[str, of(models.PersonName)]
    kind: Annotated[str, Described(model=models.PersonName, choices=NameKind)]
    tier: Annotated[str, Described("Least tier that may see the name.", choices=Tier)]


class MembershipEntry(TypedDict):
    """One time with one group."""

    group: Annotated[str, Described("Slug of the group.")]
    membership: Annotated[str, Described(model=models.Membership, field="belonging", choices=Belonging)]
    role_in_group: Annotated[str, of(models.Membership)]
    joined: Annotated[str | None, of(models.Membership)]
    left: Annotated[str | None, of(models.Membership)]


class Person(TypedDict):
    """Somebody who testifies. Names are no keys: two people share one, one person has several."""

    id: Id
    ref: Annotated[str, of(models.Person)]
    updated_at: UpdatedAt
    name: Annotated[str, Described("An outlet's pseudonym, or `unnamed`. Other names are filled from tier restricted.")]
    name_kind: Annotated[str, Described(model=models.Person, choices=NameKind)]
    other_names: Annotated[list[NameEntry], Described("Other names; outside staff only outlets' pseudonyms.")]
    gender: Annotated[str, Described(model=models.Person, choices=Gender)]
    nationality: Annotated[str | None, of(models.Person)]
    residence_before: Annotated[str | None, of(models.Person)]
    origin_stated: Annotated[str, of(models.Person)]
    disclosure: Annotated[str, of(models.Person)]
    memberships: Annotated[
        list[MembershipEntry],
        Described("All memberships. Below, a testimony shows the one that it tells of.", tier=Tier.RESTRICTED),
    ]
    external_ids: Annotated[list[ExternalIdRef], Described("What other systems call the person.", tier=Tier.RESTRICTED)]
    raised: Annotated[list[RaisedField], Described("Fields that need a higher tier than usual.", models.Person)]
    tier: TierWord
    missing: list[MissingValue]


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


class Group(TypedDict):
    """An organisation that people are said to have belonged to."""

    id: Id
    slug: Annotated[str, of(models.Group)]
    updated_at: UpdatedAt
    name: Annotated[str, of(models.Group)]
    description: Annotated[str, of(models.Group)]
    tier: TierWord


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


class Me(TypedDict):
    """The caller, as the service knows them."""

    role: Annotated[str, Described("What the caller may do.", choices=Role)]
    tier: Annotated[str, Described("The highest tier that the caller reads.", choices=Tier)]
    uses: Annotated[
        list[str],
        Described("The caller reads only what is cleared for one of these; empty: no such limit.", choices=Use),
    ]
    key: Annotated[str, Described("Name of the key; empty without one.")]
    expires_at: Annotated[Moment | None, Described("From when on the key no longer works.")]
    withheld: Annotated[list[str], Described("Fields that are not filled for this tier, as document.field.")]
