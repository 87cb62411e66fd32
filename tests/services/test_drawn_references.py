"""A reference that is drawn a second time: among a million records the next draw meets one of them once in 34,000."""

import secrets
from itertools import chain, repeat

import pytest

from testimonies.values import refs
from tests import factories as make
from tests.imports.test_imports import counts, row, send


@pytest.fixture
def draws(monkeypatch):
    """Makes the next draws those of a reference, so many times; then they are random again."""
    randbits = secrets.randbits

    def draws(ref, times):
        symbols = ref.partition("-")[2][: refs.N_RANDOM]
        number = sum(refs.ALPHABET.index(symbol) << 5 * place for place, symbol in enumerate(symbols))
        numbers = chain(repeat(number, times), iter(lambda: randbits(5 * refs.N_RANDOM), None))
        monkeypatch.setattr(secrets, "randbits", lambda _: next(numbers))

    return draws


def test_another_one_is_drawn(transactional_db, api, draws):
    editor, there = api.as_("editor"), make.make_source()
    draws(there.ref, 2)
    made = editor.post("/api/v1/sources/", {"outlet": "Invented Daily"}, content_type="application/json")
    assert made.status_code == 201
    assert refs.is_ref(made.json()["ref"], "S")
    assert made.json()["ref"] != there.ref


@pytest.mark.parametrize("times", [2, 7])  # a person's and a testimony's: of all rows at once, and of the row alone
def test_no_row_of_an_import_is_rejected_for_it(transactional_db, api, draws, times):
    editor, there = api.as_("editor"), make.make_testimony()
    draws(there.ref, times)
    done = send(editor, row("1"))
    assert (done["state"], counts(done)) == ("done", (1, 0, 0, 0))
