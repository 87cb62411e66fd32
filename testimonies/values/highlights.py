"""The passage of a text that shows best why it was found, in pieces: nobody has to trust or escape any markup."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from testimonies.values.folding import fold, word_spans, words

MOST_WORDS = 32
MOST_CHARACTERS = 400
_LEAD = 6
"""Words before the first match."""
_BLOCK = re.compile(r".{1,200}\S*", re.DOTALL)
"""To know where each folded character came from is slow: it is asked of that part of a text that is shown, and of no more."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """`start` is its place in the text, in code points. `pieces` joined are the text; True marks what matches."""

    start: int
    pieces: tuple[tuple[str, bool], ...]


def highlight(text: str, marked: Collection[int]) -> Highlight | None:
    """The passage with the most marked words; the earliest of several.

    Terms   marked: numbers of words, from 0, as `testimonies.values.folding.words` counts them.
    Returns None where the text has none of them.
    """
    if not marked:
        return None
    first = _densest(sorted(marked))
    spans = _spans(text, first, first + MOST_WORDS + 1)
    if not spans:
        return None
    start = spans[0][0] if first else 0
    end = min(spans[-1][0] if len(spans) > MOST_WORDS else len(text), start + MOST_CHARACTERS)
    pieces, at = [], start
    for number, (begins, ends) in enumerate(spans, start=first):
        if number in marked and at <= begins < end:  # one character may be several words: ¼ is 1 and 4
            pieces += [(text[at:begins], False), (text[begins : min(ends, end)], True)]
            at = min(ends, end)
    pieces.append((text[at:end].rstrip(), False))
    return Highlight(start, tuple(piece for piece in pieces if piece[0]))


def _densest(marked: list[int]) -> int:
    """Where a passage begins that holds the most of them."""
    best, most, last = 0, 0, 0
    for at, number in enumerate(marked):
        while last < len(marked) and marked[last] < number - _LEAD + MOST_WORDS:
            last += 1
        if last - at > most:
            best, most = number, last - at
    return max(0, best - _LEAD)


def _spans(text: str, first: int, last: int) -> list[tuple[int, int]]:
    """Where the words of the text stand that are numbered from `first` up to `last`."""
    if text.isascii():
        return word_spans(text, first, last)
    spans: list[tuple[int, int]] = []
    number = 0
    for block in _BLOCK.finditer(text):
        if number >= last:
            break
        found = len(words(fold(block[0])))
        if number + found > first:
            in_block = word_spans(block[0], max(0, first - number), last - number)
            spans += [(block.start() + begins, block.start() + ends) for begins, ends in in_block]
        number += found
    return spans
