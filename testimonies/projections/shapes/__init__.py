"""The shape of every document that is served. One declaration serves two ends: the functions in `documents.py` and
`shared.py` fill it (mypy checks each key and type), and the OpenAPI document shows it (testimonies.api.schema).

A key is described by the model field of the same name unless `Annotated` says otherwise: help text, words of an
enumeration and the tier from which it is filled all come from the model. Shapes are the same at every tier.
"""

from testimonies.projections.shapes.base import (
    Day,
    Described,
    ExternalIdRef,
    Id,
    MissingReason,
    MissingValue,
    Moment,
    RaisedField,
    TierWord,
    UpdatedAt,
    Uri,
    of,
)
from testimonies.projections.shapes.campaigns import (
    Campaign,
    CampaignUse,
    ChannelEntry,
    ReachEntry,
    SourceEntry,
    UseCore,
    UsedTestimonyEntry,
)
from testimonies.projections.shapes.codebooks import Code, Codebook, CodebookTree, CodeNode, CodeRef
from testimonies.projections.shapes.collections import Collection, Figure, FigureConflict, FigureSourceEntry
from testimonies.projections.shapes.groups import Group
from testimonies.projections.shapes.me import Me
from testimonies.projections.shapes.persons import MembershipEntry, NameEntry, Person, PersonRef
from testimonies.projections.shapes.quotes import Quote, QuoteTranslation
from testimonies.projections.shapes.sources import Source, SourceRef
from testimonies.projections.shapes.testimonies import (
    CaseEntry,
    CitationEntry,
    ClaimEntry,
    Segment,
    Snippet,
    SnippetField,
    Testimony,
    TestimonyCore,
    TestimonyExtra,
    TestimonySummary,
    TextEntry,
)

SHAPE = 4
"""Number of these shapes. It grows with each change of them; /readyz waits until no row of another shape is left."""

__all__ = [
    "SHAPE",
    "Campaign",
    "CampaignUse",
    "CaseEntry",
    "ChannelEntry",
    "CitationEntry",
    "ClaimEntry",
    "Code",
    "CodeNode",
    "CodeRef",
    "Codebook",
    "CodebookTree",
    "Collection",
    "Day",
    "Described",
    "ExternalIdRef",
    "Figure",
    "FigureConflict",
    "FigureSourceEntry",
    "Group",
    "Id",
    "Me",
    "MembershipEntry",
    "MissingReason",
    "MissingValue",
    "Moment",
    "NameEntry",
    "Person",
    "PersonRef",
    "Quote",
    "QuoteTranslation",
    "RaisedField",
    "ReachEntry",
    "Segment",
    "Snippet",
    "SnippetField",
    "Source",
    "SourceEntry",
    "SourceRef",
    "Testimony",
    "TestimonyCore",
    "TestimonyExtra",
    "TestimonySummary",
    "TextEntry",
    "TierWord",
    "UpdatedAt",
    "Uri",
    "UseCore",
    "UsedTestimonyEntry",
    "of",
]
