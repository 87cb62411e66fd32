"""What is destroyed of an import: its file once it has ended, and what it holds of a record with the record itself."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from testimonies.models import Import, ImportChunk, ImportRow
from testimonies.models.imports import OPEN, ImportState
from testimonies.services import barred_ids

FORGOTTEN = "(forgotten)"


def end(ids: Iterable[UUID], state: ImportState, refusal: str = "", problems: Sequence[Mapping[str, str]] = ()) -> None:
    """The file goes with it."""
    ids = list(ids)
    with transaction.atomic():
        ImportChunk.objects.filter(of_import__in=ids).delete()
        Import.objects.filter(pk__in=ids, state__in=OPEN).update(
            state=state, ended_at=Now(), refusal=refusal, problems=list(problems), must_stop=False
        )


def forget(
    *, testimonies: Iterable[UUID] = (), persons: Iterable[UUID] = (), ids: Iterable[Mapping[str, str]] = ()
) -> int:
    """Destroy what imports hold of these records: the rows that tell of them, and the files in which those rows are."""
    told = Q(testimony_id__in=list(testimonies)) | Q(person_id__in=list(persons))
    if digests := barred_ids.digests(ids):
        told |= Q(keys__overlap=digests)
    found = ImportRow.objects.filter(told)
    holding = list(Import.objects.filter(rows__in=found).values_list("pk", flat=True).distinct())
    end(Import.objects.filter(pk__in=holding, state__in=OPEN).values_list("pk", flat=True), ImportState.EXPIRED)
    # a file may be named after somebody, and so may a column
    Import.objects.filter(pk__in=holding).update(file_name=FORGOTTEN, reason="", mapping={}, headers=[], problems=[])
    return found.delete()[0]
