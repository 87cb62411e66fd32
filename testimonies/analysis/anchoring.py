"""Where a passage is, after its text was edited.

Terms   passage: a span of a text, kept as two selectors of the W3C's Web Annotation Data Model: its position, counted in
        Unicode code points with the end left out, and its quote, with the CONTEXT before (prefix) and after it (suffix).
        exact: the text up to the passage is as it was.   moved: the same words stand elsewhere, known by their context.
        fuzzy: the place is likely, but the words changed, or the same words stand at several places that look alike.
        orphaned: no place is likely; the passage keeps the selectors that it had.

A passage that is exact or moved reads as before, in its old context or one side of it. Whatever else happens to it is
flagged, and it keeps its old quote, prefix and suffix, so that a text that is changed back brings it back.
"""

import bisect
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import takewhile

CONTEXT = 32
"""How many code points of prefix and suffix are kept."""
ENOUGH = 16
"""How many code points on one side, next to the quote, tell one place from another."""
LONG = 48
"""A quote of this length that stands once in the text needs no context."""
DISTANCE = 0.2
"""Insertions, deletions and substitutions that a fuzzy passage may have, as a share of its quote's length."""
LONGEST = 1_000
"""Longer quotes are not searched for fuzzily: a change inside one is found only where all around it stayed."""
MOST_PLACES = 50
"""A quote that stands at so many places with the same context is flagged."""

_JOINERS = "\u200c\u200d"


class Found(StrEnum):
    EXACT = "exact"
    MOVED = "moved"
    FUZZY = "fuzzy"
    ORPHANED = "orphaned"

    @property
    def is_flagged(self) -> bool:
        """Whether its coder must look at it."""
        return self in {Found.FUZZY, Found.ORPHANED}


@dataclass(frozen=True, slots=True)
class Passage:
    """`start` and `end` in Unicode code points, the end left out."""

    start: int
    end: int
    quote: str
    prefix: str = ""
    suffix: str = ""


def passage(text: str, start: int, end: int) -> Passage:
    """The selectors of a span. Errors: ValueError unless it lies in the text and has words."""
    if not 0 <= start < end <= len(text):
        raise ValueError("A passage starts before it ends, inside its text.")
    return Passage(start, end, text[start:end], text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT])


def reanchored(passages: Iterable[Passage], old: str, new: str) -> list[tuple[Passage, Found]]:
    """Each passage of the old text, in the order given, as it is in the new one.

    A passage that was flagged before (whose quote is not what the old text has at its place) is looked for like the
    others and stays flagged unless its words are found in their context. Time: a few searches of the text for each
    passage, and for a changed quote at most a dozen windows of one and a half times its length.
    """
    edit = Edit(old, new)
    return [_reanchored(one, edit) for one in passages]


class Edit:
    """An old and a new text, and how much they share at both ends."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new
        shorter = min(len(old), len(new))
        self.head = _longest(shorter, lambda n: old[:n] == new[:n])
        self.tail = _longest(shorter - self.head, lambda n: old[len(old) - n :] == new[len(new) - n :])
        self.shift = len(new) - len(old)

    @cached_property
    def changed(self) -> int:
        """The most that can have been inserted, deleted or substituted."""
        return max(len(self.old), len(self.new)) - self.head - self.tail

    def had(self, one: Passage) -> bool:
        """Whether the passage is where the old text has it, words and context; not so if it was flagged."""
        return one.start < one.end <= len(self.old) and passage(self.old, one.start, one.end) == one

    def within(self, one: Passage) -> tuple[int, int] | None:
        """The new span of a passage of which start and end are known, because all changes are on one side or inside."""
        after_head, before_tail = self.head, len(self.old) - self.tail
        if one.end <= after_head:
            return one.start, one.end
        if one.start >= before_tail:
            return one.start + self.shift, one.end + self.shift
        if one.start <= after_head and one.end >= before_tail and one.start < one.end + self.shift:
            return one.start, one.end + self.shift
        return None


def _reanchored(one: Passage, edit: Edit) -> tuple[Passage, Found]:
    known = edit.within(one) if edit.had(one) else None
    if known:
        found = passage(edit.new, *known)
        if found.quote == one.quote and _same_edges(one, found):
            return found, Found.EXACT if found.start == one.start else Found.MOVED
    if (place := _by_quote(one, edit)) is not None:
        return place, Found.EXACT if place.start == one.start else Found.MOVED
    if span := _roughly(one, edit, known):
        return replace(one, start=span[0], end=span[1]), Found.FUZZY
    return one, Found.ORPHANED


# By quote and context


def _by_quote(one: Passage, edit: Edit) -> Passage | None:
    """The one place that has the quote and looks most like the passage's, if it is certain."""
    places = [place for place in _alike(one, edit.new) if _same_edges(one, place)]
    if not 0 < len(places) < MOST_PLACES:
        return None
    best, *rest = sorted(places, key=lambda place: _likeness(one, place), reverse=True)
    likeness = _likeness(one, best)
    if rest and (likeness < ENOUGH or _likeness(one, rest[0]) == likeness):
        return None
    rivals = [rival for rival in _alike(best, edit.old) if not (edit.had(one) and rival.start == one.start)]
    if any(_likeness(rival, best) >= likeness for rival in rivals):
        return None  # other words of the old text look as much like this place
    return best


def _alike(one: Passage, text: str) -> list[Passage]:
    """The places of the text that have the quote and enough of its context, or a long quote alone."""
    before, after = one.prefix[-ENOUGH:], one.suffix[:ENOUGH]
    starts: set[int] = set()
    if len(before) == ENOUGH:
        starts.update(start + ENOUGH for start in _places(before + one.quote, text))
    if len(after) == ENOUGH:
        starts.update(_places(one.quote + after, text))
    if len(one.quote) >= LONG:
        starts.update(_places(one.quote, text))
    places = [passage(text, start, start + len(one.quote)) for start in sorted(starts)]
    return places or [
        place for place in _near_an_end(one, text) if (place.prefix, place.suffix) == (one.prefix, one.suffix)
    ]


def _near_an_end(one: Passage, text: str) -> Iterator[Passage]:
    """Near an end of a text there may be less context than enough: then all of it must be there."""
    if len(one.prefix) < ENOUGH or len(one.suffix) < ENOUGH:
        for start in _places(one.prefix + one.quote + one.suffix, text):
            yield passage(text, start + len(one.prefix), start + len(one.prefix) + len(one.quote))


def _places(probe: str, text: str) -> Iterator[int]:
    start = -1
    for _ in range(MOST_PLACES):
        start = text.find(probe, start + 1)
        if start < 0:
            return
        yield start


def _likeness(one: Passage, other: Passage) -> int:
    """How many code points next to the quote are the same on both sides; an end of the text counts as one more."""
    shared = _shared(one.prefix[::-1], other.prefix[::-1]) + _shared(one.suffix, other.suffix)
    return shared + (one.prefix == other.prefix) + (one.suffix == other.suffix)


def _shared(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _same_edges(one: Passage, other: Passage) -> bool:
    """Whether words and letters that began and ended with the quote still do: `art` is not in `part`, nor `e` in `é`."""
    return _edges(one) == _edges(other)


def _edges(one: Passage) -> tuple[bool, bool]:
    return _joined(one.prefix[-1:], one.quote[:1]), _joined(one.quote[-1:], one.suffix[:1])


def _joined(left: str, right: str) -> bool:
    """Whether two neighbouring code points belong to one word or one letter."""
    if not left or not right:
        return False
    return _belongs(right) or left in _JOINERS or (_in_word(left) and _in_word(right))


def _belongs(point: str) -> bool:
    """Whether a code point belongs to the one before it: marks, variation selectors, skin tones, joiners."""
    return unicodedata.category(point)[0] == "M" or point in _JOINERS or "\U0001f3fb" <= point <= "\U0001f3ff"


def _in_word(point: str) -> bool:
    return unicodedata.category(point)[0] in "LNM"


# Roughly


def _roughly(one: Passage, edit: Edit, known: tuple[int, int] | None) -> tuple[int, int] | None:
    """The likeliest span within the distance, none if there is none."""
    allowed = int(len(one.quote) * DISTANCE)
    if known and (edit.new[known[0] : known[1]] == one.quote or edit.changed <= allowed):
        return known
    if len(one.quote) > LONGEST:
        return None
    best: tuple[int, int, int, int] | None = None
    for guess in _guesses(one, edit, allowed):
        low = max(0, guess - allowed)
        distance, start, end = _nearest(one.quote, edit.new[low : guess + len(one.quote) + allowed])
        if distance <= allowed and start < end:
            place = (distance, abs(low + start - one.start), low + start, low + end)
            best = min(best, place) if best else place
    return (best[2], best[3]) if best else None


def _guesses(one: Passage, edit: Edit, allowed: int) -> list[int]:
    """Where the passage may start, at most a dozen, none near another: where it was, beside its context, by its parts."""
    guesses = [one.start, one.start + edit.shift]
    nearest = edit.new.find(one.quote, one.start), edit.new.rfind(one.quote, 0, one.start + len(one.quote))
    guesses.extend(found for found in nearest if found >= 0)
    if len(one.prefix) >= ENOUGH and (found := edit.new.find(one.prefix[-ENOUGH:])) >= 0:
        guesses.append(found + ENOUGH)
    if len(one.suffix) >= ENOUGH and (found := edit.new.find(one.suffix[:ENOUGH])) >= 0:
        guesses.append(found - len(one.quote))
    part = max(4, -(-len(one.quote) // (allowed + 1)) if allowed < 8 else len(one.quote) // 8)
    parts = ((offset, one.quote[offset : offset + part]) for offset in range(0, len(one.quote) - part + 1, part))
    guesses.extend(found - offset for offset, words in parts if (found := edit.new.find(words)) >= 0)
    kept: list[int] = []
    for guess in guesses:
        inside = min(max(guess, 0), max(0, len(edit.new) - 1))
        if all(abs(inside - other) > allowed // 2 for other in kept):
            kept.append(inside)
    return kept[:12]


def _nearest(quote: str, window: str) -> tuple[int, int, int]:
    """(distance, start, end) of the part of the window that has the least edit distance from the quote."""
    distances = _distances(quote, window, anchored=False)
    least = min(distances)
    end = distances.index(least)
    backwards = _distances(quote[::-1], window[:end][::-1], anchored=True)
    return least, end - backwards.index(min(backwards)), end


def _distances(pattern: str, text: str, *, anchored: bool) -> list[int]:
    """The edit distance between the pattern and what ends after each code point of the text; it starts anywhere, or,
    anchored, with the text. Bit-parallel: Myers 1999, A fast bit-vector algorithm for approximate string matching, in
    the form of Hyyrö 2003; bit n of a column says how distance changes from n to n + 1 code points of the pattern."""
    where: dict[str, int] = {}
    for number, point in enumerate(pattern):
        where[point] = where.get(point, 0) | 1 << number
    ones, last = (1 << len(pattern)) - 1, 1 << len(pattern) - 1
    up, down, distance = ones, 0, len(pattern)
    distances = [distance]
    for point in text:
        match = where.get(point, 0)
        same = (((match & up) + up) ^ up) | match | down
        rises, falls = down | (~(same | up) & ones), up & same
        distance += bool(rises & last) - bool(falls & last)
        distances.append(distance)
        rises, falls = (rises << 1 | anchored) & ones, falls << 1 & ones
        vertical = match | down
        up, down = falls | (~(vertical | rises) & ones), rises & vertical
    return distances


def _longest(most: int, holds: Callable[[int], bool]) -> int:
    """The greatest n up to `most` of which it holds; it holds of all smaller ones."""
    return bisect.bisect_right(range(1, most + 1), 0, key=lambda n: 0 if holds(n) else 1)
