import datetime as dt
from typing import Any

from testimonies.models import Clearance
from tests.factories.base import write

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def make_clearance(**values: Any) -> Clearance:
    """Needs `testimony`. For research and summaries, since long ago and without end, unless said otherwise."""
    return write(Clearance, **{"basis": "invented", "uses": ["research", "summary"], "starts_at": LONG_AGO, **values})
