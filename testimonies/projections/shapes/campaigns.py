"""Campaigns, what they use of testimonies, and how far that reached."""

from typing import Annotated, TypedDict

from testimonies import models
from testimonies.access import Use
from testimonies.models.campaigns import ActorKind, Metric, UseKind
from testimonies.projections.shapes.base import Day, Described, Id, TierWord, UpdatedAt, of
from testimonies.projections.shapes.sources import SourceRef


class ChannelEntry(TypedDict):
    """Where a campaign speaks."""

    platform: Annotated[str, of(models.Channel)]
    handle: Annotated[str, of(models.Channel)]
    url: Annotated[str, of(models.Channel)]


class SourceEntry(TypedDict):
    """A source that tells of it."""

    source: SourceRef
    locator: Annotated[str, of(models.CampaignSource)]


class Campaign(TypedDict):
    """An outside effort. What it uses of testimonies stands in its uses."""

    id: Id
    slug: Annotated[str, of(models.Campaign)]
    updated_at: UpdatedAt
    title: Annotated[str, of(models.Campaign)]
    actor_name: Annotated[str, of(models.Campaign)]
    actor_kind: Annotated[str, Described(model=models.Campaign, choices=ActorKind)]
    description: Annotated[str, of(models.Campaign)]
    starts: Annotated[str | None, of(models.Campaign)]
    starts_earliest: Annotated[Day | None, of(models.Campaign)]
    starts_latest: Annotated[Day | None, of(models.Campaign)]
    ends: Annotated[str | None, of(models.Campaign)]
    ends_earliest: Annotated[Day | None, of(models.Campaign)]
    ends_latest: Annotated[Day | None, of(models.Campaign)]
    languages: Annotated[list[str], of(models.Campaign)]
    channels: list[ChannelEntry]
    sources: list[SourceEntry]
    tier: TierWord


class ReachEntry(TypedDict):
    """The latest measurement of one metric. Never add one metric to another."""

    metric: Annotated[str, Described(model=models.Measurement, choices=Metric)]
    value: Annotated[int, of(models.Measurement)]
    measured_on: Annotated[Day, of(models.Measurement)]
    source_id: Annotated[
        Id | None,
        Described("Who states it; null where nobody does that the caller may see.", models.Measurement, "source"),
    ]
    note: Annotated[str, of(models.Measurement)]


class UseCore(TypedDict):
    """What a use says of itself, whichever testimonies it uses."""

    id: Id
    updated_at: UpdatedAt
    campaign: Annotated[str, Described("Slug of the campaign.")]
    kind: Annotated[str, Described(model=models.CampaignUse, choices=UseKind)]
    title: Annotated[str, of(models.CampaignUse)]
    url: Annotated[str, of(models.CampaignUse)]
    description: Annotated[str, of(models.CampaignUse)]
    audience: Annotated[str, of(models.CampaignUse)]
    language: Annotated[str | None, of(models.CampaignUse)]
    published: Annotated[str | None, of(models.CampaignUse)]
    published_earliest: Annotated[Day | None, of(models.CampaignUse)]
    published_latest: Annotated[Day | None, of(models.CampaignUse)]
    purpose: Annotated[str, Described(model=models.CampaignUse, choices=Use)]
    reach: list[ReachEntry]
    sources: list[SourceEntry]
    tier: TierWord


class UsedTestimonyEntry(TypedDict):
    """A testimony that is used, of those that the caller may see."""

    testimony_id: Annotated[Id, of(models.UsedTestimony, "testimony")]
    ref: Annotated[str, of(models.Testimony)]
    title: Annotated[str, of(models.Testimony)]
    quote_id: Annotated[Id | None, of(models.UsedTestimony, "quote")]
    is_covered: Annotated[bool, Described("Whether a clearance covers this use of it now.")]


class CampaignUse(UseCore):
    """One use in a campaign of none, one or several testimonies.

    Which testimonies are shown, and whether they are covered, is asked at each reading: a clearance that ends moves
    no `updated_at`.
    """

    testimonies: list[UsedTestimonyEntry]
    is_covered: Annotated[
        bool,
        Described("Whether a clearance covers now every testimony that is shown here; true where none is shown."),
    ]
