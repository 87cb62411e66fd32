"""Documents as rows of a table: the columns of a shape, the same for every row and for none.

A column has a dotted name, such as `person.gender`. What is missing is an empty cell. Several values share a cell, as
testimonies.values.cells joins them: codes as `codebook@version/slug`, what is missing as `field=reason`. Other lists are
JSON. Texts that a spreadsheet would run are made harmless.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from testimonies.projections import shapes
from testimonies.projections.documents import compact
from testimonies.projections.exposure import inner
from testimonies.values.cells import harmless, joined

Cell = str | int | float | bool | None
Document = Mapping[str, Any]


def _code(code: Document) -> str:
    return f"{code['codebook']}@{code['version']}/{code['slug']}"


_IN_WORDS: dict[type, Callable[[Any], str]] = {
    shapes.CodeRef: _code,
    shapes.MissingValue: lambda missing: f"{missing['field']}={missing['reason']}",
    shapes.ExternalIdRef: lambda external: f"{external['system']}={external['value']}",
    shapes.RaisedField: lambda raised: f"{raised['field']}={raised['tier']}",
}
"""Objects that one value of a cell says in full, or nearly: the dimension of a code is the codebook's to say."""


@dataclass(frozen=True, slots=True)
class Column:
    """`path` leads to the value in the document, `hint` is its type, `shape` the object that declares it.

    `entry` is the shape of a list's entries.
    """

    name: str
    path: tuple[str, ...]
    hint: Any
    shape: type
    entry: type | None

    def cell(self, document: Document) -> Cell:
        value: Any = document
        for key in self.path:
            value = value[key]
        if isinstance(value, str):
            return harmless(value)
        if isinstance(value, list):
            return harmless(_list(value, self.entry))
        return harmless(compact(value)) if isinstance(value, dict) else value


def _list(values: list[Any], shape: type | None) -> str:
    if not values:
        return ""
    if said := _IN_WORDS.get(shape) if shape else None:
        return joined(map(said, values))
    return joined(values) if all(isinstance(value, str) for value in values) else compact(values)


@cache
def of(shape: type) -> tuple[Column, ...]:
    """The columns of a shape, in its order."""
    return tuple(_columns(shape, ()))


def _columns(shape: type, path: tuple[str, ...]) -> list[Column]:
    found = []
    for key, hint in get_type_hints(shape, include_extras=True).items():
        within, here = inner(hint), (*path, key)
        if within and not is_list(hint):
            found += _columns(within, here)
        else:
            found.append(Column(".".join(here), here, hint, shape, within))
    return found


def is_list(hint: Any) -> bool:
    while (origin := get_origin(hint)) is not list:
        if not (arguments := get_args(hint)) or origin is None:
            return False
        hint = arguments[0]
    return True
