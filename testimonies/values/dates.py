"""Uncertain dates: EDTF strings, kept as written, and the days they may mean.

Terms   EDTF: Extended Date/Time Format, ISO 8601-2:2019 and loc.gov/standards/datetime, levels 0 to 2.
        atom: one date or season of that grammar, such as `2015`, `2015-06~`, `201X`, `2015-21`.

The `edtf` package is the oracle of the tests and not called here: it reads a date in 3 to 35 ms, prints what it cannot
read to standard output (what people testify must not reach a log), raises AttributeError on some input, widens or
guesses bounds, and imports Django's settings. The grammar is small enough to read in microseconds instead.

Where the days differ from that package:

- An unknown start or end (`/1945`, `1945/`) is open, None. The package guesses ten years.
- Winter (24, 28) and the southern summer (30) run from December to the end of the next February, three months like the
  other seasons. The package stops on 31 December.
- A day that does not exist in the month is left out of `2015-XX-31` and `2015-02-3X`.
- An estimate to n significant digits (`1950S2`) means every year that shares them. The package takes the year as exact.
- `2015-2X` is one of the seasons 21 to 24; the package refuses it, and qualified seasons (`2015-21~`) too.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import MAXYEAR, MINYEAR, date
from itertools import product

MAX_LENGTH = 100

Bounds = tuple[date | None, date | None]

_ACCEPTED = (
    "Write an EDTF date between the years 0001 and 9999, for example 2015, 2015-06, 2015-06-15, 2015-06~ (about), "
    "2015? (uncertain), 201X (in the 2010s), 2015-XX (some month), 2015-21 (spring), 2014/2015 (from, to), "
    "../2015 (until), 2015-06-15/.. (from), [2014..2016] (one of)."
)


class InvalidDate(ValueError):
    """Says what is wrong and what is accepted; never repeats the input, which may be protected."""

    def __init__(self, reason: str = "This is not a date we can read.") -> None:
        super().__init__(f"{reason} {_ACCEPTED}")


_QUALIFIER = "[?~%]?"
_ATOM = re.compile(
    rf"{_QUALIFIER}(?P<year>[0-9X]{{4}})(?:S(?P<significant>[1-4]))?{_QUALIFIER}"
    rf"(?:-{_QUALIFIER}(?P<month>[0-9X]{{2}}){_QUALIFIER}"
    rf"(?:-{_QUALIFIER}(?P<day>[0-9X]{{2}}){_QUALIFIER})?)?"
)
_DATE_AND_TIME = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:Z|[+-](?:0[0-9]|1[0-4])(?::[0-5][0-9])?)?"
)
_CONSECUTIVE = re.compile(r"(?P<first>[^.]*)\.\.(?P<last>[^.]*)")

_DIGITS = "0123456789"
# code -> first and last month; a last month before the first one lies in the next year
_SEASONS: dict[int, tuple[int, int]] = {
    # hemisphere not stated: read as northern, as nearly every account here is
    21: (3, 5),
    22: (6, 8),
    23: (9, 11),
    24: (12, 2),
    # northern, then southern hemisphere
    25: (3, 5),
    26: (6, 8),
    27: (9, 11),
    28: (12, 2),
    29: (9, 11),
    30: (12, 2),
    31: (3, 5),
    32: (6, 8),
    # quarters, quadrimesters, semestrals
    33: (1, 3),
    34: (4, 6),
    35: (7, 9),
    36: (10, 12),
    37: (1, 4),
    38: (5, 8),
    39: (9, 12),
    40: (1, 6),
    41: (7, 12),
}


def bounds(text: str) -> Bounds:
    """The earliest and the latest day that an EDTF string may mean, both included.

    Terms   ~ about, ? uncertain, % both: noted by whoever wrote them, but no number of days is stated, so they do not
            widen the bounds. X: a digit that is not specified.
    Returns None on a side that is open or unknown (`../2015`, `/2015`) or says nothing at all (`XXXX`).
            A date-time answers with its day as written, whatever its zone.
    Errors  InvalidDate: not EDTF, no such day, an end before its start, a year outside 0001 to 9999.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidDate(f"A date has at most {MAX_LENGTH} characters.")
    if timed := _DATE_AND_TIME.fullmatch(text):
        return _atom(timed["date"])
    if text[:1] + text[-1:] in ("[]", "{}"):
        return _set(re.split(", ?", text[1:-1]))
    start, slash, end = text.partition("/")
    if not slash:
        return _atom(text)
    if not start and not end:
        raise InvalidDate("This interval states neither end.")
    return _ordered(_end(start)[0], _end(end)[1])


def _end(text: str) -> Bounds:
    return (None, None) if text in ("", "..") else _atom(text)


def _set(elements: list[str]) -> Bounds:
    members = [_element(element, index, len(elements)) for index, element in enumerate(elements)]
    firsts = [first for first, _ in members]
    lasts = [last for _, last in members]
    return (
        None if None in firsts else min(filter(None, firsts)),
        None if None in lasts else max(filter(None, lasts)),
    )


def _element(text: str, index: int, count: int) -> Bounds:
    """A member of a set: an atom, a run `a..b`, and at its two ends `..b` and `a..`."""
    run = _CONSECUTIVE.fullmatch(text)
    if run is None:
        return _atom(text)
    first, last = run["first"], run["last"]
    if not (first or last) or (not first and index > 0) or (not last and index < count - 1):
        raise InvalidDate
    return _ordered(_end(first)[0], _end(last)[1])


def _ordered(first: date | None, last: date | None) -> Bounds:
    if first and last and last < first:
        raise InvalidDate("This interval ends before it starts.")
    return first, last


def _atom(text: str) -> Bounds:
    read = _ATOM.fullmatch(text)
    if read is None:
        raise InvalidDate
    year, month, day = read["year"], read["month"], read["day"]
    if read["significant"]:
        if month or "X" in year:
            raise InvalidDate
        year = year[: int(read["significant"])].ljust(4, "X")
    if month and month[0] in "234":
        if day:
            raise InvalidDate("A season has no day.")
        first, last = _season(year, month)
    else:
        first, last = _day(year, month or "XX", day or "XX")
    return (None, None) if year == "XXXX" else (first, last)


def _season(year: str, code: str) -> tuple[date, date]:
    if not (code == "2X" or code.isdigit()) or int(code.replace("X", "1")) not in _SEASONS:
        raise InvalidDate("There is no such month or season.")
    years = _years(year)
    first_month, _ = _SEASONS[int(code.replace("X", "1"))]
    start, end = _SEASONS[int(code.replace("X", "4"))]
    # the year 9999 has no next February that a date can hold
    last = (years[-1] + 1, end) if end < start and years[-1] < MAXYEAR else (years[-1], max(start, end))
    return date(years[0], first_month, 1), date(*last, monthrange(*last)[1])


def _day(year: str, month: str, day: str) -> tuple[date, date]:
    years = _years(year)
    months = _numbers(month, 12)
    if not months:
        raise InvalidDate("There is no such month or season.")
    days = _numbers(day, 31)
    return _first(years, months, days), _first(years[::-1], months[::-1], days[::-1])


def _first(years: Sequence[int], months: Sequence[int], days: Sequence[int]) -> date:
    """The first day that exists, in the order given. Only 29 February makes it look past the first year."""
    for year in years:
        for month in months:
            length = monthrange(year, month)[1]
            for day in days:
                if day <= length:
                    return date(year, month, day)
    raise InvalidDate("There is no such day.")


def _years(pattern: str) -> Sequence[int]:
    years = range(MINYEAR, MAXYEAR + 1) if pattern == "XXXX" else _numbers(pattern, MAXYEAR)
    if not years:
        raise InvalidDate("The year 0000 is outside what we keep.")
    return years


def _numbers(pattern: str, highest: int) -> Sequence[int]:
    """The numbers from 1 to `highest` that a pattern of digits and X allows, in order."""
    if "X" not in pattern:
        number = int(pattern)
        return (number,) if 1 <= number <= highest else ()
    if pattern == "XX":
        return range(1, highest + 1)
    digits = product(*(_DIGITS if char == "X" else char for char in pattern))
    return [number for number in map(int, map("".join, digits)) if 1 <= number <= highest]
