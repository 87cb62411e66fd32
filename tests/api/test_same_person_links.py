"""/api/v1/same-person-links/: who may be one person, as people ask and decide."""

import pytest

from testimonies.models import SamePersonLink
from tests import factories as make
from tests.api.answers import errors, results
from tests.writers import Writers, refusals

URL = "same-person-links/"


@pytest.fixture
def w(transactional_db) -> Writers:
    w = Writers()
    w.body = {"person_id": str(w.person.pk), "other_id": str(w.published.person.pk), "note": "Invented."}
    return w


def test_asked_decided_taken_back_and_removed(w):
    made = w.ask("author", "post", URL, w.body)
    assert made.status_code == 201
    one = f"{URL}{made.json()['id']}/"
    assert made.json() == {"id": made.json()["id"], "version": 1, **w.body, "awaits": "", "status": "possible"}
    assert w.ask("author", "get", one).headers["ETag"] == made.headers["ETag"]
    confirmed = w.ask("editor", "patch", one, {"status": "confirmed"}, match=made.headers["ETag"])
    assert confirmed.json() == {**made.json(), "version": 2, "status": "confirmed"}
    assert w.ask("editor", "patch", one, {"status": "rejected"}, match=made.headers["ETag"]).status_code == 412
    assert w.ask("editor", "patch", one, {"status": "rejected"}).status_code == 428
    assert w.ask("editor", "patch", one, {"status": "possible"}, match="*").json()["status"] == "possible"
    assert w.ask("editor", "put", one, w.body, match="*").status_code == 405
    assert w.ask("editor", "delete", one, match="*").status_code == 204
    assert w.ask("editor", "get", one).status_code == 404


def test_who_may(w):
    expect = {  # asks, reads the list, reads it, decides, removes
        "reader": (403, 403, 403, 403, 403),
        "coder": (400, 0, 404, 403, 403),  # does not see the other coder's person
        "author": (409, 1, 200, 403, 403),
        "custodian": (409, 1, 200, 200, 204),
    }
    one = f"{URL}{w.ask('editor', 'post', URL, w.body).json()['id']}/"
    for name, (asks, lists, reads, decides, removes) in expect.items():
        assert w.ask(name, "post", URL, w.body).status_code == asks
        listed = w.ask(name, "get", URL)
        assert (len(results(listed)) if listed.status_code == 200 else listed.status_code) == lists
        assert w.ask(name, "get", one).status_code == reads
        assert w.ask(name, "patch", one, {"status": "rejected"}, match="*").status_code == decides
        assert w.ask(name, "delete", one, match="*").status_code == removes
    assert SamePersonLink.objects.count() == 0


@pytest.mark.parametrize(("person", "other"), [("person_id", "other_id"), ("other_id", "person_id")])
def test_a_link_is_seen_by_who_sees_both(w, person, other):
    """Another coder sees one of the two, whichever comes first."""
    body = {"person_id": w.body[person], "other_id": w.body[other]}
    one = f"{URL}{w.ask('editor', 'post', URL, body).json()['id']}/"
    assert [w.ask(name, "get", one).status_code for name in ("coder", "author")] == [404, 200]
    assert [len(results(w.ask(name, "get", URL))) for name in ("coder", "author")] == [0, 1]


def test_filters(w):
    link = w.ask("editor", "post", URL, w.body).json()
    far = make.make_person()
    other = SamePersonLink.objects.create(person=far, awaits="invented: t-9", status="rejected")
    for query, expected in {
        "": [str(other.pk), link["id"]],
        f"?person={w.published.person.ref}": [link["id"]],
        f"?person={w.person.pk}": [link["id"]],
        f"?person={far.pk}&person={w.person.ref}": [str(other.pk), link["id"]],
        "?status=rejected": [str(other.pk)],
    }.items():
        assert [one["id"] for one in results(w.ask("editor", "get", f"{URL}{query}"))] == expected
    assert errors(w.ask("editor", "get", f"{URL}?persn=x")) == [("persn", "unknown_parameter")]
    assert w.ask("editor", "get", f"{URL}{other.pk}/").json()["other_id"] is None


def test_what_is_wrong(w):
    assert refusals(w.ask("editor", "post", URL, {"person_id": "x", "status": "confirmed"})) == [
        ("/person_id", "invalid"),
        ("/other_id", "required"),
        ("/status", "unknown_field"),
    ]
    assert refusals(w.ask("editor", "post", URL, {**w.body, "other_id": w.body["person_id"]})) == [
        ("/other_id", "same")
    ]
    one = f"{URL}{w.ask('editor', 'post', URL, w.body).json()['id']}/"
    assert refusals(w.ask("editor", "patch", one, {"status": "sure", "person_id": w.body["other_id"]}, match="*")) == [
        ("/status", "unknown_value"),
        ("/person_id", "unknown_field"),
    ]
