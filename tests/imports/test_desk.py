"""The pages on which somebody brings a file in, looks at what it would do, and applies it. All records are invented."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from testimonies import models
from testimonies.access import Role
from testimonies.services import import_runs, imports
from tests import factories as make
from tests.admin.pages import form_of
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


def upload(client, file, **form):
    """The page that asks which column is which, with the form that it shows."""
    sent = client.post(URL, {"file": file, "on_error": "reject", **form})
    assert sent.status_code == 302
    page = sent.headers["Location"]
    return page, {name: values[0] for name, values in form_of(client.get(page)).items() if name}


def confirm(client, file, **form):
    """The import's own page, once its columns are confirmed as guessed."""
    page, guessed = upload(client, file, **form)
    answer = client.post(page, guessed)
    assert answer.status_code == 302, words(answer)
    return answer.headers["Location"]


SHEET = "Heading;Sex;Kount;Archive no.;Interview date\nInvented;female;?;7;25.9.2014\n"


def sheet(text=SHEET):
    return SimpleUploadedFile("sheet.csv", text.encode())


CONFIRMED = {
    "column_0": "title",
    "column_2": "",
    "column_3": "external_id.archive",
    "fixed_0": "kind",
    "value_0": "interview",
    "fixed_2": "account_language",
    "value_2": "ar",
    "date_format": "day_first",
}


def test_columns_are_guessed_confirmed_and_kept_by_a_name(enter):
    editor = enter("editor")
    page, guessed = upload(editor, sheet())
    assert [guessed[f"column_{n}"] for n in range(5)] == ["", "person.gender", "", "", "given"]
    assert not models.Import.objects.exclude(state="mapping").exists()
    assert import_runs.run(models.Import.objects.get().pk) is None  # nobody works on it yet
    answer = editor.post(page, guessed | CONFIRMED | {"save_as": "Invented sheets"})
    found = models.Import.objects.get()
    import_runs.run(found.pk)
    checked = words(editor.get(answer.headers["Location"]))
    assert ("created: 1" in checked, "2014-09-25" in checked) == (True, True)
    editor.post(answer.headers["Location"], {"apply": "1"})
    import_runs.run(found.pk)
    stored = models.Testimony.objects.get()
    assert (stored.title, stored.person.gender, stored.kind, stored.account_language, stored.given) == (
        "Invented", "female", "interview", "ar", "2014-09-25",
    )  # fmt: skip
    assert models.TestimonyExternalId.objects.get().system == "archive"

    _, kept = upload(
        editor, sheet(SHEET.replace("Kount", "Colour;Kount").replace("?", "red;?")), mapping="Invented sheets"
    )
    assert [kept[f"column_{n}"] for n in range(6)] == ["title", "person.gender", "", "", "external_id.archive", "given"]
    assert (kept["fixed_1"], kept["value_1"], kept["date_format"]) == ("account_language", "ar", "day_first")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"column_0": "titel"}, "column_0"),
        ({"column_2": "title"}, "column_2"),
        ({"value_0": "interwiew"}, "value_0"),
        ({"fixed_2": "colour"}, "fixed_2"),
        ({"save_as": "Taken"}, "save_as"),
    ],
)
def test_what_does_not_fit_is_told_beside_its_field(enter, wrong, field):
    editor = enter("editor")
    page, guessed = upload(editor, sheet())
    editor.post(page, guessed | CONFIRMED | {"save_as": "Taken"})
    page, guessed = upload(editor, sheet())
    answer = editor.post(page, guessed | CONFIRMED | wrong)
    assert (answer.status_code, [*answer.context["form"].errors]) == (200, [field])
    assert models.Import.objects.filter(state="mapping").count() == 1


def test_a_file_that_nobody_maps_is_destroyed_in_time(enter):
    editor = enter("editor")
    page, guessed = upload(editor, sheet())
    models.Import.objects.update(created_at="2020-01-01T00:00Z")
    imports.sweep()
    assert (models.Import.objects.get().state, models.ImportChunk.objects.exists()) == ("expired", False)
    assert editor.get(page).status_code == editor.post(page, guessed).status_code == 302
    assert models.Import.objects.get().state == "expired"


def test_what_belongs_into_the_vault_is_not_mapped_away(enter):
    editor = enter("editor")
    page, guessed = upload(editor, sheet("title;Legal name\nx;y\n"))
    assert "belongs into the vault" in words(editor.get(page))
    editor.post(page, guessed)
    refused = import_runs.run(models.Import.objects.get().pk)
    assert (refused.state, [one["column"] for one in refused.problems]) == ("refused", ["Legal name"])


def test_from_a_file_to_drafts(enter):
    editor = enter("editor")
    page = confirm(editor, file(row("1"), row("2", given="2014")))
    assert editor.get(page).headers["Refresh"] == "3"
    import_runs.run(models.Import.objects.get().pk)
    checked = editor.get(page)
    assert "Refresh" not in checked.headers
    for said in ("created: 2", "Invented account 1", "given", "2014", "Apply exactly this"):
        assert said in words(checked)
    assert not models.Testimony.objects.exists()
    assert editor.post(page, {"apply": "1"}).status_code == 302
    import_runs.run(models.Import.objects.get().pk)
    assert "open the record of row 1" in words(editor.get(page))
    assert models.Testimony.objects.filter(status="draft").count() == 2
    assert "accounts.jsonl" in words(editor.get(URL))


def test_what_is_wrong_is_shown_and_nothing_can_be_applied(enter):
    editor = enter("editor")
    page = confirm(editor, file(row("1"), row("2", given="never")))
    import_runs.run(models.Import.objects.get().pk)
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
    assert client.get(URL).status_code == status
    assert client.get(f"{URL}{found.pk}/").status_code == status
    models.Import.objects.update(state="mapping", headers=["x"])
    assert client.get(f"{URL}{found.pk}/columns/").status_code == status
    assert ("Import testimonies" in words(client.get("/admin/", follow=True))) is (status == 200)
