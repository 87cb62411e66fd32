"""Acts on campaigns: outside efforts, with the channels on which they speak and the sources that tell of them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.models import Campaign, CampaignSource, Channel, Source
from testimonies.services import records
from testimonies.services.acts import act

FIELDS = frozenset(["slug", "title", "actor_name", "actor_kind", "description", "starts", "ends", "languages", "tier"])
"""What an act may set, beside the whole lists `channels` ({platform, handle, url}) and `sources` ({source_id, locator})."""


@act(Capability.CURATE)
def create(*, by: Actor, **values: Any) -> Campaign:
    """Errors: Invalid, Exists."""
    projections.lock(campaign=[], linked={"source": named(values)})
    return _store(Campaign(created_by_id=by.user_id), values, by=by)


@act(Capability.CURATE)
def change(campaign_id: UUID, *, by: Actor, version: int | None, **values: Any) -> Campaign:
    """Errors: NotFound, Overtaken, Invalid, Exists."""
    projections.lock(campaign=[campaign_id], linked={"source": named(values)})
    return _store(records.at_version(records.find(Campaign, campaign_id, by=by), version), values, by=by)


@act(Capability.CURATE)
def remove(campaign_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: NotFound, Overtaken; InUse, as long as it has a use."""
    projections.lock(campaign=[campaign_id])
    records.delete(records.at_version(records.find(Campaign, campaign_id, by=by), version), by=by)


def named(values: dict[str, Any]) -> list[UUID]:
    """The sources that a body names."""
    return [one["source_id"] for one in values.get("sources") or ()]


def _store(campaign: Campaign, values: dict[str, Any], *, by: Actor) -> Campaign:
    channels, sources = values.pop("channels", None), values.pop("sources", None)
    is_new = campaign._state.adding  # noqa: SLF001 - Django's own word for it
    records.put(campaign, values, FIELDS)
    records.store(campaign)
    if channels is not None:
        campaign.channels.all().delete()
        for position, one in enumerate(channels):
            records.store(Channel(campaign=campaign, position=position, **one), pointer=f"/channels/{position}")
    if sources is not None:
        set_sources(CampaignSource, "campaign", campaign, sources, by=by)
    return campaign if is_new or (channels is None and sources is None) else records.touched(campaign)


def set_sources(model: Any, owner: str, row: Any, sources: Iterable[dict[str, Any]], *, by: Actor) -> None:
    """The whole list of {source_id, locator}. Errors: Invalid; Exists, where one is named twice."""
    model.objects.filter(**{owner: row}).delete()
    for position, one in enumerate(sources):
        source = records.related(Source, one["source_id"], f"sources/{position}/source_id", by=by)
        found = model(source=source, locator=one["locator"], position=position, **{owner: row})
        records.store(found, pointer=f"/sources/{position}")
