"""Keys of apps: made once, shown once, revoked for good."""

import datetime as dt
import re
from collections.abc import Iterable

from django.utils import timezone

from testimonies.access import CAPABILITIES, HIGHEST_TIER, Actor, Capability, Role, Tier, Use
from testimonies.errors import DomainError, NotFound
from testimonies.models import ApiKey, User
from testimonies.models.accounts import AccountChange
from testimonies.services import users
from testimonies.services.account_acts import note
from testimonies.services.acts import act

MOST_A_MINUTE = 1_000_000
_SPAN = re.compile(r"([1-9]\d{0,4})([hdw])", re.ASCII)
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@act(Capability.ADMINISTER)
def create(
    *,
    by: Actor,
    name: str,
    role: Role,
    tier: Tier | None = None,
    uses: Iterable[str] = (),
    expires_at: dt.datetime | None = None,
    user: User | None = None,
    rate: int | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is kept nowhere. Without a tier the key reads as far up as its role may.

    A key that writes does so in the name of `user`; without one it gets an account of its own, which cannot log in.
    Errors: Forbidden; DomainError, with what would fit.
    """
    users.may_give(role, by)
    highest = HIGHEST_TIER[role]
    tier = highest if tier is None else tier
    uses = sorted(set(uses))
    if not name.strip() or len(name) > 80 or not name.isprintable():
        raise DomainError("A key's name has 1 to 80 characters, in one line.")
    if role == Role.ANONYMOUS:
        raise DomainError("Nobody in particular needs no key. Choose reader, coder, editor or custodian.")
    if tier > highest:
        raise DomainError(
            f"A {role} reads up to {highest.label}, not {tier.label}. Choose a lower tier or another role."
        )
    if unknown := set(uses) - set(Use.values):
        raise DomainError(f"Unknown uses: {', '.join(sorted(unknown))}. Choose from {', '.join(Use.values)}.")
    if expires_at is not None and expires_at <= timezone.now():
        raise DomainError("The key would have expired already. Choose a moment that is still to come.")
    _check_rate(rate)
    if user is not None and (not user.is_active or CAPABILITIES[role] > CAPABILITIES[Role(user.role)]):
        raise DomainError(
            "A key does no more than the account in whose name it writes. Choose another account or role."
        )
    secret = ApiKey.new_secret()
    if user is None and role != Role.READER:
        user = _account(name, role)
    values = {
        "user": user,
        "role": role,
        "tier": tier,
        "uses": uses,
        "expires_at": expires_at,
        "rate": rate,
        "digest": ApiKey.digest_of(secret),
    }
    key, is_new = ApiKey.objects.get_or_create(name=name, defaults=values)
    if not is_new:
        raise DomainError(
            "A key of this name was made before, and a name is never used twice. Choose another name; "
            "revoke_key ends the old key."
        )
    note(AccountChange.KEY_MADE, key, by=by, said=f"{role}, up to {tier.label}")
    return key, secret


def _account(name: str, role: Role) -> User:
    """Four eyes need two accounts: an app that writes is one."""
    user, is_new = User.objects.get_or_create(username=f"key:{name}", defaults={"role": role})
    if is_new:
        user.set_unusable_password()
        user.save()
    return user


@act(Capability.ADMINISTER)
def revoke(*, by: Actor, name: str) -> ApiKey:
    """From now on the key does not work. Revoking it again changes nothing."""
    key = ApiKey.objects.select_for_update().filter(name=name).first()
    if key is None:
        names = ", ".join(ApiKey.objects.active().order_by("name").values_list("name", flat=True))
        raise DomainError(f"There is no key of this name. Working keys: {names or 'none'}.")
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        note(AccountChange.KEY_REVOKED, key, by=by)
    return key


@act(Capability.ADMINISTER)
def change_rate(*, by: Actor, name: str, rate: int | None) -> ApiKey:
    """Other requests a minute than it was made with; None: no limit. Errors: Forbidden, NotFound; DomainError."""
    key = ApiKey.objects.select_for_update().filter(name=name).first()
    if key is None:
        raise NotFound
    users.may_give(Role(key.role), by)
    _check_rate(rate)
    key.rate = rate
    key.save(update_fields=["rate"])
    note(AccountChange.KEY_RATE, key, by=by, said=f"{rate} requests a minute" if rate else "no limit")
    return key


def _check_rate(rate: int | None) -> None:
    if rate is not None and not 1 <= rate <= MOST_A_MINUTE:
        raise DomainError(f"A rate is 1 to {MOST_A_MINUTE:,} requests a minute. Leave it out for no limit.")


def expiry(text: str) -> dt.datetime:
    """When something expires: `30d`, `12h` or `2w` from now, or at the start of a day (UTC) such as `2027-01-31`."""
    try:
        if span := _SPAN.fullmatch(text):
            return timezone.now() + dt.timedelta(hours=int(span[1]) * _HOURS[span[2]])
        if _DAY.fullmatch(text):
            return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise DomainError("Write an expiry as 30d, 12h, 2w or a day such as 2027-01-31.")
