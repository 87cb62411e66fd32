"""What a worker does with an import: checks its file, or applies it, and settles what becomes of it."""

import gc
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from testimonies.access import Actor, Capability
from testimonies.errors import DomainError, Forbidden, RejectedFile
from testimonies.models import Import, ImportRow, Testimony
from testimonies.models.imports import RUNNING, ImportState, OnError, RowOutcome
from testimonies.models.testimonies import Status
from testimonies.selectors import actors
from testimonies.services.acts import act
from testimonies.services.importing import forgetting, rows, running
from testimonies.services.importing.ahead import go_by_index
from testimonies.services.importing.beside import Beside
from testimonies.services.importing.files import Options
from testimonies.services.importing.mappings import ColumnMapping
from testimonies.services.importing.planning import Planned, Planner
from testimonies.services.importing.running import Found

WORKING = 7_105_242
"""First number of the advisory locks of imports that are being worked on."""
_MOVED = "The records have changed since the check, and the file would now do something else. Check it again."
_ERASED = "The file holds what was erased here and must not come back. Leave those rows out."
_FAILED = (
    "Something went wrong here, and nothing was stored. Try again; if it fails again, tell whoever runs the service."
)


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
        if beside.tell(batch, done):
            raise Stopped
        progress(done, total)

    def end() -> None:
        if beside.tell([], done) or beside.must_stop():
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
    go_by_index()
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
