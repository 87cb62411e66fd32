"""Makes stored rows equal to those that a file wants, and touches no row that already is."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from django.db.models import Model, QuerySet

from testimonies.models.fields import derive_bounds

Row = TypeVar("Row", bound=Model)


@dataclass(slots=True)
class Changes:
    """How many rows of one kind a load made, changed, and found as they should be."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    def __iadd__(self, other: "Changes") -> Self:
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.rejected += other.rejected
        return self


def keep(stored: QuerySet[Row], wanted: Iterable[Row], *, key: tuple[str, ...], fields: tuple[str, ...]) -> Changes:
    """Store what is wanted and delete what else is there; both sides are matched by `key`, then compared by `fields`.

    A wanted row takes the primary key of the stored one that it matches, so that others can refer to it.
    """
    model = stored.model
    columns = {name: model._meta.get_field(name).attname for name in fields}  # type: ignore[union-attr]
    old: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in stored:
        old[_values(row, key)].append(row)
    new, changed, n_same = [], [], 0
    differing: set[str] = set()
    for row in wanted:
        derive_bounds(row)
        same_key = old[_values(row, key)]
        if not same_key:
            new.append(row)
            continue
        before = same_key.pop()
        row.pk = before.pk
        names = [name for name, column in columns.items() if getattr(row, column) != getattr(before, column)]
        if names:
            changed.append(row)
            differing.update(names)
        else:
            n_same += 1
    if gone := [row.pk for rows in old.values() for row in rows]:
        model._default_manager.filter(pk__in=gone).delete()  # noqa: SLF001
    if changed:
        # its cost grows with the number of columns, and a newer file mostly differs in few
        model._default_manager.bulk_update(changed, differing, batch_size=500)  # noqa: SLF001
    model._default_manager.bulk_create(new, batch_size=500)  # noqa: SLF001
    return Changes(len(new), len(changed), n_same)


def _values(row: Model, names: Iterable[str]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in names)
