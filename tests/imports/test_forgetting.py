"""What an import holds of a record goes with the record: its rows, and the file that somebody has not applied yet."""

from testimonies import models
from tests.imports.test_imports import URL, row, rows_of, send

BODY = {"content_type": "application/json"}


def erase(client, testimony):
    return client.post(f"/api/v1/testimonies/{testimony.pk}/erasure/", {"confirm": testimony.ref}, **BODY)


def withdraw(client, testimony):
    return client.post(f"/api/v1/testimonies/{testimony.pk}/transitions/", {"to": "withdrawn"}, **BODY)


def test_with_an_erasure_rows_and_files_go(editor, api):
    done = send(editor, row("1"), row("2"))
    checked = send(editor, row("1", given="2014"), row("3"), dry_run="true")
    testimony = models.TestimonyExternalId.objects.get(value="1").testimony
    assert erase(api.as_("custodian"), testimony).status_code == 200
    assert [one["number"] for one in rows_of(editor, done)] == [2]
    assert not models.ImportChunk.objects.exists()
    after = editor.get(f"{URL}{checked['id']}/").json()
    assert (after["state"], after["file_name"]) == ("expired", "(forgotten)")
    assert [one["number"] for one in rows_of(editor, checked)] == [2]
    assert editor.post(f"{URL}{checked['id']}/apply/").status_code == 409


def test_what_is_known_of_it_by_its_id_alone_goes_too(editor, api):
    """A row that was rejected has no record, but it has the id of one."""
    send(editor, row("1"))
    refused = send(editor, row("1", given="never"))
    assert [one["number"] for one in rows_of(editor, refused)] == [1]
    erase(api.as_("custodian"), models.Testimony.objects.get())
    assert rows_of(editor, refused) == []


def test_a_withdrawal_takes_the_rows_as_well(editor, api):
    done = send(editor, row("1"), row("2"))
    testimony = models.TestimonyExternalId.objects.get(value="2").testimony
    assert withdraw(api.as_("custodian"), testimony).status_code == 200
    assert [one["number"] for one in rows_of(editor, done)] == [1]
