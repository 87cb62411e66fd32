"""A reference that is drawn a second time, also once its record is gone: among a million records the next draw meets one of them once in 34,000."""

import secrets
import sys

import pytest

from testimonies import models
from testimonies.access import HIGHEST_TIER, Actor, Role
from testimonies.services import acts, erasure
from testimonies.values import refs
from tests import factories as make
from tests.imports.test_imports import counts, row, send
from tests.services import folders


@pytest.fixture
def draws(monkeypatch):
    """Makes the next draws of a kind those of a reference. What it returns tells who met it."""
    randbits, is_taken, met = secrets.randbits, acts.is_taken_ref, []

    def draws(ref, times=1):
        kind, _, symbols = ref.partition("-")
        bits = sum(refs.ALPHABET.index(symbol) << 5 * place for place, symbol in enumerate(symbols[: refs.N_RANDOM]))
        left = [bits] * times

        def drawn(n):
            # which kind is drawn, its caller knows: fields have kept that function itself
            is_kind = sys._getframe(1).f_locals["prefix"] == kind
            return left.pop() if left and is_kind else randbits(n)

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
    met = draws(there.ref, times=2)  # a row is checked as a record first, which draws one too
    done = send(editor, row("1"))
    assert met
    assert (done["state"], counts(done)) == ("done", (1, 0, 0, 0))


@pytest.mark.parametrize("there", [make.make_person, make.make_source, make.make_testimony])
def test_no_folder_is_rejected_for_it(load, draws, there):
    met = draws(there().ref)
    report = load(folders.line())
    assert met
    assert report.kinds["testimonies"].created == 1


@pytest.mark.parametrize("kind", ["T", "P", "S"])
def test_nothing_has_the_reference_of_what_is_gone(load, now, draws, kind):
    source = make.make_source()
    gone = make.make_testimony(sources=[source])
    spent = {"T": gone.ref, "P": gone.person.ref, "S": source.ref}
    custodian = Actor(role=Role.CUSTODIAN, tier=HIGHEST_TIER[Role.CUSTODIAN], now=now, user_id=make.make_user().pk)
    erasure.erase(gone.pk, by=custodian, version=None)
    met = draws(spent[kind])
    assert load(folders.line()).kinds["testimonies"].created == 1
    assert met
    for model in (models.Testimony, models.Person, models.Source):
        assert not model.objects.filter(ref__in=spent.values()).exists()
