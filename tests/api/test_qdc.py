"""Codebooks as REFI-QDA files: what comes out fits the standard and the caller's tier, and what goes in comes out again."""

import pytest

from testimonies.access import Tier
from testimonies.models import Code
from testimonies.values import qdc
from testimonies.values.safe_xml import read
from tests import factories as make
from tests.values.test_qdc import GUID, file_of, fits, plain

pytestmark = pytest.mark.django_db
URL = "/api/v1/codebooks/"
WORDS = {
    "label": 'Gewalt & "عنف" <1>', "brief_definition": "Grausamkeit.", "definition": "Line one,\r\nline two:\n  Definition:", "inclusion": ["Says so.", "a\nb"],
    "exclusion": ["- no"], "example": "Invented: 👩‍👩‍👧.", "near_miss": "x", "source_section": "3.1", "basis": ["report"], "color": "#1f77b4",
}  # fmt: skip


@pytest.fixture
def book(db):
    with make.batch():
        book = make.make_codebook(slug="alpha", edition="1.0")
        leaving = make.make_code(codebook=book, slug="leaving", label="Leaving", position=0)
        make.make_code(parent=leaving, slug="violence", position=1, **WORDS)
        make.make_code(parent=leaving, slug="secret", label="Secret", position=2, tier=Tier.RESTRICTED)
        make.make_code(
            codebook=book, slug="leaving-2", label="Leaving", position=3, is_assignable=True, definition="Plain."
        )
    return book


def load(client, document, **values):
    body = {"slug": "beta", "version": "1", "title": "Invented", "qdc": document, **values}
    return client.post(f"{URL}import/", body, content_type="application/json")


def said(code):
    names = (*WORDS, "slug", "dimension", "level", "is_assignable", "guid")
    return {name: getattr(code, name) for name in names}


def test_a_codebook_goes_out_and_comes_in_again_whole(api, book):
    answer = api.as_("editor").get(f"{URL}{book.pk}/qdc/")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="alpha-1.0.qdc"'
    fits(read(answer.content))
    made = load(api.as_("editor"), answer.content.decode())
    assert (made.status_code, made.json()["status"]) == (201, "draft"), made.content
    assert made.headers["Location"] == f"{URL}{made.json()['id']}/"
    copies = Code.objects.filter(codebook=made.json()["id"]).order_by("position")
    assert [said(code) for code in copies] == [said(code) for code in book.codes.order_by("position")]
    again = api.as_("editor").get(f"{made.headers['Location']}qdc/")
    assert again.content == answer.content


def test_a_file_holds_what_the_caller_may_see(api, book):
    def names(role):
        return [
            code.name
            for top in qdc.load(api.as_(role).get(f"{URL}{book.pk}/qdc/").content)
            for code in (top, *top.codes)
        ]

    assert names("reader") == ["Leaving", WORDS["label"], "Leaving"]
    assert names("editor") == ["Leaving", WORDS["label"], "Secret", "Leaving"]
    hidden = make.make_codebook(tier=Tier.RESTRICTED)
    assert api.as_("reader").get(f"{URL}{hidden.pk}/qdc/").status_code == 404


def test_what_others_wrote_comes_back_as_it_was(api):
    inner = (
        f'<Code guid="{GUID}" name="Sorge&#10;ثقة" isCodable="false" color="#ABC"><Description>é &amp;#13;&#13;\n| Definition:\n  x</Description>'
        f'<Code guid="{GUID[:-1]}2" name="Sorge&#10;ثقة" isCodable="true"/></Code>'
    )
    document = file_of(inner)
    made = load(api.as_("editor"), document)
    assert made.status_code == 201, made.content
    out = api.as_("editor").get(f"{URL}{made.json()['id']}/qdc/").content
    assert plain(qdc.load(out)) == plain(qdc.load(document))
    codes = api.as_("editor").get("/api/v1/codes/", {"codebook": "beta"}).json()["results"]
    assert [(code["slug"], code["dimension"], code["level"], code["is_assignable"]) for code in codes] == [
        ("sorge", "sorge", 1, False), ("sorge-2", "sorge", 2, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "code", "words"),
    [
        ("<a>", "not_read", "Line 1: this is no XML"),
        ("<!DOCTYPE a><a/>", "not_read", "Line 1: a document type"),
        ("<a/>", "does_not_fit", "Line 1: this is no REFI-QDA codebook"),
        (file_of("\n<Code/>"), "does_not_fit", "Line 2: a code's guid"),
        (file_of(f'<Code guid="{GUID}" name="b"/>\n<Code guid="{GUID[:-1]}2" name="c"><Description>Short name:\n  b</Description></Code>'),
         "does_not_fit", "Line 2: its short name"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_fit_makes_nothing(api, document, code, words):
    answer = load(api.as_("editor"), document)
    assert answer.status_code == 400
    first = answer.json()["errors"][0]
    assert (first["pointer"], first["code"], first["detail"][: len(words)]) == ("/qdc", code, words)
    assert not Code.objects.exists()


def test_a_version_that_there_is_stays_as_it_is(api, book):
    answer = load(api.as_("editor"), file_of(f'<Code guid="{GUID}" name="a"/>'), slug="alpha", version="1.0")
    assert (answer.status_code, answer.json()["code"]) == (409, "exists")


@pytest.mark.parametrize("value", ["a\x0bb", "\x1f", "\ufffe"])
def test_a_code_says_nothing_that_a_file_cannot_carry(api, value):
    draft = make.make_codebook(status="draft")
    for name, sent in (("label", f"a{value}"), ("definition", value), ("inclusion", [value])):
        body = {"codebook_id": str(draft.pk), "slug": "a", "label": "A", name: sent}
        answer = api.as_("editor").post("/api/v1/codes/", body, content_type="application/json")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"].startswith(f"/{name}")
