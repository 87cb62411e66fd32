"""Sealing of what only custodians open: encrypted under one key of several, found again by a keyed index.

Terms   key: 32 random bytes in URL-safe Base64. The first of several seals; all of them open.
        mark: tells which key sealed something, and nothing else about the key.
        index: equal for equal values under one key; without the key it tells nothing.
Source  Fernet (https://github.com/fernet/spec); HMAC-SHA256 (RFC 2104); HKDF (RFC 5869).
"""

import base64
import binascii
import hmac
from collections.abc import Iterator, Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


class BadKey(ValueError):
    """A key that is none. The message never repeats it."""


class Unopenable(Exception):
    """Sealed under a key that is not at hand, or altered since."""


class Keyring:
    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise BadKey("There is no key.")
        raw = [_decoded(key, number) for number, key in enumerate(keys, start=1)]
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(one, b"seal"))) for one in raw])
        self._index_keys = [_derived(one, b"index") for one in raw]
        self.marks = [_derived(one, b"mark")[:8].hex() for one in raw]

    @property
    def mark(self) -> str:
        """Of the key that seals."""
        return self.marks[0]

    def seal(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Errors: Unopenable."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise Unopenable from None

    def index(self, text: str) -> bytes:
        """Under the key that seals: what is stored beside the seal."""
        return next(self.indexes(text))

    def indexes(self, text: str) -> Iterator[bytes]:
        """Under each key: what is looked for while some are not sealed anew yet."""
        return (hmac.new(key, text.encode(), sha256).digest() for key in self._index_keys)


def _decoded(key: str, number: int) -> bytes:
    try:
        raw = base64.b64decode(key.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raw = b""
    if len(raw) != KEY_BYTES:
        raise BadKey(f"Key {number} is not {KEY_BYTES} bytes in URL-safe Base64.")
    return raw


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"vault " + purpose).derive(key)
