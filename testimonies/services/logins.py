"""Who tries to log in too often waits: by the name they give, and by the address they come from (docs/adr/0018).

Names of accounts and names that nobody has are counted alike, before any password is looked at, so the answer tells neither
whether an account exists nor whether a password was right. What is counted is a keyed digest; no name or address is kept.
"""

import hmac
import ipaddress
from hashlib import sha256
from unicodedata import normalize

from django.conf import settings
from django.db import connection

WINDOW = 15 * 60
"""Seconds from the first failed attempt after which all are forgotten, those in between included."""
PER_NAME = 5
PER_ADDRESS = 50
"""Higher: an office, or all users of one proxy, may share an address."""

_CHARGE = """
INSERT INTO testimonies_failedlogin AS f (mark, attempts, since) VALUES (%s, 1, now())
ON CONFLICT (mark) DO UPDATE SET
  attempts = CASE WHEN f.since <= now() - %s * interval '1 second' THEN 1 ELSE f.attempts + 1 END,
  since = CASE WHEN f.since <= now() - %s * interval '1 second' THEN now() ELSE f.since END
RETURNING attempts, ceil(extract(epoch FROM since - now()))::int + %s
"""


def charge(*, name: str, address: str) -> int:
    """Count an attempt before it is made; the seconds to wait if there were too many, else 0.

    Two at once are counted as two. Attempts while waiting make nobody wait longer.
    """
    waits = [0]
    # the name second: whoever is stopped by their address locks nobody's account any further
    for mark, most in ((_mark("address", _block(address)), PER_ADDRESS), (_mark("name", _folded(name)), PER_NAME)):
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM testimonies_failedlogin WHERE since <= now() - %s * interval '1 second'", [WINDOW]
            )
            cursor.execute(_CHARGE, [mark, WINDOW, WINDOW, WINDOW])
            attempts, left = cursor.fetchone()
        if attempts > most:
            waits.append(max(left, 1))
            break
    return max(waits)


def succeeded(*, name: str, address: str) -> None:
    """The name begins anew; of the address, whose other attempts may be somebody else's, this one is taken back."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM testimonies_failedlogin WHERE mark = %s", [_mark("name", _folded(name))])
        cursor.execute(
            "UPDATE testimonies_failedlogin SET attempts = greatest(attempts - 1, 0) WHERE mark = %s",
            [_mark("address", _block(address))],
        )


def _mark(kind: str, value: str) -> bytes:
    return hmac.new(
        f"login {kind} {settings.SECRET_KEY}".encode(), value.encode("utf-8", "surrogatepass"), sha256
    ).digest()


def _folded(name: str) -> str:
    """As one would type it in another way, so that capitals and spaces are no further attempts."""
    return normalize("NFKC", name[:1000]).strip().casefold()


def _block(address: str) -> str:
    """An IPv6 address stands for its /64, which one household has to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
