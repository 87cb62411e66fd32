"""/api/v1/testimonies/{testimony_id}/transitions/: what may come next and why not, and taking the step."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from testimonies import projections
from tests import factories as make
from tests.writers import Writers, nothing_is_stale, refusals

ROLE = "Your role does not do this. Ask somebody whose role may."
OWN = "Nobody publishes their own work. Ask a second person who has not changed this record."


@pytest.fixture
def w(transactional_db) -> Writers:
    w = Writers()
    make.make_clearance(testimony=w.draft, created_by=w.users["editor"])
    w.url = f"testimonies/{w.draft.pk}/transitions/"
    return w


def steps(answer):
    assert answer.status_code == 200, answer.content
    return {step["to"]: step["reason"] if not step["allowed"] else True for step in answer.json()["steps"]}


def to(w, name, status, **options):
    return w.ask(name, "post", w.url, {"to": status}, **options)


def test_from_draft_to_withdrawn(w):
    assert steps(w.ask("author", "get", w.url)) == {"in_review": True, "withdrawn": ROLE}
    sent = to(w, "author", "in_review")
    assert (sent.json()["status"], steps(sent)) == ("in_review", {"published": ROLE, "draft": ROLE, "withdrawn": ROLE})
    assert steps(w.ask("editor", "get", w.url)) == {"published": OWN, "draft": True, "withdrawn": ROLE}
    refused = to(w, "editor", "published")
    assert (refused.status_code, refused.json()["code"]) == (409, "own_work")
    assert w.ask("reader", "get", f"testimonies/{w.draft.pk}/").status_code == 404
    published = to(w, "publisher", "published")
    assert steps(published) == {"draft": True, "withdrawn": ROLE}
    assert w.ask("reader", "get", f"testimonies/{w.draft.pk}/").status_code == 200
    again = to(w, "publisher", "published")
    assert (again.status_code, again.json()["code"]) == (409, "not_allowed_now")
    assert again.json()["detail"] == "It is published. From there it goes to: draft, withdrawn."
    assert steps(to(w, "custodian", "withdrawn")) == {}
    assert w.ask("reader", "get", f"testimonies/{w.draft.pk}/").status_code == 404
    assert nothing_is_stale()


def test_a_coder_hides_anothers_testimony_and_sees_it_no_longer(w):
    to(w, "author", "in_review"), to(w, "publisher", "published")
    assert steps(w.ask("coder", "get", w.url)) == {"draft": True, "withdrawn": ROLE}
    hidden = to(w, "coder", "draft")
    assert (hidden.json()["status"], steps(hidden)) == ("draft", {})
    assert [w.ask(name, "get", w.url).status_code for name in ("coder", "author")] == [404, 200]
    assert to(w, "coder", "draft").status_code == 404
    assert w.ask("reader", "get", f"testimonies/{w.draft.pk}/").status_code == 404
    assert nothing_is_stale()


def test_who_hides_anothers_testimony_does_not_get_to_change_it(w):
    """Hiding makes it a draft, and coders change drafts: theirs."""
    to(w, "author", "in_review"), to(w, "publisher", "published")
    here, person = f"testimonies/{w.draft.pk}/", f"persons/{w.person.pk}/"
    version = w.ask("coder", "get", here).headers["ETag"]
    assert w.ask("coder", "patch", here, {"title": "Invented otherwise"}, match=version).status_code == 409
    hidden = to(w, "coder", "draft")
    for match in (hidden.headers["ETag"], "*"):
        writes = (
            ("patch", here, {"title": "Invented otherwise"}),
            ("delete", here, None),
            ("patch", person, {"gender": "female"}),
        )
        answers = [w.ask("coder", method, path, body, match=match) for method, path, body in writes]
        answers.append(
            w.ask("coder", "post", f"{here}texts/", {"language": "en", "kind": "transcript", "body": "Invented."})
        )
        assert [answer.status_code for answer in answers] == [404] * 4
    changed = w.ask("author", "patch", here, {"title": "Invented otherwise"}, match=hidden.headers["ETag"])
    assert (changed.status_code, changed.json()["title"]) == (200, "Invented otherwise")
    assert to(w, "author", "in_review").status_code == 200
    assert to(w, "publisher", "published").status_code == 200
    assert nothing_is_stale()


def test_who_may_ask(w):
    for name, expected in {"reader": 403, "author": 200, "coder": 404, "editor": 200, "custodian": 200}.items():
        assert w.ask(name, "get", w.url).status_code == expected
    assert [to(w, name, "in_review").status_code for name in ("reader", "coder", "author")] == [403, 404, 200]
    assert [to(w, name, "published").status_code for name in ("reader", "coder", "author")] == [403, 404, 403]


def test_the_version_is_compared_where_it_is_given(w):
    read = w.ask("author", "get", w.url)
    w.ask("author", "patch", f"testimonies/{w.draft.pk}/", {"title": "Invented anew"}, match="*")
    assert to(w, "author", "in_review", match=read.headers["ETag"]).status_code == 412
    fresh = w.ask("author", "get", w.url).headers["ETag"]
    assert to(w, "author", "in_review", match=fresh).json()["status"] == "in_review"


def test_what_is_wrong_with_the_body(w):
    wrong = w.ask("editor", "post", w.url, {"to": "heaven", "note": 5, "why": ""})
    assert refusals(wrong) == [("/to", "unknown_value"), ("/note", "invalid"), ("/why", "unknown_field")]
    assert w.ask("author", "post", w.url, {"to": "in_review", "note": "Invented reason."}).status_code == 200


def test_of_two_who_publish_at_once_one_does(w, monkeypatch):
    to(w, "author", "in_review")
    both, lock = Barrier(2), projections.lock

    def lock_together(**written):
        both.wait(timeout=30)
        lock(**written)

    monkeypatch.setattr(projections, "lock", lock_together)

    def publish(name):
        try:
            answer = to(w, name, "published")
            return answer.status_code, answer.json().get("code")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(publish, ["publisher", "custodian"]))
    assert found == [(200, None), (409, "not_allowed_now")]
    assert nothing_is_stale()
