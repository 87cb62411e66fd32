"""Documents as rows of a table, and back: nothing but what cells cannot say is lost."""

import json
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testimonies.api.v1.exports import LISTS
from testimonies.projections import exposure
from testimonies.selectors import columns
from testimonies.values.cells import original, parted

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["=1", "-x", "'=", "a; b", "a\\; b", "@", "\t"]
)
listed = st.lists(words.map(str.strip).filter(bool), max_size=3)
"""What a list may hold: no value is empty or begins with a blank."""


def documents(shape):
    return st.fixed_dictionaries({key: _values(hint) for key, hint in get_type_hints(shape).items()})


def _values(hint):
    if within := exposure.inner(hint):
        made = documents(within)
        return st.lists(made, max_size=2) if columns.is_list(hint) else made
    if columns.is_list(hint):
        return listed
    plain = {str: words, int: st.integers(-5, 5), bool: st.booleans(), float: st.floats(-5, 5)}
    kinds = [kind for kind in getattr(hint, "__args__", (hint,)) if kind is not type(None)]
    optional = [st.none()] if len(kinds) < len(getattr(hint, "__args__", (hint,))) else []
    return st.one_of(*optional, *(plain[kind] for kind in kinds))


def value_at(document, path):
    for key in path:
        document = document[key]
    return document


@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_a_cell_holds_is_read_back(name, data):
    shape = LISTS[name].item
    document = data.draw(documents(shape))
    for column in columns.of(shape):
        cell, value = column.cell(document), value_at(document, column.path)
        if isinstance(value, str):
            assert original(cell) == value
        elif not isinstance(value, list):
            assert cell == value
        elif all(isinstance(one, str) for one in value):
            assert parted(original(cell)) == value
        elif exposure.inner(column.hint) not in columns._IN_WORDS:
            assert json.loads(original(cell) or "[]") == value
        else:
            assert bool(cell) == bool(value)


@pytest.mark.parametrize("name", LISTS)
def test_no_cell_begins_what_a_spreadsheet_runs(name):
    shape = LISTS[name].item

    def hostile(shape):
        return {
            key: (
                ([hostile(within)] if columns.is_list(hint) else hostile(within))
                if (within := exposure.inner(hint))
                else ["=1+1"]
                if columns.is_list(hint)
                else "=1+1"
            )
            for key, hint in get_type_hints(shape).items()
        }

    cells = [column.cell(hostile(shape)) for column in columns.of(shape)]
    assert [cell for cell in cells if str(cell)[:1] in {"=", "+", "-", "@"}] == []


def test_columns_are_named_by_their_path():
    names = [column.name for column in columns.of(LISTS["testimonies"].item)]
    assert names[:5] == ["id", "ref", "updated_at", "title", "summary"]
    assert [name for name in names if "." in name] == [
        f"person.{key}"
        for key in ("id", "ref", "name", "name_kind", "gender", "nationality", "residence_before", "origin_stated")
    ]
