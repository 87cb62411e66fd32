"""A refusal tells no more than the caller may see: what is in the way of a deletion, and that there is one like it."""

import pytest

from testimonies.models import SourceExternalId
from tests import factories as make
from tests.writers import Writers


@pytest.fixture
def w(transactional_db) -> Writers:
    w = Writers()
    theirs = {"membership": None, "uses": [], "status": "draft", "published_at": None}
    with make.batch():
        w.mine = make.make_source(created_by=w.users["author"])
        w.hidden = make.make_source(created_by=w.users["coder"])
        make.make_citation(testimony=w.draft, source=w.mine)
        make.make_claim(testimony=w.draft, source=w.mine)
        for _ in range(2):
            make.make_testimony(sources=[w.mine, w.hidden], created_by=w.users["coder"], **theirs)
        make.make_testimony(person=w.person, sources=[], created_by=w.users["coder"], **theirs)
        for value, source in (("mine", w.mine), ("hidden", w.hidden)):
            SourceExternalId.objects.create(source=source, system="invented", value=value)
    return w


@pytest.mark.parametrize(
    ("role", "source", "person"),
    [
        ("author", "1 citations, 1 claims, other records", "1 testimonies, other records"),
        ("coder", "2 citations, other records", "1 testimonies, other records"),
        ("editor", "3 citations, 1 claims", "2 testimonies"),
    ],
)
def test_what_is_in_the_way_is_counted_as_far_as_the_caller_sees_it(w, role, source, person):
    for path, what in ((f"sources/{w.mine.pk}/", source), (f"persons/{w.person.pk}/", person)):
        answer = w.ask(role, "delete", path, match="*")
        assert (answer.status_code, answer.json()["code"]) == (409, "in_use"), path
        assert answer.json()["detail"] == f"Still needed by {what}. Remove or change these first."


@pytest.mark.parametrize("role", ["author", "editor"])
def test_that_an_external_id_is_taken_is_said_alike_of_what_is_seen_and_what_is_hidden(w, role):
    assert w.ask("author", "get", f"sources/{w.hidden.pk}/").status_code == 404
    answers = []
    for value in ("mine", "hidden"):
        body = {"outlet": "Invented", "external_ids": [{"system": "invented", "value": value}]}
        answer = w.ask(role, "post", "sources/", body)
        assert answer.status_code == 409, answer.content
        answers.append(answer.json() | {"request_id": ""})
    assert answers[0] == answers[1]
    assert answers[0]["code"] == "exists"
