"""Finding, checking and storing one record: what the services of all kinds share. Nothing here decides a rule."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models
from django.db.models import ProtectedError
from django.db.models.functions import Now

from testimonies.access import Actor, Capability
from testimonies.errors import Exists, InUse, Invalid, NotAllowedNow, NotFound, Overtaken
from testimonies.models.base import ExternalId, Record
from testimonies.models.campaigns import SHOWN_WITH_SOURCES
from testimonies.models.collections import FigureSource
from testimonies.models.testimonies import Status, Testimony
from testimonies.selectors.visibility import may_see
from testimonies.services import acts, barred_ids

Row = TypeVar("Row", bound=Record)
Stored = TypeVar("Stored", bound=models.Model)
ANY_VERSION = None
"""Overwrites whatever is there, out loud (`If-Match: *`)."""


def find(model: type[Row], record_id: UUID, *, by: Actor) -> Row:
    """The record through the door, locked for the rest of the act. Errors: NotFound, hidden or never there."""
    row = model._default_manager.select_for_update(no_key=True, of=("self",)).filter(pk=record_id).first()  # noqa: SLF001
    if row is None or not may_see(row, by):
        raise NotFound
    return row


def at_version(row: Row, version: int | None) -> Row:
    """Errors: Overtaken, when the record has moved on since `version` was read."""
    if version is not ANY_VERSION and row.version != version:
        raise Overtaken(row.version)
    return row


def find_open(testimony_id: UUID, *, by: Actor) -> Testimony:
    """The testimony to which something is added or of which a part changes. Errors: NotFound, NotAllowedNow."""
    testimony = find(Testimony, testimony_id, by=by)
    check_draft(testimony, by=by)
    return testimony


def part(model: type[Row], part_id: UUID, testimony: Testimony, version: int | None) -> Row:
    """A text, citation, claim or clearance of a testimony that is locked already. Errors: NotFound, Overtaken."""
    row = model._default_manager.filter(pk=part_id, testimony=testimony).first()  # noqa: SLF001
    if row is None:
        raise NotFound
    return at_version(row, version)


def related(model: type[Row], record_id: UUID, field: str, *, by: Actor) -> Row:
    """A record that a field refers to. One that the actor may not see is as unknown as one that never was."""
    row = model._default_manager.filter(pk=record_id).first()  # noqa: SLF001
    if row is None or not may_see(row, by):
        raise unknown(field)
    return row


def by_slug(model: type[Row], slug: str, field: str, *, by: Actor, **where: str) -> Row:
    """As `related`, of what is referred to by its slug."""
    row = model._default_manager.filter(slug=slug, **where).first()  # noqa: SLF001
    if row is None or not may_see(row, by):
        raise unknown(field)
    return row


def clock() -> dt.datetime:
    """The transaction's moment, by PostgreSQL's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def unknown(field: str) -> Invalid:
    """What a field refers to is not there, or not for the actor."""
    what = "record. Check the id" if field.endswith("_id") else f"{field.rstrip('s')}. Check the slug"
    return Invalid((f"/{field}", "unknown", f"There is no such {what}."))


def next_position(rows: models.QuerySet[Any]) -> int:
    """After the last of the rows."""
    last: int | None = rows.aggregate(last=models.Max("position"))["last"]
    return 0 if last is None else min(last + 1, 32_767)


def put(row: models.Model, values: Mapping[str, Any], allowed: frozenset[str]) -> None:
    if unknown := values.keys() - allowed:
        raise Invalid(*((f"/{name}", "unknown_field", "There is no such field here.") for name in sorted(unknown)))
    for name, value in values.items():
        setattr(row, name, value)


def touched(row: Row) -> Row:
    """Another version of a record of which a part changed that lies in rows of its own."""
    type(row)._default_manager.filter(pk=row.pk).update(changed_at=Now())  # noqa: SLF001
    row.refresh_from_db()
    return row


def check_draft(row: Record, *, by: Actor, may_hide: bool = True) -> None:
    """A coder changes drafts, and shared records that nothing published needs; of what is published they only hide more.

    Errors: NotAllowedNow.
    """
    if by.may(Capability.CURATE):
        return
    if isinstance(row, Testimony):
        states = {row.status}
    else:
        states = set(needed_by(row).values_list("status", flat=True).distinct())
        if _is_stated(row):
            states.add(_SHOWN_BY_OTHERS)
    if states <= {Status.DRAFT}:
        return
    if may_hide and states <= {Status.DRAFT, Status.PUBLISHED}:
        acts.must_hide()
    else:
        raise NotAllowedNow("This is no longer a draft. Ask an editor to change it, or to send it back to draft.")


_SHOWN_BY_OTHERS = "others"


def _is_stated(row: Record) -> bool:
    """Figures, campaigns and their uses are published as soon as they are entered."""
    return any(model._default_manager.filter(source=row.pk).exists() for model in (FigureSource, *SHOWN_WITH_SOURCES))  # noqa: SLF001


def check_deletable(row: Testimony) -> None:
    """What was published once is withdrawn, not deleted. Errors: NotAllowedNow."""
    if row.status != Status.DRAFT or row.published_at is not None:
        raise NotAllowedNow("Only drafts that were never published are deleted. Withdraw the testimony instead.")
    if row.assignments.exists():
        raise NotAllowedNow("It is assigned to coders, whose codings are kept. Withdraw the testimony instead.")


def needed_by(row: Record) -> models.QuerySet[Testimony]:
    """Testimonies whose documents embed a shared record."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT testimonies_dependants(%s, ARRAY[%s]::uuid[])", [str(row._meta.model_name), row.pk])
        return Testimony.objects.filter(pk__in=[pk for (pk,) in cursor.fetchall()])


def set_external_ids(model: type[ExternalId], owner: Record, ids: Iterable[Mapping[str, str]]) -> None:
    """The whole list. Errors: Exists, where another record has one of them; Invalid, where what had one was erased."""
    name = str(owner._meta.model_name)
    ids = list(ids)
    if any(barred_ids.barred(ids)):
        raise Invalid(("/external_ids", "erased", "What had this id was erased, and must not come back."))
    wanted = {(one["system"], one["value"]) for one in ids}
    kept = set()
    for row in model._default_manager.filter(**{name: owner}):  # noqa: SLF001
        if (row.system, row.value) in wanted:
            kept.add((row.system, row.value))
        else:
            row.delete()
    for system, value in sorted(wanted - kept):
        store(model(**{name: owner, "system": system, "value": value}), pointer="/external_ids")


def store(row: Stored, *, pointer: str = "") -> Stored:
    """Check the fields and save. Errors: Invalid, Exists, which end the act: its transaction takes no more statements."""
    is_new = row._state.adding  # noqa: SLF001 - Django's own word for it
    relations = [field.name for field in row._meta.concrete_fields if field.is_relation]
    if misleading := _misleading(row):
        raise Invalid(*((pointer or f"/{name}", "direction_mark", _NO_MARKS) for name in misleading))
    try:
        row.clean_fields(exclude=relations)
        row.save()
    except ValidationError as error:
        raise Invalid(*_field_errors(error, pointer)) from None
    except IntegrityError as error:
        if acts.is_taken_ref(error):
            raise  # the act is repeated
        raise _as_refusal(error, pointer) from None
    if isinstance(row, Record) and not is_new:  # with its version, which only PostgreSQL counts
        row.refresh_from_db()
    return row


_MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_NO_MARKS = "Leave out the marks that override the direction of writing: one line with them reads as what it is not."


def _misleading(row: models.Model) -> list[str]:
    """Names of one-line fields that hold such marks. Texts of several lines may: they are kept as they were published."""
    fields = [field for field in row._meta.concrete_fields if isinstance(field, models.CharField)]
    return [field.name for field in fields if _MARKS.search(getattr(row, field.attname) or "")]


def delete(row: models.Model, *, by: Actor) -> None:
    """Errors: InUse, with what is in the way, as far as the actor may see it."""
    try:
        row.delete()
    except ProtectedError as error:
        raise InUse(_counted(error.protected_objects, by)) from None


def _counted(rows: Iterable[models.Model], by: Actor) -> str:
    """Kinds and numbers of what the actor sees; of the rest only that there is something."""
    numbers: dict[str, int] = {}
    is_whole = True
    for row in rows:
        if may_see(row, by):
            name = str(row._meta.verbose_name_plural)
            numbers[name] = numbers.get(name, 0) + 1
        else:
            is_whole = False
    named = [f"{number} {name}" for name, number in sorted(numbers.items())]
    return ", ".join(named if is_whole else [*named, "other records"])


def _field_errors(error: ValidationError, pointer: str) -> list[tuple[str, str, str]]:
    return [
        (pointer or f"/{name}", str(one.code or "invalid"), " ".join(one.messages))
        for name, errors in error.error_dict.items()
        for one in errors
    ]


def _as_refusal(error: IntegrityError, pointer: str) -> Exception:
    """A broken constraint in the words of its name, which says what is true of every row."""
    diagnostic = getattr(error.__cause__, "diag", None)
    name = getattr(diagnostic, "constraint_name", None) or ""
    state = getattr(error.__cause__, "sqlstate", "")
    if state == "23505":
        return Exists()
    if state in {"23514", "23P01"}:
        return Invalid((pointer, name, f"Not so for this record: {name.replace('_', ' ')}."))
    return error
