"""How a cell becomes a value: one reading for each kind of column.

A reading takes a text without blanks around it (kind `text`: as it is), or what JSON holds, never nothing: what an empty
cell means is the column's. Errors: Unfit, in words that tell what to write and never repeat the cell.
"""

import datetime as dt
import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from testimonies.access import Tier
from testimonies.selectors.filters import nearest
from testimonies.values import cells, dates, languages, places

Reading = Callable[[Any], Any]

MOST_IN_LIST = 200
MOST_DEPTH = 8
LAST_YEAR = 9998
_UNKEEPABLE = re.compile("[\ud800-\udfff]")
_MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_CODE = re.compile(r"(?:[a-z0-9-]{1,80}(?:@[\w.-]{1,20})?/)?[a-z0-9-]{1,80}", re.ASCII)
_PARTED = re.compile(": |=")
"""Whichever comes first: what follows may hold the other."""
_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_BY_NAME = {name.casefold(): code for code, name in places.COUNTRIES.items()}
_TIERS = {tier.label: tier for tier in Tier}
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_PLAIN_URL = re.compile(r"https?://(?:[a-z0-9]{1,60}\.){1,3}[a-z]{2,20}(?:/[A-Za-z0-9._~/-]*)?", re.ASCII)
"""Most of them; the others are looked at more closely."""
_is_url = URLValidator(schemes=["http", "https"])


class Unfit(ValueError):
    """Why a cell is not what its column holds."""


def as_text(value: Any) -> str:
    """A cell as text: a whole number of JSON may stand for its digits. Errors: Unfit."""
    if isinstance(value, str):
        if "\0" in value or (not value.isascii() and _UNKEEPABLE.search(value)):
            raise Unfit("holds a character that no database keeps: NUL, or half of a pair of surrogates.")
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    raise Unfit("is no text. Write it in quotation marks.")


def text(longest: int, *, one_line: bool) -> Reading:
    def read(value: Any) -> str:
        found = as_text(value)
        if len(found) > longest:
            raise Unfit(f"has {len(found):,} characters; at most {longest:,} are kept.")
        if one_line and not found.isascii() and _MARKS.search(found):
            raise Unfit("holds marks that override the direction of writing. Leave them out.")
        return found

    return read


def word(choices: Iterable[tuple[Any, Any]]) -> Reading:
    """One of the schema's words, in whatever case, with blanks or hyphens for underscores; or its label."""
    pairs = [(str(value), str(label)) for value, label in choices]
    words = [value for value, _ in pairs]
    known = {_plain(label): value for value, label in pairs} | {_plain(value): value for value in words}

    def read(value: Any) -> Any:
        written = as_text(value)
        found = known.get(_plain(written))
        if found is None:
            raise Unfit(f"is none of: {', '.join(words)}.{nearest(_plain(written), words)}")
        return found

    return read


def _plain(written: str) -> str:
    return re.sub(r"[\s_-]+", "_", written.strip().casefold())


def tier(value: Any) -> Tier:
    found = _TIERS.get(as_text(value).casefold())
    if found is None:
        raise Unfit(f"is none of: {', '.join(_TIERS)}.{nearest(as_text(value), _TIERS)}")
    return found


def date(value: Any) -> str:
    """An EDTF string, as written."""
    written = as_text(value)
    if what := _misdated(written[: dates.MAX_LENGTH + 1]):
        raise Unfit(what)
    return written


@functools.lru_cache(maxsize=20_000)
def _misdated(written: str) -> str:
    try:
        dates.bounds(written)
    except dates.InvalidDate:
        if _DAY_MONTH_YEAR.fullmatch(written):
            return "is a date whose year comes last. Say in the mapping (date_format) what comes first: the day or the month."
        return "is no EDTF date. Write 2014-09-25, 2014-09, 2014, 2014~ (about), 2014? (unsure), 2014/2015 or ../2015."
    return ""


_DAY_MONTH_YEAR = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})", re.ASCII)
_MONTH_YEAR = re.compile(r"([0-9]{1,2})[./]([0-9]{4})", re.ASCII)


def in_order(written: str, *, day_first: bool) -> str:
    """A date as EDTF that was written with its year last: 25.9.2014, 09/25/2014, 9/2014. Any other text as it is."""
    if found := _DAY_MONTH_YEAR.fullmatch(written):
        one, other, year = found.groups()
        day, month = (one, other) if day_first else (other, one)
        return f"{year}-{int(month):02}-{int(day):02}"
    if found := _MONTH_YEAR.fullmatch(written):
        return f"{found[2]}-{int(found[1]):02}"
    return written


def moment(value: Any) -> dt.datetime:
    """ISO 8601; a day is its beginning, and what names no zone is UTC."""
    written = as_text(value)
    try:
        found = dt.datetime.fromisoformat(written)
    except ValueError:
        found = None
    if found is None or found.year > LAST_YEAR or len(written) < 10:
        raise Unfit("is no moment. Write 2026-01-31, or 2026-01-31T12:00:00Z.")
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def country(value: Any) -> str:
    """ISO 3166-1 alpha-2; the English name is understood where it is spelled as ISO does."""
    written = as_text(value)
    code = written.upper() if len(written) == 2 else _BY_NAME.get(written.casefold(), "")
    if not places.is_country(code):
        raise Unfit("is no country as ISO 3166-1 alpha-2. Write two letters such as SY or DE.")
    return code


def language(value: Any) -> str:
    written = as_text(value)
    found = languages.canonical(written) if len(written) <= languages.MAX_LENGTH else None
    if found is None:
        raise Unfit("is no language as a BCP 47 tag. Write one such as en, ar or zh-Hant.")
    return found


def whole(low: int, high: int) -> Reading:
    def read(value: Any) -> int:
        written = as_text(value)
        if not _WHOLE.fullmatch(written):
            raise Unfit("is no whole number.")
        if not low <= int(written) <= high:
            raise Unfit(f"is not from {low} to {high}.")
        return int(written)

    return read


def flag(value: Any) -> bool:
    found = value if isinstance(value, bool) else _FLAGS.get(as_text(value).casefold())
    if found is None:
        raise Unfit("is neither true nor false.")
    return found


def slug(value: Any) -> str:
    written = as_text(value)
    if len(written) > 80 or not _SLUG.fullmatch(written):
        raise Unfit("is no short name. Write lower-case letters, digits and hyphens.")
    return written


def key(value: Any) -> UUID:
    try:
        return UUID(as_text(value))
    except ValueError:
        raise Unfit("is no id of ours. Write a UUID, as an export holds it.") from None


def url(value: Any) -> str:
    written = as_text(value)
    try:
        if len(written) > 1000:
            raise Unfit("has more than 1,000 characters.")
        if not _PLAIN_URL.fullmatch(written):
            _is_url(written)
    except ValidationError:
        raise Unfit("is no address that starts with http:// or https://.") from None
    return written


# --- Several values in one cell -------------------------------------------------------------------------------------


def listed(value: Any) -> list[Any]:
    """The entries of a cell: `a; b`, or a list of JSON, which may stand in a cell as text. Errors: Unfit."""
    found = from_json(value) if isinstance(value, str) and value[:1] in "[{" else value
    if isinstance(found, str):
        found = cells.parted(found)
    if not isinstance(found, list):
        raise Unfit("is no list. Write the values with a semicolon between them.")
    if len(found) > MOST_IN_LIST:
        raise Unfit(f"has {len(found):,} entries; at most {MOST_IN_LIST} are kept.")
    return found


def several(one: Reading) -> Reading:
    """Each once, in the order written."""

    def read(value: Any) -> list[Any]:
        found = []
        for number, entry in enumerate(listed(value), 1):
            item = _entry(one, entry, number)
            if item in found:
                raise Unfit(f"names entry {number} twice.")
            found.append(item)
        return found

    return read


def pairs(first: str, second: str, one: Reading, names: Iterable[str] | None = None) -> Reading:
    """Fields with a value each: `joined=not_stated; left=unknown`, an object, or a list of {first, second}."""
    known = None if names is None else sorted(names)

    def read(value: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for number, (name, what) in enumerate(_paired(value, first, second), 1):
            if known is not None and name not in known:
                raise Unfit(f"entry {number}: is not about one of {', '.join(known)}.{nearest(name, known)}")
            if name in found:
                raise Unfit(f"names entry {number} twice.")
            found[name] = _entry(one, what, number)
        return found

    return read


def _paired(value: Any, first: str, second: str) -> list[tuple[str, Any]]:
    found = from_json(value) if isinstance(value, str) and value[:1] in "[{" else value
    if isinstance(found, Mapping):
        return [(str(name), what) for name, what in found.items()]
    result = []
    for number, entry in enumerate(listed(found), 1):
        if isinstance(entry, Mapping) and entry.keys() == {first, second}:
            result.append((as_text(entry[first]), entry[second]))
        elif isinstance(entry, str) and (parts := re.split(r"\s*[=:]\s*", entry, maxsplit=1))[1:]:
            result.append((parts[0], parts[1]))
        else:
            raise Unfit(f"entry {number}: write {first}={second}.")
    return result


def _entry(one: Reading, entry: Any, number: int) -> Any:
    if entry is None or entry == "":
        raise Unfit(f"entry {number}: is empty.")
    try:
        return one(entry)
    except Unfit as error:
        raise Unfit(f"entry {number}: {error}") from None


def code(value: Any) -> str:
    """`codebook@version/slug`, or the object that a list of testimonies holds."""
    if isinstance(value, Mapping):
        try:
            value = f"{value['codebook']}@{value['version']}/{value['slug']}"
        except KeyError:
            raise Unfit("needs codebook, version and slug.") from None
    written = as_text(value)
    if not _CODE.fullmatch(written):
        raise Unfit("is no code. Write codebook@version/slug.")
    return written


def external_id(value: Any) -> dict[str, str]:
    """`system: value` or, as an export says it, `system=value`; or {system, value}."""
    if isinstance(value, Mapping):
        if value.keys() != {"system", "value"}:
            raise Unfit("needs system and value, and nothing else.")
        system, named = as_text(value["system"]), as_text(value["value"])
    else:
        system, _, named = _PARTED.sub("\0", as_text(value), count=1).partition("\0")
    if not 0 < len(system) <= 80 or not 0 < len(named) <= 200:
        raise Unfit("is no external id. Write system: value, of at most 80 and 200 characters.")
    return {"system": system, "value": named}


class _NotOurs(ValueError):
    """JSON by Python's measure, but not by the standard's or ours."""


def from_json(written: str | bytes) -> Any:
    """A value of JSON, with numbers, depth and keys as anybody would write them. Errors: Unfit."""
    try:
        found = json.loads(
            written,
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_int=_number(int),
            parse_float=_number(float),
        )
        _check_depth(found)
    except _NotOurs as error:
        raise Unfit(f"is not JSON: {error}.") from None
    except json.JSONDecodeError as error:
        raise Unfit(f"is not JSON: {error.msg} (character {error.pos + 1}).") from None
    except UnicodeDecodeError:
        raise Unfit("is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise Unfit("is not JSON: brackets are nested too deep.") from None
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _NotOurs("a key is there twice in one object")
    return found


def _no_number(_: str) -> float:
    raise _NotOurs("NaN and Infinity are no numbers")


def _number(kind: type[int] | type[float]) -> Callable[[str], float]:
    def read(digits: str) -> float:
        if len(digits) > 30:
            raise _NotOurs("a number has more than 30 characters")
        return kind(digits)

    return read


def _check_depth(value: Any, depth: int = 0) -> None:
    if depth > MOST_DEPTH:
        raise _NotOurs(f"brackets are nested more than {MOST_DEPTH} deep")
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            _check_depth(inner, depth + 1)
