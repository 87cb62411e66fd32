"""Campaigns of a folder, with their uses and measurements. None of them uses a testimony: that needs a clearance and a person.

A campaign that is stored already stays as it is, whatever the file says: people keep it from then on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from testimonies.access import Use
from testimonies.models import Campaign, CampaignSource, CampaignUse, Channel, Measurement, UseSource
from testimonies.models.campaigns import MOST, ActorKind, Metric, UseKind
from testimonies.services.loading.checks import Fields
from testimonies.services.loading.figures import source
from testimonies.services.loading.files import Folder
from testimonies.services.loading.lines import SourceLine
from testimonies.services.loading.rows import Changes
from testimonies.services.loading.sources import Catalogue
from testimonies.services.records import store as store_row

CAMPAIGNS = "campaigns.json"
Told = tuple[tuple[SourceLine, str], ...]
"""Sources, each with where in it."""


@dataclass(frozen=True, slots=True)
class MeasurementEntry:
    """`source` is a number in the list of the use's sources."""

    values: dict[str, Any]
    source: int | None


@dataclass(frozen=True, slots=True)
class UseEntry:
    values: dict[str, Any]
    sources: Told
    measurements: tuple[MeasurementEntry, ...]


@dataclass(frozen=True, slots=True)
class CampaignEntry:
    slug: str
    values: dict[str, Any]
    channels: tuple[dict[str, str], ...]
    sources: Told
    uses: tuple[UseEntry, ...]

    def lines(self) -> Iterator[SourceLine]:
        for told in (self.sources, *(use.sources for use in self.uses)):
            yield from (line for line, _ in told)


def read(folder: Folder) -> list[CampaignEntry]:
    found: dict[str, CampaignEntry] = {}
    for item in folder.listing(CAMPAIGNS) if folder.has(CAMPAIGNS) else ():
        entry = _campaign(item)
        if entry.slug in found:
            item.problem("slug", "is the slug of a campaign before it too")
        found[entry.slug] = entry
    return list(found.values())


def _campaign(fields: Fields) -> CampaignEntry:
    entry = CampaignEntry(
        slug=fields.slug("slug"),
        values={
            "title": fields.text("title", longest=300),
            "actor_name": fields.text("actor_name", longest=300),
            "actor_kind": fields.word("actor_kind", ActorKind, default=ActorKind.NOT_KNOWN),
            "description": fields.text("description", required=False),
            "starts": fields.edtf("starts"),
            "ends": fields.edtf("ends"),
            "languages": list(fields.texts("languages", longest=35)),
            "tier": fields.tier("tier"),
        },
        channels=tuple(_channel(item) for item in fields.items("channels")),
        sources=tuple(source(item) for item in fields.items("sources")),
        uses=tuple(_use(item) for item in fields.items("uses")),
    )
    fields.done()
    return entry


def _channel(fields: Fields) -> dict[str, str]:
    found = {
        "platform": fields.text("platform", longest=80),
        "handle": fields.text("handle", longest=200, required=False),
        "url": fields.url("url"),
    }
    fields.done()
    return found


def _use(fields: Fields) -> UseEntry:
    sources = tuple(source(item) for item in fields.items("sources"))
    entry = UseEntry(
        values={
            "kind": fields.word("kind", UseKind),
            "title": fields.text("title", longest=500),
            "url": fields.url("url"),
            "description": fields.text("description", required=False),
            "audience": fields.text("audience", longest=300, required=False),
            "language": fields.language("language") if fields.has("language") else fields.anything("language"),
            "published": fields.edtf("published"),
            "purpose": fields.word("purpose", Use, default=Use.CAMPAIGN),
            "tier": fields.tier("tier"),
        },
        sources=sources,
        measurements=tuple(_measurement(item, len(sources)) for item in fields.items("measurements")),
    )
    fields.done()
    return entry


def _measurement(fields: Fields, n_sources: int) -> MeasurementEntry:
    entry = MeasurementEntry(
        values={
            "metric": fields.word("metric", Metric),
            "value": fields.integer("value", 0, MOST, required=True),
            "measured_on": fields.day("measured_on", required=True),
            "note": fields.text("note", required=False),
        },
        source=fields.integer("source", 0, n_sources - 1),
    )
    fields.done()
    return entry


def store(entries: Iterable[CampaignEntry], catalogue: Catalogue) -> Changes:
    """Those that are not stored yet."""
    entries = list(entries)
    known = {*Campaign.objects.filter(slug__in=[entry.slug for entry in entries]).values_list("slug", flat=True)}
    new = [entry for entry in entries if entry.slug not in known]
    matched = {line: catalogue.match(line) for entry in new for line in entry.lines()}
    catalogue.store()
    for entry in new:
        campaign = store_row(Campaign(slug=entry.slug, **entry.values))
        Channel.objects.bulk_create(
            Channel(campaign=campaign, position=position, **channel) for position, channel in enumerate(entry.channels)
        )
        CampaignSource.objects.bulk_create(
            CampaignSource(campaign=campaign, source=matched[line], locator=locator, position=position)
            for position, (line, locator) in enumerate(entry.sources)
        )
        for use in entry.uses:
            _store_use(campaign, use, matched)
    return Changes(created=len(new), unchanged=len(entries) - len(new))


def _store_use(campaign: Campaign, entry: UseEntry, matched: dict[SourceLine, Any]) -> None:
    use = store_row(CampaignUse(campaign=campaign, **entry.values))
    UseSource.objects.bulk_create(
        UseSource(use=use, source=matched[line], locator=locator, position=position)
        for position, (line, locator) in enumerate(entry.sources)
    )
    for one in entry.measurements:
        stating = None if one.source is None else matched[entry.sources[one.source][0]]
        store_row(Measurement(use=use, source=stating, **one.values))
