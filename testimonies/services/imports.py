"""Acts on imports: a file comes in, is checked, is applied or cancelled; and what a worker does with it.

The file is kept in the database, in pieces, until its import has ended. What the rows hold of records is destroyed after a
time, and with the record that they tell of.
"""

import datetime as dt
import gc
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from testimonies.access import Actor, Capability
from testimonies.errors import DomainError, Forbidden, Invalid, NotAllowedNow, NotFound, Outdated, RejectedFile
from testimonies.models import Collection, Import, ImportChunk, ImportMapping, ImportRow, Testimony
from testimonies.models.imports import RUNNING, ImportState, OnError, RowOutcome
from testimonies.models.testimonies import Status
from testimonies.selectors import actors
from testimonies.services import import_mappings
from testimonies.services.acts import act
from testimonies.services.importing import files, forgetting, mappings, rows, running
from testimonies.services.importing.beside import Beside
from testimonies.services.importing.files import Options
from testimonies.services.importing.mappings import ColumnMapping
from testimonies.services.importing.planning import Planned, Planner
from testimonies.services.importing.running import Found

MOST_BYTES = 100 * 1024 * 1024
"""Of a file."""
CHUNK = 1024 * 1024
CHECKED_FOR = dt.timedelta(hours=24)
"""How long a file waits after its check until it is applied, or for its mapping, or expires."""
WORKING = 7_105_242
"""First number of the advisory locks of imports that are being worked on."""
KEPT_FOR = dt.timedelta(days=30)
"""How long after its end an import says what became of each row."""
_MOVED = "The records have changed since the check, and the file would now do something else. Check it again."
_ERASED = "The file holds what was erased here and must not come back. Leave those rows out."
_FAILED = (
    "Something went wrong here, and nothing was stored. Try again; if it fails again, tell whoever runs the service."
)


# --- What people do ---------------------------------------------------------------------------------------------------


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
    """Keep the file, and have a worker look at it unless the caller does (`run`).

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
    from testimonies.services.jobs import run_import  # noqa: PLC0415 - the job runs what is below

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


# --- What a worker does -------------------------------------------------------------------------------------------------


class Stopped(DomainError):
    code = "stopped"
    detail = "Somebody cancelled it."


class Refused(DomainError):
    """Nothing is stored: the rows say why, or the detail."""

    code = "refused"
    detail = "Some rows cannot be stored. Correct the file, or bring it in again with on_error=skip."

    def __init__(self, outcome: Found, detail: str | None = None) -> None:
        super().__init__(detail)
        self.outcome = outcome


Progress = Callable[[int, int], None]


def run(import_id: UUID, *, progress: Progress = lambda *_: None) -> Import | None:
    """From where it stands to its next rest: checked, or ended. Run again, it does what is left to do."""
    found = Import.objects.filter(pk=import_id, state__in=RUNNING).first()
    if found is None:
        return None
    try:
        with Beside(found.pk) as beside, kept_file(found) as path, _seldom_collected():
            _run(found, path, beside, progress)
    except _Done:
        pass
    except Stopped:
        forgetting.end([found.pk], ImportState.CANCELLED)
    except Refused as error:
        _settle(found, error.outcome, ImportState.REFUSED, error.detail)
    except RejectedFile as error:
        problems = [{"column": "", "value": "", "code": "file", "reason": one} for one in error.problems]
        forgetting.end(
            [found.pk], ImportState.REFUSED, "The file cannot be read. Correct it and bring it in again.", problems
        )
    except DomainError as error:
        forgetting.end([found.pk], ImportState.REFUSED, error.detail[:300])
    except Exception:  # noqa: BLE001 - whatever it was may repeat what the file holds: it is told to nobody
        forgetting.end([found.pk], ImportState.FAILED, _FAILED)
    found.refresh_from_db()
    return found


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """A batch makes many objects that live until its end: to look for circles among them again and again took a fifth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class _Done(Exception):
    """Another worker was at it, and has done it."""


def _take(import_id: UUID) -> None:
    """One transaction at a time is at work on an import; whoever dies lets go of it. Errors: _Done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [WORKING, str(import_id)])
    if not Import.objects.filter(pk=import_id, state__in=RUNNING).exists():
        raise _Done


def _run(found: Import, path: Path, beside: Beside, progress: Progress) -> None:
    by = _actor(found)
    reading = rows.read(path, ColumnMapping(**found.mapping), options=Options(**found.options))
    if reading.problems:
        problems = [
            {"column": one.column, "value": one.value, "code": "column", "reason": one.reason}
            for one in reading.problems
        ]
        forgetting.end(
            [found.pk], ImportState.REFUSED, "The columns do not fit. Change the mapping or the file.", problems
        )
        return
    total = _count(reading)
    headers = {ours: header for header, ours in reading.mapping.columns.items() if ours}
    done = 0

    def begin() -> None:
        nonlocal done
        _take(found.pk)
        beside.begin(ImportState.CHECKING if found.dry_run else ImportState.APPLYING, total)
        done = 0

    def tell(batch: Sequence[Planned]) -> None:
        nonlocal done
        for one in batch:
            for problem in one.problems:
                problem["column"] = headers.get(problem["column"], problem["column"])
        done += len(batch)
        beside.add(batch)
        if beside.tell(done):
            raise Stopped
        progress(done, total)

    def end() -> None:
        if beside.tell(done) or beside.must_stop():
            raise Stopped

    if found.dry_run:
        with transaction.atomic():
            begin()
            outcome = running.check(lambda: reading, Planner(collection=found.collection), tell)
            end()
        _checked(found, outcome)
    else:
        _apply(found.pk, by=by, begin=begin, read=lambda: reading, tell=tell, end=end)


@act(Capability.IMPORT)
def _apply(
    import_id: UUID,
    *,
    by: Actor,
    begin: Callable[[], None],
    read: running.Read,
    tell: running.Tell,
    end: Callable[[], None],
) -> None:
    """All in one transaction, the end of the import included."""
    begin()
    _go_by_index()
    found = Import.objects.get(pk=import_id)
    skips = found.on_error == OnError.SKIP
    outcome = running.apply(read, Planner(collection=found.collection), tell, by=by, skips=skips)
    end()
    if outcome.codes["erased"]:
        raise Refused(outcome, _ERASED)
    if found.plan and outcome.plan != found.plan:
        raise Refused(outcome, _MOVED)
    if outcome.outcomes[RowOutcome.REJECTED] and not skips:
        raise Refused(outcome)
    _settle(found, outcome, ImportState.DONE)


def _go_by_index() -> None:
    """Until the end of the transaction. PostgreSQL plans once what reads records, by what it knows of the tables, which is how they were
    before the import: small, it may be, and then it would go through all of a table again and again while that grows.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


def _checked(found: Import, outcome: Found) -> None:
    with transaction.atomic():
        if outcome.codes["erased"]:
            _settle(found, outcome, ImportState.REFUSED, _ERASED)
        else:
            _settle(found, outcome, ImportState.CHECKED)
            gone = _gone(found.pk)
            if gone:
                forgetting.forget(testimonies=gone)


_TARGETS = """
SELECT t.id FROM testimonies_testimony t WHERE t.id IN (SELECT testimony_id FROM testimonies_importrow WHERE of_import_id = %s)
ORDER BY t.id FOR KEY SHARE
"""


def _gone(import_id: UUID) -> list[UUID]:
    """Records that rows tell of and that were erased or withdrawn while the file was checked. Waits for who does it now."""
    with connection.cursor() as cursor:
        cursor.execute(_TARGETS, [import_id])
    told = ImportRow.objects.filter(of_import=import_id).exclude(outcome=RowOutcome.CREATED).exclude(testimony_id=None)
    there = Testimony.objects.exclude(status=Status.WITHDRAWN).values("pk")
    gone = told.exclude(testimony_id__in=there).exclude(changes=[]).values_list("testimony_id", flat=True)
    return [pk for pk in gone if pk]


def _settle(found: Import, outcome: Found, state: ImportState, refusal: str = "") -> None:
    numbers = {f"n_{name.value}": outcome.outcomes[name] for name in RowOutcome}
    total = outcome.outcomes.total()
    Import.objects.filter(pk=found.pk).update(
        **numbers, rows_done=total, rows_total=total, plan=outcome.plan, checked_at=Now()
    )
    if state == ImportState.CHECKED:
        Import.objects.filter(pk=found.pk).update(state=state)
    else:
        forgetting.end([found.pk], state, refusal)


def _actor(found: Import) -> Actor:
    """Whoever brought it in, as they may do things now. Errors: Forbidden."""
    user = found.created_by
    if user is not None and not user.is_active:
        raise Forbidden
    return actors.of_import(user, key_name=found.key_name, request_id=found.request_id, reason=found.reason)


def _count(reading: rows.Reading) -> int:
    return sum(1 for _ in reading.table)


@contextmanager
def kept_file(found: Import) -> Iterator[Path]:
    """The file as it came, in a folder of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="testimonies-") as folder:  # made with mode 0700
        path = Path(folder) / "file"
        with path.open("wb") as file:
            for data in found.chunks.order_by("number").values_list("data", flat=True).iterator(chunk_size=4):
                file.write(data)
        yield path


# --- What is forgotten -----------------------------------------------------------------------------------------------------


def sweep() -> None:
    """Destroy what has lain long enough: files that were checked and not applied, and what became of rows long ago."""
    checked = Q(state=ImportState.CHECKED, checked_at__lt=Now() - CHECKED_FOR)
    unmapped = Q(state=ImportState.MAPPING, created_at__lt=Now() - CHECKED_FOR)
    forgetting.end(Import.objects.filter(checked | unmapped).values_list("pk", flat=True), ImportState.EXPIRED)
    ImportRow.objects.filter(of_import__ended_at__lt=Now() - KEPT_FOR).delete()
