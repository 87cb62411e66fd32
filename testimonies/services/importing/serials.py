"""Numbers in a workbook as people see them: a date where the format says so, and 2014 rather than 2014.0.

Terms   serial: days since the end of 1899 (or since 1904-01-01), with the time of day as a fraction.
Source  ECMA-376 part 1, 18.8.30 (formats) and 18.17.4.1 (serials, and the 29 February 1900 that never was).
"""

import datetime as dt
import math
import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from testimonies.services.importing.tables import Unreadable

LAST_SERIAL = 2_958_466
_BEFORE_LEAP_DAY = 60
_SILENT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|AM/PM|A/P|General', re.IGNORECASE)
"""What a format shows or skips as it is: texts, colours, conditions, fillings."""
_ZEROS = re.compile("0{2,20}")


class Shows(Enum):
    """How much of a date a format shows. A month is stored as its first day, which nobody said."""

    NUMBER = "number"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    MOMENT = "moment"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Format:
    shows: Shows
    n_digits: int = 0
    """Zeros in front fill the number up to so many."""


NUMBER = Format(Shows.NUMBER)
_BUILTIN = {
    **dict.fromkeys((14, 15, 16, *range(27, 32), 36, *range(50, 55), 57, 58), Format(Shows.DAY)),
    17: Format(Shows.MONTH),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 45, 46, 47), Format(Shows.TIME)),
    22: Format(Shows.MOMENT),
}


@lru_cache(maxsize=1_000)
def format_of(number: int, code: str) -> Format:
    """A format by its number; `code` is empty where the workbook declares none."""
    if not code:
        return _BUILTIN.get(number, NUMBER)
    if _ZEROS.fullmatch(code):
        return Format(Shows.NUMBER, len(code))
    letters = set(_SILENT.sub("", code.partition(";")[0]).casefold()) & set("ymdhs")
    if not letters:
        return NUMBER
    if letters & {"h", "s"}:
        return Format(Shows.MOMENT if letters & {"y", "d"} else Shows.TIME)
    return Format(Shows.DAY if "d" in letters else Shows.MONTH if "m" in letters else Shows.YEAR)


@lru_cache(maxsize=20_000)
def shown(written: str, form: Format, *, since_1904: bool) -> str | Unreadable:
    """A number of a cell as text. Errors: none; Unreadable says what is wrong."""
    if form is NUMBER and len(written) < 16 and written.isascii() and written.isdigit():
        return written
    try:
        number = float(written)
    except ValueError:
        return Unreadable("is no number. Write it anew.")
    if not math.isfinite(number):
        return Unreadable("is a larger number than any here.")
    return _number(number, form.n_digits) if form.shows == Shows.NUMBER else _date(number, form.shows, since_1904)


def _number(number: float, n_digits: int) -> str:
    if number == int(number) and abs(number) < 10**15:
        return str(int(number)).zfill(n_digits)
    return f"{number:.15g}"  # as many digits as a spreadsheet program keeps


def _date(serial: float, shows: Shows, since_1904: bool) -> str | Unreadable:
    if not 0 <= serial < LAST_SERIAL:
        return Unreadable("is no date that a spreadsheet program shows.")
    day, seconds = divmod(round(serial * 86_400), 86_400)
    if shows == Shows.TIME:
        hours, left = divmod(seconds + 86_400 * day, 3_600)
        minutes, rest = divmod(left, 60)
        return f"{hours:02}:{minutes:02}" + (f":{rest:02}" if rest else "")
    before_1900 = 31 if day < _BEFORE_LEAP_DAY else 30
    start = dt.datetime(1904, 1, 1) if since_1904 else dt.datetime(1899, 12, before_1900)  # noqa: DTZ001 - a cell names no zone
    try:
        found = start + dt.timedelta(days=day, seconds=seconds)
    except OverflowError:
        return Unreadable("is no date that a spreadsheet program shows.")
    written = found.isoformat()
    length = {Shows.YEAR: 4, Shows.MONTH: 7, Shows.DAY: 10}.get(shows, 10 if not seconds else len(written))
    return written[:length]
