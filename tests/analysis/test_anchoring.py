"""Passages follow their words through edits, and whatever may not be right is flagged."""

import re
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from testimonies.analysis.anchoring import CONTEXT, DISTANCE, Found, passage, reanchored

TEXT = (
    "We were told that the city would be safe. In the spring of that year they took my brother. "
    "I did not leave at once. My brother came back in summer, and then we left together."
)


def marked(text, words):
    start = text.index(words)
    return passage(text, start, start + len(words))


def follow(words, new, old=TEXT):
    """What became of a passage, and the words that it covers now."""
    ((found, how),) = reanchored([marked(old, words)], old, new)
    return how, new[found.start : found.end]


def test_a_passage_is_kept_as_position_and_quote():
    one = marked(TEXT, "my brother")
    assert TEXT[one.start : one.end] == one.quote == "my brother"
    assert one.prefix == TEXT[one.start - CONTEXT : one.start]
    assert one.suffix == TEXT[one.end : one.end + CONTEXT]
    assert passage(TEXT, 0, 2).prefix == ""


def test_positions_are_code_points():
    text = "👩‍👧 قالَ: لا أعودُ. Cafe\u0301 closed."
    one = marked(text, "لا أعودُ")
    assert (one.start, one.end) == (10, 18)
    assert marked(text, "closed").start == text.index("closed") == 26


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 3), (4, 2), (0, 10_000)])
def test_a_passage_lies_in_its_text(start, end):
    with pytest.raises(ValueError, match="inside its text"):
        passage(TEXT, start, end)


def test_an_edit_after_it_leaves_it_in_place():
    assert follow("they took my brother", TEXT.replace("together", "on foot")) == (Found.EXACT, "they took my brother")


def test_an_edit_before_it_moves_it():
    assert follow("they took my brother", "First. " + TEXT) == (Found.MOVED, "they took my brother")


def test_a_text_that_did_not_change_changes_nothing():
    one = marked(TEXT, "my brother")
    assert reanchored([one], TEXT, TEXT) == [(one, Found.EXACT)]


def test_edits_on_both_sides_leave_the_context_to_tell():
    new = TEXT.replace("We were told", "They said").replace("together", "on foot")
    assert follow("they took my brother", new) == (Found.MOVED, "they took my brother")


def test_a_block_that_is_moved_is_found():
    first, rest = TEXT[:42], TEXT[42:]
    how, words = follow("they took my brother", rest + " " + first)
    assert (how, words) == (Found.MOVED, "they took my brother")


def test_a_change_inside_is_flagged():
    how, words = follow("In the spring of that year they took my brother", TEXT.replace("took", "seized"))
    assert (how, words) == (Found.FUZZY, "In the spring of that year they seized my brother")


def test_a_change_inside_beside_others_is_flagged():
    new = TEXT.replace("We were", "I was").replace("spring", "springtime").replace("together", "on foot")
    how, words = follow("In the spring of that year they took my brother", new)
    assert (how, words) == (Found.FUZZY, "In the springtime of that year they took my brother")


def test_what_is_gone_is_orphaned_and_comes_back():
    one = marked(TEXT, "I did not leave at once.")
    without = TEXT.replace("I did not leave at once. ", "")
    assert reanchored([one], TEXT, without) == [(one, Found.ORPHANED)]
    assert reanchored([one], without, TEXT) == [(one, Found.EXACT)]


def test_a_flagged_passage_stays_flagged_until_its_words_come_back():
    words = "In the spring of that year they took my brother"
    one, changed = marked(TEXT, words), TEXT.replace("spring", "winter")
    ((fuzzy, how),) = reanchored([one], TEXT, changed)
    assert (how, fuzzy.quote) == (Found.FUZZY, words)
    ((fuzzy, how),) = reanchored([fuzzy], changed, changed + " The end.")
    assert how is Found.FUZZY
    assert reanchored([fuzzy], changed + " The end.", TEXT) == [(one, Found.EXACT)]


@pytest.mark.parametrize(
    ("words", "new"),
    [
        ("left", "I heard that all the others in the house were overleft together."),
        ("left", "I heard that all the others in the house had left\u0301 together."),
        ("leave", TEXT.replace("leave", "leaven")),
        ("brother", TEXT.replace("took my brother", "took my brothers")),
    ],
)
def test_part_of_another_word_is_flagged(words, new):
    assert follow(words, new)[0].is_flagged


def test_the_same_words_elsewhere_are_not_taken_for_it():
    """The other `brother` stays; the coded one is gone, with all that was around it."""
    new = TEXT.replace("In the spring of that year they took my brother. I did not leave at once. ", "")
    assert follow("brother", new)[0].is_flagged


def test_a_sentence_said_twice_is_flagged_when_one_of_them_goes():
    said = "They came at night and asked for our names. "
    old = "One. " + said + "Two is here now. " + said + "Three."
    first = passage(old, 5, 5 + len(said))
    ((_, how),) = reanchored([first], old, "A. Two is here now. " + said + "Thr.")
    assert how.is_flagged


# Random edits, each code point followed by a number of its own

WORDS = ["we", "left", "Raqqa", "the", "left", "قالَ", "أعودُ", "لا", "Café", "Cafe\u0301", "👩‍👧", "👍🏽", "née", "ö", "-", "I", "saw", "brother"]  # fmt: skip
ACCENT = "[\u0300-\u036f\u064b-\u0652\ufe0f]"
MARK = f"(?:{ACCENT}|[\u200d🏻-🏿])"
INSIDE = re.compile(rf"(?:\w|{ACCENT})(?:\w|{ACCENT})|.{MARK}|\u200d.", re.DOTALL)
"""Two code points of one word or of one letter."""
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=60).map(" ".join)
distinct = st.lists(st.integers(0, 9_999), min_size=5, max_size=60, unique=True).map(
    lambda numbers: " ".join(f"{WORDS[number % len(WORDS)]}{number}" for number in numbers)
)
"""No word comes twice, so that it can be known where each should be."""


def edited(draw, text, pieces):
    """The text after a few edits, as pairs of a code point and where it stood, None for what is new."""
    points = list(zip(text, range(len(text)), strict=True))
    for _ in range(draw(st.integers(0, 4))):
        low, high = sorted(draw(st.tuples(st.integers(0, len(points)), st.integers(0, len(points)))))
        new = [(point, None) for point in draw(pieces)]
        match draw(st.sampled_from(["insert", "delete", "replace", "move", "mark"])):
            case "insert":
                points[low:low] = new
            case "delete":
                del points[low : min(high, low + 40)]
            case "replace":
                points[low : min(high, low + 20)] = new
            case "move":
                block = points[low:high]
                del points[low:high]
                to = draw(st.integers(0, len(points)))
                points[to:to] = block
            case "mark":
                points[low:low] = [(draw(st.sampled_from("\u0301\u0651\u200d\ufe0f🏽x")), None)]
    return points


def cut(text, one):
    """Whether the passage begins or ends inside a word, or between a letter and its marks."""
    return tuple(0 < at < len(text) and bool(INSIDE.fullmatch(text[at - 1 : at + 1])) for at in (one.start, one.end))


def spans(draw, text):
    starts = draw(st.lists(st.integers(0, len(text) - 1), min_size=1, max_size=6))
    return [passage(text, start, draw(st.integers(start + 1, min(len(text), start + 80)))) for start in starts]


@settings(max_examples=400, deadline=None)
@given(data=st.data(), old=texts)
def test_no_coding_is_lost_and_none_points_at_other_words_unflagged(data, old):
    marked = spans(data.draw, old)
    new = "".join(point for point, _ in edited(data.draw, old, st.sampled_from([*WORDS, "", " ", "The end. "])))
    result = reanchored(marked, old, new)
    assert len(result) == len(marked)
    for before, (after, how) in zip(marked, result, strict=True):
        assert after.quote == before.quote
        if how.is_flagged:
            assert (after.prefix, after.suffix) == (before.prefix, before.suffix)
            assert how is Found.FUZZY or after == before
            assert how is Found.ORPHANED or 0 <= after.start < after.end <= len(new)
        else:
            assert after == passage(new, after.start, after.end)
            assert (how is Found.EXACT) is (after.start == before.start)
            assert cut(new, after) == cut(old, before)


@settings(max_examples=400, deadline=None)
@given(data=st.data(), old=distinct)
def test_where_every_word_is_another_unflagged_means_the_very_same_letters(data, old):
    marked = [one for one in spans(data.draw, old) if len(one.quote.strip()) > 6]
    assume(marked)
    points = edited(data.draw, old, st.sampled_from(["", "#", "#new#", "## ##"]))
    for before, (after, how) in zip(
        marked, reanchored(marked, old, "".join(point for point, _ in points)), strict=True
    ):
        if not how.is_flagged:
            same = sum(points[after.start + n][1] == before.start + n for n in range(len(before.quote)))
            # a letter at an edge may be another one of the kind: which of two equal ones was deleted, no text can tell
            assert same > len(before.quote) / 2


@settings(max_examples=200, deadline=None)
@given(data=st.data(), old=texts)
def test_a_single_edit_elsewhere_never_flags(data, old):
    marked = spans(data.draw, old)
    low, high = sorted(data.draw(st.tuples(st.integers(0, len(old)), st.integers(0, len(old)))))
    new = old[:low] + " # " + old[high:]
    for before, (after, how) in zip(marked, reanchored(marked, old, new), strict=True):
        if before.end < low or before.start > high:
            assert not how.is_flagged
            assert after.start == (before.start if before.end < low else before.start + len(new) - len(old))


@settings(max_examples=100, deadline=None)
@given(data=st.data(), old=distinct)
def test_what_is_found_roughly_is_within_the_distance(data, old):
    (one, *_) = spans(data.draw, old)
    new = "".join(point for point, _ in edited(data.draw, old, st.sampled_from(["", "#", "#new#"])))
    ((after, how),) = reanchored([one], old, new)
    if how is Found.FUZZY:
        assert plain_distance(one.quote, new[after.start : after.end]) <= DISTANCE * len(one.quote)


def plain_distance(one, other):
    row = list(range(len(other) + 1))
    for n, a in enumerate(one, 1):
        last, row[0] = row[0], n
        for m, b in enumerate(other, 1):
            last, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, last + (a != b))
    return row[-1]


@pytest.mark.parametrize("kind", ["rewritten", "moved", "repetitive", "all new"])
def test_long_texts_take_a_bounded_time(kind):
    """100,000 code points and 500 codings; well under a second each here."""
    unit = "no, no. " if kind == "repetitive" else None
    old = (
        unit * 12_500
        if unit
        else "".join(f"Sentence {n} of a long account of the war. " for n in range(2_400))[:100_000]
    )
    marked = [
        passage(old, start, start + 20 + start % 300) for start in range(100, len(old) - 400, (len(old) - 500) // 500)
    ]
    new = {
        "rewritten": "X" + old.replace("long", "very long").replace("war", "strife") + "X",
        "moved": "X" + old[50_000:] + old[:50_000] + "X",
        "repetitive": "X" + old[3:50_000] + "yes " + old[50_007:] + "X",
        "all new": "".join(chr(97 + n * n * 7 % 26) for n in range(100_000)),
    }[kind]
    began = time.process_time()
    result = reanchored(marked, old, new)
    assert time.process_time() - began < 10
    assert len(result) == len(marked) >= 500
    unflagged = sum(not how.is_flagged for _, how in result)
    assert unflagged > 480 if kind == "moved" else unflagged < 500
