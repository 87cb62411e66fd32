"""At the desk: the next version, its map, what differs, carrying codes over, and REFI-QDA files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from testimonies import models, projections
from testimonies.access import Tier
from tests import factories as make
from tests.values.test_qdc import GUID, file_of

pytestmark = pytest.mark.django_db
URL = "/admin/testimonies/codebook/"


@pytest.fixture
def book(db):
    with make.batch():
        book = make.make_codebook(slug="alpha", edition="1")
        leaving = make.make_code(codebook=book, slug="leaving", position=0)
        make.make_code(parent=leaving, slug="brutality", label="Brutality", position=1)
    return book


def act(client, book, **body):
    return client.post(f"{URL}{book.pk}/versions/change/", body, follow=True)


def test_an_editor_makes_maps_and_publishes_the_next_version(enter, book):
    editor = enter("editor")
    assert "Versions and file" in editor.get(f"{URL}{book.pk}/change/").content.decode()
    page = act(editor, book, next="1", edition="2").content.decode()
    draft = models.Codebook.objects.get(edition="2")
    assert "This is the next version." in page
    code = draft.codes.get(slug="brutality")
    make.make_code(parent=code.parent, slug="cruelty", position=2)
    draft.refresh_from_db()
    said = {"into:leaving": "leaving", "into:brutality": "brutality  cruelty", "version": draft.version, "map": "1"}
    page = act(editor, draft, **said).content.decode()
    assert "it became several codes" in page
    assert "The map is saved." in page
    assert sorted(code.successors.count() for code in book.codes.all()) == [1, 2]
    overtaken = act(editor, draft, **said).content.decode()
    assert "The record has changed since you read it" in overtaken
    wrong = act(editor, draft, **{**said, "version": draft.version + 1, "into:leaving": "nothing"}).content.decode()
    assert "There is no such code in this version." in wrong
    assert "added" in wrong  # the table of differences


def test_what_is_refused_is_said(enter, book):
    editor = enter("editor")
    page = act(editor, book, carry="1").content.decode()
    assert "made from no other version" in page
    assert "already" not in page
    act(editor, book, next="1", edition="2")
    assert "There is a next version already: 2." in act(editor, book, next="1", edition="3").content.decode()


def test_codes_are_carried_over(enter, book):
    testimony = make.make_testimony(codes=[book.codes.get(slug="brutality")])
    act(enter("editor"), book, next="1", edition="2")
    with projections.refreshed():
        models.Codebook.objects.filter(edition="2").update(status="published")
    draft = models.Codebook.objects.get(edition="2")
    page = act(enter("custodian"), draft, carry="1").content.decode()
    assert "1 codes of 1 testimonies were carried over; 0 are to be coded anew." in page
    assert testimony.consensus_codes.get().code.codebook == draft


def test_a_coder_looks_only(enter, book):
    coder = enter("coder")
    page = coder.get(f"{URL}{book.pk}/versions/").content.decode()
    assert "Make it" not in page
    assert "Your role does not do this." in act(coder, book, next="1", edition="2").content.decode()
    assert coder.get(f"{URL}upload/").status_code == 403
    assert models.Codebook.objects.count() == 1


def test_nothing_is_there_for_others(client, enter, book):
    assert client.get(f"{URL}{book.pk}/versions/").status_code == 302
    assert enter("editor").get(f"{URL}{GUID}/versions/").status_code == 404
    assert enter("editor").get(f"{URL}{book.pk}/versions/change/").status_code == 405


def test_a_file_is_downloaded_and_uploaded(enter, book):
    editor = enter("editor")
    answer = editor.get(f"{URL}{book.pk}/qdc/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="alpha-1.qdc"'
    about = {"slug": "beta", "edition": "1", "title": "Invented", "language": "en", "tier": int(Tier.PUBLIC)}
    upload = SimpleUploadedFile("alpha.qdc", answer.content)
    assert editor.post(f"{URL}upload/", {**about, "file": upload}).status_code == 302
    made = models.Codebook.objects.get(slug="beta")
    assert (made.status, [code.slug for code in made.codes.order_by("position")]) == ("draft", ["leaving", "brutality"])


def test_what_is_wrong_with_a_file_is_said_with_its_line(enter):
    editor = enter("editor")
    about = {"slug": "beta", "edition": "1", "title": "Invented", "language": "klingon?", "tier": 0}
    upload = SimpleUploadedFile("a.qdc", file_of(f'\n<Code guid="{GUID}" name="" color="red"/>').encode())
    page = editor.post(f"{URL}upload/", {**about, "file": upload}).content.decode()
    assert "Line 2: a code&#x27;s name has 1 to 200 characters." in page
    assert "Line 2: a color is #RRGGBB or #RGB." in page
    right = SimpleUploadedFile("a.qdc", file_of(f'<Code guid="{GUID}" name="a"/>').encode())
    assert "BCP 47" in editor.post(f"{URL}upload/", {**about, "file": right}).content.decode()
    assert not models.Codebook.objects.exists()
