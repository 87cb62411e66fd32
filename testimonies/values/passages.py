"""Passages of a text: positions in Unicode code points, and the words themselves with what stands around them.

These are the TextPositionSelector and the TextQuoteSelector of the W3C Web Annotation model. Python counts code points; in
JavaScript, `Array.from(text)` does, while `text.length` counts UTF-16 units.
"""

from typing import NamedTuple

CONTEXT = 32
"""So many code points before and after a passage are kept with it."""


class Passage(NamedTuple):
    start: int
    end: int
    quote: str
    prefix: str
    suffix: str


class Outside(ValueError):
    """It does not lie within the text."""


class Differs(ValueError):
    """The text reads otherwise there."""


def passage(body: str, start: int, end: int, quote: str) -> Passage:
    """Errors: Outside; Differs."""
    if not 0 <= start < end <= len(body):
        raise Outside
    if body[start:end] != quote:
        raise Differs
    return Passage(start, end, quote, body[max(0, start - CONTEXT) : start], body[end : end + CONTEXT])
