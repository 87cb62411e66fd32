"""A reference that is drawn a second time: among a million records the next draw meets one of them once in 34,000."""

import secrets
import sys

import pytest

from testimonies.services import acts
from testimonies.values import refs
from tests import factories as make
from tests.imports.test_imports import counts, row, send
from tests.services import folders


@pytest.fixture
def draws(monkeypatch):
    """Makes the next draws of a kind those of a reference that is there. What it returns tells who met it."""
    randbits, is_taken, met = secrets.randbits, acts.is_taken_ref, []

    def draws(ref):
        kind, _, symbols = ref.partition("-")
        left = [
            sum(refs.ALPHABET.index(symbol) << 5 * place for place, symbol in enumerate(symbols[: refs.N_RANDOM]))
        ] * 2

        def drawn(bits):
            is_kind = (
                sys._getframe(1).f_locals["prefix"] == kind
            )  # of whoever draws: fields know the function by itself
            return left.pop() if left and is_kind else randbits(bits)

        monkeypatch.setattr(secrets, "randbits", drawn)
        return met

    def noted(error):
        met.append(error)
        return is_taken(error)

    monkeypatch.setattr(acts, "is_taken_ref", noted)
    return draws


def test_another_one_is_drawn(transactional_db, api, draws):
    editor, there = api.as_("editor"), make.make_source()
    met = draws(there.ref)
    made = editor.post("/api/v1/sources/", {"outlet": "Invented Daily"}, content_type="application/json")
    assert made.status_code == 201
    assert met
    assert refs.is_ref(made.json()["ref"], "S")
    assert made.json()["ref"] != there.ref


def test_no_row_of_an_import_is_rejected_for_it(transactional_db, api, draws):
    editor, there = api.as_("editor"), make.make_testimony()
    met = draws(there.ref)
    done = send(editor, row("1"))
    assert met
    assert (done["state"], counts(done)) == ("done", (1, 0, 0, 0))


@pytest.mark.parametrize("there", [make.make_person, make.make_source, make.make_testimony])
def test_no_folder_is_rejected_for_it(load, draws, there):
    met = draws(there().ref)
    report = load(folders.line())
    assert met
    assert report.kinds["testimonies"].created == 1
