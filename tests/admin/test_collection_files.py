import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from testimonies import models
from testimonies.errors import DomainError
from testimonies.models import Collection
from testimonies.selectors import actors
from testimonies.services import collection_files, workflow
from tests.contract.test_budgets import sent
from tests.services import folders

URL = "/admin/import/"


@pytest.fixture
def folder(tmp_path) -> Path:
    return folders.write(tmp_path / "folder", folders.line(), folders.line("two"), files={}, manifest={})


def contents(folder: Path) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]


def zipped(files: dict[str, bytes], **options) -> SimpleUploadedFile:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return SimpleUploadedFile("folder.zip", stream.getvalue())


def counts(answer) -> tuple[int, ...]:
    """created, updated, unchanged, rejected testimonies."""
    changes = answer.context["report"].kinds["testimonies"]
    return changes.created, changes.updated, changes.unchanged, changes.rejected


def load(client: Client, files, **body):
    """Checked, then loaded."""
    checked = client.post(URL, {"chosen": files, **body})
    for file in files:
        file.seek(0)
    return client.post(URL, {"chosen": files, "load": "1", "checked": checked.context["checked"], **body})


def test_files_are_checked_and_then_loaded(enter, folder):
    editor = enter("editor")
    checked = editor.post(URL, {"chosen": contents(folder)})
    assert counts(checked) == (2, 0, 0, 0)
    assert "Nothing is stored yet" in checked.content.decode()
    assert not Collection.objects.exists()
    loaded = editor.post(URL, {"chosen": contents(folder), "load": "1", "checked": checked.context["checked"]})
    assert counts(loaded) == (2, 0, 0, 0)
    assert models.Testimony.objects.filter(collection_items__collection__slug="made-up").count() == 2
    assert counts(editor.post(URL, {"chosen": contents(folder)})) == (0, 0, 2, 0)


def test_nobody_publishes_by_choosing_a_file(enter, folder):
    """However many reviewers the manifest names."""
    editor, other = enter("editor"), enter("editor")
    load(editor, contents(folder))
    assert {(row.status, row.created_by_id) for row in models.Testimony.objects.all()} == {("draft", editor.user.pk)}
    testimony = models.Testimony.objects.first()
    workflow.move(testimony.pk, by=actors.of_user(editor.user), to="in_review")
    with pytest.raises(DomainError, match="Nobody publishes their own work"):
        workflow.move(testimony.pk, by=actors.of_user(editor.user), to="published")
    by = actors.of_user(other.user)
    workflow.move(testimony.pk, by=by, to="published", accept_recognition="Invented: nobody lived")
    assert models.Testimony.objects.get(pk=testimony.pk).status == "published"


def test_a_later_file_leaves_the_status_alone(enter, tmp_path, load):
    load_by_command = load
    load_by_command(folders.line())
    assert models.Testimony.objects.get().status == "published"
    folder = folders.write(
        tmp_path / "next", folders.line(testimony__title="Invented: changed"), files={}, manifest={"reviewed_by": []}
    )
    editor = enter("editor")
    answer = _load(editor, contents(folder))
    assert counts(answer) == (0, 1, 0, 0)
    assert (models.Testimony.objects.get().title, models.Testimony.objects.get().status) == (
        "Invented: changed",
        "published",
    )


_load = load


@pytest.fixture(name="load")
def load_by_command(db, tmp_path):
    from testimonies.services import collections

    def run(*lines):
        return collections.load(path=folders.write(tmp_path / "first", *lines, files={}, manifest={}))

    return run


def test_a_zip_of_the_folder_will_do(enter, folder):
    files = {f"folder/{path.name}": path.read_bytes() for path in folder.iterdir()} | {"folder/README.md": b"# words"}
    assert counts(_load(enter("editor"), [zipped(files)])) == (2, 0, 0, 0)
    assert models.Testimony.objects.count() == 2


def test_other_files_than_those_that_were_checked_are_checked_anew(enter, folder, tmp_path):
    editor = enter("editor")
    proof = editor.post(URL, {"chosen": contents(folder)}).context["checked"]
    other = folders.write(tmp_path / "other", folders.line("three"), files={}, manifest={})
    for files, checked, body in (
        (contents(other), proof, {}),
        (contents(folder), proof, {"overwrite": "on"}),
        (contents(folder), "made-up", {}),
        (contents(folder), "", {}),
    ):
        answer = editor.post(URL, {"chosen": files, "load": "1", "checked": checked, **body})
        assert "not the files that were checked" in answer.content.decode()
        assert not models.Testimony.objects.exists()
    answer = enter("editor").post(URL, {"chosen": contents(folder), "load": "1", "checked": proof})
    assert "not the files that were checked" in answer.content.decode(), "what somebody else has checked"
    assert not models.Testimony.objects.exists()


def test_every_problem_is_told_and_nothing_stored(enter, tmp_path):
    spoiled = folders.write(
        tmp_path / "bad", folders.line(person__nationality="Atlantis"), folders.line("two", tier="secret"), b"{", files={}, manifest={}
    )  # fmt: skip
    answer = enter("editor").post(URL, {"chosen": contents(spoiled)})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "made_up.jsonl:1: person.nationality: must be" in page
    assert "made_up.jsonl:2" in page
    assert "made_up.jsonl:3: is not JSON" in page
    assert "Atlantis" not in page
    assert not Collection.objects.exists()


def encrypted() -> bytes:
    data = bytearray(zipped({"collections.json": b"{}"}).read())
    data[6] |= 1  # the flag of the local header, then of the central one
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


HOSTILE = {
    "nothing": ([], "This field is required"),
    "an empty file": ([SimpleUploadedFile("collections.json", b"")], "empty"),
    "no manifest": ([SimpleUploadedFile("a.json", b"{}")], "collections.json: is missing"),
    "a picture": ([SimpleUploadedFile("a.png", b"\x89PNG")], "Send .json and .jsonl files"),
    "no zip": ([SimpleUploadedFile("a.zip", b"PK\x03\x04 and no more")], "The zip cannot be read"),
    "a zip with a password": ([SimpleUploadedFile("a.zip", encrypted())], "The zip cannot be read"),
    "two zips": ([zipped({}), zipped({})], "Send one zip file alone"),
    "two of a name": ([SimpleUploadedFile("a.json", b"{}"), SimpleUploadedFile("a.json", b"[]")], "the same name"),
    "two folders": ([zipped({"a/collections.json": b"{}", "b/x.json": b"{}"})], "several folders"),
    "a way out": ([zipped({"../../collections.json": b"{}"})], "collections.json: collections: is missing or empty"),
    "an absolute name": ([zipped({"/etc/collections.json": b"[]"})], "must be an object"),
    "no text": ([SimpleUploadedFile("collections.json", b"\xff\xfe\x00")], "is not UTF-8"),
    "deep brackets": ([SimpleUploadedFile("collections.json", b"[" * 100_000)], "is not JSON"),
    "a manifest that leads out": (
        [SimpleUploadedFile("collections.json", json.dumps({"collections": [{"files": ["/etc/passwd"]}]}).encode())],
        "must be the plain name of a file",
    ),
    "too many": ([zipped({f"{n}.json": b"{}" for n in range(101)})], "more than 100 files"),
    "a bomb": ([zipped({"collections.json": b" " * (collection_files.MOST_BYTES + 1)})], "more than 32 MB"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_cannot_be_loaded_is_said(enter, what):
    files, words = HOSTILE[what]
    for file in files:
        file.seek(0)
    answer = enter("editor").post(URL, {"chosen": files})
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not Collection.objects.exists()


def test_nothing_is_left_on_the_disk(enter, folder, tmp_path, monkeypatch):
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(private))
    _load(enter("editor"), contents(folder))
    enter("editor").post(URL, {"chosen": [SimpleUploadedFile("collections.json", b"[")]})
    assert list(private.iterdir()) == []


def test_what_is_too_long_is_not_read(enter):
    editor = enter("editor")
    answer = editor.generic(
        "POST", URL, b"x", content_type="multipart/form-data; boundary=x", headers={"content-length": str(2**40)}
    )
    assert answer.status_code == 413
    assert not answer.wsgi_request._read_started
    assert "more than 32 MB" in answer.content.decode()


def test_a_form_of_another_site_is_refused(enter, folder):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(enter("editor").user)
    assert strict.post(URL, {"chosen": contents(folder)}).status_code == 403
    assert not Collection.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("reader", 302), ("coder", 403), ("editor", 200), ("custodian", 200)])
def test_who_imports(enter, folder, role, status):
    client = enter(role)
    assert client.get(URL).status_code == status
    assert client.post(URL, {"chosen": contents(folder)}).status_code == status
    assert ("Import a collection" in client.get("/admin/", follow=True).content.decode()) is (status == 200)


def test_the_page_costs_little(enter):
    editor = enter("editor")
    with sent() as statements:
        editor.get(URL)
    assert len(statements) < 10
