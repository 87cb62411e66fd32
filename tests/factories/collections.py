from typing import Any

from testimonies.access import Tier
from testimonies.models import Collection, Figure, FigureSource, Region, Source
from tests.factories.base import batch, number, write


def make_collection(**values: Any) -> Collection:
    n = number()
    return write(
        Collection,
        **{
            "slug": f"invented-collection-{n}",
            "title": f"Invented collection {n}",
            "population": "Nobody: all of it is invented.",
            "caveats": ["Invented: nobody said this."],
            "basis_of_use": "invented",
            "permitted_uses": ["research", "summary"],
            "is_invented": True,
            "tier": Tier.PUBLIC,
            **values,
        },
    )


def make_figure(*, sources: tuple[Source, ...] = (), **values: Any) -> Figure:
    n = number()
    with batch():
        figure = write(
            Figure,
            **{
                "collection": values.get("collection") or make_collection(),
                "slug": f"invented-figure-{n}",
                "scope": "cases",
                "statement": "Invented: there were 58 cases.",
                "status": "given",
                "metric": "count_persons",
                "operator": "eq",
                "value": "58",
                "range_low": 58,
                "range_high": 58,
                "tier": Tier.PUBLIC,
                **values,
            },
        )
        for position, source in enumerate(sources):
            FigureSource.objects.create(figure=figure, source=source, locator="p. 5", position=position)
    return figure


def make_region(**values: Any) -> Region:
    n = number()
    return write(
        Region,
        **{"slug": f"invented-region-{n}", "name": f"Invented region {n}", "countries": ["DE", "FR"], **values},
    )
