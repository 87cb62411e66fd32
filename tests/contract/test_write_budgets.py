"""How many statements a write costs with the key and the answer, and that it costs no more among many rows."""

import psycopg
import pytest

from tests import factories as make
from tests.writers import Writers

BUDGET = {
    # locks with what follows from them, the write, then the projections
    "create a testimony": 17,
    "change a testimony": 14,
    "change a person": 18,
    "cite a source": 31,
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


@pytest.fixture
def sent(monkeypatch) -> list[str]:
    """Every statement that goes to PostgreSQL, Django's and prepared ones alike."""
    found = []
    for method in ("execute", "executemany"):
        real = getattr(psycopg.Cursor, method)

        def noted(self, query, *args, real=real, **named):
            found.append(str(query))
            return real(self, query, *args, **named)

        monkeypatch.setattr(psycopg.Cursor, method, noted)
    return found


@pytest.mark.parametrize("name", BUDGET)
def test_a_write_costs_no_more_than_its_budget_however_many_rows_there_are(w, name, sent):
    method, path, body = writes(w)[name]

    def cost() -> int:
        sent.clear()
        answer = w.ask("editor", method, path, body, match="*")
        assert answer.status_code in {200, 201}, answer.content
        return len(sent)

    def more(number: int) -> None:
        with make.batch():
            for _ in range(number):
                make.make_testimony(person=w.person, membership=None, sources=[w.source], collections=[w.collection])

    if name == "cite a source":  # a source is cited once
        more(12)
        assert cost() <= BUDGET[name], "\n".join(sent)
        return
    more(2)
    cost()  # the process knows its reference data
    few = cost()
    more(12)
    assert cost() <= few <= BUDGET[name], f"{few} among few rows, now:\n" + "\n".join(query[:160] for query in sent)
