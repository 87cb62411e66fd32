"""/api/v1/exports/: files that are asked for now and fetched later, and who took what."""

import json
from urllib.parse import urlsplit

import pytest
from django.db import connection

from testimonies import models
from testimonies.access import Tier
from tests import factories as make
from tests.access.test_matrix import withdraw_at_once

pytestmark = pytest.mark.django_db
URL = "/api/v1/exports/"
WHY = "Invented: to fetch it later."


def make_records():
    with make.batch():
        for number in range(4):
            make.make_testimony(
                title=f"Invented {number}", tier=Tier.PARTNER if number == 3 else Tier.PUBLIC, texts=["Invented."]
            )


@pytest.fixture(scope="module", autouse=True)
def made(keep):
    keep(make_records)


def prepare(client, status=201, **values):
    body = {"resource": "testimonies", "format": "ndjson", "purpose": WHY, **values}
    response = client.post(URL, json.dumps(body), content_type="application/json")
    assert response.status_code == status, response.content
    return response.json()


def link(prepared):
    address = urlsplit(prepared["link"])
    return f"{address.path}?{address.query}"


def titles(response):
    assert response.status_code == 200, response.content
    return sorted(json.loads(line)["title"] for line in response.content.splitlines())


@pytest.mark.parametrize(("role", "number"), [("public", 3), ("reader", 4), ("coder", 4), ("editor", 4)])
def test_what_was_prepared_is_fetched(api, role, number):
    client = api.as_(role)
    prepared = prepare(client, query="ordering=title&gender=male&gender=female&gender=not_known")
    record = models.Export.objects.get(pk=prepared["id"])
    assert (record.state, record.parameters, record.n_records) == ("prepared", ["gender", "ordering"], None)
    response = client.get(link(prepared))
    assert len(titles(response)) == number
    assert response.headers["Content-Disposition"] == 'attachment; filename="testimonies.ndjson"'
    assert response.headers["Content-Type"] == "application/octet-stream"
    record.refresh_from_db()
    assert (record.state, record.n_records, record.n_downloads) == ("finished", number, 1)
    assert len(titles(client.get(link(prepared)))) == number


def test_a_withdrawal_reaches_what_was_prepared(api):
    client = api.as_("reader")
    prepared = prepare(client)
    assert "Invented 0" in titles(client.get(link(prepared)))
    withdraw_at_once(models.Testimony.objects.get(title="Invented 0"))
    assert titles(client.get(link(prepared))) == ["Invented 1", "Invented 2", "Invented 3"]


def test_nobody_else_fetches_it(api):
    prepared = prepare(api.as_("reader"))
    for role in ("anonymous", "public", "coder", "editor", "custodian"):
        assert api.as_(role).get(link(prepared)).status_code == 404
    assert api.as_("reader").get(link(prepared)).status_code == 200


def test_a_link_that_was_changed_leads_nowhere(api):
    client = api.as_("editor")
    one, other = prepare(client), prepare(client, format="csv")
    token = urlsplit(other["link"]).query
    for address in (
        f"{URL}{one['id']}/file/?{token}",
        f"{URL}{one['id']}/file/?token=forged",
        f"{URL}{one['id']}/file/?token=é",
        f"{link(one)}x",
        f"{URL}00000000-0000-4000-8000-000000000000/file/?{token}",
    ):
        assert client.get(address).status_code == 404
    assert client.get(f"{URL}{one['id']}/file/").status_code == 400


def test_a_link_expires(api):
    prepared = prepare(api.as_("editor"))
    models.Export.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert api.as_("editor").get(link(prepared)).status_code == 404


def test_a_head_takes_nothing(api):
    client = api.as_("editor")
    prepared = prepare(client)
    response = client.head(link(prepared))
    assert (response.status_code, response.content) == (200, b"")
    assert models.Export.objects.get().state == "prepared"
    assert api.as_("coder").head(link(prepared)).status_code == 404


def test_nothing_of_the_words_is_kept(api):
    prepare(api.as_("editor"), query="q=oddlyspelt&title=x", status=400)
    prepared = prepare(api.as_("editor"), query="q=oddlyspelt")
    assert "oddlyspelt" not in prepared["link"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM testimonies_export e")
        assert "oddlyspelt" not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("values", "pointer", "code"),
    [
        ({"resource": "vault"}, "/resource", "unknown_value"),
        ({"format": "pdf"}, "/format", "unknown_value"),
        ({"format": "zip"}, "/format", "unfit"),
        ({"resource": "package"}, "/format", "unfit"),
        ({"resource": "package", "format": "zip", "query": "gender=male"}, "/query", "unfit"),
        ({"query": "natoinality=SY"}, "/query", "unknown_parameter"),
        ({"query": "page_size=5"}, "/query", "not_with_format"),
        ({"query": "format=csv"}, "/query", "unfit"),
        ({"resource": "persons", "format": "ris"}, "/query", "unknown_value"),
        ({"query": "x" * 2_001}, "/query", "max_length"),
        ({"purpose": "x" * 501}, "/purpose", "max_length"),
        ({"page_size": 5}, "/page_size", "unknown_field"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(api, values, pointer, code):
    found = prepare(api.as_("editor"), status=400, **values)
    assert [(error["pointer"], error["code"]) for error in found["errors"]] == [(pointer, code)]


def test_a_filter_above_the_tier_is_none(api):
    found = prepare(api.as_("reader"), status=400, query="status=draft")
    assert [error["code"] for error in found["errors"]] == ["unknown_parameter"]


@pytest.mark.parametrize("purpose", ["", "too short"])
def test_above_public_a_purpose_is_needed(api, purpose):
    assert prepare(api.as_("reader"), status=400, purpose=purpose)["code"] == "purpose_required"
    prepare(api.as_("public"), purpose="")


def test_staff_see_who_took_what(api):
    prepare(api.as_("reader"))
    api.as_("coder").get("/api/v1/persons/", {"format": "csv"}, headers={"Export-Purpose": WHY})
    taken = api.as_("editor").get(URL).json()["results"]
    assert [(one["resource"], one["format"], one["state"], one["tier"]) for one in taken] == [
        ("persons", "csv", "finished", "restricted"),
        ("testimonies", "ndjson", "prepared", "partner"),
    ]
    assert taken[0]["by"].startswith("made-up-coder")
    assert {one["purpose"] for one in taken} == {WHY}
    assert api.as_("coder").get(f"{URL}{taken[0]['id']}/").json() == taken[0]
    assert len(api.as_("editor").get(URL, {"state": "prepared"}).json()["results"]) == 1
    for role in ("anonymous", "public", "reader"):
        assert api.as_(role).get(URL).status_code == 403
        assert api.as_(role).get(f"{URL}{taken[0]['id']}/").status_code == 403
