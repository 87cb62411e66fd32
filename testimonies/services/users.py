"""Login accounts of those who work here."""

import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from testimonies.access import Role
from testimonies.errors import DomainError
from testimonies.models import User

DESK = frozenset({Role.CODER, Role.EDITOR, Role.CUSTODIAN})
"""Roles that work in the admin; a partner's login only reads."""
FIRST = (
    ("admin", Role.EDITOR, True),
    ("editor1", Role.EDITOR, False),
    ("editor2", Role.EDITOR, False),
    ("coder", Role.CODER, False),
)
"""Name, role, whether a superuser. Two editors, since nobody publishes their own work."""
_BOOTSTRAP = 7_105_242
"""Number of the advisory lock that lets one process make the first accounts."""


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
    user = User(username=name, role=role, is_superuser=is_superuser, is_staff=is_superuser or role in DESK)
    password = password or secrets.token_urlsafe(12)
    user.set_password(password)
    try:
        user.full_clean()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from None
    user.save()
    return password


@transaction.atomic
def create_first(*, path: Path, admin_password: str = "") -> list[str]:
    """Make the accounts of an empty database and keep their passwords in a file that only its owner reads.

    Returns one line for each account; none when there are accounts already.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_BOOTSTRAP])
    if User.objects.exists():
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
