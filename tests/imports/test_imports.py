"""/api/v1/imports/: what a file does, is said to do, and does not do."""

import io
import json
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from testimonies import models, projections
from testimonies.projections.verify import differences
from testimonies.services import import_runs
from tests import factories as make
from tests.imports.threads import in_thread

URL = "/api/v1/imports/"


def row(key, **values):
    """One account of somebody, all of it invented."""
    return {
        "external_id.archive": key,
        "title": f"Invented account {key}",
        "kind": "interview",
        "account_language": "en",
        **values,
    }


def file(*rows, name="accounts.jsonl"):
    return SimpleUploadedFile(name, "\n".join(map(json.dumps, rows)).encode())


def send(client, *rows, **options):
    """The import's address, once a worker has looked at it."""
    made = client.post(URL, {"file": file(*rows), **options})
    assert (made.status_code, made.json()["state"]) == (202, "waiting")
    return work(client, made)


def work(client, answer):
    assert answer.headers["Location"].startswith(URL)
    import_runs.run(answer.json()["id"])
    return client.get(answer.headers["Location"]).json()


def counts(found):
    return tuple(found[f"n_{outcome}"] for outcome in ("created", "updated", "unchanged", "rejected"))


def rows_of(client, found, **parameters):
    return client.get(f"{URL}{found['id']}/rows/", parameters).json()["results"]


def reasons(client, found):
    return [
        (one["number"], problem["column"], problem["code"])
        for one in rows_of(client, found, outcome="rejected")
        for problem in one["problems"]
    ]


def test_a_file_becomes_drafts_of_whoever_brought_it(editor):
    done = send(editor, row("1"), row("2"))
    assert (done["state"], counts(done), done["rows_done"], done["rows_total"]) == ("done", (2, 0, 0, 0), 2, 2)
    assert not models.ImportChunk.objects.exists()
    found = editor.get("/api/v1/testimonies/").json()["results"]
    assert sorted(one["title"] for one in found) == ["Invented account 1", "Invented account 2"]
    stored = models.Testimony.objects.get(title="Invented account 1")
    assert (stored.status, stored.created_by.username) == ("draft", done["created_by"])
    event = models.EVENTS[models.Testimony].objects.filter(pgh_obj_id=stored.pk).get()
    assert event.pgh_context["through"] == "import"


def test_the_same_file_twice_changes_nothing(editor):
    one = row("1", **{"person.external_id.archive": "p1", "person.gender": "female", "source.outlet": "Invented Times",
                      "source.relation": "original", "text.language": "en", "text.kind": "transcript", "text.body": "Invented.",
                      "clearance.basis": "informed", "clearance.uses": ["research"], "clearance.starts_at": "2020-01-01"})  # fmt: skip
    assert counts(send(editor, one)) == (1, 0, 0, 0)
    before = models.EVENTS[models.Testimony].objects.count()
    assert counts(send(editor, one)) == (0, 0, 1, 0)
    with projections.refreshed():
        models.TestimonyExternalId.objects.update(line_digest="")  # compared value by value, it is the same too
    assert counts(send(editor, one)) == (0, 0, 1, 0)
    assert models.EVENTS[models.Testimony].objects.count() == before


def test_a_dry_run_says_what_differs_and_is_then_applied(editor):
    send(editor, row("1", given="2014"))
    checked = send(editor, row("1", given="2015", title="Another invented title"), row("2"), dry_run="true")
    assert (checked["state"], counts(checked)) == ("checked", (1, 1, 0, 0))
    assert models.Testimony.objects.count() == 1
    (changed,) = rows_of(editor, checked, outcome="updated")
    assert sorted((one["field"], one["before"], one["after"]) for one in changed["changes"]) == [
        ("given", "2014", "2015"),
        ("title", "Invented account 1", "Another invented title"),
    ]
    answer = editor.post(f"{URL}{checked['id']}/apply/")
    assert answer.status_code == 202
    done = work(editor, answer)
    assert (done["state"], counts(done)) == ("done", (1, 1, 0, 0))
    assert models.Testimony.objects.get(given="2015").title == "Another invented title"


def test_fields_of_many_records_change_with_their_bounds_versions_and_history(editor):
    send(editor, row("1", given="2014"), row("2", given="2014"), row("3", given="2014"))
    rows = [row("1", given="2015-02"), row("2", given="2016"), row("3", given="2014", title="Another invented title")]
    assert counts(send(editor, *rows)) == (0, 3, 0, 0)
    found = {one.external_ids.get().value: one for one in models.Testimony.objects.all()}
    assert [str(found[key].given_earliest) for key in "123"] == ["2015-02-01", "2016-01-01", "2014-01-01"]
    assert [found[key].version for key in "123"] == [2, 2, 2]
    assert editor.get(f"/api/v1/testimonies/{found['3'].pk}/").json()["title"] == "Another invented title"
    events = models.EVENTS[models.Testimony].objects.filter(pgh_label="update")
    assert [event.pgh_context["through"] for event in events] == ["import"] * 3
    assert counts(send(editor, *rows)) == (0, 0, 3, 0)  # each is known by what it said last


def test_what_was_checked_is_not_applied_once_records_have_moved(editor):
    send(editor, row("1"))
    checked = send(editor, row("1", title="Another invented title"), dry_run="true")
    stored = models.Testimony.objects.get()
    url = f"/api/v1/testimonies/{stored.pk}/"
    answer = editor.patch(
        url, {"title": "What a person wrote"}, content_type="application/json", headers={"If-Match": "*"}
    )
    assert answer.status_code == 200
    refused = editor.post(f"{URL}{checked['id']}/apply/")
    assert (refused.status_code, refused.json()["code"]) == (409, "outdated")
    models.Import.objects.filter(pk=checked["id"]).update(
        state="waiting", dry_run=False
    )  # as if it had moved after that
    import_runs.run(checked["id"])
    after = editor.get(f"{URL}{checked['id']}/").json()
    assert (after["state"], "changed since" in after["refusal"]) == ("refused", True)
    assert models.Testimony.objects.get().title == "What a person wrote"


def test_one_bad_row_refuses_the_whole_file_with_every_problem(editor):
    bad = row("2", kind="", given="yesterday", **{"person.nationality": "Atlantis"})
    refused = send(editor, row("1"), bad, row("1"), row("4", group="nobody-knows"))
    assert (refused["state"], counts(refused)) == ("refused", (1, 0, 0, 3))
    assert {(number, column) for number, column, _ in reasons(editor, refused)} == {
        (2, "given"), (2, "kind"), (2, "person.nationality"), (3, "external_ids"), (4, "group"),
    }  # fmt: skip
    assert not models.Testimony.objects.exists()
    assert not models.Person.objects.exists()
    assert not models.ImportChunk.objects.exists()


def test_bad_rows_are_left_out_if_asked(editor):
    done = send(editor, row("1"), row("2", given="yesterday"), row("3"), on_error="skip")
    assert (done["state"], counts(done)) == ("done", (2, 0, 0, 1))
    assert sorted(models.TestimonyExternalId.objects.values_list("value", flat=True)) == ["1", "3"]


def test_what_was_erased_or_withdrawn_does_not_come_back(editor, api):
    send(editor, row("1"), row("2"))
    one, two = (models.TestimonyExternalId.objects.get(value=value).testimony for value in "12")
    custodian = api.as_("custodian")
    body = {"content_type": "application/json"}
    assert custodian.post(f"/api/v1/testimonies/{one.pk}/erasure/", {"confirm": one.ref}, **body).status_code == 200
    assert custodian.post(f"/api/v1/testimonies/{two.pk}/transitions/", {"to": "withdrawn"}, **body).status_code == 200
    refused = send(editor, row("1"), row("2"), row("3"), on_error="skip")
    assert (refused["state"], "erased" in refused["refusal"]) == ("refused", True)
    assert {(number, code) for number, _, code in reasons(editor, refused)} == {(1, "erased"), (2, "withdrawn")}
    assert counts(send(editor, row("2"), row("3"), on_error="skip")) == (1, 0, 0, 1)
    assert models.Testimony.objects.filter(title__contains="account 1").count() == 0


def test_what_is_published_is_frozen(editor):
    published = make.make_testimony()
    with projections.refreshed():
        models.TestimonyExternalId.objects.create(testimony=published, system="archive", value="1")
    refused = send(editor, row("1", kind=published.kind))
    assert reasons(editor, refused) == [(1, "", "frozen")]
    same = send(editor, {"external_id.archive": "1", "title": published.title})
    assert (same["state"], counts(same)) == ("done", (0, 0, 1, 0))


def test_what_people_wrote_since_is_not_written_over(editor):
    send(editor, row("1"))
    stored = models.Testimony.objects.get()
    editor.patch(
        f"/api/v1/testimonies/{stored.pk}/", {"title": "What a person wrote"}, content_type="application/json",
        headers={"If-Match": "*"},
    )  # fmt: skip
    assert counts(send(editor, row("1"))) == (0, 0, 1, 0)
    assert reasons(editor, send(editor, row("1", given="2014"))) == [(1, "", "overtaken")]
    assert counts(send(editor, row("1", given="2014") | {"ref": stored.ref})) == (0, 1, 0, 0)
    assert models.Testimony.objects.get().given == "2014"


def test_rows_speak_of_one_person(editor):
    her = {"person.external_id.archive": "p1"}
    done = send(editor, row("1", **her), row("2", **her, **{"person.gender": "female"}))
    assert counts(done) == (2, 0, 0, 0)
    (person,) = models.Person.objects.all()
    assert person.gender == "female"
    refused = send(editor, row("3", **her, **{"person.gender": "female"}), row("4", **her, **{"person.gender": "male"}))
    assert (refused["state"], [code for _, _, code in reasons(editor, refused)]) == ("refused", ["contradicts"])


def test_a_reference_to_a_later_file_is_kept_until_it_comes(editor):
    send(editor, row("1", same_person_as=[{"system": "archive", "value": "2"}]))
    (link,) = models.SamePersonLink.objects.all()
    assert (link.other, link.awaits) == (None, "archive: 2")
    send(editor, row("2"))
    link.refresh_from_db()
    assert link.other == models.Testimony.objects.get(title__endswith="2").person


def test_a_waiting_import_is_cancelled_and_its_file_is_gone(editor):
    made = editor.post(URL, {"file": file(row("1"))})
    assert editor.delete(f"{URL}{made.json()['id']}/").status_code == 204
    done = work(editor, made)
    assert done["state"] == "cancelled"
    assert not models.ImportChunk.objects.exists()
    assert not models.Testimony.objects.exists()
    assert editor.delete(f"{URL}{done['id']}/").status_code == 409


@pytest.mark.parametrize("dry_run", ["true", "false"])
@pytest.mark.parametrize("after", [1, 3])
def test_a_running_import_stops_when_it_is_cancelled(editor, monkeypatch, dry_run, after):
    """Even in its last batch: until it has ended, it can be stopped."""
    monkeypatch.setattr(import_runs.running, "BATCH", 1)
    made = editor.post(URL, {"file": file(row("1"), row("2"), row("3")), "dry_run": dry_run})
    url = made.headers["Location"]

    def cancel(done, _):
        if done == after:
            thread, answered = in_thread(lambda: editor.delete(url))
            thread.join()
            assert answered["value"].status_code == 204

    import_runs.run(made.json()["id"], progress=cancel)
    assert editor.get(url).json()["state"] == "cancelled"
    assert not models.Testimony.objects.exists()
    assert not models.ImportChunk.objects.exists()


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({}, "/file"),
        ({"file": SimpleUploadedFile("x.csv", b"")}, "/file"),
        ({"file": SimpleUploadedFile("x.pdf", b"%PDF-1.7")}, "/file"),
        ({"file": SimpleUploadedFile("x.csv", b"title\nx"), "on_error": "hope"}, "/on_error"),
        ({"file": SimpleUploadedFile("x.csv", b"title\nx"), "dry_run": "perhaps"}, "/dry_run"),
        ({"file": SimpleUploadedFile("x.csv", b"title\nx"), "collection": "nowhere"}, "/collection"),
        ({"file": SimpleUploadedFile("x.csv", b"title\nx"), "colour": "red"}, "/colour"),
        ({"file": SimpleUploadedFile("x.csv", b"title\nx"), "encoding": "morse"}, "/encoding"),
        ({"file": SimpleUploadedFile("x.csv", b"title\nx"), "encoding": ""}, "/encoding"),
        ({"file": SimpleUploadedFile("x.csv", b"title\nx"), "delimiter": "dash"}, "/delimiter"),
    ],
    ids=[
        "no file",
        "empty",
        "no table",
        "word",
        "flag",
        "collection",
        "unknown field",
        "encoding",
        "no encoding",
        "delimiter",
    ],
)
def test_a_form_that_does_not_fit_is_refused(editor, sent, pointer):
    answer = editor.post(URL, sent)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (400, [pointer])
    assert not models.Import.objects.exists()


def test_json_is_no_form(editor):
    assert editor.post(URL, {}, content_type="application/json").status_code == 415


def test_a_claim_of_two_gigabytes_is_refused_before_it_is_read(editor):
    answer = editor.post(URL, {"file": file(row("1"))}, CONTENT_LENGTH=str(2**31))
    assert answer.status_code == 413


def test_columns_that_do_not_fit_are_told(editor):
    made = editor.post(URL, {"file": SimpleUploadedFile("x.csv", b"title,colour\nx,red\n")})
    done = work(editor, made)
    assert (done["state"], [one["column"] for one in done["problems"]]) == ("refused", ["colour"])


def test_a_file_is_read_by_a_mapping_that_was_kept(editor):
    body = {
        "name": "Invented archive",
        "columns": [{"header": "Nr", "column": "external_id.archive"}, {"header": "Heading", "column": "title"}, {"header": "x", "column": None}],
        "fixed": [{"column": "kind", "value": "interview"}, {"column": "account_language", "value": "en"}],
    }  # fmt: skip
    assert editor.post("/api/v1/import-mappings/", body, content_type="application/json").status_code == 201
    sheet = SimpleUploadedFile("sheet.csv", b"Nr;Heading;x\n7;Invented;?\n")
    done = work(editor, editor.post(URL, {"file": sheet, "mapping": "Invented archive"}))
    assert (done["state"], counts(done), done["mapping"]) == ("done", (1, 0, 0, 0), "Invented archive")
    assert models.Testimony.objects.get().title == "Invented"
    assert editor.post(URL, {"file": file(row("1")), "mapping": "nobody's"}).status_code == 400


def test_somebody_says_what_a_file_does_not_say_itself(editor):
    text = "external_id.archive|title|kind|account_language\n1|مخترع|interview|ar\n"
    sent = {
        "file": SimpleUploadedFile("x.csv", text.encode("windows-1256")),
        "encoding": "windows-1256",
        "delimiter": "bar",
    }
    assert counts(work(editor, editor.post(URL, sent))) == (1, 0, 0, 0)
    assert models.Testimony.objects.get().title == "مخترع"


def test_somebody_names_the_sheet(editor):
    book = openpyxl.Workbook()
    book.active.append(["notes"])
    for cells in (["external_id.archive", "title", "kind", "account_language"], ["1", "Invented", "interview", "en"]):
        (book["Accounts"] if "Accounts" in book else book.create_sheet("Accounts")).append(cells)
    content = io.BytesIO()
    book.save(content)
    send = lambda **said: editor.post(URL, {"file": SimpleUploadedFile("x.xlsx", content.getvalue()), **said})  # noqa: E731
    assert counts(work(editor, send(sheet="Accounts"))) == (1, 0, 0, 0)
    assert work(editor, send())["state"] == "refused"
    assert send(sheet="Nobody's").json()["errors"][0]["pointer"] == "/file"


def test_what_becomes_of_many_long_rows_is_told(editor):
    """Of one batch more than the buffers of a socket hold, by far."""
    numbers = [str(number) for number in range(200)]
    send(editor, *map(row, numbers))
    long = "Invented, and told at length. " * 300
    done = send(editor, *(row(number, summary=long) for number in numbers), dry_run="true")
    assert (done["state"], counts(done), done["rows_done"]) == ("checked", (0, 200, 0, 0), 200)
    [told] = [one["after"] for one in rows_of(editor, done)[0]["changes"] if one["field"] == "summary"]
    assert told.strip() == long.strip()


@pytest.mark.parametrize(("role", "status"), [("reader", 403), ("coder", 403), ("editor", 404), ("custodian", 404)])
def test_an_import_that_never_was(api, role, status):
    client, url = api.as_(role), f"{URL}{uuid4()}/"
    answers = [client.get(url), client.get(f"{url}rows/"), client.post(f"{url}apply/"), client.delete(url)]
    assert [answer.status_code for answer in answers] == [status] * 4


# --- Batch after batch -----------------------------------------------------------------------------------------------


@pytest.fixture
def one_by_one(monkeypatch):
    """Each row is a batch: the next one is planned, and the projections of the one before made, while it is stored."""
    monkeypatch.setattr(import_runs.running, "BATCH", 1)


def citing(key, **values):
    source = {"source.relation": "original", "source.outlet": "Invented Times", "source.title": "An invented report"}
    return row(key, **source | values)


def test_batches_leave_true_projections_and_one_history(editor, one_by_one):
    rows = [row(str(number), **{"person.external_id.archive": f"p{number // 2}"}) for number in range(5)]
    rows[3]["person.nationality"] = "SY"  # what an earlier batch has made is changed by an act
    assert counts(send(editor, *rows)) == (5, 0, 0, 0)
    assert list(differences()) == []
    assert models.Person.objects.count() == 3
    found = editor.get("/api/v1/testimonies/").json()["results"]
    assert sorted((one["title"][-1], one["person"]["nationality"]) for one in found) == [
        ("0", None), ("1", None), ("2", "SY"), ("3", "SY"), ("4", None),
    ]  # fmt: skip
    events = models.EVENTS[models.Testimony].objects.all()
    assert {event.pgh_label for event in events} == {"insert"}
    assert len({event.pgh_created_at for event in events}) == 1
    assert counts(send(editor, *rows)) == (0, 0, 5, 0)


def test_later_rows_cite_what_an_earlier_one_brought(editor, one_by_one):
    rows = [citing(str(number)) for number in range(3)]
    checked = send(editor, *rows, dry_run="true")
    done = work(editor, editor.post(f"{URL}{checked['id']}/apply/"))
    assert (done["state"], counts(done)) == ("done", (3, 0, 0, 0))
    (source,) = models.Source.objects.all()
    assert source.citations.count() == 3
    assert counts(send(editor, *rows)) == (0, 0, 3, 0)


def test_a_source_that_a_bad_row_brought_is_stored_with_the_next_that_cites_it(editor, one_by_one):
    done = send(editor, citing("1", given="yesterday"), citing("2"), on_error="skip")
    assert counts(done) == (1, 0, 0, 1)
    assert models.Source.objects.get().citations.count() == 1
    alone = row("3", given="yesterday", **{"source.relation": "original", "source.outlet": "Nobody Else's"})
    assert counts(send(editor, alone, row("4"), on_error="skip")) == (1, 0, 0, 1)
    assert not models.Source.objects.filter(outlet="Nobody Else's").exists()


@pytest.mark.parametrize("batch", [1, 3])
def test_what_only_the_database_refuses_is_left_out_with_nothing_of_its_own(editor, monkeypatch, batch):
    monkeypatch.setattr(import_runs.running, "BATCH", batch)
    make_values = import_runs.running.applying._testimony

    def broken(one, by):
        values = make_values(one, by)
        return values | {"age_from": 9, "age_to": 3} if values["title"].endswith("2") else values

    monkeypatch.setattr(import_runs.running.applying, "_testimony", broken)
    done = send(editor, citing("1"), row("2"), citing("3"), on_error="skip")
    assert (done["state"], counts(done)) == ("done", (2, 0, 0, 1))
    assert list(differences()) == []
    assert (models.Person.objects.count(), models.Source.objects.get().citations.count()) == (2, 2)


def test_new_sources_keep_their_external_ids_and_are_found_by_them(editor, one_by_one):
    first = citing("1", **{"source.external_ids": "library: s1"})
    second = citing("2", **{"source.external_ids": "library: s1", "source.title": "Spelled otherwise"})
    assert counts(send(editor, first, second)) == (2, 0, 0, 0)
    (source,) = models.Source.objects.all()
    assert [(one.system, one.value) for one in source.external_ids.all()] == [("library", "s1")]
    assert source.citations.count() == 2
    assert counts(send(editor, second | row("3"))) == (1, 0, 0, 0)
    assert source.citations.count() == 3
