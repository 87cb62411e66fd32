"""Coding at the desk, as a browser without JavaScript sends it. All is invented."""

import pytest
from django.test import Client

from testimonies import models
from testimonies.access import Role
from tests import factories as make

pytestmark = pytest.mark.django_db
BODY = "Invented: ash, birch and ash.\r\nأنا هنا، وأنت هناك."


@pytest.fixture
def coded():
    """A testimony for two coders, and the windows of these and of an editor."""
    with make.batch():
        code = make.make_code(parent=make.make_code(), label="Invented code")
        testimony = make.make_testimony(texts=[BODY], content_warnings=["killing"])
    users = [make.make_user(role=Role.CODER), make.make_user(role=Role.CODER), make.make_user(role=Role.EDITOR)]
    given = [
        make.make_assignment(testimony=testimony, codebook=code.codebook, coder=one, state="open") for one in users[:2]
    ]
    return code, testimony, given, [enter(one) for one in users]


def enter(user):
    client = Client()
    client.force_login(user)
    return client


def fields(code, testimony, quote, **more):
    return {"code_id": code.pk, "text_id": testimony.texts.get().pk, "quote": quote, "presence": "present", **more}


def test_from_the_queue_to_submitting(coded):
    code, testimony, (mine, other), (client, *_) = coded
    queue = client.get("/admin/coding/").content.decode()
    assert f"/admin/coding/{mine.pk}/" in queue
    assert str(other.pk) not in queue
    page = f"/admin/coding/{mine.pk}/"
    assert "Before you read: killing" in client.get(page).content.decode()
    assert client.post(page, fields(code, testimony, "birch")).status_code == 302
    assert client.post(page, fields(code, testimony, "أنا هنا", memo="Invented.")).status_code == 302
    assert client.post(page, {"code_id": code.pk, "presence": "absent"}).status_code == 302
    found = models.Coding.objects.order_by("created_at")
    assert [(one.quote, one.presence) for one in found] == [
        ("birch", "present"),
        ("أنا هنا", "present"),
        ("", "absent"),
    ]
    assert all(BODY[one.start : one.end] == one.quote for one in found[:2])
    assert client.post(page, {"remove": found[2].pk}).status_code == 302
    assert client.post(page, {"submit_all": "Submit"}).status_code == 302
    mine.refresh_from_db()
    assert (mine.state, models.Coding.objects.count()) == ("submitted", 2)
    assert "Code it" not in client.get(page).content.decode()
    again = client.post(page, fields(code, testimony, "ash, birch"))
    assert (again.status_code, models.Coding.objects.count()) == (422, 2)


@pytest.mark.parametrize(
    ("quote", "more", "said"),
    [
        ("ash", {}, "more than once"),
        ("oak", {}, "is not there"),
        ("birch", {"start": 0, "end": 5}, "reads otherwise"),
        ("birch", {"code_id": ""}, "Choose a code."),
        ("birch", {"text_id": ""}, "which text"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_lost(coded, quote, more, said):
    code, testimony, (mine, _), (client, *_) = coded
    answer = client.post(f"/admin/coding/{mine.pk}/", fields(code, testimony, quote, memo="Kept words", **more))
    page = answer.content.decode()
    assert (answer.status_code, models.Coding.objects.count()) == (422, 0)
    assert said in page
    assert "Kept words" in page


def test_line_ends_are_of_the_text(coded):
    """A browser sends every line end as two characters, and shows each as one."""
    code, testimony, (mine, _), (client, *_) = coded
    quote = "ash.\r\nأنا"
    start = BODY.index(quote)
    sent = fields(code, testimony, quote, start=start, end=start + len(quote))
    assert client.post(f"/admin/coding/{mine.pk}/", sent).status_code == 302
    assert models.Coding.objects.get().quote == quote


def test_nobody_opens_what_others_code(coded):
    code, testimony, (mine, other), (client, second, editor) = coded
    make.make_coding(assignment=other, code=code, memo="Secret words")
    assert client.get(f"/admin/coding/{other.pk}/").status_code == 404
    assert editor.get(f"/admin/coding/{other.pk}/").status_code == 404
    assert "Secret words" not in client.get(f"/admin/coding/{mine.pk}/").content.decode()
    assert "Secret words" in second.get(f"/admin/coding/{other.pk}/").content.decode()
    assert client.get(f"/admin/coding/{testimony.pk}/{code.codebook_id}/").status_code == 403
    assert Client().get("/admin/coding/").status_code == 302


def test_an_editor_decides_and_reopens(coded):
    code, testimony, given, (client, second, editor) = coded
    with make.batch():
        differ = make.make_code(parent=code.parent, label="Only one says so")
    page = f"/admin/coding/{testimony.pk}/{code.codebook_id}/"
    assert "Not all who code it" in editor.get(page).content.decode()
    for one, window in zip(given, (client, second), strict=True):
        window.post(f"/admin/coding/{one.pk}/", fields(code, testimony, "birch"))
    client.post(f"/admin/coding/{given[0].pk}/", fields(differ, testimony, "birch"))
    for one, window in zip(given, (client, second), strict=True):
        window.post(f"/admin/coding/{one.pk}/", {"submit_all": "x"})
    assert page in editor.get("/admin/coding/").content.decode()
    assert editor.post(page, {}).status_code == 422
    said = {f"applies-{differ.pk}": "no", f"reason-{differ.pk}": "Invented: said of another."}
    assert editor.post(page, {f"applies-{differ.pk}": "no"}).status_code == 422
    assert editor.post(page, said).status_code == 302
    assert {one.code for one in testimony.consensus_codes.all()} == {code}
    assert "said of another" in editor.get(page).content.decode()
    assert editor.post(page, {"reopen": "x"}).status_code == 422
    assert editor.post(page, {"reopen": "x", "reason": "Invented."}).status_code == 302
    assert not testimony.consensus_codes.exists()
    assert models.Coding.objects.count() == 3
