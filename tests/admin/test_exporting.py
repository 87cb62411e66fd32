"""What a list of testimonies shows, as one file: with a purpose, by the list's filters, through the coder's own door."""

import csv
import io
import json

import pytest
from django.contrib.messages import get_messages

from testimonies.access import Tier
from testimonies.models import Export
from tests import factories as make

pytestmark = pytest.mark.django_db
LIST = "/admin/testimonies/testimony/"
WHY = {"purpose": "Invented: for a meeting.", "format": "ndjson"}


@pytest.fixture(autouse=True)
def records(db):
    with make.batch():
        for number, status in enumerate(("published", "published", "draft")):
            make.make_testimony(
                title=f"Invented {number}", status=status, kind="interview" if number else "documentary"
            )


def export(browser, query="", **values):
    return browser.post(f"{LIST}export/{query}", {**WHY, **values})


def titles(response):
    assert response.status_code == 200
    return sorted(json.loads(line)["title"] for line in response.getvalue().splitlines())


@pytest.mark.parametrize(("role", "expected"), [("coder", "01"), ("editor", "012")])
def test_what_is_listed_is_exported_and_recorded(enter, role, expected):
    browser = enter(role)
    assert "Export what is listed" in browser.get(LIST).content.decode()
    assert titles(export(browser)) == [f"Invented {number}" for number in expected]
    record = Export.objects.get()
    assert (record.user, record.key_name, record.tier, record.state) == (browser.user, "", Tier.RESTRICTED, "finished")
    assert (record.purpose, record.n_records, record.parameters) == (WHY["purpose"], len(expected), [])


def test_the_filters_of_the_list_are_those_of_the_file(enter):
    browser = enter("editor")
    assert titles(export(browser, "?kind__exact=documentary")) == ["Invented 0"]
    assert titles(export(browser, "?q=invented&status__exact=draft")) == ["Invented 2"]
    assert Export.objects.filter(parameters=["q", "status__exact"]).exists()


def test_it_is_a_spreadsheet_too(enter):
    response = export(enter("editor"), format="csv")
    assert response.headers["Content-Disposition"] == 'attachment; filename="testimonies.csv"'
    assert "no-store" in response.headers["Cache-Control"]
    assert len(list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))) == 3
    assert export(enter("editor"), format="ris").getvalue().count(b"ER  - ") == 3


@pytest.mark.parametrize("values", [{"purpose": ""}, {"purpose": "why"}, {"format": "pdf"}, {"format": ""}])
def test_without_a_purpose_or_a_format_there_is_none(enter, values):
    response = export(enter("editor"), "?kind__exact=documentary", **values)
    assert (response.status_code, response.headers["Location"]) == (302, f"{LIST}?kind__exact=documentary")
    assert len(list(get_messages(response.wsgi_request))) == 1
    assert not Export.objects.exists()


def test_it_is_asked_by_post_by_who_works_here(enter, client):
    assert enter("editor").get(f"{LIST}export/").status_code == 405
    for browser in (client, enter("reader")):
        assert export(browser).status_code == 302
    assert not Export.objects.exists()
