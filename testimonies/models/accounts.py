"""Login accounts and the keys of apps. A person who testifies is never one of these."""

import hashlib
import secrets
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from testimonies.access import Role, Tier, Use
from testimonies.models.fields import choice_field, known_tier, one_of, only


class User(AbstractUser):
    """A login account of somebody who works here. Being a superuser does not open the vault."""

    role = choice_field(Role, "What this account may see and do.", default=Role.READER)
    sessions_ended = models.PositiveIntegerField(
        default=0, editable=False, help_text="How often every session was ended; one that began before works no longer."
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            one_of("user", "role", Role),
            models.CheckConstraint(condition=~Q(role=Role.ANONYMOUS), name="user_has_a_role_of_its_own"),
        ]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is held against with each request: another password ends it, and so does `sessions_ended`."""
        said = f"{self.password} {self.sessions_ended}"
        return salted_hmac("testimonies.models.User.session", said, secret=secret, algorithm="sha256").hexdigest()


WORKS = (
    Q(revoked_at=None)
    & (Q(expires_at=None) | Q(expires_at__gt=Now()))
    & (Q(user=None) | Q(user__is_active=True))  # nobody writes in the name of an account that is switched off
)
"""A key that opens something. The same condition stands in selectors/actors.py, which asks it of every request."""


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def active(self) -> Self:
        return self.filter(WORKS)

    def with_state(self) -> Self:
        """Each with `works`: whether it opens anything at this moment."""
        return self.annotate(works=WORKS)


class ApiKey(models.Model):
    """One app's key. The key itself is shown once, when it is made; what is stored here is its hash."""

    PREFIX = "trs_"

    name = models.CharField(
        max_length=80, unique=True, help_text="Which app or partner uses the key, so that it can be found and revoked."
    )
    digest = models.BinaryField(max_length=32, unique=True, editable=False, help_text="SHA-256 of the key.")
    user = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="keys",
        help_text="The account in whose name the key writes; a key that writes has one.",
    )
    role = choice_field(Role, "What the key may do.")
    tier = models.PositiveSmallIntegerField(choices=Tier.choices, help_text="The highest tier that the key reads.")
    uses = ArrayField(
        models.CharField(max_length=20, choices=Use.choices),
        default=list,
        blank=True,
        help_text="The key reads only what is cleared for one of these uses; empty: no such limit.",
    )
    rate = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Most requests a minute, as each process of the service counts them; empty: no limit.",
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False, help_text="When the key was made.")
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="From when on the key no longer works; empty: never."
    )
    revoked_at = models.DateTimeField(null=True, blank=True, help_text="When the key was revoked; empty: not.")
    last_used_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Last use, noted at most every ten minutes."
    )

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "key"
        constraints = [
            one_of("api_key", "role", Role),
            known_tier("api_key"),
            only("api_key", "uses", Use),
            models.CheckConstraint(
                condition=Q(role__in=[Role.CODER, Role.EDITOR, Role.CUSTODIAN]) | Q(tier__lte=Tier.PARTNER),
                name="api_key_reader_reads_up_to_partner",
            ),
            models.CheckConstraint(
                condition=Q(role=Role.READER) | Q(user__isnull=False), name="api_key_that_writes_has_an_account"
            ),
            models.CheckConstraint(condition=Q(rate=None) | Q(rate__gt=0), name="api_key_rate_lets_something_through"),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")),
                name="api_key_expires_after_it_was_made",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def new_secret(cls) -> str:
        return cls.PREFIX + secrets.token_urlsafe(32)

    @staticmethod
    def digest_of(secret: str) -> bytes:
        """A fast hash is enough: the key is 256 random bits, which nobody guesses."""
        return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


class AccountChange(models.TextChoices):
    INVITED = "invited", "the account was made, and its owner invited"
    MADE = "made", "the account was made by a command"
    ROLE = "role", "the account got another role, or other rights over accounts"
    SWITCHED_OFF = "switched_off", "the account was switched off"
    SWITCHED_ON = "switched_on", "the account was switched on"
    RENEWED = "renewed", "a new link to choose a password was made"
    KEY_MADE = "key_made", "the key was made"
    KEY_RATE = "key_rate", "the key got another rate"
    KEY_REVOKED = "key_revoked", "the key was revoked"


class AccountAct(models.Model):
    """What somebody did to an account or to a key, and when. Never a password, a key, or the hash of one."""

    at = models.DateTimeField(db_default=Now(), editable=False, help_text="When.")
    by = models.ForeignKey(
        User,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The administrator's account; empty when a command did it.",
    )
    act = choice_field(AccountChange, "What was done.")
    account = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="acts", help_text="The account to which it was done."
    )
    key = models.ForeignKey(
        ApiKey, null=True, on_delete=models.PROTECT, related_name="acts", help_text="The key to which it was done."
    )
    said = models.CharField(max_length=200, blank=True, help_text="What it was changed to, in words.")

    class Meta:
        constraints = [
            one_of("account_act", "act", AccountChange),
            models.CheckConstraint(
                condition=Q(account=None, key__isnull=False) | Q(account__isnull=False, key=None),
                name="account_act_is_about_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} at {self.at}"
