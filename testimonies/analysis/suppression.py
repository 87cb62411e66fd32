"""Which cells of a closed collection's tables are told, so that no small one can be computed from all of them together.

Pure and quick. Why this suffices is argued in docs/adr/0035.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

Row = TypeVar("Row")

THRESHOLD = 5
"""Testimonies in the smallest cell that is told. Zero is small too: that nobody is in a cell tells of everybody."""


def line(counts: Mapping[Row, int], order: Sequence[Row], *, threshold: int = THRESHOLD) -> set[Row]:
    """What is told of a breakdown whose total is told. All the others are one lump, told by the total alone.

    Shape   `counts` of every value that there may be, zeros included. `order` says which give way first, whatever their
            counts: a choice by size would tell sizes.
    Returns the values whose counts are told: all of them, if none is small but zero.
    """
    small = {value for value, count in counts.items() if count < threshold}
    if not any(counts[value] for value in small):
        return set(counts)
    given_way: set[Row] = set()
    for value in [None, *(value for value in order if value not in small)]:
        if value is not None:
            given_way.add(value)
        lump = sum(counts[hidden] for hidden in small | given_way)
        if _hides(lump, len(small), len(given_way), threshold):
            break
    return counts.keys() - small - given_way


def _hides(lump: int, n_small: int, n_given_way: int, threshold: int) -> bool:
    """Whether every number from 1 to below the threshold fits each small cell, even for somebody who knows which are small."""
    if n_given_way:
        return lump >= n_given_way * threshold + threshold - 1
    return lump >= threshold and lump <= (n_small - 1) * (threshold - 1)


def is_told(cells: Iterable[int], *, threshold: int = THRESHOLD) -> bool:
    """Whether a cross table is told whose margins are, none of them small: as a whole, or not at all.

    Shape   The cells of all rows and columns that the margins tell, zeros and lumps included.

    To hide some columns only would be of no use: who knows the rule learns of each hidden one that it has a small cell,
    and can at times solve it (tests/analysis/test_suppression.py keeps the example).
    """
    return all(count >= threshold for count in cells)
