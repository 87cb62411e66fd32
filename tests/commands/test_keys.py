import datetime as dt

import pytest
from django.core.management.base import CommandError
from django.utils import timezone

from testimonies.access import Tier
from testimonies.models import ApiKey


def test_nothing_but_the_key_is_printed(run):
    out, err = run("create_key", "an app", "--role", "reader")
    secret = out.removesuffix("\n")
    key = ApiKey.objects.get(name="an app")
    assert bytes(key.digest) == ApiKey.digest_of(secret)
    assert secret.startswith("trs_")
    assert out == f"{secret}\n"
    assert secret not in err
    assert err == (
        "Role reader, reads up to partner, what is cleared for anything, until it is revoked. The key is not shown again.\n"
    )
    assert (key.role, key.tier, key.uses, key.expires_at, key.revoked_at) == ("reader", Tier.PARTNER, [], None, None)


@pytest.mark.parametrize(
    ("words", "tier", "uses"),
    [
        (["--role", "reader"], Tier.PARTNER, []),
        (["--role", "coder"], Tier.RESTRICTED, []),
        (["--role", "editor", "--tier", "public"], Tier.PUBLIC, []),
        (["--role", "custodian"], Tier.RESTRICTED, []),
        (["--role", "reader", "--uses", "research, campaign,research"], Tier.PARTNER, ["campaign", "research"]),
    ],
)
def test_what_a_key_may(run, words, tier, uses):
    run("create_key", "app", *words)
    key = ApiKey.objects.get()
    assert (key.tier, key.uses) == (tier, uses)


@pytest.mark.parametrize(
    ("expires", "hours"), [("30d", 720), ("12h", 12), ("2w", 336)]
)  # fmt: skip
def test_expiry_from_now(run, expires, hours):
    before = timezone.now()
    run("create_key", "app", "--role", "reader", "--expires", expires)
    assert (
        before + dt.timedelta(hours=hours)
        <= ApiKey.objects.get().expires_at
        <= timezone.now() + dt.timedelta(hours=hours)
    )


def test_expiry_on_a_day(run):
    run("create_key", "app", "--role", "reader", "--expires", "2999-01-31")
    assert ApiKey.objects.get().expires_at == dt.datetime(2999, 1, 31, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["app"], "Error: the following arguments are required: --role"),
        (["app", "--role", "anonymous"], "argument --role: invalid choice: 'anonymous' (choose from 'reader', 'coder', 'editor', 'custodian')"),
        (["app", "--role", "reader", "--tier", "vault"], "argument --tier: invalid choice: 'vault' (choose from 'public', 'partner', 'restricted')"),
        (["app", "--role", "reader", "--tier", "restricted"], "A reader reads up to partner, not restricted. Choose a lower tier or another role."),
        (["app", "--role", "reader", "--uses", "research,sale"], "Unknown uses: sale. Choose from research, summary, quote, campaign, training, media, test."),
        (["app", "--role", "reader", "--expires", "soon"], "Write an expiry as 30d, 12h, 2w or a day such as 2027-01-31."),
        (["app", "--role", "reader", "--expires", "0d"], "Write an expiry as 30d, 12h, 2w or a day such as 2027-01-31."),
        (["app", "--role", "reader", "--expires", "2027-02-30"], "Write an expiry as 30d, 12h, 2w or a day such as 2027-01-31."),
        (["app", "--role", "reader", "--expires", "999999w"], "Write an expiry as 30d, 12h, 2w or a day such as 2027-01-31."),
        (["app", "--role", "reader", "--expires", "2020-01-31"], "The key would have expired already. Choose a moment that is still to come."),
        ([" ", "--role", "reader"], "A key's name has 1 to 80 characters, in one line."),
        (["x" * 81, "--role", "reader"], "A key's name has 1 to 80 characters, in one line."),
        (["a\0b", "--role", "reader"], "A key's name has 1 to 80 characters, in one line."),
        (["taken", "--role", "reader"], "A key of this name was made before, and a name is never used twice. Choose another name; revoke_key ends the old key."),
    ],
)  # fmt: skip
def test_what_is_refused(run, words, said):
    run("create_key", "taken", "--role", "reader")
    with pytest.raises(CommandError) as caught:
        run("create_key", *words)
    assert said in str(caught.value)
    assert ApiKey.objects.count() == 1


def test_a_key_is_revoked_for_good(run):
    run("create_key", "app", "--role", "reader")
    assert ApiKey.objects.active().count() == 1
    out, err = run("revoke_key", "app")
    revoked_at = ApiKey.objects.get().revoked_at
    assert (out, err) == (f"Revoked since {revoked_at:%Y-%m-%d %H:%M} UTC.\n", "")
    assert ApiKey.objects.active().count() == 0
    run("revoke_key", "app")
    assert ApiKey.objects.get().revoked_at == revoked_at


def test_a_key_that_nobody_made(run):
    run("create_key", "app", "--role", "reader")
    with pytest.raises(CommandError) as caught:
        run("revoke_key", "other")
    assert str(caught.value) == "There is no key of this name. Working keys: app."
