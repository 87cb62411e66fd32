from typing import Any

from testimonies.access import HIGHEST_TIER, Role
from testimonies.models import ApiKey, User
from tests.factories.base import number


def make_user(*, role: Role = Role.EDITOR, **values: Any) -> User:
    """An account that cannot log in by password; `set_password` where a test needs to."""
    user = User(**{"username": f"made-up-{role}-{number()}", "role": role, **values})
    user.set_unusable_password()
    user.save()
    return user


def make_key(*, role: Role = Role.READER, **values: Any) -> tuple[ApiKey, str]:
    """The row and the secret, which the row does not keep."""
    secret = ApiKey.new_secret()
    if role != Role.READER and "user" not in values:
        values["user"] = make_user(role=role)
    values = {"name": f"invented {role} {number()}", "tier": HIGHEST_TIER[role], **values}
    return ApiKey.objects.create(role=role, digest=ApiKey.digest_of(secret), **values), secret
