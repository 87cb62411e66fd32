"""What is stored, in the shape in which a file says it, so that the two can be compared field by field.

Read for many records at once, and only the parts that some row of the file speaks of.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from testimonies import models
from testimonies.models.testimonies import Status
from testimonies.selectors.sql import Sql, fetch
from testimonies.services import persons, testimonies

Values = dict[str, Any]
CLEARANCE = ("basis", "starts_at", "uses", "ends_at", "withdrawn_at", "evidence", "reviewed_by")
TEXT = ("language", "kind", "body", "tier", "position", "translation_of_id")
CLAIM = ("field", "value", "note", "is_preferred", "position", "tier")
CITATION = ("source_id", "relation", "locator", "tier")


@dataclass(slots=True)
class Stored:
    """A record with its values; of a testimony also where it stands, and of whom it is."""

    id: UUID
    values: Values
    status: str = Status.DRAFT
    version: int = 0
    person_id: UUID | None = None
    membership_id: UUID | None = None
    is_shown: bool = False
    """Of a person: whether a testimony of theirs is published."""
    part_ids: dict[str, list[UUID]] = field(default_factory=dict)
    """Of texts, citations and clearances: their ids, in the order of the values."""


def testimonies_of(ids: Collection[UUID], parts: Collection[str]) -> dict[UUID, Stored]:
    columns = sorted(testimonies.FIELDS)
    member = sorted(testimonies.MEMBERSHIP)
    rows = models.Testimony.objects.filter(pk__in=ids).values_list(
        "pk", "status", "version", "person_id", "membership_id", "membership__group__slug",
        *(f"membership__{name}" for name in member), *columns,
    )  # fmt: skip
    found = {}
    for pk, status, version, person_id, membership_id, group, *values in rows:
        said = dict(zip([*member, *columns], values, strict=True))
        found[pk] = Stored(pk, said | {"group": group}, status, version, person_id, membership_id)
    for name in READERS.keys() & {"external_ids", *parts}:
        for one in found.values():
            one.values[name] = []
        for owner, part_id, value in READERS[name](found):
            found[owner].values[name].append(value)
            found[owner].part_ids.setdefault(name, []).append(part_id)
    return found


def persons_of(ids: Collection[UUID], parts: Collection[str]) -> dict[UUID, Stored]:
    columns = sorted(persons.FIELDS)
    rows = models.Person.objects.filter(pk__in=ids).values_list("pk", "version", *columns)
    found = {pk: Stored(pk, dict(zip(columns, values, strict=True)), version=v) for pk, v, *values in rows}
    shown = models.Testimony.objects.filter(person__in=found, status=Status.PUBLISHED)
    for pk in shown.values_list("person_id", flat=True).distinct():
        found[pk].is_shown = True
    external = _pairs(models.PersonExternalId.objects.filter(person__in=found), "person_id")
    names: Iterator[tuple[UUID, Any, Any]] = iter(())
    if "other_names" in parts:
        names = (
            (owner, None, {"value": value, "kind": kind, "tier": tier})
            for owner, value, kind, tier in models.PersonName.objects.filter(person__in=found)
            .order_by("pk")
            .values_list("person_id", "value", "kind", "tier")
        )
    for one in found.values():
        one.values |= {"external_ids": [], "other_names": []}
    for owner, _, value in external:
        found[owner].values["external_ids"].append(value)
    for owner, _, value in names:
        found[owner].values["other_names"].append(value)
    return found


Rows = Iterator[tuple[UUID, Any, Any]]
"""(Testimony, id of the part, its value)."""


def _pairs(rows: QuerySet[Any], owner: str) -> Rows:
    for pk, one, system, value in rows.order_by("pk").values_list("pk", owner, "system", "value"):
        yield one, pk, {"system": system, "value": value}


def _external_ids(ids: Iterable[UUID]) -> Rows:
    return _pairs(models.TestimonyExternalId.objects.filter(testimony__in=ids), "testimony_id")


def _collections(ids: Iterable[UUID]) -> Rows:
    rows = models.CollectionItem.objects.filter(testimony__in=ids).order_by("collection__slug")
    yield from rows.values_list("testimony_id", "pk", "collection__slug")


def _cases(ids: Iterable[UUID]) -> Rows:
    rows = models.CaseLink.objects.filter(testimony__in=ids).order_by("collection__slug")
    for owner, pk, slug, is_case in rows.values_list("testimony_id", "pk", "collection__slug", "is_case"):
        yield owner, pk, {"collection": slug, "is_case": is_case}


def _codes(ids: Iterable[UUID]) -> Rows:
    rows = models.ConsensusCode.objects.filter(testimony__in=ids).order_by("pk")
    yield from rows.values_list("testimony_id", "pk", "code_id")


def _citations(ids: Iterable[UUID]) -> Rows:
    rows = models.Citation.objects.filter(testimony__in=ids).order_by("position", "pk")
    return _parts(rows, CITATION)


def _texts(ids: Iterable[UUID]) -> Rows:
    return _parts(models.Text.objects.filter(testimony__in=ids).order_by("position", "pk"), TEXT)


def _clearances(ids: Iterable[UUID]) -> Rows:
    return _parts(models.Clearance.objects.filter(testimony__in=ids).order_by("starts_at", "pk"), CLEARANCE)


def _claims(ids: Iterable[UUID]) -> Rows:
    return _parts(models.Claim.objects.filter(testimony__in=ids).order_by("position", "pk"), CLAIM)


def _parts(rows: QuerySet[Any], columns: tuple[str, ...]) -> Rows:
    for owner, pk, *values in rows.values_list("testimony_id", "pk", *columns):
        yield owner, pk, dict(zip(columns, values, strict=True))


READERS = {
    "external_ids": _external_ids,
    "collections": _collections,
    "cases": _cases,
    "codes": _codes,
    "citations": _citations,
    "texts": _texts,
    "clearances": _clearances,
    "claims": _claims,
}


def by_external_id(model: Any, owner: str, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """(System, value) -> the record that has it."""
    by_system: dict[str, list[str]] = defaultdict(list)
    for system, value in wanted:
        by_system[system].append(value)
    statement = f"SELECT value, {owner} FROM {model._meta.db_table} WHERE system = %s AND value = ANY (%s)"
    return {
        (system, value): pk
        for system, values in by_system.items()
        for value, pk in fetch(Sql(statement, (system, values)))
    }


def by_id_or_ref(model: Any, wanted: Mapping[str, Collection[str]]) -> dict[str, UUID]:
    """Id or reference, as written -> id."""
    rows = model._default_manager  # noqa: SLF001
    found = {str(pk): pk for pk in rows.filter(pk__in=wanted["id"]).values_list("pk", flat=True)}
    return found | dict(rows.filter(ref__in=wanted["ref"]).values_list("ref", "pk"))


def last_said(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Digest of the row that each of these was last imported from."""
    rows = models.TestimonyExternalId.objects.filter(testimony__in=list(ids)).exclude(line_digest="")
    return dict(rows.values_list("testimony_id", "line_digest"))


_NOT_CONTENT = "ARRAY['pgh_id', 'pgh_salt', 'pgh_label', 'pgh_created_at', 'pgh_context', 'version', 'changed_at', 'status', 'published_at']"
_EDITED = f"""
SELECT id FROM unnest(%s::uuid[]) AS id,
  LATERAL (SELECT to_jsonb(e) - {_NOT_CONTENT} AS left FROM testimonies_testimonyevent e WHERE e.pgh_obj_id = id
           AND e.pgh_context ->> 'through' = 'import' ORDER BY e.pgh_id DESC LIMIT 1) AS imported,
  LATERAL (SELECT to_jsonb(e) - {_NOT_CONTENT} AS is FROM testimonies_testimonyevent e WHERE e.pgh_obj_id = id
           ORDER BY e.pgh_id DESC LIMIT 1) AS now
WHERE imported.left <> now.is
"""


def edited(ids: set[UUID]) -> set[UUID]:
    """Those of the imported ones that say something else than the last import left; where they stand is no matter."""
    if not ids:
        return set()
    return {pk for (pk,) in fetch(Sql(_EDITED, (list(ids),)))}


def coded(ids: Iterable[UUID]) -> set[UUID]:
    return {*models.Assignment.objects.filter(testimony__in=list(ids)).values_list("testimony_id", flat=True)}
