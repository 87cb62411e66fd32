"""From cells to values: what each column takes, what an empty cell means, and what is told of a cell that does not fit."""

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from testimonies.access import Tier
from testimonies.services.importing import mappings, parts, rows
from testimonies.services.importing.mappings import Certainty, ColumnMapping
from testimonies.values import cells, sheets

ID = "11111111-1111-4111-8111-111111111111"
WRITTEN = {
    # a cell, the value, or what is said of it
    "id": [(ID, UUID(ID)), ("x", "is no id of ours.")],
    "title": [(" A title ", " A title "), ("", "is empty."), ("x" * 301, "has 301 characters; at most 300 are kept."), ("a\u202eb", "direction of writing")],
    "summary": [("a\nb", "a\nb"), ("", ""), ("'=1+1", "=1+1"), ("=1+1", "=1+1"), ("''quoted", "'quoted")],
    "kind": [("interview", "interview"), ("Written account", "written_account"), ("WRITTEN-ACCOUNT", "written_account"), ("intervew", "Did you mean interview?"), ("", "is empty.")],
    "speaking_conditions": [("", "not_known"), ("in custody", "in_custody")],
    "credibility": [("3", "3"), ("possibly true", "3"), ("", "not_graded"), ("7", "is none of: 1, 2, 3")],
    "account_language": [("en", "en"), ("en_us", "en-US"), ("english", "is no language")],
    "given": [("2014-06~", "2014-06~"), ("'-0001", "is no EDTF date."), ("", None), ("25.9.2014", "whose year comes last"), ("2014-13", "is no EDTF date.")],
    "given_country": [("sy", "SY"), ("Syria", "SY"), ("SYR", "is no country"), ("", None)],
    "embargo_until": [("2027-01-31", dt.datetime(2027, 1, 31, tzinfo=dt.UTC)), ("2027-01-31T12:00:00+01:00", dt.datetime(2027, 1, 31, 11, tzinfo=dt.UTC)), ("2027", "is no moment."), ("", None)],
    "tier": [("partner", Tier.PARTNER), ("Public", Tier.PUBLIC), ("2", "is none of: public, partner, restricted."), ("", Tier.RESTRICTED)],
    "content_warnings": [("killing; torture", ["killing", "torture"]), ("killing; killing", "names entry 2 twice."), ("killing; tortre", "entry 2: is none of"), ("", [])],
    "group": [("islamic-state", "islamic-state"), ("Islamic State", "is no short name."), ("", None)],
    "collections": [("a; b-c", ["a", "b-c"]), ("", [])],
    "codes": [("icsr2015@1/leave-brutality; x/y", ["icsr2015@1/leave-brutality", "x/y"]), ('[{"codebook": "a", "version": "1", "dimension": "", "slug": "b"}]', ["a@1/b"]), ("a b", "entry 1: is no code.")],
    "missing": [("joined=not_stated; left : unknown", {"joined": "not_stated", "left": "unknown"}), ('{"joined": "refused"}', {"joined": "refused"}), ('[{"field": "left", "reason": "refused"}]', {"left": "refused"}), ("joined=not_available", "entry 1: is none of"), ("joind=unknown", "Did you mean joined?"), ("joined", "write field=reason."), ("", {})],
    "raised": [("given=partner", {"given": Tier.PARTNER}), ("given=public", "A tier is raised, never lowered.")],
    "cases": [("icsr2015=true", [{"collection": "icsr2015", "is_case": True}]), ("icsr2015=perhaps", "is neither true nor false.")],
    "external_ids": [("archive: A-1; other: B: 2", [{"system": "archive", "value": "A-1"}, {"system": "other", "value": "B: 2"}]), ("A-1", "is no external id.")],
    "external_id.archive": [("A-1", {"archive": "A-1"}), ("", {"archive": None})],
    "same_person_as": [("archive: A-2", [{"system": "archive", "value": "A-2"}])],
    "person.other_names": [("Abu X (kunya)", [{"value": "Abu X", "kind": "kunya", "tier": Tier.RESTRICTED}]), ("Abu X", "write the name and its kind"), ("Abu X (none)", "is no name.")],
    "joined": [("2014/2015", "2014/2015")],
    "membership": [("says so", "says_member")],
}  # fmt: skip
CASES = [(name, cell, expected) for name, tried in WRITTEN.items() for cell, expected in tried]
PATH = {"membership": "belonging", "external_id.archive": "external_id"}


def spreadsheet(tmp_path: Path, *records: list[str]) -> Path:
    path = tmp_path / "x"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(records)
    return path


def lines(tmp_path: Path, *records: dict[str, Any]) -> Path:
    path = tmp_path / "x"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def within(values: dict[str, Any], name: str) -> Any:
    for step in PATH.get(name, name).split("."):
        values = values[step]
    return values


@pytest.mark.parametrize(("name", "cell", "expected"), CASES, ids=[f"{name} {cell[:20]!r}" for name, cell, _ in CASES])
def test_a_cell_is_a_value_or_a_problem(tmp_path: Path, name: str, cell: str, expected: Any) -> None:
    (row,) = rows.read(spreadsheet(tmp_path, [name, "notes_internal"], [cell, "x"]))
    if row.problems:
        ((problem),) = row.problems
        assert isinstance(expected, str)
        assert (problem.row, problem.column, expected in problem.reason) == (2, name, True)
        assert row.values == {"notes_internal": "x"}
    else:
        assert within(row.values, name) == expected


def test_a_column_that_is_not_there_says_nothing_and_a_key_that_is_not_there_neither(tmp_path: Path) -> None:
    (row,) = rows.read(spreadsheet(tmp_path, ["given", "joined"], ["", "2014"]))
    assert row.values == {"given": None, "joined": "2014"}
    one, other = rows.read(lines(tmp_path, {"given": None}, {"person": {"gender": "male", "nationality": None}}))
    assert one.values == {"given": None}
    assert other.values == {"person": {"gender": "male", "nationality": None}}


def test_ages_and_names_that_contradict_each_other(tmp_path: Path) -> None:
    head = ["age_from", "age_to", "person.name", "person.name_kind"]
    found = rows.read(
        spreadsheet(
            tmp_path,
            head,
            ["30", "20", "", "none"],
            ["20", "", "", "none"],
            ["131", "1", "X", "none"],
            ["20", "20", "X", "none"],
            ["", "", "unnamed", "none"],
        )
    )
    assert [[(one.column, one.reason.partition(".")[0]) for one in row.problems] for row in found] == [
        [("age_to", "age_from and age_to come together, the least first")],
        [("age_to", "age_from and age_to come together, the least first")],
        [("age_from", "is not from 0 to 130")],
        [("person.name", "a person whose name_kind is none has no name")],
        [],
    ]  # fmt: skip
    *_, last = found
    assert last.values["person"] == {"name": "", "name_kind": "none"}  # as an export says it


def test_sources_are_numbered_and_those_that_are_empty_are_none(tmp_path: Path) -> None:
    head = ["source.outlet", "source.relation", "source.locator", "source.2.outlet", "source.2.relation"]
    both, first, second, neither = rows.read(
        spreadsheet(
            tmp_path, [*head, "title"],
            ["NPR", "original", "p. 3", "BBC", "republication", "a"],
            ["NPR", "original", "", "", "", "b"],
            ["", "", "", "BBC", "republication", "c"],
            ["", "", "", "", "", "d"],
        )
    )  # fmt: skip
    npr = {"source": {"outlet": "NPR"}, "relation": "original", "locator": "p. 3"}
    bbc = {"source": {"outlet": "BBC"}, "relation": "republication"}
    assert both.values["citations"] == [npr, bbc]
    assert first.values["citations"] == [npr | {"locator": ""}]
    assert second.values["citations"] == [bbc]
    assert neither.values["citations"] == []
    assert not any(row.problems for row in (both, first, second, neither))


def test_what_a_source_needs_is_asked_for_once(tmp_path: Path) -> None:
    path = spreadsheet(tmp_path, ["source.outlet", "text.body", "source.2.id"], ["NPR", "x", ID])
    found = rows.read(path)
    assert [(one.column, one.reason) for one in found.problems] == [
        ("source.relation", "is missing. Add the column, or a fixed value."),
        ("source.2.relation", "is missing. Add the column, or a fixed value."),
        ("text.language", "is missing. Add the column, or a fixed value."),
        ("text.kind", "is missing. Add the column, or a fixed value."),
    ]


def test_a_fixed_value_belongs_to_the_rows_that_name_a_source(tmp_path: Path) -> None:
    path = spreadsheet(tmp_path, ["title", "source.outlet"], ["a", "NPR"], ["b", ""])
    same = {"title": "title", "source.outlet": "source.outlet"}
    clearance = {
        "clearance.basis": "informed",
        "clearance.uses": "research; summary",
        "clearance.starts_at": "2026-01-01",
    }
    found = rows.read(path, ColumnMapping(same, {"source.relation": "original", "kind": "interview", **clearance}))
    assert found.problems == []
    one, other = found
    assert one.values["citations"] == [{"source": {"outlet": "NPR"}, "relation": "original"}]
    assert other.values["citations"] == []
    assert one.values["kind"] == other.values["kind"] == "interview"
    given = {"basis": "informed", "uses": ["research", "summary"], "starts_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}
    assert one.values["clearances"] == other.values["clearances"] == [given]
    assert one.values["clearances"][0]["uses"] is not other.values["clearances"][0]["uses"]


def test_the_lists_of_a_detail_are_read_as_they_stand(tmp_path: Path) -> None:
    source = {"id": ID, "ref": "S-7K3QM2X9", "outlet": "NPR", "title": "T", "url": "https://example.org/a", "published": "2014", "medium": "radio", "reliability": "B"}  # fmt: skip
    detail = {
        "title": "a",
        "citations": [{"id": ID, "relation": "original", "locator": "", "source": source, "supports": ["given"]}],
        "texts": [
            {"id": ID, "language": "en", "kind": "excerpt", "translation_of": None, "tier": "public", "body": "x\ny"}
        ],
        "external_ids": [{"system": "archive", "value": "A-1"}],
        "missing": [{"field": "joined", "reason": "refused"}],
    }
    found = rows.read(lines(tmp_path, detail))
    assert found.problems == []
    (row,) = found
    assert row.problems == []
    assert row.values["citations"] == [{"relation": "original", "locator": "", "source": source | {"id": UUID(ID)}}]
    assert row.values["texts"] == [{"language": "en", "kind": "excerpt", "tier": Tier.PUBLIC, "body": "x\ny"}]
    assert row.values["external_ids"] == detail["external_ids"]
    assert row.values["missing"] == {"joined": "refused"}
    cell = json.dumps(detail["citations"])
    (again,) = rows.read(spreadsheet(tmp_path, ["citations"], [cell]))
    assert again.values["citations"] == row.values["citations"]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"relation": "original"}, "entry 1: needs outlet."),
        ({"relation": "origin", "source": {"outlet": "x"}}, "entry 1: relation: is none of"),
        (
            {"relation": "original", "source": {"outlet": "x", "legal_name": "y"}},
            "entry 1: has a field whose name is not known.",
        ),
        ("x", "entry 1: is no object, in {braces}."),
    ],
)
def test_what_is_wrong_within_a_list_is_told(tmp_path: Path, entry: Any, reason: str) -> None:
    (row,) = rows.read(lines(tmp_path, {"citations": [entry]}))
    assert [one.reason.startswith(reason) for one in row.problems] == [True]


def test_columns_that_say_the_same_twice_are_told(tmp_path: Path) -> None:
    head = ["citations", "source.outlet", "source.relation", "external_ids", "external_id.a", "Title", "title "]
    with pytest.raises(Exception, match="problems"):
        rows.read(spreadsheet(tmp_path, head))
    found = rows.read(spreadsheet(tmp_path, head[:-1]))
    assert [one.column for one in found.problems] == ["citations", "external_ids"]


# --- Mappings -------------------------------------------------------------------------------------------------------


def test_headers_are_guessed_and_the_others_are_told(tmp_path: Path) -> None:
    headers = [
        "Titel",
        "SEX",
        "Given Country",
        "newspaper",
        "asdf",
        "Real name",
        "Passport no.",
        "source.relation",
        "Notes",
        "Remarks",
        "outlet",
    ]
    found = {one.header: (one.column, one.certainty) for one in mappings.guess(headers)}
    assert found == {
        "Titel": ("title", Certainty.NEAR),
        "SEX": ("person.gender", Certainty.LIKE),
        "Given Country": ("given_country", Certainty.SAME),
        "newspaper": ("source.outlet", Certainty.LIKE),
        "asdf": (None, Certainty.NONE),
        "Real name": (None, Certainty.SEALED),
        "Passport no.": (None, Certainty.SEALED),
        "source.relation": ("source.relation", Certainty.SAME),
        "Notes": ("notes_internal", Certainty.LIKE),
        "Remarks": (None, Certainty.NONE),
        "outlet": (None, Certainty.NONE),  # newspaper has it
    }
    problems = rows.read(spreadsheet(tmp_path, headers)).problems
    assert [one.column for one in problems] == [
        "Titel",
        "SEX",
        "newspaper",
        "asdf",
        "Real name",
        "Passport no.",
        "Notes",
        "Remarks",
        "outlet",
        "source.outlet",
    ]
    assert "Did you mean title?" in problems[0].reason
    assert "belongs into the vault" in problems[4].reason


def test_what_leads_to_a_door_is_refused_even_where_a_mapping_leaves_it_out(tmp_path: Path) -> None:
    path = spreadsheet(tmp_path, ["title", "Telephone"], ["a", "0"])
    found = rows.read(path, ColumnMapping({"title": "title", "Telephone": None}))
    assert [(one.column, one.reason) for one in found.problems] == [
        ("Telephone", "belongs into the vault, which no import fills. Delete the column from the file.")
    ]


def test_columns_that_the_service_derives_are_left_out_aloud(tmp_path: Path) -> None:
    path = spreadsheet(tmp_path, ["title", "updated_at", "Remarks"], ["a", "2026-01-01T00:00:00Z", "x"])
    found = rows.read(path, ColumnMapping({"title": "title", "updated_at": "updated_at", "Remarks": None}))
    assert found.problems == []
    assert found.left_out == [
        ("updated_at", "The service derives or decides it."),
        ("Remarks", "The mapping leaves it out."),
    ]
    assert [row.values for row in found] == [{"title": "a"}]


@pytest.mark.parametrize(
    ("date_format", "cell", "expected"),
    [
        ("day_first", "25.9.2014", "2014-09-25"), ("day_first", "05/09/2014", "2014-09-05"), ("day_first", "9/2014", "2014-09"),
        ("month_first", "9/25/2014", "2014-09-25"), ("month_first", "05/09/2014", "2014-05-09"),
        ("day_first", "2014-06~", "2014-06~"), ("month_first", "2014/2015", "2014/2015"),
    ],
)  # fmt: skip
def test_dates_are_read_in_the_order_that_the_mapping_says(
    tmp_path: Path, date_format: str, cell: str, expected: str
) -> None:
    found = rows.read(spreadsheet(tmp_path, ["d"], [cell]), ColumnMapping({"d": "given"}, date_format=date_format))
    assert [row.values for row in found] == [{"given": expected}]


def test_a_mapping_that_does_not_fit_the_file_is_told(tmp_path: Path) -> None:
    path = spreadsheet(tmp_path, ["a", "b"], ["x", "y"])
    mapping = ColumnMapping(
        {"a": "title", "b": "title", "c": "given"}, {"given": "yesterday", "outlets": "x", "title": "z"}
    )
    assert sorted(one.column for one in rows.read(path, mapping).problems) == ["b", "c", "given", "outlets", "title"]


# --- All problems at once -------------------------------------------------------------------------------------------


def test_problems_are_counted_beyond_those_that_are_kept(tmp_path: Path) -> None:
    path = spreadsheet(tmp_path, ["given", "asdf"], *([f"no date {n}", "x"] for n in range(1_500)))
    found = rows.check(rows.read(path))
    assert (found.n_rows, len(found.problems), found.n_more) == (1_500, rows.MOST_PROBLEMS, 501)
    assert found.lines()[0].startswith("row 1 asdf: is no column that is known.")
    assert found.lines()[-1] == "and 501 more"


def test_a_problem_shows_the_beginning_of_a_cell_and_nothing_of_names_and_texts(tmp_path: Path) -> None:
    head = ["given", "person.name", "notes_internal", "external_ids"]
    long = "x" * 250_000
    (row,) = rows.read(spreadsheet(tmp_path, head, ["y\n" * 50, "z" * 201, long, "w"]))
    assert [(one.column, one.value) for one in row.problems] == [
        ("given", ("y\N{REPLACEMENT CHARACTER}" * 20)[:39] + "…"), ("person.name", ""), ("notes_internal", ""), ("external_ids", ""),
    ]  # fmt: skip
    assert not any("zz" in str(one) or "xx" in str(one) for one in row.problems)


def test_texts_come_back_from_the_cells_that_an_export_makes(tmp_path: Path) -> None:
    texts = ["=1+1", "'", "''", "-5", "@x", "\tx", "a; b", "\\", "'=x"]
    path = spreadsheet(tmp_path, ["title", "collections"], *([cells.harmless(text), "a"] for text in texts))
    assert [row.values["title"] for row in rows.read(path)] == texts


def test_a_text_that_an_export_cut_does_not_come_back_as_the_whole(tmp_path: Path) -> None:
    (row,) = rows.read(spreadsheet(tmp_path, ["title", "summary"], ["a", f"Long {sheets.CUT}"]))
    assert row.values == {"title": "a"}
    assert row.problems[0].reason.startswith("was cut when it was exported")


@pytest.mark.parametrize(
    ("cell", "system", "value"),
    [("a: b=c", "a", "b=c"), ("a=b: c", "a", "b: c"), ("https://x=1", "https://x", "1"), ("a: b: c", "a", "b: c")],
)
def test_an_external_id_is_parted_where_its_system_ends(tmp_path: Path, cell: str, system: str, value: str) -> None:
    (row,) = rows.read(spreadsheet(tmp_path, ["external_ids"], [cell]))
    assert row.values == {"external_ids": [{"system": system, "value": value}]}


def test_every_part_says_what_it_needs() -> None:
    assert {part.prefix: parts.lacks(part, {}) for part in parts.PARTS} == {
        "source": ["relation", "outlet"],
        "text": ["language", "kind", "body"],
        "clearance": ["basis", "uses", "starts_at"],
        "claim": ["field", "value"],
    }
