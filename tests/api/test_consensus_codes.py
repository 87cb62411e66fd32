"""/api/v1/testimonies/{testimony_id}/codes/: read by staff, set by editors, on the testimony's version."""

import pytest

from tests import factories as make
from tests.writers import Writers, nothing_is_stale, refusals


@pytest.fixture
def w(transactional_db) -> Writers:
    w = Writers()
    with make.batch():
        dimension = make.make_code(codebook=make.make_codebook(slug="alpha", edition="1"), slug="leaving", position=0)
        w.code = make.make_code(parent=dimension, slug="leave", position=1)
        w.other = make.make_code(parent=dimension, slug="join", position=2, tier=2)
    w.url = f"testimonies/{w.draft.pk}/codes/"
    return w


def shown(code, tier):
    return {
        "code_id": str(code.pk),
        "codebook": "alpha",
        "version": "1",
        "dimension": "leaving",
        "slug": code.slug,
        "tier": tier,
    }


def test_the_whole_list_on_the_testimonys_version(w):
    empty = w.ask("author", "get", w.url)
    assert (empty.json()["codes"], empty.headers["ETag"].partition("-")[0]) == ([], '"1')
    put = w.ask("editor", "put", w.url, {"codes": [str(w.other.pk), "alpha/leave"]}, match=empty.headers["ETag"])
    assert put.json() == {"version": 2, "codes": [shown(w.code, "public"), shown(w.other, "restricted")]}
    assert w.ask("author", "get", w.url).content == put.content
    testimony = w.ask("author", "get", f"testimonies/{w.draft.pk}/")
    assert [code["slug"] for code in testimony.json()["codes"]] == ["leave", "join"]
    assert testimony.headers["ETag"].startswith('"2-')
    assert w.ask("editor", "put", w.url, {"codes": []}).status_code == 428
    assert w.ask("editor", "put", w.url, {"codes": []}, match=empty.headers["ETag"]).status_code == 412
    assert w.ask("editor", "put", w.url, {"codes": []}, match=testimony.headers["ETag"]).json()["codes"] == []
    assert nothing_is_stale()


def test_who_may(w):
    expect = {
        "reader": (403, 403),
        "author": (200, 403),
        "coder": (404, 403),
        "editor": (200, 200),
        "custodian": (200, 200),
    }
    for name, (reads, writes) in expect.items():
        assert w.ask(name, "get", w.url).status_code == reads
        assert w.ask(name, "put", w.url, {"codes": ["leave"]}, match="*").status_code == writes
    missing = "testimonies/00000000-0000-4000-8000-000000000000/codes/"
    assert w.ask("editor", "put", missing, {"codes": ["leave"]}, match="*").status_code == 404


def test_all_that_is_wrong_is_told_at_once(w):
    wrong = w.ask("editor", "put", w.url, {"codes": ["leave", "nothing", "leave", "leaving"]}, match="*")
    assert refusals(wrong) == [("/codes/1", "unknown"), ("/codes/2", "repeated"), ("/codes/3", "not_assignable")]
    assert refusals(w.ask("editor", "put", w.url, {"codes": [5], "code": []}, match="*")) == [
        ("/codes/0", "invalid"),
        ("/code", "unknown_field"),
    ]
    assert w.ask("editor", "get", w.url).json() == {"version": 1, "codes": []}
