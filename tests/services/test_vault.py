"""Only custodians open the vault, for a purpose, and every opening is kept. All values are invented."""

import base64
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from testimonies.access import HIGHEST_TIER, Actor, Role
from testimonies.errors import Exists, Forbidden, Invalid, VaultShut
from testimonies.models import VaultEntry, VaultOpening
from testimonies.models.vault import VaultAct
from testimonies.services import persons, vault
from testimonies.values.seals import Keyring
from tests.factories import make_person, make_testimony, make_user

WHY = "Invented: a letter to the guardian"
NAME = "Invented Legal-Name"


def keyring(*numbers: int) -> Keyring:
    return Keyring([base64.urlsafe_b64encode(bytes([number]) * 32).decode() for number in numbers])


@pytest.fixture
def custodian(db, now) -> Actor:
    role = Role.CUSTODIAN
    return Actor(role=role, tier=HIGHEST_TIER[role], now=now, user_id=make_user(role=role).pk, request_id="r-1")


@pytest.fixture
def person(db):
    return make_person()


@pytest.fixture
def entry(custodian, person) -> VaultEntry:
    return vault.add(by=custodian, person_id=person.pk, kind="legal_name", value=f" {NAME} ", purpose=WHY)[1]


def found(by, value):
    return vault.look_up(by=by, value=value, purpose=WHY)[1]


def openings():
    return list(VaultOpening.objects.order_by("at", "act").values_list("act", "person_id", "n_entries", "purpose"))


def test_what_was_added_is_opened_and_both_are_kept(custodian, person, entry):
    opening, (opened,) = vault.open_(person_id=person.pk, by=custodian, purpose=f" {WHY} ")
    assert (opened.id, opened.kind, opened.value) == (entry.pk, "legal_name", NAME)
    assert openings() == [(VaultAct.ADDED, person.pk, 1, WHY), (VaultAct.OPENED, person.pk, 1, WHY)]
    assert (opening.user_id, opening.request_id) == (custodian.user_id, "r-1")


def test_no_column_of_any_table_holds_the_value(custodian, person, entry):
    vault.open_(person_id=person.pk, by=custodian, purpose=WHY)
    vault.look_up(by=custodian, value=NAME, purpose=WHY)
    assert tables_with(NAME) == []
    assert "testimonies_vaultopening" in tables_with(WHY)  # the search does find what is there


def tables_with(text: str) -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', [f"%{text}%"])
            found += [table] * bool(cursor.fetchone()[0])
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{text.encode().hex()}%"])
            found += [table] * bool(cursor.fetchone()[0])
    return found


@pytest.mark.parametrize("role", ["anonymous", "reader", "coder", "editor"])
def test_nobody_else_opens_looks_up_adds_or_removes(actors, role, person, entry):
    by = actors[role]
    for attempt in (
        lambda: vault.open_(person_id=person.pk, by=by, purpose=WHY),
        lambda: vault.look_up(by=by, value=NAME, purpose=WHY),
        lambda: vault.add(by=by, person_id=person.pk, kind="contact", value="x", purpose=WHY),
        lambda: vault.remove(entry_id=entry.pk, by=by, purpose=WHY),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert [act for act, *_ in openings()] == [VaultAct.ADDED]
    assert VaultEntry.objects.filter(pk=entry.pk).exists()


def test_an_opening_without_an_account_is_refused(actors, person, entry):
    with pytest.raises(Forbidden):
        vault.open_(person_id=person.pk, by=actors["custodian"], purpose=WHY)
    assert len(openings()) == 1


@pytest.mark.parametrize("purpose", ["", "   ", "because", " " * 40 + "why"])
def test_without_a_purpose_nothing_is_opened(custodian, person, entry, purpose):
    with pytest.raises(Invalid) as refused:
        vault.open_(person_id=person.pk, by=custodian, purpose=purpose)
    assert refused.value.errors[0][0] == "/purpose"
    assert len(openings()) == 1


def test_the_database_refuses_an_opening_without_a_purpose(custodian, refused_by):
    with refused_by("vault_opening_says_what_for"):
        VaultOpening.objects.create(user_id=custodian.user_id, act="opened", purpose="because", n_entries=0)


def test_exactly_a_value_is_found_whatever_its_case_and_accents(custodian, person, entry):
    assert found(custodian, "INVENTED  légal-name") == [person.pk]
    assert found(custodian, "Invented Legal") == []
    assert openings()[-2:] == [(VaultAct.LOOKED_UP, None, 1, WHY), (VaultAct.LOOKED_UP, None, 0, WHY)]


def test_a_person_has_a_value_once(custodian, person, entry):
    with pytest.raises(Exists):
        vault.add(by=custodian, person_id=person.pk, kind="legal_name", value=NAME.upper(), purpose=WHY)
    _, other = vault.add(by=custodian, person_id=make_person().pk, kind="legal_name", value=NAME, purpose=WHY)
    assert found(custodian, NAME) == sorted([person.pk, other.person_id])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_the_same_at_once_one_does(custodian, person):
    together = Barrier(2)

    def add(_: int) -> bool:
        try:
            together.wait(timeout=30)
            vault.add(by=custodian, person_id=person.pk, kind="contact", value="invented", purpose=WHY)
        except Exists:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(add, range(2))) == [False, True]
    assert VaultEntry.objects.count() == 1


def test_an_unknown_person_has_no_vault(custodian):
    with pytest.raises(Invalid):
        vault.open_(person_id=uuid4(), by=custodian, purpose=WHY)
    with pytest.raises(Invalid):
        vault.add(by=custodian, person_id=uuid4(), kind="contact", value="x", purpose=WHY)
    assert openings() == []


@pytest.mark.parametrize("value", ["", "  ", "x" * 2_001])
def test_a_value_has_words(custodian, person, value):
    with pytest.raises(Invalid) as refused:
        vault.add(by=custodian, person_id=person.pk, kind="other", value=value, purpose=WHY)
    assert refused.value.errors[0][0] == "/value"


def test_what_is_removed_is_gone(custodian, person, entry):
    vault.remove(entry_id=entry.pk, by=custodian, purpose=WHY)
    assert vault.open_(person_id=person.pk, by=custodian, purpose=WHY)[1] == []
    with pytest.raises(Invalid):
        vault.remove(entry_id=entry.pk, by=custodian, purpose=WHY)


def test_whether_a_person_can_be_deleted_does_not_tell_what_the_vault_knows(custodian, actors, entry, person):
    persons.remove(person.pk, by=actors["editor"], version=None)
    assert found(custodian, NAME) == [person.pk]
    vault.remove(entry_id=entry.pk, by=custodian, purpose=WHY)
    assert found(custodian, NAME) == []


def test_nothing_that_others_read_changes_with_the_vault(custodian, person, api):
    testimony = make_testimony(person=person)
    addresses = [f"/api/v1/persons/{person.pk}/", f"/api/v1/testimonies/{testimony.pk}/", "/api/v1/persons/"]
    before = [api.as_("editor").get(address).content for address in addresses]
    vault.add(by=custodian, person_id=person.pk, kind="whereabouts", value="an invented street", purpose=WHY)
    assert [api.as_("editor").get(address).content for address in addresses] == before


def test_rotation_seals_anew_and_loses_nothing(custodian, person, settings, monkeypatch):
    monkeypatch.setattr(vault, "BATCH", 2)
    settings.VAULT_KEYS = keyring(1)
    values = [f"invented {number}" for number in range(5)]
    for value in values:
        vault.add(by=custodian, person_id=person.pk, kind="other", value=value, purpose=WHY)
    settings.VAULT_KEYS = keyring(2, 1)
    assert found(custodian, "Invented 3") == [person.pk]  # before it is sealed anew
    assert vault.rotate() == 5
    assert vault.rotate() == 0
    settings.VAULT_KEYS = keyring(2)
    assert [one.value for one in vault.open_(person_id=person.pk, by=custodian, purpose=WHY)[1]] == values
    assert found(custodian, "Invented 3") == [person.pk]


def test_without_its_key_the_vault_stays_shut(custodian, person, entry, settings):
    settings.VAULT_KEYS = keyring(3)
    with pytest.raises(VaultShut):
        vault.open_(person_id=person.pk, by=custodian, purpose=WHY)
    with pytest.raises(VaultShut):
        vault.rotate()
    assert NAME not in VaultShut.detail
