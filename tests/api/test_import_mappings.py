"""/api/v1/import-mappings/: what a person confirmed of a kind of spreadsheet, and kept by a name."""

import pytest

from testimonies.models import ImportMapping
from testimonies.services.importing import columns
from tests.api.answers import results
from tests.writers import Writers, refusals

URL = "import-mappings/"
BODY = {
    "name": "Invented archive",
    "columns": [
        {"header": "Nr", "column": "external_id.archive"},
        {"header": "Title", "column": "title"},
        {"header": "Remarks", "column": None},
    ],
    "fixed": [{"column": "kind", "value": "interview"}],
    "date_format": "day_first",
}


@pytest.fixture
def w(transactional_db) -> Writers:
    return Writers()


def test_made_changed_and_removed(w):
    made = w.ask("editor", "post", URL, BODY)
    assert made.status_code == 201
    assert made.json() == {"id": made.json()["id"], "version": 1, **BODY}
    one = f"{URL}{made.json()['id']}/"
    assert w.ask("custodian", "get", one).headers["ETag"] == made.headers["ETag"]
    changed = w.ask("custodian", "patch", one, {"name": "Another"}, match=made.headers["ETag"])
    assert changed.json() == {**made.json(), "version": 2, "name": "Another"}
    assert w.ask("editor", "patch", one, {"name": "Late"}, match=made.headers["ETag"]).status_code == 412
    replaced = w.ask("editor", "put", one, {"name": "Short", "columns": []}, match="*")
    assert replaced.json() == {
        **made.json(), "version": 3, "name": "Short", "columns": [], "date_format": "edtf"
    }  # whole lists that are left out stay  # fmt: skip
    assert [row["name"] for row in results(w.ask("editor", "get", URL))] == ["Short"]
    assert w.ask("editor", "delete", one, match="*").status_code == 204
    assert w.ask("editor", "get", one).status_code == 404
    assert ImportMapping.objects.count() == 0


def test_a_name_is_given_once(w):
    assert w.ask("editor", "post", URL, BODY).status_code == 201
    assert w.ask("editor", "post", URL, BODY).status_code == 409


@pytest.mark.parametrize("name", ["reader", "coder", "author"])
def test_only_those_who_import_see_or_make_them(w, name):
    one = f"{URL}{w.ask('editor', 'post', URL, BODY).json()['id']}/"
    found = [
        w.ask(name, "get", URL), w.ask(name, "get", one), w.ask(name, "get", f"{URL}columns/"), w.ask(name, "post", URL, BODY),
        w.ask(name, "patch", one, {"name": "x"}, match="*"), w.ask(name, "delete", one, match="*"),
    ]  # fmt: skip
    assert [response.status_code for response in found] == [403] * 6
    assert ImportMapping.objects.get().name == BODY["name"]


def test_everything_that_is_wrong_is_told_at_once(w):
    body = {
        "name": "Invented",
        "columns": [
            {"header": "A", "column": "titel"},
            {"header": "B", "column": "title"},
            {"header": "C", "column": "title"},
            {"header": "b", "column": None},
            {"header": "Real name", "column": "person.name"},
        ],
        "fixed": [
            {"column": "updated_at", "value": "2014"},
            {"column": "title", "value": "x"},
            {"column": "kind", "value": "intervew"},
        ],
    }
    assert refusals(w.ask("editor", "post", URL, body)) == [
        ("/columns/0/column", "unknown"),
        ("/columns/2/column", "repeated"),
        ("/columns/3/header", "repeated"),
        ("/columns/4/header", "sealed"),
        ("/fixed/0/column", "unknown"),
        ("/fixed/1/column", "repeated"),
        ("/fixed/2/value", "invalid"),
    ]
    assert "Did you mean title?" in w.ask("editor", "post", URL, body).json()["errors"][0]["detail"]
    assert ImportMapping.objects.count() == 0


def test_the_columns_are_listed(w):
    found = w.ask("editor", "get", f"{URL}columns/").json()["columns"]
    assert [column["name"] for column in found] == list(columns.COLUMNS)
    by_name = {column["name"]: column for column in found}
    assert by_name["person.gender"] == {
        "name": "person.gender",
        "kind": "word",
        "help": "Gender as reported.",
        "words": ["female", "male", "other", "not_known"],
        "is_numbered": False,
        "may_be_empty": True,
    }
    assert by_name["source.outlet"]["is_numbered"]
    assert not by_name["title"]["may_be_empty"]
    assert w.ask("editor", "get", f"{URL}columns/?x=1").status_code == 400
