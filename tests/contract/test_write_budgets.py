"""How many statements a write costs within its transaction, and that it costs no more among many rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories as make
from tests.writers import Writers

BUDGET = {
    # locks with what follows from them, the write, then the projections
    "create a testimony": 41,
    "change a testimony": 25,
    "change a person": 34,
    "cite a source": 36,
}


@pytest.fixture
def w(transactional_db) -> Writers:
    w = Writers()
    with make.batch():
        w.group, w.collection = make.make_group(), make.make_collection()
    return w


def writes(w):
    draft = f"testimonies/{w.draft.pk}/"
    body = {
        "person_id": str(w.person.pk), "title": "Invented", "kind": "interview", "account_language": "en", "summary": "Invented.",
        "group": w.group.slug, "membership": "says_member", "collections": [w.collection.slug],
    }  # fmt: skip
    return {
        "create a testimony": ("post", "testimonies/", body),
        "change a testimony": ("patch", draft, {"summary": "Invented anew."}),
        "change a person": ("patch", f"persons/{w.person.pk}/", {"gender": "female"}),
        "cite a source": ("post", f"{draft}citations/", {"source_id": str(w.source.pk), "relation": "original"}),
    }


@pytest.mark.parametrize("name", BUDGET)
def test_a_write_costs_no_more_than_its_budget_however_many_rows_there_are(w, name):
    method, path, body = writes(w)[name]
    if name != "cite a source":  # a source is cited once
        w.ask("editor", method, path, body, match="*")  # the process knows its reference data
    with make.batch():
        for _ in range(12):
            make.make_testimony(person=w.person, membership=None, sources=[w.source], collections=[w.collection])
    with CaptureQueriesContext(connection) as found:
        answer = w.ask("editor", method, path, body, match="*")
    assert answer.status_code in {200, 201}, answer.content
    assert len(found) <= BUDGET[name], "\n".join(query["sql"][:160] for query in found.captured_queries)
