"""When a record is seen and for which uses, how its documents are made, and when their digest moves. No database."""

import datetime as dt
import json
from dataclasses import replace
from itertools import pairwise
from types import NoneType, UnionType
from typing import Annotated, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from hypothesis import example, given, settings, strategies

from testimonies.access import Tier
from testimonies.models.projections import SharedDocument
from testimonies.projections import documents, records, redaction, shapes
from tests.projections import invention
from tests.projections.sample import RECORD, row

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
SHAPES = {
    "person": shapes.Person,
    "source": shapes.Source,
    "group": shapes.Group,
    "collection": shapes.Collection,
    "figure": shapes.Figure,
    "campaign": shapes.Campaign,
    "campaignuse": shapes.UseCore,
    "codebook": shapes.Codebook,
    "code": shapes.Code,
}


# --- Times and uses -------------------------------------------------------------------------------------------------


def day(number):
    return None if number is None else dt.datetime(2026, 1, number, tzinfo=dt.UTC)


def cleared(uses, start, end=None, withdrawn=None):
    return records.Clearance(tuple(uses.split()), day(start), day(end), day(withdrawn))


PERIODS = {
    # clearances, embargo: what is seen below restricted, and what staff see
    "none": ([], None, [], [(None, None, "")]),
    "one without end": ([cleared("quote", 5)], None, [(5, None, "quote")], [(None, 5, ""), (5, None, "quote")]),
    "one that ends": (
        [cleared("quote", 5, 9)],
        None,
        [(5, 9, "quote")],
        [(None, 5, ""), (5, 9, "quote"), (9, None, "")],
    ),
    "withdrawn before its end": (
        [cleared("quote", 5, 9, 7)],
        None,
        [(5, 7, "quote")],
        [(None, 5, ""), (5, 7, "quote"), (7, None, "")],
    ),
    "withdrawn after its end": (
        [cleared("quote", 5, 9, 20)],
        None,
        [(5, 9, "quote")],
        [(None, 5, ""), (5, 9, "quote"), (9, None, "")],
    ),
    "withdrawn before it began": ([cleared("quote", 5, 9, 2)], None, [], [(None, None, "")]),
    "several uses": ([cleared("summary quote", 5)], None, [(5, None, "quote summary")], [(None, 5, ""), (5, None, "quote summary")]),
    "other uses by and by": (
        [cleared("quote", 5, 15), cleared("research", 10, 20)],
        None,
        [(5, 10, "quote"), (10, 15, "quote research"), (15, 20, "research")],
        [(None, 5, ""), (5, 10, "quote"), (10, 15, "quote research"), (15, 20, "research"), (20, None, "")],
    ),
    "the same use from two": (
        [cleared("quote", 5, 15), cleared("quote", 10, 20)],
        None,
        [(5, 20, "quote")],
        [(None, 5, ""), (5, 20, "quote"), (20, None, "")],
    ),
    "one after the other without a gap": (
        [cleared("quote", 5, 10), cleared("quote", 10, 20)],
        None,
        [(5, 20, "quote")],
        [(None, 5, ""), (5, 20, "quote"), (20, None, "")],
    ),
    "with a gap": (
        [cleared("quote", 5, 10), cleared("quote", 12, 20)],
        None,
        [(5, 10, "quote"), (12, 20, "quote")],
        [(None, 5, ""), (5, 10, "quote"), (10, 12, ""), (12, 20, "quote"), (20, None, "")],
    ),
    "embargo": ([cleared("quote", 5)], 9, [(9, None, "quote")], [(None, 5, ""), (5, None, "quote")]),
    "embargo before it is cleared": ([cleared("quote", 5)], 2, [(5, None, "quote")], [(None, 5, ""), (5, None, "quote")]),
    "embargo longer than the clearance": ([cleared("quote", 5, 9)], 9, [], [(None, 5, ""), (5, 9, "quote"), (9, None, "")]),
}  # fmt: skip


@pytest.mark.parametrize("name", PERIODS)
def test_rows_say_when_they_hold_and_for_which_uses(name):
    clearances, embargo, below, staff = PERIODS[name]
    record = replace(RECORD, clearances=tuple(clearances), embargo_until=day(embargo))
    for tier, expected in ((Tier.PUBLIC, below), (Tier.PARTNER, below), (Tier.RESTRICTED, staff)):
        rows = documents.project(record, tier)
        assert [(row.starts_at, row.ends_at, row.uses) for row in rows] == [
            (day(start), day(end), tuple(uses.split())) for start, end, uses in expected
        ]
        assert [row.item["cleared_for"] for row in rows] == [uses.split() for _, _, uses in expected]


def holds(moment, start, end):
    return (start is None or start <= moment) and (end is None or moment < end)


@settings(max_examples=500, deadline=None)
@given(record=invention.seeds(invention.testimony), random=invention.seeds(lambda random: random))
def test_at_any_moment_one_row_holds_if_any_and_says_what_is_cleared(record, random):
    moments = [invention.moment(random) + dt.timedelta(days=random.choice((-40, -1, 0, 1))) for _ in range(5)]
    for tier in Tier:
        rows = documents.project(record, tier)
        for moment in moments:
            cleared = {
                use
                for clearance in record.clearances
                if all(holds(moment, clearance.starts_at, end) for end in (clearance.ends_at, clearance.withdrawn_at))
                for use in clearance.uses
            }
            is_open = (
                record.status == "published"
                and max(record.tier, record.person.tier) <= tier
                and (record.embargo_until is None or record.embargo_until <= moment)
            )
            expected = [tuple(sorted(cleared))] if tier == Tier.RESTRICTED or (is_open and cleared) else []
            assert [row.uses for row in rows if holds(moment, row.starts_at, row.ends_at)] == expected
        for first, second in pairwise(rows):
            assert first.ends_at < second.starts_at or (first.ends_at == second.starts_at and first.uses != second.uses)


# --- Shapes ---------------------------------------------------------------------------------------------------------


def assert_fits(value, hint, path):
    """Every key of a document in the order of its shape, every value of the type that the shape says."""
    if get_origin(hint) is Annotated:
        assert_fits(value, get_args(hint)[0], path)
    elif is_typeddict(hint):
        hints = get_type_hints(hint, include_extras=True)
        assert list(value) == list(hints), path
        for key, inner in hints.items():
            assert_fits(value[key], inner, f"{path}.{key}")
    elif get_origin(hint) is list:
        for item in value:
            assert_fits(item, get_args(hint)[0], f"{path}[]")
    elif get_origin(hint) in {Union, UnionType}:
        inner = [option for option in get_args(hint) if option is not NoneType]
        if value is not None:
            assert_fits(value, inner[0], path)
    else:
        assert type(value) is hint or (hint is float and type(value) is int), path


@settings(max_examples=200, deadline=None)
@given(record=invention.seeds(invention.testimony))
def test_a_testimonys_documents_have_their_shape_at_every_tier(record):
    for tier in Tier:
        texts = [documents.text_entry(text) for text in redaction.texts(record.texts) if text.tier <= tier]
        for one in documents.project(record, tier):
            item = documents.stamped(one.item, NOW)
            assert_fits(item, shapes.TestimonyCore, "item")
            assert_fits({**item, **one.extra, "texts": texts}, shapes.Testimony, "detail")


def test_shared_documents_have_their_shape_at_every_tier(world):
    found = list(SharedDocument.objects.all())
    assert {(document.noun, document.tier) for document in found} == {(noun, tier) for noun in SHAPES for tier in Tier}
    for document in found:
        assert_fits(json.loads(document.document), SHAPES[document.noun], document.noun)


def test_a_document_says_when_it_changed_after_what_identifies_it():
    document = documents.stamped({"id": "1", "slug": "one", "title": "One"}, NOW)
    assert documents.compact(document) == '{"id":"1","slug":"one","updated_at":"2026-06-01T12:00:00Z","title":"One"}'


@pytest.mark.parametrize("value", ['"title":', '\\"title":', '","title":"', "\\", '"'])
def test_the_moment_stands_at_the_same_place_in_what_is_json_already(value):
    document = {"id": "1", "slug": value, "title": value, "more": {"title": value}}
    stamped = documents.stamped_text(document, documents.compact(document), NOW)
    assert stamped == documents.compact(documents.stamped(document, NOW))


def test_an_open_side_of_a_date_reaches_to_the_end_of_the_calendar():
    record = replace(RECORD, given="../2015", given_earliest=None, given_latest="2015-12-31")
    facets = row(record, Tier.PUBLIC).facets
    assert (facets["given_earliest"], facets["given_latest"]) == ("0001-01-01", "2015-12-31")
    facets = row(replace(record, given=None, given_latest=None), Tier.PUBLIC).facets
    assert (facets["given_earliest"], facets["given_latest"]) == (None, None)


# --- Digests --------------------------------------------------------------------------------------------------------


def moved(record, other):
    """Whether the digest of each tier is another."""
    return [row(record, tier).digest != row(other, tier).digest for tier in Tier]


def text(tier, body="Invented."):
    return (records.Text("x", tier, "en", "transcript", None, body, 0),)


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        ({}, {"title": "Another"}, [True, True, True]),
        ({}, {"notes_internal": "another"}, [False, False, True]),
        ({}, {"version": 8}, [False, False, False]),
        ({}, {"age_from": 26}, [False, False, True]),
        ({"texts": text(0)}, {"texts": text(0, "Other.")}, [True, True, True]),
        ({"texts": text(1)}, {"texts": text(1, "Other.")}, [False, True, True]),
        ({"texts": text(2)}, {"texts": ()}, [False, False, True]),
        ({"texts": text(1)}, {"texts": text(0)}, [True, True, True]),
        ({}, {"claims": (records.Claim("c", 1, "left", "2013", False, 0),)}, [False, True, True]),
        ({}, {"clearances": (replace(RECORD.clearances[0], uses=("quote",)),)}, [True, True, True]),
        ({"raised": {"given": 1}}, {"raised": {"given": 1}, "given": "2017"}, [False, True, True]),
    ],
)
def test_a_digest_moves_with_what_the_tier_sees(before, after, moves):
    assert moved(replace(RECORD, **before), replace(RECORD, **{**before, **after})) == moves


JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers(-(2**53), 2**53) | strategies.text(),
    lambda inner: strategies.lists(inner, max_size=4) | strategies.dictionaries(strategies.text(), inner, max_size=4),
    max_leaves=8,
)


@given(JSON)
@example('\x00\x1f\x7f\u2028\u0627\U0001f600"\\/\n')
def test_documents_have_the_bytes_that_the_standard_library_gives_them(value):
    assert documents.compact(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":"))
