"""By which ids a row names its records, and which records have them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from testimonies.services.importing import stored
from testimonies.services.importing.differences import Problem, problem
from testimonies.services.importing.sources import Key


class Row:
    """A row as it was read, with the ids by which it names its records."""

    def __init__(self, read: Any) -> None:
        self.number: int = read.number
        self.values: dict[str, Any] = dict(read.values)
        self.problems: list[Problem] = [
            problem(one.column, one.value, "unreadable", one.reason) for one in read.problems
        ]
        self.person: dict[str, Any] = dict(self.values.get("person") or {})
        self.keys, self.person_keys = _keys(self.values), _keys(self.person)
        self.name, self.person_name = _name(self.values), _name(self.person)

    @property
    def is_named(self) -> bool:
        """Whether it names its record by an id of ours."""
        return bool(self.name)


IDS = frozenset({"id", "ref", "external_ids", "external_id"})


def _keys(values: Mapping[str, Any]) -> list[Key]:
    listed = [(one["system"], one["value"]) for one in values.get("external_ids") or ()]
    return list(dict.fromkeys([*listed, *((system, value) for system, value in _of_systems(values))]))


def _of_systems(values: Mapping[str, Any]) -> list[Key]:
    return [(system, value) for system, value in (values.get("external_id") or {}).items() if value]


def wanted_ids(values: Mapping[str, Any], there: list[dict[str, str]]) -> list[dict[str, str]] | None:
    """All external ids as they are to be, where that is not what they are. One of a system takes the place of its others."""
    wanted = [*there]
    if "external_ids" in values:
        wanted = [
            {"system": system, "value": value} for system, value in _keys({"external_ids": values["external_ids"]})
        ]
    if given := dict(_of_systems(values)):
        wanted = [one for one in wanted if one["system"] not in given]
        wanted += [{"system": system, "value": value} for system, value in given.items()]
    ordered = [sorted(tuple(one.values()) for one in some) for some in (wanted, there)]
    return None if ordered[0] == ordered[1] else wanted


def _name(values: Mapping[str, Any]) -> str:
    return str(values.get("id") or values.get("ref") or "").strip()


def targets(model: Any, ids: Any, owner: str, batch: Iterable[Row], prefix: str) -> dict[Any, UUID]:
    """Key, id or reference -> the record that has it."""
    wanted = {key for one in batch for key in getattr(one, f"{prefix}keys")}
    names = {getattr(one, f"{prefix}name") for one in batch} - {""}
    sorted_out: dict[str, set[str]] = {"id": set(), "ref": set()}
    for name in names:
        try:
            sorted_out["id"].add(str(UUID(name)))
        except ValueError:
            sorted_out["ref"].add(name)
    found: dict[Any, UUID] = dict(stored.by_external_id(ids, owner, wanted))
    if names:
        by_name = stored.by_id_or_ref(model, sorted_out)
        found |= {name: by_name[key] for name in names if (key := _spelled(name)) in by_name}
    return found


def _spelled(name: str) -> str:
    try:
        return str(UUID(name))
    except ValueError:
        return name
