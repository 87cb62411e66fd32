"""What is told of a closed collection, against somebody who knows the rule itself and tries every collection that there could be."""

import itertools
from collections import defaultdict

import pytest

from testimonies.analysis import suppression
from testimonies.analysis.suppression import is_told, line


def fitting(worlds, answer):
    """Of each number of a world: what it could be, for whoever has its answer. `answer` gives None for what is not told."""
    groups = defaultdict(list)
    for world in worlds:
        groups[answer(world)].append(world)
    for said, alike in groups.items():
        for place, told in enumerate(said[-1]):
            if told is None:
                yield said, {world[place] for world in alike}


def lines(n_values, threshold, limit):
    """All lines of so many values with a total from twice the threshold to a limit."""
    worlds = itertools.product(range(limit + 1), repeat=n_values)
    return (world for world in worlds if 2 * threshold <= sum(world) <= limit)


def answer_of_a_line(threshold):
    def answer(world):
        told = line(dict(enumerate(world)), range(len(world)), threshold=threshold)
        return sum(world), tuple(count if number in told else None for number, count in enumerate(world))

    return answer


@pytest.mark.parametrize(("n_values", "threshold", "limit"), [(2, 3, 18), (3, 3, 18), (3, 4, 20), (4, 3, 15)])
def test_who_knows_the_rule_solves_no_value_of_a_line(n_values, threshold, limit):
    found = list(fitting(lines(n_values, threshold, limit), answer_of_a_line(threshold)))
    assert len(found) > 20
    assert min(len(numbers) for _, numbers in found) >= threshold - 1


def without_a_second(counts, order, *, threshold):
    """The weakness: small values are hidden, and nothing with them."""
    return {value for value, count in counts.items() if count >= threshold}


def test_hiding_small_values_alone_would_not_do(monkeypatch):
    monkeypatch.setitem(globals(), "line", without_a_second)
    found = fitting(lines(3, 3, 15), answer_of_a_line(3))
    assert any(len(numbers) == 1 for _, numbers in found)


def tables(n_columns, threshold, limit):
    """All tables of two rows, the margins of which are none of them small."""
    for world in itertools.product(range(limit + 1), repeat=2 * n_columns):
        columns = [world[number] + world[number + n_columns] for number in range(n_columns)]
        if threshold <= min(*columns, sum(world[:n_columns]), sum(world[n_columns:])) and max(columns) <= limit:
            yield world


def answer_of_a_table(threshold, told=is_told):
    def answer(world):
        half = len(world) // 2
        columns = tuple(world[number] + world[number + half] for number in range(half))
        shown = world if told(world, threshold=threshold) else (None,) * len(world)
        return sum(world[:half]), columns, shown

    return answer


@pytest.mark.parametrize(("n_columns", "threshold", "limit"), [(2, 2, 9), (2, 3, 12), (3, 2, 6)])
def test_who_knows_the_rule_solves_no_cell_of_a_table(n_columns, threshold, limit):
    found = list(fitting(tables(n_columns, threshold, limit), answer_of_a_table(threshold)))
    assert len(found) > 100
    assert min(len(numbers) for _, numbers in found) > threshold


def told_by_columns(world, *, threshold):
    """The weakness: columns without a small cell are told, and one more is hidden beside a single one that has any."""
    half = len(world) // 2
    small = [number for number in range(half) if min(world[number], world[number + half]) < threshold]
    hidden = {*small, *([number for number in range(half) if number not in small][:1] if len(small) == 1 else [])}
    return tuple(None if place % half in hidden else count for place, count in enumerate(world))


def test_hiding_columns_would_not_do():
    def answer(world):
        half = len(world) // 2
        columns = tuple(world[number] + world[number + half] for number in range(half))
        return sum(world[:half]), columns, told_by_columns(world, threshold=2)

    solved = [said for said, numbers in fitting(tables(3, 2, 6), answer) if len(numbers) == 1]
    assert solved


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([30, 20, 10], {0, 1, 2}),
        ([30, 20, 0], {0, 1, 2}),  # nobody is in the last: nothing is small but zero
        ([30, 20, 3], {1}),  # beside a small one the first gives way, whatever its size
        ([30, 20, 4, 1], {1}),
        ([30, 3, 3, 2], {0}),  # eight in three, of which each may be from 1 to 4
        ([30, 4, 4, 4], set()),  # twelve in three small ones would be four each
        ([30, 20, 4, 4], {1}),  # eight in two small ones would be four and four
        ([7, 3], set()),
    ],
)
def test_lines_by_hand(counts, told):
    assert line(dict(enumerate(counts)), range(len(counts))) == told


def test_the_threshold_is_five():
    assert suppression.THRESHOLD == 5
    assert is_told([5, 5, 5, 5])
    assert not is_told([5, 4, 5, 5])
    assert not is_told([5, 0, 5, 5])
