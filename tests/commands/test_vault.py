import base64

import pytest
from django.core.management import CommandError

from testimonies.access import HIGHEST_TIER, Actor, Role
from testimonies.services import vault
from testimonies.values.seals import Keyring
from tests.factories import make_person, make_user

OLD, NEW = (base64.urlsafe_b64encode(bytes([number]) * 32).decode() for number in (1, 2))


def test_keys_are_rotated(run, db, now, settings):
    by = Actor(
        role=Role.CUSTODIAN, tier=HIGHEST_TIER[Role.CUSTODIAN], now=now, user_id=make_user(role=Role.CUSTODIAN).pk
    )
    settings.VAULT_KEYS = Keyring([OLD])
    vault.add(by=by, person_id=make_person().pk, kind="contact", value="invented", purpose="Invented: a test")
    settings.VAULT_KEYS = Keyring([NEW, OLD])
    assert run("rotate_vault_keys") == ("1 entries sealed anew; all are under the first key now.\n", "")
    settings.VAULT_KEYS = Keyring([OLD])
    with pytest.raises(CommandError, match="VAULT_KEYS"):
        run("rotate_vault_keys")
