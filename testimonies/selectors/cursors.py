"""Cursors as callers see them: encrypted, since what they hold may count what is hidden; authenticated, so that none is forged."""

import base64
import binascii
import hashlib
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings


@cache
def _cipher(secret: str) -> AESSIV:
    """Deterministic, so that the same page has the same cursor and the same ETag."""
    return AESSIV(hashlib.blake2b(secret.encode(), digest_size=64, person=b"cursors").digest())


def sealed(value: bytes) -> str:
    return _spelled(_cipher(settings.SECRET_KEY).encrypt(value, None))


def opened(cursor: str) -> bytes | None:
    """What was sealed; None of what was not made here."""
    try:
        found = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        value = _cipher(settings.SECRET_KEY).decrypt(found, None)
    except (InvalidTag, ValueError, binascii.Error):
        return None
    return value if _spelled(found) == cursor else None  # base64 reads much that it never writes


def _spelled(found: bytes) -> str:
    return base64.urlsafe_b64encode(found).decode().rstrip("=")
