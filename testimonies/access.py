"""Who may see and do what: tiers, roles, capabilities, and the actor that every read and write is done for.

This module decides the rules; the projection rows (testimonies.projections) make them true in SQL.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import models


class Tier(models.IntegerChoices):
    """How far a record, a field, a code, a claim or a citation may be seen. The vault lies above all of them."""

    PUBLIC = 0, "public"
    PARTNER = 1, "partner"
    RESTRICTED = 2, "restricted"


class Use(models.TextChoices):
    """What a testimony may be used for, as far as its clearances say."""

    RESEARCH = "research", "research"
    SUMMARY = "summary", "summary in one's own words"
    QUOTE = "quote", "quoting passages"
    CAMPAIGN = "campaign", "outside campaigns"
    TRAINING = "training", "training of coders"
    MEDIA = "media", "press and broadcasting"
    TEST = "test", "software tests (invented records only)"


class Capability(StrEnum):
    READ = "read"
    DRAFT = "draft"
    CODE = "code"
    CURATE = "curate"
    REVIEW = "review"
    PUBLISH = "publish"
    IMPORT = "import"
    RELEASE = "release"
    WITHDRAW = "withdraw"
    VAULT = "vault"
    ADMINISTER = "administer"
    """Accounts and keys. No role has it: it belongs to single accounts, beside their role (docs/adr/0012)."""


class Role(models.TextChoices):
    ANONYMOUS = "anonymous", "nobody in particular: reads what is public, where a setting opens it"
    READER = "reader", "an app's key or a partner's login: reads"
    CODER = "coder", "drafts and codes; sees what is published, their own and what is assigned to them"
    EDITOR = "editor", "curates, reviews, decides, publishes, imports, releases"
    CUSTODIAN = "custodian", "withdraws, erases and opens the vault"


_CODER = {Capability.READ, Capability.DRAFT, Capability.CODE}
_EDITOR = _CODER | {Capability.CURATE, Capability.REVIEW, Capability.PUBLISH, Capability.IMPORT, Capability.RELEASE}
CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.ANONYMOUS: frozenset({Capability.READ}),
    Role.READER: frozenset({Capability.READ}),
    Role.CODER: frozenset(_CODER),
    Role.EDITOR: frozenset(_EDITOR),
    Role.CUSTODIAN: frozenset(_EDITOR | {Capability.WITHDRAW, Capability.VAULT}),
}
HIGHEST_TIER: dict[Role, Tier] = {
    Role.ANONYMOUS: Tier.PUBLIC,
    Role.READER: Tier.PARTNER,
    Role.CODER: Tier.RESTRICTED,
    Role.EDITOR: Tier.RESTRICTED,
    Role.CUSTODIAN: Tier.RESTRICTED,
}
DESK = frozenset(role for role in Role if Capability.DRAFT in CAPABILITIES[role])
"""Roles that work in the admin; a partner's login only reads."""
SEES_EVERY_STATE = frozenset({Role.EDITOR, Role.CUSTODIAN})
"""Roles that see testimonies in every state; a coder sees what is published, their own and what is assigned."""


@dataclass(frozen=True, slots=True)
class Actor:
    """For whom something is read or written, and by which clock.

    `uses` limits a reader to what is cleared for at least one of them; empty means no such limit.
    `now` is PostgreSQL's clock, asked once for each request. `through`, `request_id` and `reason` are for the history of
    what is written: api, admin, import or command; the request, and why, if somebody said so.
    `is_administrator` is the account's own, never a key's: it adds accounts and keys to a role of the desk, no record.
    """

    role: Role
    tier: Tier
    now: datetime
    uses: tuple[str, ...] = ()
    user_id: int | None = None
    key_name: str = ""
    expires_at: datetime | None = None
    through: str = ""
    request_id: str = ""
    reason: str = ""
    is_administrator: bool = False

    def may(self, capability: Capability) -> bool:
        """Whether people in this role do this at all. Whoever writes must see what they write: at restricted."""
        if capability == Capability.ADMINISTER:
            return self.is_administrator and self.role in DESK
        return capability in CAPABILITIES[self.role] and (capability == Capability.READ or self.is_staff)

    @property
    def is_staff(self) -> bool:
        """Whether the caller reads the restricted tier, where records in every state are kept."""
        return self.tier == Tier.RESTRICTED

    @property
    def sees_every_state(self) -> bool:
        return self.is_staff and self.role in SEES_EVERY_STATE
