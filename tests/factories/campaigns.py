from typing import Any

from testimonies.access import Tier
from testimonies.models import (
    Campaign,
    CampaignSource,
    CampaignUse,
    Channel,
    Measurement,
    Quote,
    Source,
    Testimony,
    UsedTestimony,
    UseSource,
)
from tests.factories.base import batch, number, write
from tests.factories.testimonies import LONG_AGO, make_testimony


def make_campaign(*, sources: tuple[Source, ...] = (), **values: Any) -> Campaign:
    """With one channel."""
    n = number()
    with batch():
        campaign = write(
            Campaign,
            **{
                "slug": f"invented-campaign-{n}",
                "title": f"Invented campaign {n}",
                "actor_name": "Invented Centre",
                "actor_kind": "government",
                "languages": ["en"],
                "tier": Tier.PUBLIC,
                **values,
            },
        )
        Channel.objects.create(campaign=campaign, platform="Invented Tube", handle=f"@invented{n}")
        for position, source in enumerate(sources):
            CampaignSource.objects.create(campaign=campaign, source=source, position=position)
    return campaign


def make_use(
    *, testimonies: tuple[Testimony, ...] = (), sources: tuple[Source, ...] = (), **values: Any
) -> CampaignUse:
    """A public video of a new campaign, unless it is given; it uses the testimonies whether cleared or not."""
    with batch():
        use = write(
            CampaignUse,
            **{
                "campaign": values.get("campaign") or make_campaign(),
                "kind": "video",
                "title": f"Invented video {number()}",
                "language": "en",
                "tier": Tier.PUBLIC,
                **values,
            },
        )
        for testimony in testimonies:
            UsedTestimony.objects.create(use=use, testimony=testimony)
        for position, source in enumerate(sources):
            UseSource.objects.create(use=use, source=source, position=position)
    return use


def make_measurement(**values: Any) -> Measurement:
    """865,000 views, of a new use unless it is given."""
    return write(
        Measurement,
        **{
            "use": values.get("use") or make_use(),
            "metric": "views",
            "value": 865_000,
            "measured_on": "2015-09-20",
            **values,
        },
    )


def make_quote(*, words: str = "Invented", **values: Any) -> Quote:
    """The first place of the words in the testimony's first text; approved, unless a test says otherwise."""
    testimony = values.pop("testimony", None) or make_testimony(texts=["Invented words."], uses=["quote", "campaign"])
    text = values.pop("text", None) or testimony.texts.order_by("position", "pk").first()
    start = text.body.index(words)
    end = start + len(words)
    return write(
        Quote,
        **{
            "testimony": testimony,
            "text": text,
            "start": start,
            "end": end,
            "quote": words,
            "prefix": text.body[max(0, start - 32) : start],
            "suffix": text.body[end : end + 32],
            "status": "approved",
            "decided_at": LONG_AGO,
            **values,
        },
    )
