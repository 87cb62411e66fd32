"""Every record type. The rows that others read are in `projections`."""

from testimonies.models.accounts import AccountAct, ApiKey, User
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
from testimonies.models.corrections import Correction
from testimonies.models.decisions import DecidedCode, Decision, SettledCoding
from testimonies.models.erasure import BarredId, Erasure, SpentRef
from testimonies.models.exports import Export
from testimonies.models.groups import Group, Membership
from testimonies.models.history import EVENTS
from testimonies.models.idempotency import IdempotencyKey
from testimonies.models.import_mappings import ImportMapping
from testimonies.models.imports import Import, ImportChunk, ImportRow
from testimonies.models.logins import FailedLogin
from testimonies.models.persons import Person, PersonExternalId, PersonName, SamePersonLink
from testimonies.models.projections import (
    PartnerTestimony,
    PublicTestimony,
    ReferenceRevision,
    RestrictedTestimony,
    SharedDocument,
    SourceTier,
    StaleMark,
    TextDocument,
)
from testimonies.models.quotes import Quote
from testimonies.models.seals import HistorySeal, SealedEvent
from testimonies.models.showings import Showing
from testimonies.models.sources import Citation, Evidence, Source, SourceExternalId
from testimonies.models.testimonies import Claim, ConsensusCode, Testimony, TestimonyExternalId, Text
from testimonies.models.vault import VaultEntry, VaultOpening

__all__ = [
    "EVENTS",
    "AccountAct",
    "ApiKey",
    "Assignment",
    "BarredId",
    "Campaign",
    "CampaignSource",
    "CampaignUse",
    "CaseLink",
    "Channel",
    "Citation",
    "Claim",
    "Clearance",
    "Code",
    "CodeOrigin",
    "Codebook",
    "Coding",
    "Collection",
    "CollectionItem",
    "ConsensusCode",
    "Correction",
    "DecidedCode",
    "Decision",
    "Erasure",
    "Evidence",
    "Export",
    "FailedLogin",
    "Figure",
    "FigureSource",
    "Group",
    "HistorySeal",
    "IdempotencyKey",
    "Import",
    "ImportChunk",
    "ImportMapping",
    "ImportRow",
    "Measurement",
    "Membership",
    "PartnerTestimony",
    "Person",
    "PersonExternalId",
    "PersonName",
    "PublicTestimony",
    "Quote",
    "ReferenceRevision",
    "Region",
    "RestrictedTestimony",
    "SamePersonLink",
    "SealedEvent",
    "SettledCoding",
    "SharedDocument",
    "Showing",
    "Source",
    "SourceExternalId",
    "SourceTier",
    "SpentRef",
    "StaleMark",
    "Testimony",
    "TestimonyExternalId",
    "Text",
    "TextDocument",
    "UseSource",
    "UsedTestimony",
    "User",
    "VaultEntry",
    "VaultOpening",
]  # fmt: skip
