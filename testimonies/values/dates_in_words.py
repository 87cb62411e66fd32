"""How an uncertain date is read, in plain words: what whoever types it sees beside the field."""

import re
from calendar import month_name
from datetime import date

from testimonies.values import dates

_SURE = {"~": "about ", "?": "possibly ", "%": "possibly about ", "": ""}
_SEASONS = {
    21: "spring", 22: "summer", 23: "autumn", 24: "winter",
    25: "spring (northern)", 26: "summer (northern)", 27: "autumn (northern)", 28: "winter (northern)",
    29: "spring (southern)", 30: "summer (southern)", 31: "autumn (southern)", 32: "winter (southern)",
    33: "the first quarter", 34: "the second quarter", 35: "the third quarter", 36: "the fourth quarter",
    37: "the first third", 38: "the second third", 39: "the last third", 40: "the first half", 41: "the second half",
}  # fmt: skip
_PLAIN = re.compile(r"(?P<year>\d{4})(-(?P<month>\d{2})(-(?P<day>\d{2}))?)?(?P<sure>[~?%]?)")


def describe(text: str) -> str:
    """`2014-06~` -> `about June 2014, from 2014-06-01 to 2014-06-30`. Errors: dates.InvalidDate."""
    earliest, latest = dates.bounds(text)
    words = _words(text)
    if earliest and earliest == latest and not words.startswith(("about", "possibly")):
        return words
    return f"{words}, {_span(earliest, latest)}"


def _span(earliest: date | None, latest: date | None) -> str:
    if earliest is None and latest is None:
        return "which may be any day"
    if earliest == latest:
        return f"noted for {earliest}"
    if earliest is None:
        return f"any day until {latest}"
    return f"from {earliest} on" if latest is None else f"from {earliest} to {latest}"


def _words(text: str) -> str:
    if "T" in text:
        return f"{_atom(text.partition('T')[0])} (the time of day is kept, and not used)"
    if text[:1] == "[":
        return f"one of {text[1:-1]}"
    if text[:1] == "{":
        return f"all of {text[1:-1]}"
    start, slash, end = text.partition("/")
    if not slash:
        return _atom(text)
    return f"{_end('from', start)} {_end('until', end)}".strip()


def _end(word: str, text: str) -> str:
    if text in ("", ".."):
        side = "start" if word == "from" else "end"
        return f"with {'an unknown' if not text else 'an open'} {side}"
    return f"{word} {_atom(text)}"


def _atom(text: str) -> str:
    """One date or season. Digits left open and what is qualified in part are told by their bounds alone."""
    read = _PLAIN.fullmatch(text)
    if read is None:
        return _decade(text)
    year, month, day = read["year"], int(read["month"] or 0), read["day"]
    if day:
        said = f"{int(day)} {month_name[month]} {year}"
    elif month > 12:
        said = f"{_SEASONS[month]} {'of ' if month > 32 else ''}{year}"
    else:
        said = f"{month_name[month]} {year}" if month else f"the year {year}"
    return _SURE[read["sure"]] + said


def _decade(text: str) -> str:
    body, sure = (text[:-1], text[-1]) if text[-1:] in _SURE and text[-1:] else (text, "")
    if re.fullmatch(r"\d{3}X", body):
        return f"{_SURE[sure]}some year of the {body[:3]}0s"
    if re.fullmatch(r"\d{4}-XX", body):
        return f"{_SURE[sure]}some month of {body[:4]}"
    if re.fullmatch(r"\d{4}-\d{2}-XX", body):
        return f"{_SURE[sure]}some day of {month_name[int(body[5:7])]} {body[:4]}"
    return "a date that is not exact"
