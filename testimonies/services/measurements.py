"""Acts on measurements of reach. Each is a new one: a later measurement stands beside the earlier, and overwrites none."""

from typing import Any
from uuid import UUID

from testimonies import projections
from testimonies.access import Actor, Capability
from testimonies.errors import Invalid, NotFound
from testimonies.models import CampaignUse, Measurement, Source
from testimonies.services import records
from testimonies.services.acts import act

FIELDS = frozenset(["metric", "value", "measured_on", "note"])
"""What an act may set, beside `source_id`."""


@act(Capability.CURATE)
def create(*, by: Actor, use_id: UUID, source_id: UUID | None = None, **values: Any) -> Measurement:
    """Errors: Invalid; Exists, of the same metric on the same day by the same source."""
    projections.lock(campaignuse=[use_id], linked={"source": [source_id] if source_id else []})
    use = records.related(CampaignUse, use_id, "use_id", by=by)
    row = Measurement(use=use, created_by_id=by.user_id)
    if source_id is not None:
        row.source = records.related(Source, source_id, "source_id", by=by)
    records.put(row, values, FIELDS)
    if row.measured_on > records.clock().date():
        raise Invalid(("/measured_on", "in_future", "A measurement is of today or of an earlier day."))
    return records.store(row)


@act(Capability.CURATE)
def remove(measurement_id: UUID, *, by: Actor, version: int | None) -> None:
    """Of a measurement that was entered wrongly; the history keeps it. Errors: NotFound, Overtaken."""
    found = Measurement.objects.filter(pk=measurement_id).first()
    if found is None:
        raise NotFound
    projections.lock(campaignuse=[found.use_id])
    records.find(CampaignUse, found.use_id, by=by)
    row = Measurement.objects.filter(pk=measurement_id).first()
    if row is None:
        raise NotFound
    records.delete(records.at_version(row, version), by=by)
