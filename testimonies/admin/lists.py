"""Lists that stay quick at a million rows: pages that are not counted to the end, and filters that ask for a value."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from testimonies.admin.actors import writer
from testimonies.errors import InvalidParameter
from testimonies.selectors import reference
from testimonies.selectors.filters import Context, Read, Where
from testimonies.selectors.visibility import found, visible

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


class Projected(admin.SimpleListFilter):
    """A filter of testimonies by what the API filters by as well: `read` a value, and `where` to look for it."""

    read: ClassVar[Read]
    where: ClassVar[Where]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = (self.value() or "").replace("\0", "").strip()
        if not value:
            return queryset
        actor = writer(request)
        context = Context(actor, reference.current())
        kind = type(self)
        try:
            values = kind.read(str(self.title), [value], context)
        except InvalidParameter as error:
            messages.error(request, f"{self.title}: {error.detail}")
            return queryset.none()
        return queryset.filter(pk__in=found(actor, kind.where(values, context)))


class Asked(Projected):
    """Where there are too many values to list, one is typed."""

    template = "admin/testimonies/asked.html"
    help: ClassVar[str] = ""

    def has_output(self) -> bool:
        return True

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002
        return ()

    def choices(self, changelist: Any) -> Iterator[Any]:
        others = {name: value for name, value in changelist.params.items() if name not in {self.parameter_name, "p"}}
        yield {
            "selected": bool(self.value()),
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": "",
            "name": self.parameter_name,
            "value": self.value() or "",
            "help": self.help,
            "others": [(name, one) for name, values in others.items() for one in _each(values)],
        }


def _each(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]


class Listed(Projected):
    """One of the reference data, which are few."""

    kind: ClassVar[type[Model]]
    name: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002
        rows: Any = visible(self.kind, writer(request)).order_by(self.name)
        return list(rows.values_list("slug", self.name))
