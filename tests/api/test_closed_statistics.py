"""Statistics of a collection whose records are not listed: against somebody who asks for everything and solves for the rest.

The attacker knows every answer that one caller can get, and the rule. Linear programming (HiGHS) says between which bounds
each suppressed number must lie, given all of them together. All records are invented.
"""

import itertools
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from testimonies import models
from testimonies.access import Role, Tier
from testimonies.analysis import suppression
from testimonies.selectors import breakdowns, statistics
from testimonies.selectors.breakdowns import ALL, OTHERS, Key, Place
from tests import factories as make
from tests.api.answers import errors, everything

URL = "/api/v1/statistics/"
THRESHOLD, BATCH = suppression.THRESHOLD, statistics.BATCH
NAMES = [name for name, one in breakdowns.BREAKDOWNS.items() if one.is_for_closed]
TABLES = [[], *([name] for name in NAMES), *(["gender", name] for name in NAMES if name != "gender")]
"""Every question about a closed collection, but for the order of its breakdowns."""


# --- The attacker -------------------------------------------------------------------------------------------------------


def solved(answers, words, people):
    """Suppressed numbers that have fewer solutions than promised, by the bounds of linear programming.

    answers  {(name, …): [(keys, count or None), …]}, as the caller gets them, margins included.
    words    {name: every key that there may be}, which the caller knows.
    people   As they are: [{name: key}, …]. The unknowns are how many there are of each kind; the truth is one solution.
    """
    for names, cells in answers.items():
        told = [(keys, count) for keys, count in cells if count is not None and OTHERS not in keys]
        axes = [words[name] for name in names]
        kinds = list(itertools.product(*axes))
        matrix, totals = [], []
        for keys, count in told + _margins(names, answers):
            matrix.append([all(asked in (ALL, key) for asked, key in zip(keys, kind, strict=True)) for kind in kinds])
            totals.append(count)
        for place in {keys for keys in _questions(axes)}:
            if any(keys == place for keys, _ in told):
                continue
            goal = np.array(
                [all(a in (ALL, k) for a, k in zip(place, kind, strict=True)) for kind in kinds], dtype=float
            )
            low, high = (
                sign * linprog(sign * goal, A_eq=np.array(matrix, dtype=float), b_eq=totals, bounds=(0, None)).fun
                for sign in (1, -1)
            )
            truth = sum(all(a in (ALL, p[n]) for a, n in zip(place, names, strict=True)) for p in people)
            assert low - 1e-6 <= truth <= high + 1e-6, "the truth is a solution"
            if high - low < THRESHOLD - 1:
                yield names, place, low, high


def _margins(names, answers):
    """What the tables of one breakdown tell of the margins of a table of two."""
    if len(names) < 2:
        return []
    return [
        (tuple(key if number == place else ALL for place in range(len(names))), count)
        for number, name in enumerate(names)
        for (key,), count in answers[name,]
        if count is not None and key not in {ALL, OTHERS}
    ]


def _questions(axes):
    """Every cell and every margin of a table, but for its total."""
    return (keys for keys in itertools.product(*([ALL, *axis] for axis in axes)) if set(keys) != {ALL})


# --- By the selector: very many collections -----------------------------------------------------------------------------

GENDERS = [Key(Place.VALUE, word) for word in models.persons.Gender.values]
GROUPS = [Key(Place.VALUE, word) for word in "abc"] + [Key(Place.NOT_STATED)]


def answers_of(people, monkeypatch):
    """All answers about people of a gender and a group, through the function that makes them of counts."""
    found = {}
    for names in ([], ["gender"], ["group"], ["gender", "group"]):
        counts = {}
        for one in people[: len(people) - len(people) % BATCH]:
            keys = tuple(one[name] for name in names)
            counts[keys] = counts.get(keys, 0) + 1
        by = [breakdowns.BREAKDOWNS[name] for name in names]
        total = [((ALL,) * len(by), sum(counts.values()) or None)]
        found[tuple(names)] = total + [(cell.keys, cell.count) for cell in statistics._told(by, counts)]
    return found


def collection_of(numbers):
    kinds = itertools.product(GENDERS, GROUPS)
    people = [
        {"gender": gender, "group": group}
        for (gender, group), number in zip(kinds, numbers, strict=True)
        for _ in range(number)
    ]
    random.Random(1).shuffle(people)
    return people[: len(people) - len(people) % BATCH]


COLLECTIONS = st.lists(
    st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 30)), min_size=16, max_size=16
).map(collection_of).filter(len)  # fmt: skip
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@QUICK
@given(people=COLLECTIONS)
def test_nobody_solves_a_suppressed_cell(people):
    words = {"gender": GENDERS, "group": GROUPS}
    assert list(solved(answers_of(people, None), words, people)) == []


def no_second(counts, order, *, threshold=THRESHOLD):
    """Small values are hidden; nothing is hidden with them."""
    return {value for value, count in counts.items() if count >= threshold}


def every_large_cell(cells, *, threshold=THRESHOLD):
    """Cross tables are told whatever is in them."""
    return True


@pytest.mark.parametrize(("name", "weak"), [("line", no_second), ("is_told", every_large_cell)])
def test_a_planted_weakness_is_noticed(monkeypatch, name, weak):
    """Women are three of thirty: without a second hidden cell they are what is left of the total."""
    monkeypatch.setattr(suppression, name, weak)
    numbers = [2, 1, 0, 0, 20, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    people = collection_of(numbers)
    words = {"gender": GENDERS, "group": GROUPS}
    told_small = [
        count
        for cells in answers_of(people, None).values()
        for _, count in cells
        if count is not None and 0 < count < THRESHOLD
    ]
    assert told_small or list(solved(answers_of(people, None), words, people))
    monkeypatch.undo()
    assert list(solved(answers_of(people, None), words, people)) == []
