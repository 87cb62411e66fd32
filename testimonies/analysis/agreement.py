"""How far coders agree: Krippendorff's alpha with an interval, percent agreement, Cohen's kappa.

Terms   unit: what several coders judged once, such as one code of one testimony. A coder's value may be missing.
        pairable: of a unit, that at least two coders gave it a value. Others say nothing about agreement and are left out.
        pattern: how often each value was given to a unit. Units of one pattern are counted, not kept.
        block: units that stand or fall together, such as all codes of one testimony; what the bootstrap draws.

Nothing here raises or answers NaN because of what the data are: an `Answer` without a value has a reason.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
else:

    class _Numpy:
        """Read into memory when something is computed: sixteen megabytes that most workers never need."""

        def __getattr__(self, name: str) -> Any:
            return getattr(importlib.import_module("numpy"), name)

    np = _Numpy()

Pattern = tuple[int, ...]

DRAWS = 1_000
CONFIDENCE = 0.95
FEWEST_BLOCKS = 10
"""An interval from fewer resampled blocks would look narrower than it is."""
MOST_WITHOUT_VARIATION = 0.05
"""Share of draws that may lack variation; about three units must vary for that."""
CELLS = 2_000_000
"""Numbers held at once while drawing: bounds memory whatever the data."""


class Level(StrEnum):
    """Level of measurement: how unlike two different values are."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


class Reason(StrEnum):
    """Why there is no number."""

    NO_UNITS = "no_units"
    FEWER_THAN_TWO_CODERS = "fewer_than_two_coders"
    NO_PAIRABLE_UNITS = "no_pairable_units"
    NO_VARIATION = "no_variation"
    FEWER_THAN_TEN_UNITS = "fewer_than_ten_units"
    TOO_LITTLE_VARIATION = "too_little_variation"


class Status(StrEnum):
    VALUE = "value"
    UNDEFINED = "undefined"
    TOO_FEW = "too_few"


UNDEFINED = frozenset([Reason.NO_VARIATION, Reason.TOO_LITTLE_VARIATION])


def status(reason: Reason | None) -> Status:
    """`undefined`: more data of the same kind would not help. `too_few`: more coders or units would."""
    if reason is None:
        return Status.VALUE
    return Status.UNDEFINED if reason in UNDEFINED else Status.TOO_FEW


@dataclass(frozen=True, slots=True)
class Answer:
    """A number, or the reason why there is none."""

    value: float | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """`draws` is how many resamples had variation and were used."""

    low: float | None = None
    high: float | None = None
    draws: int = 0
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Percent:
    """`pooled`: agreeing pairs of coders over all pairs. `mean`: mean over units of the unit's share of agreeing pairs."""

    agreeing: int
    pairs: int
    pooled: Answer
    mean: Answer


@dataclass(frozen=True)
class Units:
    """Pairable units by pattern, in blocks.

    points  the values: numbers for interval and ratio, in order for ordinal, anything for nominal
    counts  patterns × values: how often the pattern has the value
    blocks  kinds of block × patterns: how often the pattern is in such a block; None where each unit is its own block
    times   how many blocks there are of each kind (without blocks: how many units of each pattern)
    lack    why there is nothing to compare, if so
    """

    points: tuple[Hashable, ...]
    counts: Floats
    blocks: Floats | None
    times: NDArray[np.int64]
    n_coders: int
    lack: Reason | None

    @classmethod
    def of(cls, rows: Sequence[Sequence[Hashable | None]], points: Sequence[Hashable] | None = None) -> Self:
        """From one row per coder and one column per unit; None is missing. Without `points`, values are sorted."""
        if points is None:
            met = {value for row in rows for value in row if value is not None}
            points = sorted(met, key=lambda value: value if isinstance(value, (int, float)) else str(value))
        place = {point: number for number, point in enumerate(points)}
        patterns: Counter[Pattern] = Counter()
        for column in zip(*rows, strict=True):
            pattern = [0] * len(place)
            for value in column:
                if value is not None:
                    pattern[place[value]] += 1
            patterns[tuple(pattern)] += 1
        return cls.counted(patterns, points, n_coders=sum(any(value is not None for value in row) for row in rows))

    @classmethod
    def counted(cls, patterns: Mapping[Pattern, int], points: Sequence[Hashable], *, n_coders: int) -> Self:
        """From patterns and how many units have each; every unit is a block of its own."""
        pairable = sorted(pattern for pattern, times in patterns.items() if sum(pattern) > 1 and times)
        return cls(
            points=tuple(points),
            counts=_rows(pairable, len(points)),
            blocks=None,
            times=np.array([patterns[pattern] for pattern in pairable], dtype=np.int64),
            n_coders=n_coders,
            lack=_lack(patterns, n_coders),
        )

    @classmethod
    def blocked(
        cls, blocks: Mapping[tuple[tuple[Pattern, int], ...], int], points: Sequence[Hashable], *, n_coders: int
    ) -> Self:
        """From blocks, each the patterns of its units with how many units have each, and how many such blocks there are."""
        patterns = {pattern for block in blocks for pattern, _ in block}
        pairable = sorted(pattern for pattern in patterns if sum(pattern) > 1)
        place = {pattern: number for number, pattern in enumerate(pairable)}
        kinds: Counter[tuple[tuple[int, int], ...]] = Counter()
        for block, times in blocks.items():
            if kind := tuple(sorted((place[pattern], many) for pattern, many in block if pattern in place)):
                kinds[kind] += times
        if all(sum(many for _, many in kind) == 1 for kind in kinds):
            return cls.counted(
                dict.fromkeys(patterns, 0) | {pairable[kind[0][0]]: times for kind, times in kinds.items()},
                points,
                n_coders=n_coders,
            )
        matrix = np.zeros((len(kinds), len(pairable)))
        for number, kind in enumerate(kinds):
            for column, many in kind:
                matrix[number, column] += many
        return cls(
            points=tuple(points),
            counts=_rows(pairable, len(points)),
            blocks=matrix,
            times=np.array(list(kinds.values()), dtype=np.int64),
            n_coders=n_coders,
            lack=_lack(patterns, n_coders),
        )

    @property
    def many(self) -> Floats:
        """How many units have each pattern."""
        return self.patterns(self.times.astype(float))

    @property
    def n_units(self) -> int:
        """How many units are pairable."""
        return int(self.many.sum())

    def patterns(self, blocks: Floats) -> Floats:
        """How many units have each pattern among so many blocks of each kind; one row for each row given."""
        return blocks if self.blocks is None else np.asarray(blocks @ self.blocks)


def _rows(patterns: Sequence[Pattern], n_points: int) -> Floats:
    return np.array(patterns, dtype=float).reshape(len(patterns), n_points)


def _lack(patterns: Iterable[Pattern], n_coders: int) -> Reason | None:
    most = max((sum(pattern) for pattern in patterns), default=0)
    if most == 0:
        return Reason.NO_UNITS
    if n_coders < 2:
        return Reason.FEWER_THAN_TWO_CODERS
    return Reason.NO_PAIRABLE_UNITS if most == 1 else None


def alpha(units: Units, level: Level = Level.NOMINAL) -> Answer:
    """Krippendorff's alpha, 1 - Do / De over pairable values (Krippendorff 2011, Computing Krippendorff's
    Alpha-Reliability). Where nothing varies, De is 0 and alpha is undefined: neither 1 nor 0."""
    if units.lack:
        return Answer(reason=units.lack)
    value = float(_alphas(units, level, units.times[np.newaxis, :].astype(float))[0])
    return Answer(reason=Reason.NO_VARIATION) if np.isnan(value) else Answer(value)


def interval(units: Units, level: Level = Level.NOMINAL, *, draws: int = DRAWS, seed: int = 0) -> Interval:
    """95 % percentile bootstrap interval of alpha: whole blocks are drawn with replacement, alpha is computed anew from each
    draw, expected disagreement included, and the 2.5th and 97.5th percentiles are taken.

    Source: Efron and Tibshirani 1993, chapter 13; for alpha, Zapf, Castell, Morawietz and Karch 2016, BMC Medical Research
    Methodology 16:93. Krippendorff's own algorithm (2006) draws pairs of values and holds De fixed: it takes the pairs of
    one unit for independent, which they are not. Blocks of one kind are drawn together, by a multinomial, so the same
    seed and the same data give the same interval, in memory that does not grow with the number of draws.
    """
    answer = alpha(units, level)
    if answer.reason:
        return Interval(reason=answer.reason)
    n_blocks = int(units.times.sum())
    if n_blocks < FEWEST_BLOCKS:
        return Interval(reason=Reason.FEWER_THAN_TEN_UNITS)
    random = np.random.default_rng(seed)
    step = max(1, CELLS // max(len(units.times), len(units.counts)))
    found = np.concatenate([
        _alphas(units, level, _drawn(random, units.times, min(step, draws - done)))
        for done in range(0, draws, step)
    ])  # fmt: skip
    found = found[~np.isnan(found)]
    if len(found) < draws * (1 - MOST_WITHOUT_VARIATION):
        return Interval(draws=len(found), reason=Reason.TOO_LITTLE_VARIATION)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(found, [tail, 1 - tail])
    return Interval(float(low), float(high), len(found))


def percent(units: Units) -> Percent:
    """Percent agreement by both usual definitions; a share from 0 to 1."""
    sizes = units.counts.sum(axis=1)
    pairs = sizes * (sizes - 1) / 2
    agreeing = (units.counts * (units.counts - 1)).sum(axis=1) / 2
    total, agreed = int(units.many @ pairs), int(units.many @ agreeing)
    if units.lack:
        return Percent(agreed, total, Answer(reason=units.lack), Answer(reason=units.lack))
    mean = float(units.many @ (agreeing / pairs)) / units.n_units
    return Percent(agreed, total, Answer(agreed / total), Answer(mean))


def kappa(table: Sequence[Sequence[int]]) -> Answer:
    """Cohen's kappa (1960) of two coders, unweighted: chance from each coder's own distribution.
    `table[a][b]` is how many units the first gave value a and the second value b; only units that both coded."""
    cells = np.array(table, dtype=float)
    n = cells.sum()
    if not n:
        return Answer(reason=Reason.NO_PAIRABLE_UNITS)
    by_chance = float(cells.sum(axis=1) @ cells.sum(axis=0))
    if by_chance == n * n:
        return Answer(reason=Reason.NO_VARIATION)
    return Answer(float((n * np.trace(cells) - by_chance) / (n * n - by_chance)))


def crossed(one: Iterable[Hashable | None], other: Iterable[Hashable | None]) -> list[list[int]]:
    """The table of two coders' values for `kappa`; units that either did not code are left out."""
    both = Counter((a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None)
    values = list(dict.fromkeys(value for pair in both for value in pair))
    return [[both[a, b] for b in values] for a in values]


def _drawn(random: np.random.Generator, times: NDArray[np.int64], draws: int) -> Floats:
    """Draws × kinds of block: how often each kind is in a resample of as many blocks as there are."""
    n = int(times.sum())
    return random.multinomial(n, times / n, size=draws).astype(float)


def _alphas(units: Units, level: Level, weights: Floats) -> Floats:
    """Alpha of each row of `weights` (rows × kinds of block); NaN where a row has only one value."""
    many = units.patterns(weights)
    totals = many @ units.counts
    n = totals.sum(axis=1)
    points = _points(units, level, totals)
    inside = _unlike(units.counts, points, level) / (units.counts.sum(axis=1) - 1)
    observed = many @ inside if inside.ndim == 1 else (many * inside).sum(axis=1)
    expected = _unlike(totals, points, level, paired=True)
    alphas = np.full(len(weights), np.nan)
    varies = (totals > 0).sum(axis=1) > 1
    alphas[varies] = 1 - (n[varies] - 1) * observed[varies] / expected[varies]
    return alphas


def _points(units: Units, level: Level, totals: Floats) -> Floats:
    """Where the values lie on a line, around 0: the same for all rows, or for ordinal one row each, since the distance of
    two ranks is the number of values from the middle of one to the middle of the other."""
    if level is Level.NOMINAL:
        return np.zeros(len(units.points))
    if level is Level.ORDINAL:
        return np.asarray(totals.cumsum(axis=1) - (totals + totals.sum(axis=1, keepdims=True)) / 2)
    points = np.array(units.points, dtype=float)
    if level is Level.RATIO and (points < 0).any():
        raise ValueError("A ratio scale has no values below 0.")
    return points - points.mean() if level is Level.INTERVAL else points


def _unlike(counts: Floats, points: Floats, level: Level, *, paired: bool = False) -> Floats:
    """The sum of squared differences over all ordered pairs of values of each row of `counts`.
    With a row of points for each draw, the answer is draws × rows, or draws if counts are `paired` with them."""
    if level is Level.NOMINAL:
        return np.asarray(counts.sum(axis=1) ** 2 - (counts**2).sum(axis=1))
    if level is Level.RATIO:
        apart, joined = np.subtract.outer(points, points), np.add.outer(points, points)
        squares = np.divide(apart, joined, out=np.zeros_like(apart), where=joined != 0) ** 2
        return np.asarray(((counts @ squares) * counts).sum(axis=1))
    if points.ndim == 1:
        return np.asarray(2 * (counts.sum(axis=1) * (counts @ points**2) - (counts @ points) ** 2))
    if paired:
        return np.asarray(
            2 * (counts.sum(axis=1) * (counts * points**2).sum(axis=1) - (counts * points).sum(axis=1) ** 2)
        )
    return np.asarray(2 * (counts.sum(axis=1) * (points**2 @ counts.T) - (points @ counts.T) ** 2))
