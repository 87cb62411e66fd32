"""/api/v1/campaigns/: outside efforts, with the channels on which they speak."""

import json
from typing import Any

from testimonies import models
from testimonies.access import Capability
from testimonies.api.history import HistoryMixin
from testimonies.api.parsing import Id, StrictSerializer, Text
from testimonies.api.reading import SharedViewSet, shared
from testimonies.api.v1 import fields
from testimonies.api.writing import WriteMixin
from testimonies.models.campaigns import ActorKind
from testimonies.projections import shapes
from testimonies.selectors import filters
from testimonies.selectors.filters import Context, Filter, enumeration
from testimonies.selectors.sql import Sql, either
from testimonies.services import campaigns

ChannelWriteSerializer = fields.body(
    "ChannelWrite", "Where a campaign speaks.", **fields.of(models.Channel, "platform", "handle", "url")
)


class TellingSourceWrite(StrictSerializer):
    """A source that tells of it."""

    source_id = Id(help_text="Who tells of it.")
    locator = Text(max_length=300, allow_blank=True, required=False, default="", help_text="Where in the source.")


CampaignWriteSerializer = fields.body(
    "CampaignWrite",
    "A campaign, as written.",
    **fields.of(models.Campaign, "slug", "title", "actor_name", "actor_kind", "description", "starts", "ends"),
    **fields.of(models.Campaign, "languages"),
    channels=fields.whole_list(ChannelWriteSerializer, "Where it speaks: the whole list."),
    sources=fields.whole_list(TellingSourceWrite, "Who tells of it: the whole list."),
    **fields.of(models.Campaign, "tier"),
)


def _holds(name: str) -> filters.Where:
    """A list of the document holds one of the values."""

    def where(values: list[Any], _: Context) -> Sql:
        return either([Sql("facets @> %s::jsonb", (json.dumps({name: [value]}),)) for value in values])

    return where


class CampaignViewSet(HistoryMixin, WriteMixin, SharedViewSet):
    """Outside efforts, whether or not they use any testimony. What one uses stands in its uses."""

    noun = "campaign"
    service = campaigns
    write = CampaignWriteSerializer
    capability = Capability.CURATE
    shape = item = shapes.Campaign
    declared = shared(
        "campaigns",
        (
            enumeration("actor_kind", "What kind of organisation runs it.", ActorKind, filters.facet("actor_kind")),
            Filter("language", "A language that it speaks: a BCP 47 tag.", filters.language, _holds("languages")),
            Filter(
                "platform",
                "A platform on which it speaks; case and accents do not matter.",
                filters.folded,
                _holds("platforms"),
            ),
        ),
    )
