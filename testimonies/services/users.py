"""Login accounts of those who work here."""

import os
import secrets
import tempfile
from pathlib import Path

from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from testimonies.access import CAPABILITIES, DESK, Actor, Capability, Role
from testimonies.errors import DomainError, Forbidden, NotFound
from testimonies.models import User
from testimonies.models.accounts import AccountChange
from testimonies.services.account_acts import note
from testimonies.services.acts import act

FIRST = (
    ("admin", Role.EDITOR, True),
    ("editor1", Role.EDITOR, False),
    ("editor2", Role.EDITOR, False),
    ("coder", Role.CODER, False),
)
"""Name, role, whether a superuser. Two editors, since nobody publishes their own work."""
_BOOTSTRAP = 7_105_242
"""Number of the advisory lock that lets one process make the first accounts."""

Door = tuple[str, str]
"""What a link to choose a password is made of: whose, and a token that works once and not for long."""


# --- Acts of an administrator ---------------------------------------------------------------------------------------


@act(Capability.ADMINISTER)
def invite(*, by: Actor, name: str, role: Role, is_administrator: bool = False) -> tuple[User, Door]:
    """A new account, which nobody can enter until its owner has chosen a password through the door.

    Errors: Forbidden; DomainError, with what would fit.
    """
    _administrators(by)
    may_give(role, by)
    user = User(username=name, role=role)
    _settle(user, is_administrator)
    user.set_unusable_password()
    _check(user)
    user.save()
    note(AccountChange.INVITED, user, by=by, said=_rights(user))
    return user, _door(user)


@act(Capability.ADMINISTER)
def change(user_id: int, *, by: Actor, role: Role, is_administrator: bool) -> User:
    """Another role, or other rights over accounts. Keys in its name that may do more than the new role are revoked.

    Errors: Forbidden, NotFound; DomainError for one's own account.
    """
    user = _other(user_id, by)
    may_give(role, by)
    may_give(Role(user.role), by)
    user.role = role
    _settle(user, is_administrator)
    user.save(update_fields=["role", "is_superuser", "is_staff"])
    above = [other for other in Role if CAPABILITIES[other] > CAPABILITIES[role]]
    ended = list(user.keys.filter(role__in=above, revoked_at=None))
    user.keys.filter(pk__in=[key.pk for key in ended]).update(revoked_at=Now())
    note(AccountChange.ROLE, user, by=by, said=_rights(user))
    for key in ended:
        note(AccountChange.KEY_REVOKED, key, by=by, said="It could do more than its account may now.")
    return user


@act(Capability.ADMINISTER)
def switch(user_id: int, *, by: Actor, on: bool) -> User:
    """Off: nobody enters by this account, now and at once, nor by a key that writes in its name; it is never deleted.

    Errors: Forbidden, NotFound; DomainError for one's own account.
    """
    user = _other(user_id, by)
    if on:  # shutting somebody out needs no more than an administrator
        may_give(Role(user.role), by)
    user.is_active = on
    user.sessions_ended += not on  # nor do old sessions work when it is switched on again
    user.save(update_fields=["is_active", "sessions_ended"])
    note(AccountChange.SWITCHED_ON if on else AccountChange.SWITCHED_OFF, user, by=by)
    return user


@act(Capability.ADMINISTER)
def renew(user_id: int, *, by: Actor) -> tuple[User, Door]:
    """Whoever forgot their password chooses another. The old one, older links and open sessions end at once.

    Errors: Forbidden, NotFound; DomainError for one's own account.
    """
    user = _other(user_id, by)
    may_give(Role(user.role), by)
    if not user.is_active:
        raise DomainError("This account is switched off. Switch it on first.")
    user.set_unusable_password()
    user.save(update_fields=["password"])
    note(AccountChange.RENEWED, user, by=by)
    return user, _door(user)


def may_give(role: Role, by: Actor) -> None:
    """Whoever opens the vault decides who else does: an administrator must not let themselves in. Errors: Forbidden."""
    if role == Role.CUSTODIAN and by.role != Role.CUSTODIAN:
        raise Forbidden("Only a custodian, or a command, decides about custodians.")


def _administrators(by: Actor, *others: int) -> list[User]:
    """Locked, with the others. Two who switch each other off come one after the other, so that one remains."""
    found = list(User.objects.select_for_update().filter(Q(is_superuser=True) | Q(pk__in=others)).order_by("pk"))
    is_one = any(user.pk == by.user_id and user.is_active and user.is_superuser for user in found)
    if by.user_id is not None and not is_one:
        raise Forbidden
    return found


def _other(user_id: int, by: Actor) -> User:
    if user_id == by.user_id:
        raise DomainError("Nobody changes their own account. Ask another administrator.")
    user = next((user for user in _administrators(by, user_id) if user.pk == user_id), None)
    if user is None:
        raise NotFound
    return user


def _settle(user: User, is_administrator: bool) -> None:
    if is_administrator and user.role not in DESK:
        raise DomainError("Whoever administers accounts works at the desk: as coder, editor or custodian.")
    user.is_superuser, user.is_staff = is_administrator, user.role in DESK


def _rights(user: User) -> str:
    return f"{user.role}, administrator" if user.is_superuser else str(user.role)


def _door(user: User) -> Door:
    return urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)


def _check(user: User) -> None:
    if User.objects.filter(username=user.username).exists():
        raise DomainError("There is an account of this name. Choose another name.")
    try:
        user.full_clean()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from None


# --- By command -----------------------------------------------------------------------------------------------------


@transaction.atomic
def create(*, name: str, role: Role, is_superuser: bool = False, password: str = "") -> str:
    """Make an account and return its password, which is generated unless it is given."""
    if role == Role.ANONYMOUS:
        raise DomainError("Nobody in particular has no account. Choose reader, coder, editor or custodian.")
    if User.objects.filter(username=name).exists():
        raise DomainError(
            "There is an account of this name. Choose another name, or change the password: "
            "manage.py changepassword NAME."
        )
    user = User(username=name, role=role, is_superuser=is_superuser, is_staff=role in DESK)
    password = password or secrets.token_urlsafe(12)
    user.set_password(password)
    try:
        user.full_clean()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from None
    user.save()
    note(AccountChange.MADE, user, by=None, said=_rights(user))
    return password


@transaction.atomic
def create_first(*, path: Path, admin_password: str = "") -> list[str]:
    """Make the accounts of an empty database and keep their passwords in a file that only its owner reads.

    Returns one line for each account; none when there are accounts already. Those that are switched off do not count: coders
    of a collection that was loaded have such.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_BOOTSTRAP])
    if User.objects.filter(is_active=True).exists():
        return []
    lines = []
    for name, role, is_superuser in FIRST:
        given = admin_password if is_superuser else ""
        password = create(name=name, role=role, is_superuser=is_superuser, password=given)
        lines.append(f"{name:<8} {'(the password in ADMIN_PASSWORD)' if given else password}")
    _write_secretly(path, "".join(f"{line}\n" for line in lines))
    return lines


def _write_secretly(path: Path, text: str) -> None:
    """Write a file of mode 0600 that is never there with another mode, nor with half of its content."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink()
            raise
    except OSError as error:
        raise DomainError(f"The passwords cannot be written to {path} ({error.strerror}). Name another file.") from None
