"""The act on consensus codes: editors set the whole list, or nothing of it."""

import pytest

from testimonies.errors import Forbidden, Invalid, NotFound, Overtaken
from testimonies.services import consensus_codes
from tests import factories as make
from tests.writers import Writers, nothing_is_stale


@pytest.fixture
def w(transactional_db) -> Writers:
    w = Writers()
    with make.batch():
        w.dimensions = [
            make.make_code(codebook=make.make_codebook(slug=slug, edition="1")) for slug in ("alpha", "beta")
        ]
        w.codes = [make.make_code(parent=parent, slug="leave") for parent in w.dimensions]
        w.third = make.make_code(parent=w.dimensions[0], slug="join")
    return w


def put(w, codes, name="editor", version=None):
    return consensus_codes.change(w.draft.pk, by=w.actor(name), version=version, codes=codes)


def codes_of(w):
    return set(w.draft.consensus_codes.values_list("code_id", flat=True))


def test_the_whole_list(w):
    assert put(w, ["alpha/leave", w.codes[1].pk, "join"], version=1).version == 2
    assert codes_of(w) == {w.codes[0].pk, w.codes[1].pk, w.third.pk}
    assert put(w, ["alpha@1/leave"], version=2).version == 3
    assert codes_of(w) == {w.codes[0].pk}
    assert put(w, []).version == 4
    assert codes_of(w) == set()
    assert nothing_is_stale()


def test_all_that_is_wrong_is_told_and_nothing_is_written(w):
    put(w, ["join"])
    with pytest.raises(Invalid) as caught:
        put(w, ["leave", "alpha/join", "join", "gamma/join", w.published.pk, w.dimensions[0].pk])
    assert [error[:2] for error in caught.value.errors] == [
        ("/codes/0", "ambiguous"),
        ("/codes/2", "repeated"),
        ("/codes/3", "unknown"),
        ("/codes/4", "unknown"),
        ("/codes/5", "not_assignable"),
    ]
    with pytest.raises(Overtaken):
        put(w, ["alpha/leave"], version=1)
    assert codes_of(w) == {w.third.pk}


@pytest.mark.parametrize(("name", "refusal"), [("reader", Forbidden), ("coder", Forbidden), ("author", Forbidden)])
def test_refusals(w, name, refusal):
    with pytest.raises(refusal):
        put(w, ["join"], name)
    assert codes_of(w) == set()
    put(w, ["join"], "custodian")
    assert codes_of(w) == {w.third.pk}


def test_a_testimony_that_never_was(w):
    with pytest.raises(NotFound):
        consensus_codes.change(w.third.pk, by=w.actor("editor"), version=None, codes=["join"])
