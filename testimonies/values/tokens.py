"""Words that are given away sealed, and read again where they come back: nobody else reads or makes them."""

import base64
import binascii
import hashlib
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV


class Unreadable(ValueError):
    """It was not made here, or for something else."""


def seal(text: str, *, secret: str, purpose: str) -> str:
    """Fit for an address. The same text gives the same token."""
    sealed = _cipher(secret, purpose).encrypt(zlib.compress(text.encode()), None)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def open_(token: str, *, secret: str, purpose: str) -> str:
    """Errors: Unreadable."""
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return zlib.decompress(_cipher(secret, purpose).decrypt(sealed, None)).decode()
    except (InvalidTag, ValueError, binascii.Error):
        raise Unreadable from None


def _cipher(secret: str, purpose: str) -> AESSIV:
    return AESSIV(hashlib.blake2b(secret.encode(), digest_size=64, person=purpose.encode()).digest())
