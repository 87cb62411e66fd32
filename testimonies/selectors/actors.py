"""Who is asking, and by which clock: the first of the two statements that a request costs."""

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from testimonies.access import HIGHEST_TIER, Actor, Role, Tier
from testimonies.models.accounts import ApiKey, User
from testimonies.selectors.sql import Sql, fetch

CLOCK = "now()"
"""PostgreSQL's clock, which decides what time alone changes. The only place that asks for it when something is read."""

_KEY = """
SELECT {clock}, r.revision, k.id, k.name, k.role, k.tier, k.uses, k.expires_at, k.user_id, k.rate,
  k.last_used_at IS NULL OR k.last_used_at < {clock} - interval '10 minutes'
FROM (VALUES (1)) AS one (id) LEFT JOIN reference_revision r ON r.id = one.id LEFT JOIN testimonies_apikey k
  ON k.digest = %s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > {clock})
  AND NOT EXISTS (SELECT FROM testimonies_user u WHERE u.id = k.user_id AND NOT u.is_active)
"""


class Caller(NamedTuple):
    """The actor, the revision of the reference data as of this request, and how often the actor's key may ask."""

    actor: Actor
    revision: UUID | None
    key_id: int | None = None
    rate: int | None = None


def caller(secret: str | None) -> Caller | None:
    """The caller behind a key, or an anonymous one without a key. None when the key is unknown, revoked, expired,
    or writes in the name of an account that is switched off."""
    digest = ApiKey.digest_of(secret) if secret is not None else b""
    now, revision, key_id, name, role, tier, uses, expires_at, user_id, rate, is_worth_noting = fetch(
        Sql(_KEY.format(clock=CLOCK), (digest,)), prepare=True
    )[0]
    if secret is None:
        return Caller(Actor(role=Role.ANONYMOUS, tier=Tier.PUBLIC, now=now), revision)
    if key_id is None:
        return None
    if is_worth_noting:
        ApiKey.objects.filter(pk=key_id).update(last_used_at=now)
    tier = min(Tier(tier), HIGHEST_TIER[Role(role)])
    actor = Actor(
        role=Role(role), tier=tier, now=now, uses=tuple(uses), user_id=user_id, key_name=name, expires_at=expires_at
    )
    return Caller(actor, revision, key_id, rate)


def of_user(user: User, *, request_id: str = "", reason: str = "") -> Actor:
    """Who is logged in to the admin."""
    now = fetch(Sql(f"SELECT {CLOCK}"))[0][0]
    role = Role(user.role)
    return Actor(
        role=role,
        tier=HIGHEST_TIER[role],
        now=now,
        user_id=user.pk,
        through="admin",
        request_id=request_id,
        reason=reason,
        is_administrator=user.is_superuser,
    )


def of_import(user: User | None, *, key_name: str, request_id: str, reason: str) -> Actor:
    """Whoever brought a file in, as their account may do things now; without one, a command."""
    actor = of_user(user) if user else of_command()
    return replace(actor, through="import", key_name=key_name, request_id=request_id, reason=reason)


def of_command() -> Actor:
    """Whoever runs the service's commands: nobody's account, and they hold the database anyway."""
    now = fetch(Sql(f"SELECT {CLOCK}"))[0][0]
    role = Role.CUSTODIAN
    return Actor(role=role, tier=HIGHEST_TIER[role], now=now, through="command", is_administrator=True)
