"""Decides which lines are stored: not those that are stored already, nor what people changed or withdrew since."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.utils import timezone

from testimonies import models, projections
from testimonies.models.testimonies import Status
from testimonies.services import barred_ids
from testimonies.services.loading import building, coding, state, storing
from testimonies.services.loading.building import Draft, Shelf
from testimonies.services.loading.lines import Line
from testimonies.services.loading.manifest import CollectionEntry
from testimonies.services.loading.report import Report
from testimonies.services.loading.sources import Catalogue

BATCH = 200
EDITED = "changed here since it was loaded; --overwrite replaces what people wrote"
EDITED_AND_WITHDRAWN = "changed here since it was loaded; only its withdrawal was taken over"
DELETED = "deleted here while it was loaded; load it again"
ERASED = "erased here; no load brings it back"
WITHDRAWN = "withdrawn here; no load brings it back"


@dataclass(frozen=True, slots=True)
class Pending:
    """A line that is new, or not what was last loaded under its key."""

    line: Line
    digest: str
    external_id: models.TestimonyExternalId | None


def pending(entry: CollectionEntry, lines: Iterable[Line], report: Report) -> list[Pending]:
    """The lines that have to be looked at. A line that was loaded before as it is now leaves its record alone."""
    known = {row.value: row for row in models.TestimonyExternalId.objects.filter(system=entry.slug)}
    found, keys = [], set()
    for line in lines:
        keys.add(line.key)
        row, digest = known.get(line.key), building.digest_of(line, entry)
        report.n_sealed += line.n_sealed
        report.n_codings += line.n_codings
        if row is None or row.line_digest != digest:
            found.append(Pending(line, digest, row))
        else:
            report.kinds["testimonies"].unchanged += 1
    report.n_gone += sum(bool(row.line_digest) for key, row in known.items() if key not in keys)
    return found


def store(
    shelf: Shelf,
    found: list[Pending],
    catalogue: Catalogue,
    report: Report,
    *,
    overwrite: bool,
    advance: Callable[[int], None],
) -> Iterator[Draft]:
    """Store what may be stored, in batches, each with its projections, within the caller's transaction."""
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        drafts = list(_accepted(shelf, batch, report, overwrite=overwrite))
        report.kinds["testimonies"] += storing.store(shelf, drafts, catalogue)
        n_coded = coding.store(shelf, drafts)
        report.n_coded += n_coded
        report.n_codings += sum(len(draft.line.codings) for draft in drafts) - n_coded
        projections.refresh()
        advance(len(batch))
        yield from drafts


def _accepted(shelf: Shelf, batch: list[Pending], report: Report, *, overwrite: bool) -> Iterator[Draft]:
    """Drafts of the lines that may be stored; the other lines go into the report with a reason."""
    ids = [item.external_id.testimony_id for item in batch if item.external_id]
    records, digests, withdrawn = models.Testimony.objects.in_bulk(ids), state.digests(ids), _withdrawn(ids)
    people = _people_without_testimony(shelf.entry.slug, batch)
    erased = _erased(shelf.entry.slug, batch)
    for item in batch:
        status = building.status_of(item.line, shelf.entry)
        if item.line.key in erased:
            report.reject(item.line.place, ERASED)
            continue
        if item.external_id is None:
            yield _new(shelf, item, _first(status, shelf), people.get(item.line.key))
            continue
        record = records.get(item.external_id.testimony_id)
        if record is None:
            report.reject(item.line.place, DELETED)
            continue
        is_edited = item.external_id.record_digest != digests[record.pk]
        if record.pk in withdrawn and status != Status.WITHDRAWN:
            report.reject(item.line.place, WITHDRAWN)
        elif is_edited and not overwrite:
            # hiding does not wait until somebody has settled what else differs
            is_hidden = status == Status.WITHDRAWN and _withdraw(record)
            report.reject(item.line.place, EDITED_AND_WITHDRAWN if is_hidden else EDITED)
        else:
            # where people decide about publication, a load only ever withdraws
            keeps_status = status != Status.WITHDRAWN and (is_edited or shelf.importer_id is not None)
            yield _changed(shelf, item, record, record.status if keeps_status else status, digests[record.pk])


def _erased(system: str, batch: list[Pending]) -> set[str]:
    """Keys of what was erased."""
    ids = [{"system": system, "value": item.line.key} for item in batch]
    return {one["value"] for one in barred_ids.barred(ids)}


def _first(status: Status, shelf: Shelf) -> Status:
    """Nobody publishes their own work, a file that they chose included."""
    return Status.DRAFT if status == Status.PUBLISHED and shelf.importer_id is not None else status


def _withdrawn(ids: list[uuid.UUID]) -> set[uuid.UUID]:
    """Those that were withdrawn, or of which a clearance was."""
    rows = models.Testimony.objects.filter(pk__in=ids)
    return {*rows.filter(status=Status.WITHDRAWN).values_list("pk", flat=True)} | {
        *rows.filter(clearances__withdrawn_at__isnull=False).values_list("pk", flat=True)
    }


def _withdraw(record: models.Testimony) -> bool:
    record.status = Status.WITHDRAWN
    record.save(update_fields=["status"])
    return True


def _people_without_testimony(system: str, batch: list[Pending]) -> dict[str, uuid.UUID]:
    """Key -> person, for records of which the testimony was deleted and the person was not."""
    keys = [item.line.key for item in batch if item.external_id is None]
    rows = models.PersonExternalId.objects.filter(system=system, value__in=keys)
    return dict(rows.values_list("value", "person"))


def _new(shelf: Shelf, item: Pending, status: str, person: uuid.UUID | None) -> Draft:
    return Draft(
        line=item.line,
        shelf=shelf,
        digest=item.digest,
        testimony_id=uuid.uuid4(),
        person_id=person or uuid.uuid4(),
        membership_id=uuid.uuid4(),
        status=status,
        published_at=_published_at(status, None),
        record_digest="",
        keeps_person=person is not None,
    )


def _changed(shelf: Shelf, item: Pending, record: models.Testimony, status: str, record_digest: str) -> Draft:
    return Draft(
        line=item.line,
        shelf=shelf,
        digest=item.digest,
        testimony_id=record.pk,
        person_id=record.person_id,
        membership_id=record.membership_id or uuid.uuid4(),
        status=status,
        published_at=_published_at(status, record.published_at),
        record_digest=record_digest,
    )


def _published_at(status: str, before: dt.datetime | None) -> dt.datetime | None:
    return before or (timezone.now() if status == Status.PUBLISHED else None)
