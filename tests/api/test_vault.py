"""The vault over HTTP: custodians ask by POST with a purpose. All values are invented."""

import logging

import pytest

from testimonies.models import VaultEntry, VaultOpening
from testimonies.services import persons
from tests.factories import make_person

WHY = "Invented: a letter to the guardian"
NAME = "Invented Legal-Name"
pytestmark = pytest.mark.django_db


@pytest.fixture
def custodian(api):
    return api.as_("custodian")


@pytest.fixture
def person():
    return make_person()


def post(client, segment, body):
    return client.post(f"/api/v1/vault-{segment}/", data=body, content_type="application/json")


def add(client, person, value=NAME):
    return post(client, "entries", {"person_id": str(person.pk), "kind": "legal_name", "value": value, "purpose": WHY})


def test_added_opened_looked_up_and_removed(custodian, person):
    added = add(custodian, person)
    assert added.status_code == 201, added.content
    entry_id = added.json()["id"]

    opened = post(custodian, "openings", {"person_id": str(person.pk), "purpose": WHY})
    assert opened.status_code == 201
    assert [(one["id"], one["kind"], one["value"]) for one in opened.json()["entries"]] == [
        (entry_id, "legal_name", NAME)
    ]
    looked_up = post(custodian, "lookups", {"value": NAME.lower(), "purpose": WHY})
    assert looked_up.json()["person_ids"] == [str(person.pk)]

    removed = post(custodian, "removals", {"entry_id": entry_id, "purpose": WHY})
    assert removed.status_code == 201
    assert not VaultEntry.objects.exists()

    log = custodian.get("/api/v1/vault-openings/?ordering=at").json()["results"]
    assert [(one["act"], one["n_entries"], one["purpose"]) for one in log] == [
        ("added", 1, WHY),
        ("opened", 1, WHY),
        ("looked_up", 1, WHY),
        ("removed", 1, WHY),
    ]
    assert {one["person_id"] for one in log} == {str(person.pk), None}
    assert NAME not in str(log)


def test_the_location_is_the_record_of_the_opening(custodian, person):
    opened = post(custodian, "openings", {"person_id": str(person.pk), "purpose": WHY})
    found = custodian.get(opened.headers["Location"]).json()
    assert (found["id"], found["act"]) == (opened.json()["opening_id"], "opened")
    assert opened.headers["Cache-Control"] == "no-store"


def test_openings_are_found_by_person_and_act(custodian, person, actors):
    add(custodian, person)
    post(custodian, "openings", {"person_id": str(person.pk), "purpose": WHY})
    post(custodian, "openings", {"person_id": str(make_person().pk), "purpose": WHY})

    def acts(query):
        found = custodian.get(f"/api/v1/vault-openings/?ordering=at&{query}")
        assert found.status_code == 200, found.content
        return [one["act"] for one in found.json()["results"]]

    assert acts(f"person={person.ref}") == acts(f"person={person.pk}") == ["added", "opened"]
    assert acts("act=opened") == ["opened", "opened"]
    persons.remove(person.pk, by=actors["editor"], version=None)
    assert acts(f"person={person.pk}") == ["added", "opened"]


@pytest.mark.parametrize("role", ["reader", "coder", "editor"])
@pytest.mark.parametrize("segment", ["entries", "openings", "lookups", "removals"])
def test_others_are_refused_before_anything_is_looked_at(api, role, segment):
    assert post(api.as_(role), segment, {}).status_code == 403
    assert post(api.as_(role), segment, {"person_id": "none"}).status_code == 403
    assert not VaultOpening.objects.exists()


@pytest.mark.parametrize(
    ("segment", "body", "wrong"),
    [
        ("openings", {}, [("/person_id", "required"), ("/purpose", "required")]),
        ("openings", {"person_id": "x", "purpose": "short"}, [("/person_id", "invalid"), ("/purpose", "min_length")]),
        ("lookups", {"value": "", "purpose": WHY}, [("/value", "blank")]),
        ("entries", {"person_id": "x", "kind": "gossip", "value": "v", "purpose": WHY, "note": ""},
         [("/kind", "unknown_value"), ("/note", "unknown_field"), ("/person_id", "invalid")]),
    ],
)  # fmt: skip
def test_a_body_that_does_not_fit(custodian, segment, body, wrong):
    refused = post(custodian, segment, body)
    assert refused.status_code == 400
    assert sorted((error["pointer"], error["code"]) for error in refused.json()["errors"]) == wrong
    assert not VaultOpening.objects.exists()


def test_an_unknown_person_and_entry(custodian, person):
    nobody = "9b2f3c52-6f6e-4d6e-9a55-0a7a6a1f0c11"
    for segment, body in (
        ("openings", {"person_id": nobody, "purpose": WHY}),
        ("entries", {"person_id": nobody, "kind": "other", "value": "x", "purpose": WHY}),
        ("removals", {"entry_id": nobody, "purpose": WHY}),
    ):
        refused = post(custodian, segment, body)
        assert [error["code"] for error in refused.json()["errors"]] == ["unknown"]


def test_the_same_again_exists(custodian, person):
    add(custodian, person)
    assert add(custodian, person).status_code == 409


def test_no_log_carries_a_value(custodian, person, caplog):
    with caplog.at_level(logging.DEBUG):
        add(custodian, person)
        post(custodian, "lookups", {"value": NAME, "purpose": WHY})
        post(custodian, "lookups", {"value": NAME, "purpose": ""})
    ours = [record for record in caplog.records if record.name != "django.db.backends"]
    assert not any(NAME in record.getMessage() for record in ours)


def test_a_lost_key_says_so_and_nothing_else(custodian, person, settings):
    from testimonies.values.seals import Keyring
    from tools.variables import vault_key

    add(custodian, person)
    settings.VAULT_KEYS = Keyring([vault_key()])
    refused = post(custodian, "openings", {"person_id": str(person.pk), "purpose": WHY})
    assert (refused.status_code, refused.json()["code"]) == (503, "vault_shut")
    assert NAME not in refused.content.decode()
