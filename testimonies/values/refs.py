"""References for humans: `T-7K3QM4XZ`. Random, never sequential, with a check character.

Terms   body: seven random symbols and one check symbol of Crockford's base 32 (no I, L, O, U: they are misread).
        prefix: one to three capital letters that say what kind of record it is.

Why seven: four symbols give a million references, and a million records need far more. Seven give 32^7, about 3.4e10:
at a million records the next draw collides with one chance in 34,000. PostgreSQL refuses it, and the act draws again
(services/acts.py). A reference is never reused: those of records that are gone stay spent (models.SpentRef).

The check is one linear equation over the field of 32 elements, GF(2)[x]/(x^5 + x^2 + 1): the sum of symbol times
alpha^position is zero. Every power of alpha up to 31 is different and none is zero, so every single wrong symbol and
every swap of two symbols, adjacent or not, is caught; so is a reference under the wrong prefix. ISO 7064 and Luhn mod N
do not fit: the first needs 37 symbols, the second misses a swap of the first and the last symbol of the alphabet.
"""

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
N_RANDOM = 7

_PREFIX = re.compile(r"[A-Z]{1,3}")
_REF = re.compile(rf"([A-Z]{{1,3}})-([{ALPHABET}]{{{N_RANDOM + 1}}})")
_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_CONFUSED = str.maketrans("OIL", "011")


def _times_alpha(element: int) -> int:
    doubled = element << 1
    return doubled ^ 0b100101 if doubled & 0b100000 else doubled


def _check(prefix: str, symbols: str) -> str:
    """The symbol that makes the weighted sum zero when it follows at weight alpha^0."""
    total = 0
    for element in [ord(letter) - ord("A") + 1 for letter in prefix] + [_VALUE[symbol] for symbol in symbols]:
        total = _times_alpha(total ^ element)
    return ALPHABET[total]


def new_ref(prefix: str) -> str:
    """A fresh reference such as `T-7K3QM4XZ`, from the operating system's random numbers.

    Errors  ValueError if the prefix is not one to three capital ASCII letters.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("A prefix is one to three capital letters, such as T.")
    drawn = secrets.randbits(5 * N_RANDOM)  # at once: to ask the system for each symbol takes long
    symbols = "".join(ALPHABET[drawn >> shift & 31] for shift in range(0, 5 * N_RANDOM, 5))
    return f"{prefix}-{symbols}{_check(prefix, symbols)}"


def is_ref(text: str, prefix: str | None = None) -> bool:
    """Whether this is a well-formed reference whose check holds, under this prefix if one is given. Exact spelling only."""
    read = _REF.fullmatch(text)
    return (
        read is not None
        and (prefix is None or read[1] == prefix)
        and _check(read[1], read[2][:N_RANDOM]) == read[2][N_RANDOM]
    )


def normalise_ref(text: str) -> str:
    """What somebody meant who typed a reference: upper case, outer space dropped, O read as 0, I and L as 1.

    The prefix keeps its letters. Says nothing about validity; ask `is_ref` of the result.
    """
    prefix, hyphen, body = text.strip().upper().partition("-")
    return prefix + hyphen + body.translate(_CONFUSED)
