"""Acts on imports: a file comes in, is checked, is applied or cancelled. What a worker does with it: import_runs.py.

The file is kept in the database, in pieces, until its import has ended. What the rows hold of records is destroyed after a
time, and with the record that they tell of.
"""

import datetime as dt
import hashlib
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from testimonies.access import Actor, Capability
from testimonies.errors import Forbidden, Invalid, NotAllowedNow, NotFound, Outdated, RejectedFile
from testimonies.models import Collection, Import, ImportChunk, ImportMapping, ImportRow, Testimony
from testimonies.models.imports import ImportState, OnError, RowOutcome
from testimonies.models.testimonies import Status
from testimonies.services import import_mappings
from testimonies.services.acts import act
from testimonies.services.importing import files, forgetting, mappings, rows
from testimonies.services.importing.files import Options
from testimonies.services.importing.mappings import ColumnMapping

MOST_BYTES = 100 * 1024 * 1024
"""Of a file."""
CHUNK = 1024 * 1024
CHECKED_FOR = dt.timedelta(hours=24)
"""How long a file waits after its check until it is applied, or for its mapping, or expires."""
KEPT_FOR = dt.timedelta(days=30)
"""How long after its end an import says what became of each row."""


@act(Capability.IMPORT)
def create(
    *,
    by: Actor,
    file: IO[bytes],
    name: str,
    mapping: ColumnMapping | None = None,
    mapping_name: str = "",
    on_error: str = OnError.REJECT,
    dry_run: bool = True,
    collection: str = "",
    options: Options | None = None,
    defers: bool = True,
    asks: bool = False,
) -> Import:
    """Keep the file, and have a worker look at it unless the caller does (`import_runs.run`).

    With `asks`, it waits until somebody has said which column is which (`map_columns`). Errors: Invalid; RejectedFile, of what is no file of rows at all; Forbidden.
    """
    if by.user_id is None and by.through != "command":
        raise Forbidden  # new records are somebody's drafts
    if collection and not Collection.objects.filter(slug=collection).exists():
        raise Invalid(("/collection", "unknown", "There is no such collection. Check the slug."))
    if mapping_name:
        kept = ImportMapping.objects.filter(name=mapping_name).first()
        if kept is None:
            raise Invalid(
                ("/mapping", "unknown", "There is no mapping of this name. /api/v1/import-mappings/ lists them.")
            )
        mapping = mappings.stored(kept)
    with tempfile.TemporaryDirectory(prefix="testimonies-") as folder:
        path = Path(folder) / "file"
        digest, size = _copy(file, path)
        kind = files.detect(path)
        options = options or Options()
        reading = rows.read(path, mapping, options=options)
        headers = reading.table.columns
        taken = mappings.proposed(headers, mapping) if asks else reading.mapping
        made = Import.objects.create(
            created_by_id=by.user_id,
            key_name=by.key_name,
            reason=by.reason,
            request_id=by.request_id,
            file_name=plain_name(name),
            digest=digest,
            size=size,
            kind=kind.value,
            mapping=asdict(taken),
            headers=headers,
            options=asdict(options),
            mapping_name=mapping_name,
            on_error=on_error,
            dry_run=dry_run,
            collection=collection,
            state=ImportState.MAPPING if asks else ImportState.WAITING,
        )
        with path.open("rb") as content:
            for number, data in enumerate(iter(partial(content.read, CHUNK), b"")):
                ImportChunk.objects.create(of_import=made, number=number, data=data)
    sweep()
    if defers and not asks:
        _defer(made)
    return made


@act(Capability.IMPORT)
def map_columns(import_id: UUID, *, by: Actor, save_as: str = "", **said: Any) -> Import:
    """Say which column is which, as a mapping says it (columns, fixed, date_format), and have the file checked.

    Errors: NotFound; NotAllowedNow; Invalid; Exists, where `save_as` is the name of another mapping.
    """
    found = _find(import_id)
    if found.state != ImportState.MAPPING:
        raise NotAllowedNow(f"It is {found.state}. Its columns have been said already.")
    kept = import_mappings.create(by=by, name=save_as, **said) if save_as else import_mappings.unsaved(**said)
    found.mapping, found.mapping_name, found.state = asdict(mappings.stored(kept)), save_as, ImportState.WAITING
    found.save(update_fields=["mapping", "mapping_name", "state"])
    _defer(found)
    return found


@act(Capability.IMPORT)
def apply(import_id: UUID, *, by: Actor) -> Import:
    """Do what the check found. Errors: NotFound; NotAllowedNow; Outdated, where it would no longer do just that."""
    found = _find(import_id)
    if found.state != ImportState.CHECKED:
        raise NotAllowedNow(f"It is {found.state}. Only an import that is checked is applied.")
    if found.n_rejected and found.on_error == OnError.REJECT:
        raise NotAllowedNow("Some rows cannot be stored. Correct the file, or bring it in again with on_error=skip.")
    if _has_moved(found):
        raise Outdated(["records"])
    found.dry_run, found.state, found.reason = False, ImportState.WAITING, by.reason or found.reason
    found.rows_done = 0
    found.save(update_fields=["dry_run", "state", "reason", "rows_done"])
    _defer(found)
    return found


@act(Capability.IMPORT)
def cancel(import_id: UUID, *, by: Actor) -> Import:  # noqa: ARG001 - whoever imports may stop it
    """Nothing of it is stored; one that is being written stops soon. Errors: NotFound; NotAllowedNow, once it has ended."""
    found = _find(import_id)
    if not found.is_open:
        raise NotAllowedNow(f"It is {found.state}: there is nothing left to cancel.")
    if found.state in {ImportState.CHECKING, ImportState.APPLYING}:
        found.must_stop = True
        found.save(update_fields=["must_stop"])
    else:
        forgetting.end([found.pk], ImportState.CANCELLED)
        found.refresh_from_db()
    return found


def plain_name(name: str) -> str:
    """Without folders and without what no file name holds."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:100] or "file"


def _copy(file: IO[bytes], path: Path) -> tuple[str, int]:
    """Errors: RejectedFile, of what is too large."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as kept:
        while data := file.read(CHUNK):
            size += len(data)
            if size > MOST_BYTES:
                raise RejectedFile([f"The file has more than {MOST_BYTES // 1024 // 1024} MB. Import it in parts."])
            digest.update(data)
            kept.write(data)
    return digest.hexdigest(), size


def _find(import_id: UUID) -> Import:
    found = Import.objects.select_for_update().filter(pk=import_id).first()
    if found is None:
        raise NotFound
    return found


def _defer(found: Import) -> None:
    from testimonies.services.jobs import run_import  # noqa: PLC0415 - all that a worker does, for few requests

    run_import.defer(import_id=str(found.pk))


def _has_moved(found: Import) -> bool:
    """Whether it can be told at once that the file would do something else now. The worker looks at every row again."""
    targets = ImportRow.objects.filter(of_import=found, outcome__in=[RowOutcome.UPDATED, RowOutcome.UNCHANGED])
    ids = targets.values("testimony_id")
    there = Testimony.objects.filter(pk__in=ids).exclude(status=Status.WITHDRAWN, changed_at__gt=found.checked_at)
    if there.count() != targets.count():
        return True
    changing = targets.filter(outcome=RowOutcome.UPDATED).values("testimony_id")
    return there.filter(pk__in=changing, changed_at__gt=found.checked_at).exists()


# --- What is forgotten -----------------------------------------------------------------------------------------------------


def sweep() -> None:
    """Destroy what has lain long enough: files that were checked and not applied, and what became of rows long ago."""
    checked = Q(state=ImportState.CHECKED, checked_at__lt=Now() - CHECKED_FOR)
    unmapped = Q(state=ImportState.MAPPING, created_at__lt=Now() - CHECKED_FOR)
    forgetting.end(Import.objects.filter(checked | unmapped).values_list("pk", flat=True), ImportState.EXPIRED)
    ImportRow.objects.filter(of_import__ended_at__lt=Now() - KEPT_FOR).delete()
