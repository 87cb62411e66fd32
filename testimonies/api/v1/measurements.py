"""/api/v1/measurements/: how far a use had reached by a day. Each is a new one; none overwrites another."""

from typing import Annotated, Any, TypedDict

from rest_framework import serializers

from testimonies import models
from testimonies.access import Capability
from testimonies.api.parsing import Id, Whole
from testimonies.api.reading import ReadViewSet
from testimonies.api.v1 import fields
from testimonies.api.writing import WriteMixin, record_id
from testimonies.models.campaigns import MOST, Metric
from testimonies.projections import shapes
from testimonies.projections.shapes import Day, Described, of
from testimonies.selectors import documents, filters, measurements, parameters
from testimonies.selectors.filters import Filter, enumeration
from testimonies.selectors.pages import Order, Page
from testimonies.selectors.parameters import Declared
from testimonies.services import measurements as acts


class Measurement(TypedDict):
    """How far a use had reached by a day, as a source states it."""

    id: shapes.Id
    use_id: Annotated[shapes.Id, of(models.Measurement, "use")]
    metric: Annotated[str, Described(model=models.Measurement, choices=Metric)]
    value: Annotated[int, of(models.Measurement)]
    measured_on: Annotated[Day, of(models.Measurement)]
    source_id: Annotated[
        shapes.Id | None,
        Described("Who states it; null where nobody does that the caller may see.", models.Measurement, "source"),
    ]
    note: Annotated[str, of(models.Measurement)]


MeasurementWriteSerializer = fields.body(
    "MeasurementWrite",
    "A measurement, as written.",
    use_id=Id(help_text="The use."),
    **fields.of(models.Measurement, "metric"),
    value=Whole(min_value=0, max_value=MOST, help_text=str(models.Measurement._meta.get_field("value").help_text)),
    measured_on=serializers.DateField(help_text=str(models.Measurement._meta.get_field("measured_on").help_text)),
    source_id=Id(allow_null=True, required=False, default=None, help_text="Who states it."),
    **fields.of(models.Measurement, "note"),
)


class MeasurementViewSet(WriteMixin, ReadViewSet):
    """Dated measurements of reach, of uses that the caller may see. A wrong one is deleted; a later one stands beside it."""

    http_method_names = ["get", "head", "post", "delete"]
    noun = "measurement"
    service = acts
    write = MeasurementWriteSerializer
    capability = Capability.CURATE
    shape = item = Measurement
    declared = Declared(
        name="measurements",
        filters=(
            Filter("use", "The use: its id.", measurements.ids, filters.column("use_id")),
            Filter("campaign", "Slug of the campaign.", filters.as_written, measurements.of_campaign),
            enumeration("metric", "What is counted.", Metric, filters.column("metric")),
        ),
        orders={"measured_on": Order("measured_on", "date")},
        ordering="-measured_on",
        key=Order("id", "uuid"),
    )

    def page(self, request: Any, query: parameters.Query) -> Page:
        return measurements.page(query, request.user)

    def document(self, request: Any, pk: str) -> documents.Document:
        return measurements.document(record_id(pk), request.user)
