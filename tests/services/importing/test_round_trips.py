"""What is written reads back: random rows as CSV, as XLSX and as JSON Lines are the same values."""

import csv
import json
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from testimonies.access import Tier
from testimonies.models.persons import Gender
from testimonies.models.testimonies import Credibility, Kind
from testimonies.models.testimonies import Warning as ContentWarning
from testimonies.services.importing import rows
from testimonies.values import cells

LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"], exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")  # fmt: skip
TEXT = st.one_of(
    st.text(LETTERS, min_size=1, max_size=30).filter(str.strip),
    st.sampled_from(
        ["=1+1", "'", "''", "-5", "@x", "a;b", '"', "a,b", "\\", "x\ny", "'=x", "007", "2014.0", "1e5", "true"]
    ),
)
SYSTEM = st.text("abc-", min_size=1, max_size=8)
ITEMS = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXT,
        "summary": TEXT,
        "kind": st.sampled_from(Kind.values),
        "credibility": st.sampled_from(Credibility.values),
        "given": st.sampled_from(["2014", "2014-09-25", "2014-06~", "2014/2015", "../2015", "201X", None]),
        "given_country": st.sampled_from(["SY", "DE", None]),
        "tier": st.sampled_from(Tier.labels),
        "content_warnings": st.lists(st.sampled_from(ContentWarning.values), unique=True),
        "collections": st.lists(st.sampled_from(["a", "b-c", "invented"]), unique=True),
        "codes": st.lists(st.sampled_from(["x@1/a", "x@1/b-c", "y@2.0/a"]), unique=True),
        "external_ids": st.lists(st.fixed_dictionaries({"system": SYSTEM, "value": SYSTEM}), unique_by=str, max_size=3),
        "missing": st.dictionaries(st.sampled_from(["given", "joined", "left"]), st.sampled_from(["refused", "unknown"])),
        "person.gender": st.sampled_from(Gender.values),
        "person.origin_stated": TEXT,
        "citations": st.lists(
            st.fixed_dictionaries({"relation": st.just("original"), "locator": TEXT, "source": st.fixed_dictionaries({"outlet": TEXT, "title": TEXT})}),
            max_size=2, unique_by=str,
        ),
    },
).filter(bool)  # fmt: skip
TIERS = {tier.label: tier for tier in Tier}


def cell(value: Any) -> str:
    """As an export writes one."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return cells.harmless(cells.joined(value))
    return cells.harmless(value if isinstance(value, str) else json.dumps(value))


def read(path: Path) -> list[dict[str, Any]]:
    found = rows.read(path)
    assert found.problems == []
    return [flat(row.values) for row in found if not row.problems]


def flat(values: dict[str, Any]) -> dict[str, Any]:
    person = {f"person.{name}": value for name, value in values.pop("person", {}).items()}
    return values | person


def nested(item: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in item.items():
        outer, _, inner = name.rpartition(".")
        (found.setdefault(outer, {}) if outer else found)[inner] = value
    return found


@settings(max_examples=150, deadline=None)
@given(items=st.lists(ITEMS, min_size=1, max_size=3))
def test_random_rows_read_back(items: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for item in items for name in item))
    whole = [item for item in items if item.keys() == set(names)] or items[:1]
    names = [name for name in names if all(name in item for item in whole)]
    expected = [{name: TIERS[item[name]] if name == "tier" else item[name] for name in names} for item in whole]
    # a row without anything in it is none, to a spreadsheet
    expected_cells = [one for one, item in zip(expected, whole, strict=True) if any(cell(item[name]) for name in names)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            writer.writerows([cell(item[name]) for name in names] for item in whole)
        assert read(path) == expected_cells
        path.write_text("".join(json.dumps(nested(item)) + "\n" for item in whole), encoding="utf-8")
        assert read(path) == expected
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append(names)
        for item in whole:
            sheet.append([text(sheet, cell(item[name])) for name in names])
        book.save(path)
        assert read(path) == expected_cells


def text(sheet: Any, value: str) -> Any:
    """openpyxl takes a text that begins with = for a formula, unless it is told."""
    made = openpyxl.cell.WriteOnlyCell(sheet, value=value)
    made.data_type = "s"
    return made
