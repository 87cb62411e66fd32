"""What the service exported comes back unchanged, in every format; and one edited cell is one difference."""

import csv
import io
import json

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from testimonies import models
from testimonies.access import Tier
from tests import factories as make
from tests.contract.conftest import COLLECTIONS
from tests.imports.test_imports import URL, counts, rows_of, work

WHY = {"Export-Purpose": "Invented: to see that it comes back."}
TITLE = "Invented title: a draft that somebody edits"


@pytest.fixture
def records(transactional_db) -> None:
    """The sample collections, and invented records with all that is hard to write into a cell."""
    call_command("load_collection", str(COLLECTIONS), verbosity=0, stdout=io.StringIO())
    with make.batch():
        book = make.make_codebook(slug="invented-book", edition="2.1")
        dimension = make.make_code(codebook=book, slug="invented-dimension")
        codes = [make.make_code(parent=dimension, slug=f"invented-code-{letter}") for letter in "abc"]
        outlets = ["Invented; Daily", "جريدة مخترعة", 'The "Invented" \\ Times', "=Invented()"]
        bare = {"nationality": None, "residence_before": None, "name": "", "name_kind": "none", "gender": "not_known"}
        make.make_testimony(
            person=make.make_person(name="مجهول; Invented", origin_stated="-a Western country;\nor two"),
            title='=HYPERLINK("https://example.org/?"&A1; "x")',
            summary="'Invented.\r\nعين; three lines,\n\n\ttabs and \\ backslashes. _x0041_ ",
            summary_language="ar",
            account_language="ar",
            sources=[make.make_source(outlet=outlet) for outlet in outlets],
            codes=codes,
            collections=[make.make_collection(), make.make_collection()],
            content_warnings=["killing", "torture"],
            given="2014-06~",
            age_from=20,
            age_to=24,
            status="draft",
        )
        make.make_testimony(
            person=make.make_person(**bare, missing={"nationality": "refused", "residence_before": "unknown"}),
            title="+invented",
            summary="",
            membership=None,
            given=None,
            given_country=None,
            age_from=None,
            age_to=None,
            missing={"given": "withheld_for_safety", "given_country": "not_stated"},
            tier=Tier.RESTRICTED,
            sources=[],
            status="in_review",
        )
        make.make_testimony(
            person=make.make_person(name="Umm Invented", name_kind="kunya"), title=TITLE, status="draft"
        )
        make.make_testimony(title="@published; مخترع", codes=codes[:1], raised={"given": int(Tier.RESTRICTED)})


def export(client, style) -> bytes:
    response = client.get("/api/v1/testimonies/", {"format": style}, headers=WHY)
    assert response.status_code == 200
    return response.content


def bring(client, style, content, **options):
    made = client.post(URL, {"file": SimpleUploadedFile(f"testimonies.{style}", content), **options})
    assert made.status_code == 202, made.content
    return work(client, made)


def stored() -> dict:
    """Every testimony with its version, and how much history there is of anything."""
    versions = dict(models.Testimony.objects.values_list("pk", "version"))
    people = dict(models.Person.objects.values_list("pk", "version"))
    return {"testimonies": versions, "persons": people, "events": [m.objects.count() for m in models.EVENTS.values()]}


def edited(style: str, content: bytes, **cells) -> bytes:
    """The file with other cells in the row of TITLE, as a program would write it."""
    if style == "ndjson":
        lines = map(json.loads, content.decode().splitlines())
        lines = [line | cells if line["title"] == TITLE else line for line in lines]
        return "".join(json.dumps(line) + "\n" for line in lines).encode()
    if style == "csv":
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        out = io.StringIO()
        writer = csv.DictWriter(out, reader.fieldnames or [])
        writer.writeheader()
        writer.writerows(row | cells if row["title"] == TITLE else row for row in reader)
        return out.getvalue().encode()
    book = openpyxl.load_workbook(io.BytesIO(content))
    head, *rows = book.active.iter_rows()
    names = [cell.value for cell in head]
    (row,) = (row for row in rows if row[names.index("title")].value == TITLE)
    for name, value in cells.items():
        row[names.index(name)].value = value
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_an_export_comes_back_unchanged_but_for_what_somebody_edits(editor, records):
    for year, style in enumerate(("csv", "xlsx", "ndjson"), 2011):
        content, before = export(editor, style), stored()
        size = len(before["testimonies"])
        checked = bring(editor, style, content, dry_run="true")
        assert [row for row in rows_of(editor, checked) if row["outcome"] != "unchanged"] == []
        assert (size > 30, checked["state"], counts(checked)) == (True, "checked", (0, 0, size, 0))
        done = work(editor, editor.post(f"{URL}{checked['id']}/apply/"))
        assert (done["state"], counts(done), stored()) == ("done", (0, 0, size, 0), before)

        was = models.Testimony.objects.get(title=TITLE).given
        checked = bring(editor, style, edited(style, content, given=str(year)), dry_run="true")
        (changed,) = rows_of(editor, checked, outcome="updated")
        assert changed["changes"] == [{"field": "given", "before": was, "after": str(year)}]
        done = work(editor, editor.post(f"{URL}{checked['id']}/apply/"))
        assert (done["state"], counts(done)) == ("done", (0, 1, size - 1, 0))
        assert models.Testimony.objects.get(title=TITLE).given == str(year)


def test_what_is_withdrawn_is_left_alone_and_not_changed(editor, transactional_db):
    withdrawn = make.make_testimony(title=TITLE, status="withdrawn")
    content = export(editor, "ndjson")
    assert counts(bring(editor, "ndjson", content)) == (0, 0, 1, 0)
    refused = bring(editor, "ndjson", edited("ndjson", content, given="2011"))
    (row,) = rows_of(editor, refused)
    assert (refused["state"], row["changes"], [one["code"] for one in row["problems"]]) == (
        "refused",
        [],
        ["withdrawn"],
    )
    assert models.Testimony.objects.get(pk=withdrawn.pk).given == withdrawn.given
