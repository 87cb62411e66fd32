"""What belongs to one testimony, and is written under its address; and what staff alone read, from the base tables."""

from collections.abc import Mapping
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.http import HttpResponseBase

from testimonies.api.permissions import MayAsk
from testimonies.api.reading import ReadViewSet
from testimonies.api.writing import WriteMixin, record_id
from testimonies.selectors import documents, parameters, parts
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.selectors.sql import Sql


class StaffOnly(MayAsk):
    """People below restricted do not do this at all, whatever the record: 403, the same for every address."""

    def has_permission(self, request: Any, view: Any) -> bool:
        is_done = request.method in view.allowed_methods  # where it is not, the view says 405
        return super().has_permission(request, view) and (request.user.is_staff or not is_done)


class CapableOnly(MayAsk):
    """Whoever has not the view's capability does not do this at all: 403, the same for every address, reading included."""

    def has_permission(self, request: Any, view: Any) -> bool:
        is_done = request.method in view.allowed_methods  # where it is not, the view says 405
        return super().has_permission(request, view) and (request.user.may(view.capability) or not is_done)


class OfTestimony:
    """Mixed into a view below /testimonies/{testimony_id}/."""

    request: Any
    testimony_key: str

    def dispatch(self, request: Any, *args: Any, testimony_id: str, **kwargs: Any) -> HttpResponseBase:
        self.testimony_key = testimony_id
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc,no-any-return]

    def testimony_id(self) -> UUID:
        """By id or reference, through the door. Errors: NotFound."""
        return documents.testimony_id(self.testimony_key, self.request.user)


class PartsMixin(OfTestimony, WriteMixin):
    """Parts of one testimony: `acts` is the service, whose acts take the testimony's id first."""

    acts: ModuleType

    @property
    def service(self) -> Any:
        owner = self.testimony_id()
        return SimpleNamespace(
            create=partial(self.acts.create, owner),
            change=partial(self.acts.change, owner),
            remove=partial(self.acts.remove, owner),
        )


class PartViewSet(PartsMixin, ReadViewSet):
    """Parts that staff alone read one by one. What others may see of them stands in the testimony itself."""

    permission_classes = [StaffOnly]
    rows: ClassVar[models.QuerySet[Any]]

    @staticmethod
    def show(row: Any) -> Mapping[str, Any]:
        """The document of a row."""
        raise NotImplementedError

    def page(self, request: Any, query: parameters.Query) -> Page:  # noqa: ARG002
        owner = self.testimony_id()
        return parts.page(self.rows.all(), self.show, _of(owner), query, of=owner)

    def document(self, request: Any, pk: str) -> documents.Document:  # noqa: ARG002
        return parts.document(self.rows.all(), self.show, _of(self.testimony_id()), record_id(pk))


def _of(testimony_id: UUID) -> Sql:
    return Sql("testimony_id = %s", (testimony_id,))


def declared(name: str, *filters: Any, order: str = "position", column_type: str = "int") -> Declared:
    """What the lists of parts have in common."""
    return Declared(
        name=name,
        filters=filters,
        orders={order: Order(order, column_type)},
        ordering=order,
        key=Order("id", "uuid"),
    )
