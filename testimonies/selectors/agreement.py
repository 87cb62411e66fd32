"""How far coders agree on the codes of one codebook version (docs/adr/0027).

Only testimonies whose assignments of that version are all submitted count, and none that the caller codes and has not
submitted. A coder who submitted and did not apply a code says that it is absent, as who coded it absent in so many words
does; a coder who was never assigned says nothing, which is missing and no absence. Uncertain is a value of its own.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, OuterRef, QuerySet, TextChoices

from testimonies.access import Actor
from testimonies.analysis import agreement
from testimonies.analysis.agreement import Answer, Interval, Level, Pattern, Percent, Units
from testimonies.errors import InvalidParameter, InvalidParameters
from testimonies.models import Assignment, Code, Codebook, Coding
from testimonies.models.assignments import is_blind
from testimonies.models.codings import Presence
from testimonies.models.testimonies import Status

Values = dict[int, Hashable]
"""What each coder said of one subject, a code or a dimension, on one testimony."""
Said = Mapping[Hashable, Mapping[UUID, Values]]
"""By subject and testimony."""
Pair = tuple[int, int]


class Measure(TextChoices):
    PRESENCE = "presence", "whether the code is absent, uncertain or present"
    CHOICE = (
        "choice",
        "which codes of a dimension are present, as one choice: for dimensions of which one code is picked",
    )
    SALIENCE = "salience", "how much weight it has, among those who found it"
    GRADE = "grade", "its grade, among those who gave one"


class Scope(TextChoices):
    CODE = "code", "one code: its units are testimonies"
    DIMENSION = "dimension", "all codes of a dimension: its units are pairs of testimony and code"
    OVERALL = "overall", "all codes: its units are pairs of testimony and code"


PRESENCES = (Presence.ABSENT.value, Presence.UNCERTAIN.value, Presence.PRESENT.value)
"""In order, so that of several codings the last one counts: found anywhere is found."""
LEVELS = {
    Measure.PRESENCE: (Level.NOMINAL,),
    Measure.CHOICE: (Level.NOMINAL,),
    Measure.SALIENCE: (Level.ORDINAL, Level.NOMINAL, Level.INTERVAL, Level.RATIO),
    Measure.GRADE: (Level.INTERVAL, Level.NOMINAL, Level.ORDINAL, Level.RATIO),
}
"""The levels of measurement that each may be taken for, the usual one first."""
SILENCE: dict[Measure, Hashable] = {Measure.PRESENCE: Presence.ABSENT.value, Measure.CHOICE: ()}
"""What a coder says who submitted and did not apply a code: absent, none of them; of a grade, nothing at all."""


@dataclass(frozen=True, slots=True)
class Question:
    codebook: Codebook
    measure: Measure = Measure.PRESENCE
    level: Level = Level.NOMINAL
    seed: int = 0
    dimension: str = ""
    """Slug of the only one to look at; empty for all."""
    after: dt.date | None = None
    before: dt.date | None = None
    """Days (UTC) between which, both included, the last assignment of a testimony was submitted."""


@dataclass(frozen=True, slots=True)
class PairAnswer:
    """Cohen's kappa of two coders, on the units that both coded."""

    coder: str
    other: str
    n_units: int
    n_agreeing: int
    kappa: Answer


@dataclass(frozen=True, slots=True)
class Row:
    """Agreement on a code, a dimension, or all."""

    scope: Scope
    slug: str
    label: str
    dimension: str
    code_id: UUID | None
    n_units: int
    n_coders: int
    alpha: Answer
    interval: Interval
    percent: Percent
    pairs: list[PairAnswer]
    mean_alpha: float | None = None
    """Of a dimension or of all: the mean of the alphas of those codes that have one."""


@dataclass(frozen=True, slots=True)
class Agreement:
    question: Question
    n_testimonies: int
    n_waiting: int
    coders: list[str]
    rows: list[Row]


def question(given: Mapping[str, Any], *, by: Actor) -> Question:
    """From the parameters as they were read. Errors: InvalidParameters."""
    errors = []
    slug, _, edition = given["codebook"].partition("@")
    codebook = Codebook.objects.filter(slug=slug, edition=edition, tier__lte=by.tier).first()
    if codebook is None:
        detail = "There is no such codebook version. Write slug@version; /api/v1/codebooks/ lists them."
        errors.append(InvalidParameter("codebook", "unknown_value", detail))
    measure = Measure(given.get("measure", Measure.PRESENCE))
    level = Level(given.get("level", LEVELS[measure][0]))
    if level not in LEVELS[measure]:
        detail = f"The level of {measure} is {LEVELS[measure][0]}."
        errors.append(InvalidParameter("level", "unknown_value", detail))
    if errors or codebook is None:
        raise InvalidParameters(errors)
    return Question(
        codebook,
        measure,
        level,
        seed=given.get("seed", 0),
        dimension=given.get("dimension", ""),
        after=given.get("submitted_after"),
        before=given.get("submitted_before"),
    )


def counted(actor: Actor) -> QuerySet[Assignment]:
    """The assignments that count: all of the same testimony and codebook version are submitted, the caller is not blind
    there, and the testimony was not withdrawn."""
    open_ = Assignment.objects.unsubmitted().filter(testimony=OuterRef("testimony"), codebook=OuterRef("codebook"))
    found = Assignment.objects.filter(~Exists(open_), ~is_blind(actor))
    return found.exclude(testimony__status=Status.WITHDRAWN)


def measure(question: Question, *, by: Actor) -> Agreement:
    """Five statements, however many testimonies there are."""
    coders = _coders(question, by)
    who = {coder for of_one in coders.values() for coder in of_one}
    names = dict(get_user_model().objects.filter(pk__in=who).values_list("pk", "username"))
    codes = Code.objects.filter(codebook=question.codebook, is_assignable=True).order_by("position", "slug")
    if question.dimension:
        codes = codes.filter(dimension=question.dimension)
    table = _Table(question, coders, names, _said(question, by))
    if question.level is Level.RATIO and any(point < 0 for point in table.points):  # type: ignore[operator]
        detail = "A ratio scale has no values below 0, and some grades are. Take the level interval."
        raise InvalidParameters([InvalidParameter("level", "below_zero", detail)])
    rows = list(_rows(table, list(codes)))
    waiting = Assignment.objects.unsubmitted().filter(codebook=question.codebook)
    n_waiting = waiting.exclude(testimony__status=Status.WITHDRAWN).aggregate(n=Count("testimony", distinct=True))["n"]
    return Agreement(question, len(coders), n_waiting, sorted(names.values()), rows)


def _coders(question: Question, by: Actor) -> dict[UUID, tuple[int, ...]]:
    """Who coded each testimony that counts."""
    coders: dict[UUID, list[int]] = defaultdict(list)
    last: dict[UUID, dt.date] = {}
    assignments = counted(by).filter(codebook=question.codebook).order_by("coder")
    for testimony, coder, submitted_at in assignments.values_list("testimony", "coder", "submitted_at"):
        coders[testimony].append(coder)
        day = submitted_at.date() if submitted_at else dt.date.min  # what counts was submitted; moments come in UTC
        last[testimony] = max(day, last.get(testimony, day))
    after, before = question.after or dt.date.min, question.before or dt.date.max
    return {testimony: tuple(who) for testimony, who in coders.items() if after <= last[testimony] <= before}


def _rows(table: "_Table", codes: Sequence[Code]) -> Iterator[Row]:
    """Codes in the codebook's order, then dimensions, then all; of choices, dimensions only."""
    by_dimension: dict[str, list[Code]] = defaultdict(list)
    for code in codes:
        by_dimension[code.dimension].append(code)
    if table.question.measure is Measure.CHOICE:
        yield from (table.row(Scope.DIMENSION, [slug], slug=slug, dimension=slug) for slug in by_dimension)
        return
    alphas: dict[Hashable, float | None] = {}
    for code in codes:
        row = table.row(
            Scope.CODE, [code.pk], slug=code.slug, label=code.label, dimension=code.dimension, code_id=code.pk
        )
        alphas[code.pk] = row.alpha.value
        yield row
    for slug, members in by_dimension.items():
        yield table.row(Scope.DIMENSION, [code.pk for code in members], slug=slug, dimension=slug, alphas=alphas)
    if not table.question.dimension:
        yield table.row(Scope.OVERALL, [code.pk for code in codes], alphas=alphas)


def _said(question: Question, by: Actor) -> Said:
    """What each coder said in so many words; of several codings with one code the greatest value counts."""
    codings = Coding.objects.filter(assignment__in=counted(by).filter(codebook=question.codebook).values("pk"))
    said: dict[Hashable, dict[UUID, Values]] = defaultdict(lambda: defaultdict(dict))
    match question.measure:
        case Measure.PRESENCE:
            for code, testimony, coder, presence in _values(codings, "code", "presence"):
                values = said[code][testimony]
                values[coder] = max(presence, values.get(coder, presence), key=PRESENCES.index)
        case Measure.CHOICE:
            present = codings.filter(presence=Presence.PRESENT)
            for dimension, testimony, coder, slug in _values(present, "code__dimension", "code__slug"):
                values = said[dimension][testimony]
                values[coder] = tuple(sorted({*values.get(coder, ()), slug}))  # type: ignore[misc]
        case Measure.SALIENCE | Measure.GRADE:
            graded = codings.filter(presence=Presence.PRESENT, **{f"{question.measure}__isnull": False})
            for code, testimony, coder, number in _values(graded, "code", question.measure.value):
                values = said[code][testimony]
                values[coder] = max(number, values.get(coder, number))
    return said


def _values(codings: QuerySet[Coding], subject: str, value: str) -> Iterator[tuple[Any, UUID, int, Any]]:
    return iter(codings.values_list(subject, "testimony", "assignment__coder", value))


@dataclass(slots=True)
class _Table:
    """All values of a question, as few as they are: what was never coded is counted, not kept."""

    question: Question
    coders: Mapping[UUID, tuple[int, ...]]
    names: Mapping[int, str]
    said: Said
    points: tuple[Hashable, ...] = ()
    silence: Hashable = None
    sizes: Counter[int] = field(default_factory=Counter)
    """How many testimonies have so many coders."""
    together: Counter[Pair] = field(default_factory=Counter)
    """How many testimonies two coders both coded."""

    def __post_init__(self) -> None:
        self.silence = SILENCE.get(self.question.measure)
        met = {value for of_one in self.said.values() for values in of_one.values() for value in values.values()}
        if self.silence is not None:
            met.add(self.silence)
        self.points = tuple(sorted(met))  # type: ignore[type-var]
        for who in self.coders.values():
            self.sizes[len(who)] += 1
            self.together.update(combinations(who, 2))

    def row(
        self,
        scope: Scope,
        subjects: Sequence[Hashable],
        *,
        slug: str = "",
        label: str = "",
        dimension: str = "",
        code_id: UUID | None = None,
        alphas: Mapping[Hashable, float | None] | None = None,
    ) -> Row:
        units, level = self._units(subjects), self.question.level
        known = [value for one in subjects if (value := (alphas or {}).get(one)) is not None]
        return Row(
            scope=scope,
            slug=slug,
            label=label,
            dimension=dimension,
            code_id=code_id,
            n_units=units.n_units,
            n_coders=units.n_coders,
            alpha=agreement.alpha(units, level),
            interval=agreement.interval(units, level, seed=self.question.seed),
            percent=agreement.percent(units),
            pairs=list(self._pairs(subjects)) if level is Level.NOMINAL else [],
            mean_alpha=sum(known) / len(known) if known else None,
        )

    def _units(self, subjects: Sequence[Hashable]) -> Units:
        """One block a testimony, since the codes of one are not independent of each other."""
        coded: dict[UUID, Counter[Pattern]] = defaultdict(Counter)
        speaking: set[int] = set()
        for subject in subjects:
            for testimony, values in self._of(subject):
                coded[testimony][self._pattern(self.coders[testimony], values)] += 1
                speaking |= values.keys()
        silent: Counter[int] = Counter(self.sizes)
        blocks: Counter[tuple[tuple[Pattern, int], ...]] = Counter()
        for testimony, patterns in coded.items():
            size = len(self.coders[testimony])
            silent[size] -= 1
            if rest := len(subjects) - patterns.total():
                patterns[self._pattern(self.coders[testimony], {})] += rest
            blocks[tuple(sorted(patterns.items()))] += 1
        for size, times in silent.items():
            if times:
                blocks[(self._pattern(range(size), {}), len(subjects)),] += times
        n_coders = len(speaking if self.silence is None else self.names)
        return Units.blocked(blocks, self.points, n_coders=n_coders)

    def _of(self, subject: Hashable) -> Iterator[tuple[UUID, Values]]:
        """What was said of it on the testimonies of the period."""
        said = self.said.get(subject, {})
        return ((testimony, values) for testimony, values in said.items() if testimony in self.coders)

    def _pattern(self, who: Iterable[int], values: Values) -> Pattern:
        found = Counter(values.get(coder, self.silence) for coder in who)
        return tuple(found[point] for point in self.points)

    def _pairs(self, subjects: Sequence[Hashable]) -> Iterator[PairAnswer]:
        """Only what was said is walked; the rest of each pair's units are those that both left out."""
        cells: dict[Pair, Counter[tuple[Hashable, Hashable]]] = defaultdict(Counter)
        for subject in subjects:
            for testimony, values in self._of(subject):
                for pair in combinations(self.coders[testimony], 2):
                    one, other = (values.get(coder, self.silence) for coder in pair)
                    if one is not None and other is not None:
                        cells[pair][one, other] += 1
        for pair, times in sorted(self.together.items(), key=lambda item: [self.names[coder] for coder in item[0]]):
            found = cells[pair]
            if self.silence is not None:
                found[self.silence, self.silence] += times * len(subjects) - found.total()
            table = [[found[one, other] for other in self.points] for one in self.points]
            yield PairAnswer(
                coder=self.names[pair[0]],
                other=self.names[pair[1]],
                n_units=found.total(),
                n_agreeing=sum(times for (one, other), times in found.items() if one == other),
                kappa=agreement.kappa(table),
            )
