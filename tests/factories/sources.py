from typing import Any

from testimonies.access import Tier
from testimonies.models import Source
from tests.factories.base import number, write


def make_source(**values: Any) -> Source:
    n = number()
    return write(
        Source,
        **{
            "outlet": "Invented Daily",
            "title": f"Invented article {n}",
            "url": f"https://example.org/invented/{n}",
            "published": "2015-09-21",
            "medium": "newspaper",
            "tier": Tier.PUBLIC,
            **values,
        },
    )
