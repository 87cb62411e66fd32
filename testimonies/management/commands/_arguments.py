"""Arguments that several commands take, and how a refusal is told."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError

from testimonies.access import Role
from testimonies.errors import DomainError

ROLES = [role.value for role in Role if role != Role.ANONYMOUS]


@contextmanager
def refusals_told() -> Iterator[None]:
    """A refusal becomes one line on standard error and exit code 1."""
    try:
        yield
    except DomainError as error:
        raise CommandError(error.detail) from None
