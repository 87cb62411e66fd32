import datetime as dt

import pytest
from django.utils import timezone

from testimonies.access import Role, Tier
from testimonies.models import ApiKey
from tests.admin.test_accounts import said, secret
from tests.factories import make_key, make_user

KEYS = "/admin/testimonies/apikey/"


def test_a_key_is_made_and_shown_once(administrator, api):
    answer = administrator.post(
        f"{KEYS}add/", {"name": "an app", "role": "reader", "tier": "0", "uses": ["research"], "expires_at": "30d"}
    )
    key, found = ApiKey.objects.get(name="an app"), secret(answer)
    assert found.startswith("trs_")
    assert bytes(key.digest) == ApiKey.digest_of(found)
    assert (key.role, key.tier, key.uses, key.user) == ("reader", Tier.PUBLIC, ["research"], None)
    assert dt.timedelta(days=29) < key.expires_at - timezone.now() <= dt.timedelta(days=30)
    assert "no-store" in answer.headers["Cache-Control"]
    assert found not in str(dict(administrator.session)) + str(administrator.cookies)
    assert api.get("/api/v1/me/", headers={"Authorization": f"Bearer {found}"}).json()["tier"] == "public"
    for path in ("", f"{key.pk}/change/"):
        page = said(administrator.get(KEYS + path))
        assert found not in page
        assert key.digest.hex() not in page


def test_a_key_that_writes_has_an_account(administrator):
    editor = make_user(role=Role.EDITOR)
    administrator.post(f"{KEYS}add/", {"name": "one", "role": "editor", "user": editor.pk})
    administrator.post(f"{KEYS}add/", {"name": "two", "role": "coder"})
    assert ApiKey.objects.get(name="one").user == editor
    assert ApiKey.objects.get(name="two").user.username == "key:two"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({}, "This field is required"),
        ({"name": "app", "role": "anonymous"}, "Select a valid choice"),
        ({"name": "app", "role": "reader", "tier": "2"}, "A reader reads up to partner"),
        ({"name": "app", "role": "reader", "tier": "9"}, "Select a valid choice"),
        ({"name": "app", "role": "reader", "uses": ["sale"]}, "Select a valid choice"),
        ({"name": "app", "role": "reader", "expires_at": "soon"}, "Write an expiry as 30d"),
        ({"name": "app", "role": "reader", "expires_at": "2020-01-31"}, "expired already"),
        ({"name": "taken", "role": "reader"}, "A key of this name was made before"),
        ({"name": "app", "role": "custodian"}, "Only a custodian"),
        ({"name": "app", "role": "editor", "user": "999999"}, "Select a valid choice"),
        ({"name": "a\0b", "role": "reader"}, "Null characters"),
    ],
)
def test_what_is_refused(administrator, body, what):
    make_key(name="taken")
    answer = administrator.post(f"{KEYS}add/", body)
    assert answer.status_code == 200
    assert what in said(answer)
    assert ApiKey.objects.count() == 1


def test_a_key_does_no_more_than_its_account(administrator):
    coder = make_user(role=Role.CODER)
    answer = administrator.post(f"{KEYS}add/", {"name": "app", "role": "editor", "user": coder.pk})
    assert "A key does no more than the account" in said(answer)
    assert not ApiKey.objects.exists()


def test_a_key_is_revoked_for_good(administrator, api):
    key, found = make_key()
    headers = {"Authorization": f"Bearer {found}"}
    assert api.get("/api/v1/me/", headers=headers).status_code == 200
    administrator.post(f"{KEYS}{key.pk}/revoke/", {})
    assert ApiKey.objects.get(pk=key.pk).revoked_at is None, "it asks first"
    administrator.post(f"{KEYS}{key.pk}/revoke/", {"sure": "on"})
    assert ApiKey.objects.get(pk=key.pk).revoked_at is not None
    assert api.get("/api/v1/me/", headers=headers).status_code == 401
    assert "revoked since" in said(administrator.get(f"{KEYS}{key.pk}/change/"))


def test_the_list_says_in_what_state_keys_are(administrator):
    make_key(name="good one")
    make_key(
        name="old one",
        created_at=timezone.now() - dt.timedelta(days=9),
        expires_at=timezone.now() - dt.timedelta(days=1),
    )
    make_key(name="dead one", revoked_at=timezone.now())
    make_key(name="shut one", role=Role.CODER, user=make_user(role=Role.CODER, is_active=False))
    page = said(administrator.get(KEYS))
    states = [part.partition("<")[0] for part in page.split('class="field-state">')[1:]]
    assert states == [
        "revoked",
        "works",
        "expired, or its account is switched off",
        "expired, or its account is switched off",
    ]


@pytest.mark.parametrize("role", ["coder", "editor", "custodian"])
def test_nobody_else_makes_or_revokes_keys(enter, role):
    key, _ = make_key()
    client = enter(role)
    assert client.post(f"{KEYS}add/", {"name": "new", "role": "reader"}).status_code == 403
    assert client.post(f"{KEYS}{key.pk}/revoke/", {"sure": "on"}).status_code == 403
    assert list(ApiKey.objects.filter(revoked_at=None)) == [key]
