"""The pages on which somebody brings a file in, looks at what it would do, and applies it. All records are invented."""

import pytest
from django.test import Client

from testimonies import models
from testimonies.access import Role
from testimonies.services import imports
from tests import factories as make
from tests.imports.test_imports import file, row

URL = "/admin/imports/"


@pytest.fixture
def enter():
    def enter(role):
        client = Client(headers={"host": "localhost"})
        client.force_login(make.make_user(role=Role(role), is_staff=True))
        return client

    return enter


def words(answer):
    return answer.content.decode()


def test_from_a_file_to_drafts(enter):
    editor = enter("editor")
    sent = editor.post(URL, {"file": file(row("1"), row("2", given="2014")), "on_error": "reject"})
    page = sent.headers["Location"]
    waiting = editor.get(page)
    assert (sent.status_code, waiting.headers["Refresh"]) == (302, "3")
    imports.run(models.Import.objects.get().pk)
    checked = editor.get(page)
    assert "Refresh" not in checked.headers
    for said in ("created: 2", "Invented account 1", "given", "2014", "Apply exactly this"):
        assert said in words(checked)
    assert not models.Testimony.objects.exists()
    assert editor.post(page, {"apply": "1"}).status_code == 302
    imports.run(models.Import.objects.get().pk)
    assert "open the record of row 1" in words(editor.get(page))
    assert models.Testimony.objects.filter(status="draft").count() == 2
    assert "accounts.jsonl" in words(editor.get(URL))


def test_what_is_wrong_is_shown_and_nothing_can_be_applied(enter):
    editor = enter("editor")
    page = editor.post(URL, {"file": file(row("1"), row("2", given="never")), "on_error": "reject"}).headers["Location"]
    imports.run(models.Import.objects.get().pk)
    checked = words(editor.get(f"{page}?outcome=rejected"))
    assert ("never" in checked, "Apply exactly this" in checked, "Invented account 1" in checked) == (
        True,
        False,
        False,
    )
    editor.post(page, {"apply": "1"})
    editor.post(page, {"cancel": "1"})
    assert models.Import.objects.get().state == "cancelled"
    assert not models.ImportChunk.objects.exists()


def test_a_file_that_is_none_is_refused_on_the_form(enter):
    answer = enter("editor").post(URL, {"file": file(name="x.pdf"), "on_error": "reject"})
    assert (answer.status_code, models.Import.objects.count()) == (200, 0)


@pytest.mark.parametrize(("role", "status"), [("reader", 302), ("coder", 403), ("editor", 200), ("custodian", 200)])
def test_who_looks_at_an_import(enter, role, status):
    found = models.Import.objects.create(file_name="x.csv", digest="x", size=1, kind="csv")
    client = enter(role)
    assert client.get(f"{URL}{found.pk}/").status_code == status
    assert ("Import testimonies" in words(client.get("/admin/", follow=True))) is (status == 200)
