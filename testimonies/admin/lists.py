"""Lists that stay quick at a million rows: pages that are not counted to the end, and filters that ask for a value."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

MOST_COUNTED = 1_000
"""How many rows a list counts. Beyond, it says 'more than'."""


class CappedPaginator(Paginator):
    @cached_property
    def count(self) -> int:
        """At most MOST_COUNTED + 1, which stands for 'more'."""
        rows: Any = self.object_list
        return int(rows.order_by()[: MOST_COUNTED + 1].count())

    @property
    def is_capped(self) -> bool:
        return self.count > MOST_COUNTED
