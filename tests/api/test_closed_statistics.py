"""Statistics of a collection whose records are not listed: against somebody who asks for everything and solves for the rest.

The attacker knows every answer that one caller can get, and the rule. Linear programming (HiGHS) says between which bounds
each suppressed number must lie, given all of them together. All records are invented.
"""

import itertools
import random

import numpy as np
import pytest
from django.db import connection
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
    lines = {name: dict(answers[name,]) for name in words}
    margins = {
        name: {key: count for (key,), count in line.items() if count is not None} for name, line in lines.items()
    }
    for name, margin in margins.items():  # without a lump, whoever is not there is nobody
        margin.update({key: 0 for key in words[name] if (OTHERS,) not in lines[name] and key not in margin})

    def is_in(kind, keys, names):
        return all(
            asked == ALL or (key not in margins[name] if asked == OTHERS else asked == key)
            for asked, key, name in zip(keys, kind, names, strict=True)
        )

    for names, cells in answers.items():
        kinds = list(itertools.product(*(words[name] for name in names)))
        told = {keys: count for keys, count in cells if count is not None}
        for number, name in enumerate(names):
            told |= {_at(number, key, len(names)): count for key, count in margins[name].items()}
        matrix = np.array([[is_in(kind, keys, names) for kind in kinds] for keys in told], dtype=float)
        for place in itertools.product(*([ALL, *words[name]] for name in names)):
            is_nobody = any(margins[name].get(key) == 0 for key, name in zip(place, names, strict=True))
            if place in told or is_nobody:
                continue
            goal = np.array([is_in(kind, place, names) for kind in kinds], dtype=float)
            bounds = [linprog(sign * goal, A_eq=matrix, b_eq=list(told.values())) for sign in (1, -1)]
            low, high = bounds[0].fun, -bounds[1].fun
            truth = sum(is_in([one[name] for name in names], place, names) for one in people)
            assert low - 1e-6 <= truth <= high + 1e-6, "the truth is a solution"
            if high - low < THRESHOLD - 1e-6:
                yield names, place, low, high


def _at(number, key, n_axes):
    return tuple(key if place == number else ALL for place in range(n_axes))


# --- By the selector: very many collections -----------------------------------------------------------------------------

GENDERS = [Key(Place.VALUE, word) for word in models.persons.Gender.values]
GROUPS = [Key(Place.VALUE, word) for word in "abc"] + [Key(Place.NOT_STATED)]


def answers_of(people):
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
    assert list(solved(answers_of(people), words, people)) == []


def no_second(counts, order, *, threshold=THRESHOLD):
    """Small values are hidden; nothing is hidden with them."""
    return {value for value, count in counts.items() if count >= threshold}


def every_large_cell(cells, *, threshold=THRESHOLD):
    """Cross tables are told whatever is in them."""
    return True


WOMEN_OF_ONE_GROUP = [2, 1, 0, 0, 20, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
TWO_IN_A_CROSS_TABLE = [10, 2, 0, 0, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("name", "weak", "numbers"),
    [("line", no_second, WOMEN_OF_ONE_GROUP), ("is_told", every_large_cell, TWO_IN_A_CROSS_TABLE)],
)
def test_a_planted_weakness_is_noticed(monkeypatch, name, weak, numbers):
    """Of thirty three are women: without a second hidden cell they are what is left of the total."""
    people, words = collection_of(numbers), {"gender": GENDERS, "group": GROUPS}

    def is_weak():
        found = answers_of(people)
        small = [count for cells in found.values() for _, count in cells if count in range(1, THRESHOLD)]
        return bool(small or list(solved(found, words, people)))

    assert not is_weak()
    monkeypatch.setattr(suppression, name, weak)
    assert is_weak()


# --- By HTTP ------------------------------------------------------------------------------------------------------------


def closed_with(numbers, **values):
    """A closed collection with so many of each gender and group."""
    with make.batch():
        collection = make.make_collection(listing="closed", **values)
        groups = {key: make.make_group(slug=f"group-{key.value}") for key in GROUPS if key.value}
        for one in collection_of(numbers):
            person = make.make_person(gender=one["gender"].value, nationality="SY")
            group = groups.get(one["group"])
            membership = make.make_membership(person=person, group=group) if group else None
            make.make_testimony(person=person, membership=membership, collections=[collection], given="2016")
    return collection


def ask(client, collection, *names):
    response = client.get(URL, {"collection": collection.slug, "by": names})
    assert response.status_code == 200, response.content
    return response.json()


def cells_of(found):
    axes = [(f"{axis}_kind", axis) for axis in ("row", "column")][: len(found["by"])]
    return [
        (tuple(Key(Place(cell[kind]), cell[value].removeprefix("group-")) for kind, value in axes), cell["count"])
        for cell in found["cells"]
    ]


NUMBERS = [9, 2, 0, 0, 20, 8, 5, 3, 0, 0, 0, 0, 1, 0, 2, 0]


@pytest.mark.parametrize("numbers", [NUMBERS, WOMEN_OF_ONE_GROUP, TWO_IN_A_CROSS_TABLE])
@pytest.mark.django_db
def test_nobody_solves_what_the_service_answers(api, numbers):
    collection = closed_with(numbers)
    answers = {
        names: cells_of(ask(api, collection, *names)) for names in [(), ("gender",), ("group",), ("gender", "group")]
    }
    people = collection_of(numbers)
    assert answers[()] == [((), len(people))]
    assert list(solved(answers, {"gender": GENDERS, "group": GROUPS}, people)) == []
    counts = [count for cells in answers.values() for _, count in cells]
    assert not set(counts) & set(range(1, THRESHOLD))
    assert None in counts
    assert len(set(counts)) > 1


@pytest.mark.django_db
def test_each_cell_says_that_it_is_suppressed(api):
    found = ask(api, closed_with(WOMEN_OF_ONE_GROUP), "gender")
    assert found["is_suppressed"]
    assert {cell["row"] or cell["row_kind"]: (cell["kind"], cell["count"]) for cell in found["cells"]} == {
        "all": ("counted", 30),
        "male": ("suppressed", None),
        "female": ("suppressed", None),
        "other": ("suppressed", None),
        "not_known": ("suppressed", None),
        "others": ("suppressed", None),
    }
    assert [(one["listing"], one["n_testimonies"]) for one in found["populations"]] == [("closed", 30)]


@pytest.mark.django_db
def test_a_suppressed_value_of_an_open_list_is_not_named(api):
    """That somebody from there is in the collection would be told by the name."""
    found = ask(api, closed_with(TWO_IN_A_CROSS_TABLE), "nationality")
    assert [cell["row"] for cell in found["cells"]] == ["", "SY"]
    with make.batch():
        collection = models.Collection.objects.get()
        for _ in range(10):
            make.make_testimony(collections=[collection], person=make.make_person(nationality="SY"))
        person = make.make_person(nationality="DE")
        models.Testimony.objects.filter(pk=models.Testimony.objects.first().pk).update(person=person, membership=None)
    assert b"DE" not in api.get(URL, {"collection": collection.slug, "by": "nationality"}).content


@pytest.mark.django_db
def test_fewer_than_a_batch_are_not_counted(api):
    found = ask(api, closed_with([9] + [0] * 15), "gender")
    assert (found["kind"], found["count"]) == ("suppressed", None)
    assert {cell["count"] for cell in found["cells"]} == {None}


@pytest.mark.django_db
def test_one_record_more_changes_no_answer(api):
    collection = closed_with(TWO_IN_A_CROSS_TABLE)
    with connection.cursor() as cursor:  # the clock of a test's transaction stands still
        cursor.execute("UPDATE projection_public SET updated_at = updated_at - interval '1 day'")
    before = [everything(api.get(URL, {"collection": collection.slug, "by": names})) for names in TABLES]
    for _ in range(BATCH - 1):
        make.make_testimony(collections=[collection], person=make.make_person(gender="female", nationality="DE"))
    assert [everything(api.get(URL, {"collection": collection.slug, "by": names})) for names in TABLES] == before
    make.make_testimony(collections=[collection], person=make.make_person(gender="female", nationality="DE"))
    assert ask(api, collection)["count"] == 40


@pytest.mark.django_db
def test_a_withdrawn_record_is_counted_no_more(api):
    collection = closed_with(TWO_IN_A_CROSS_TABLE)
    with make.batch():
        one = models.Testimony.objects.first()
        one.status = "withdrawn"
        one.save()
    assert ask(api, collection)["count"] == 20, "nor are the others of its batch"


@pytest.mark.django_db
def test_everybody_below_restricted_gets_the_same(api):
    """A difference between two callers would be a table of its own."""
    collection = closed_with(TWO_IN_A_CROSS_TABLE)
    with make.batch():
        for _ in range(BATCH):
            make.make_testimony(collections=[collection], tier=Tier.PARTNER)
    for names in TABLES:
        public, partner = (
            api.as_(one).get(URL, {"collection": collection.slug, "by": names}) for one in ("anonymous", "reader")
        )
        assert public.json() == partner.json()
    assert ask(api.as_("editor"), collection)["count"] == 40


@pytest.mark.django_db
def test_a_key_for_some_uses_gets_none_of_it(api):
    collection = closed_with(TWO_IN_A_CROSS_TABLE)
    key = make.make_key(role=Role.READER, uses=["research"])[1]
    response = api.get(URL, {"collection": collection.slug}, headers={"Authorization": f"Bearer {key}"})
    assert errors(response) == [("collection", "closed")]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("gender=male", [("gender", "closed")]),
        ("given_after=2014&match=certain", [("given_after", "closed"), ("match", "closed")]),
        ("collection=open", [("collection", "closed")]),
        ("by=outlet", [("by", "closed")]),
        ("by=year_left", [("by", "closed")]),
        ("by=nationality_region", [("by", "closed")]),
        ("by=code:leaving", [("by", "closed")]),
        ("by=group&by=nationality", [("by", "closed")]),
        ("by=gender&over=year", [("over", "closed")]),
    ],
)
@pytest.mark.django_db
def test_whatever_else_could_be_set_beside_it_is_refused(api, query, wrong):
    with make.batch():
        make.make_code(slug="leaving")
        make.make_collection(slug="closed", listing="closed")
        make.make_collection(slug="open")
    assert sorted(errors(api.get(f"{URL}?collection=closed&{query}"))) == wrong
    assert api.as_("editor").get(f"{URL}?collection=closed&{query}").status_code == 200


@pytest.mark.django_db
def test_records_of_a_closed_collection_are_in_no_other_count(api):
    """Not even of an open one to which they belong too: a count with them beside one without would tell of them."""
    with make.batch():
        both = [make.make_collection(slug="open"), make.make_collection(listing="closed")]
        make.make_testimony(collections=both)
        make.make_testimony(collections=both[:1])
    assert api.get(URL).json()["count"] == 1
    assert api.get(URL, {"collection": "open"}).json()["count"] == 1
    assert [one["collection"] for one in api.get(URL).json()["populations"]] == ["open"]


@pytest.mark.django_db
def test_the_fixed_list_is_as_it_was_argued_for():
    """Another breakdown, or another way to cross them, needs another look at docs/adr/0035."""
    assert NAMES == ["nationality", "gender", "age_band", "group", "language", "year_given"]
    assert breakdowns.HUB == "gender"
    assert not any(breakdowns.BREAKDOWNS[name].is_multiple for name in NAMES)
