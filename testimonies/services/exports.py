"""Sending everything that a list has: for a purpose, recorded before the first byte, never more at once than leaves room.

Nothing of what is sent is kept. What somebody prepared is made when it is fetched, through the door of that moment, so that
a withdrawal reaches it.
"""

import datetime as dt
import logging
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from testimonies.access import Actor, Capability, Tier
from testimonies.errors import Forbidden, NotFound, PurposeRequired, TooManyExports
from testimonies.models import Export
from testimonies.models.exports import ExportState

Count = Callable[[int], None]
log = logging.getLogger("testimonies.exports")


def prepare(
    resource: str, file_format: str, parameters: Sequence[str], request: str, *, by: Actor, purpose: str
) -> Export:
    """Record what is to be fetched later. `request` is all of it in words, of which a digest is kept. Errors: PurposeRequired."""
    return _record(
        resource,
        file_format,
        parameters,
        request,
        by=by,
        purpose=purpose,
        state=ExportState.PREPARED,
        expires_at=by.now + dt.timedelta(hours=settings.EXPORT_LINK_HOURS),
    )


def begin(
    resource: str, file_format: str, parameters: Sequence[str], request: str, *, by: Actor, purpose: str
) -> Export | None:
    """Record an export that is sent at once; below partner there is nothing to record. Errors: PurposeRequired."""
    if by.tier == Tier.PUBLIC:
        return None
    return _record(
        resource, file_format, parameters, request, by=by, purpose=purpose, state=ExportState.RUNNING, n_downloads=1
    )


def fetch(export_id: UUID, request: str, *, by: Actor) -> Export:
    """The prepared export, begun. Errors: NotFound, unless the same caller asks for the same while the link works."""
    mine = _prepared(export_id, request, by)
    if not mine.update(state=ExportState.RUNNING, n_downloads=F("n_downloads") + 1, n_records=None, ended_at=None):
        raise NotFound
    return Export.objects.get(pk=export_id)


def known(export_id: UUID, request: str, *, by: Actor) -> None:
    """Whether it could be fetched. Errors: NotFound."""
    if not _prepared(export_id, request, by).exists():
        raise NotFound


def _prepared(export_id: UUID, request: str, by: Actor) -> QuerySet[Export]:
    return Export.objects.filter(
        pk=export_id,
        user_id=by.user_id,  # type: ignore[misc]  # of a key that is nobody's: none
        key_name=by.key_name,
        tier=by.tier,
        digest=_digest(request),
        expires_at__gt=Now(),
    )


def send(
    file: Callable[[Count], Generator[bytes]],
    recorded: Callable[[], Export | None] = lambda: None,
    *,
    by: Actor,
    broken_off: bytes = b"",
) -> Generator[bytes]:
    """The pieces of a file, once there is a place and it was `recorded`. How far it came is noted at its end.

    What fails before the first piece is an error like any other. Later the caller has been told that all is well; so the
    file ends with `broken_off`, with which nobody reads it as whole.
    """
    n_records, n_pieces, state = 0, 0, ExportState.ABANDONED
    record: Export | None = None

    def count(number: int) -> None:
        nonlocal n_records
        n_records += number

    try:
        with _place(by):
            record = recorded()
            with closing(file(count)) as pieces:
                for piece in pieces:
                    n_pieces += 1
                    yield piece
        state = ExportState.FINISHED
    except Exception as error:
        state = ExportState.FAILED
        if not n_pieces:
            raise
        log.error("an export broke off: %s", type(error).__name__)  # noqa: TRY400 - its message may hold a row's values
        yield broken_off
    finally:
        _end(record, state, n_records)


_sent: Counter[tuple[int | None, str]] = Counter()
_lock = threading.Lock()


@contextmanager
def _place(by: Actor) -> Iterator[None]:
    """One of the places of this process. Nobody takes them all. Errors: TooManyExports."""
    caller, most = (by.user_id, by.key_name), settings.EXPORTS_AT_ONCE
    with _lock:
        if _sent.total() >= most or _sent[caller] >= max(1, most - 1):
            raise TooManyExports
        _sent[caller] += 1
    try:
        yield
    finally:
        with _lock:
            _sent[caller] -= 1
            if not _sent[caller]:
                del _sent[caller]


def _record(
    resource: str,
    file_format: str,
    parameters: Sequence[str],
    request: str,
    *,
    by: Actor,
    purpose: str,
    **values: object,
) -> Export:
    if not by.may(Capability.READ):
        raise Forbidden
    return Export.objects.create(
        user_id=by.user_id,
        key_name=by.key_name,
        tier=by.tier,
        resource=resource,
        format=file_format,
        parameters=list(parameters),
        digest=_digest(request),
        purpose=_checked(purpose, by),
        request_id=by.request_id,
        **values,
    )


def _checked(purpose: str, by: Actor) -> str:
    purpose = purpose.strip()
    is_said = Export.MIN_PURPOSE <= len(purpose) <= 500 and purpose.isprintable()
    if not is_said and (purpose or by.tier > Tier.PUBLIC):
        raise PurposeRequired
    return purpose


def _digest(request: str) -> bytes:
    return salted_hmac("testimonies.services.exports", request, algorithm="sha256").digest()


def _end(record: Export | None, state: ExportState, n_records: int) -> None:
    if record is None:
        return
    try:
        Export.objects.filter(pk=record.pk).update(state=state, n_records=n_records, ended_at=Now())
    except DatabaseError as error:  # nothing is gained by an error after the last byte; the record says "running"
        log.error("the end of an export was not noted: %s", type(error).__name__)  # noqa: TRY400


class Body:
    """What the server reads, in the thread that answers; it closes it when it is done, or when the caller has gone."""

    def __init__(self, pieces: Generator[bytes]) -> None:
        self.begun = pieces
        self.pieces: Iterator[bytes] = _after(next(pieces, b""), pieces)

    def __iter__(self) -> Iterator[bytes]:
        return self.pieces

    def close(self) -> None:
        self.begun.close()


def _after(first: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces
