"""Testimonies, with what belongs to each: citations, claims, texts, and the passages by which it was found."""

from typing import Annotated, TypedDict

from django.db import models as django_models

from testimonies import models
from testimonies.access import Tier, Use
from testimonies.models.groups import Belonging
from testimonies.models.sources import Relation
from testimonies.models.testimonies import CodingStatus, Credibility, Kind, SpeakingConditions, Status, TextKind
from testimonies.models.testimonies import Warning as ContentWarning
from testimonies.projections.shapes.base import (
    Day,
    Described,
    ExternalIdRef,
    Id,
    MissingValue,
    Moment,
    RaisedField,
    TierWord,
    UpdatedAt,
    of,
)
from testimonies.projections.shapes.codebooks import CodeRef
from testimonies.projections.shapes.persons import PersonRef
from testimonies.projections.shapes.sources import SourceRef


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
