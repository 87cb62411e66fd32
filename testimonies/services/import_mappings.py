"""Acts on mappings of imports: kept by a name, so that the next file of the same kind needs no second thought."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from testimonies.access import Actor, Capability
from testimonies.errors import Invalid, NotFound
from testimonies.models import ImportMapping
from testimonies.selectors.filters import nearest
from testimonies.services import records
from testimonies.services.acts import act
from testimonies.services.importing import columns, mappings, rows
from testimonies.services.importing.readings import Unfit

FIELDS = frozenset(["name", "columns", "fixed", "date_format"])
Error = tuple[str, str, str]
Said = Sequence[Mapping[str, Any]]


@act(Capability.IMPORT)
def create(*, by: Actor, **values: Any) -> ImportMapping:
    """Errors: Invalid, Exists."""
    return _store(ImportMapping(created_by_id=by.user_id), values)


@act(Capability.IMPORT)
def change(mapping_id: UUID, *, by: Actor, version: int | None, **values: Any) -> ImportMapping:  # noqa: ARG001 - act() asks it
    """Errors: NotFound, Overtaken, Invalid, Exists."""
    return _store(_find(mapping_id, version), values)


@act(Capability.IMPORT)
def remove(mapping_id: UUID, *, by: Actor, version: int | None) -> None:
    """Errors: NotFound, Overtaken."""
    records.delete(_find(mapping_id, version), by=by)


def _find(mapping_id: UUID, version: int | None) -> ImportMapping:
    """Whoever imports sees every mapping."""
    mapping = ImportMapping.objects.select_for_update(no_key=True, of=("self",)).filter(pk=mapping_id).first()
    if mapping is None:
        raise NotFound
    return records.at_version(mapping, version)


def unsaved(**values: Any) -> ImportMapping:
    """A mapping for one file, kept by no name. Errors: Invalid."""
    return _checked(ImportMapping(), values)


def _store(mapping: ImportMapping, values: dict[str, Any]) -> ImportMapping:
    return records.store(_checked(mapping, values))


def _checked(mapping: ImportMapping, values: dict[str, Any]) -> ImportMapping:
    records.put(mapping, values, FIELDS)
    if errors := [*_misnamed(mapping.columns), *_misfixed(mapping)]:
        raise Invalid(*errors)
    return mapping


def _misnamed(said: Said) -> Iterator[Error]:
    headers: set[str] = set()
    taken: set[str] = set()
    for number, one in enumerate(said):
        header, name = one["header"].casefold(), one["column"]
        if header in headers:
            yield f"/columns/{number}/header", "repeated", "Name each header once."
        headers.add(header)
        if name is None:
            continue
        if mappings.is_sealed(header) and columns.find(one["header"]) is None:
            what = "What leads to a person's door belongs into the vault. Delete the column from the file."
            yield f"/columns/{number}/header", "sealed", what
        elif columns.find(name) is None:
            yield f"/columns/{number}/column", "unknown", _unknown(name)
        elif name in taken:
            yield f"/columns/{number}/column", "repeated", "Another header is mapped to it already."
        taken.add(name)


def _misfixed(mapping: ImportMapping) -> Iterator[Error]:
    taken = {one["column"] for one in mapping.columns}
    for number, one in enumerate(mapping.fixed):
        name = one["column"]
        column = columns.find(name)
        if column is None or column.is_read_only:
            yield f"/fixed/{number}/column", "unknown", _unknown(name)
        elif name in taken:
            yield f"/fixed/{number}/column", "repeated", "A header or another fixed value says it already."
        else:
            try:
                rows.value_of(column, one["value"], mapping.date_format)
            except Unfit as error:
                yield f"/fixed/{number}/value", "invalid", f"It {error}"
        taken.add(name)


def _unknown(name: str) -> str:
    return f"There is no such column. /api/v1/import-mappings/columns/ lists them.{nearest(name, columns.COLUMNS)}"
