"""Passages: what is shown of a text, and what of it is marked."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testimonies.values.folding import fold, searchable, word_spans, words
from testimonies.values.highlights import MOST_CHARACTERS, MOST_WORDS, highlight
from testimonies.values.spelling import forgiven, slips

LONG = " ".join(f"word{number}" for number in range(5_000))


def shown(text, *marked):
    """The passage with its matches in brackets."""
    found = highlight(text, set(marked))
    return found and "".join(f"[{piece}]" if is_match else piece for piece, is_match in found.pieces)


@pytest.mark.parametrize(
    ("text", "marked", "expected"),
    [
        ("He fled the war.", {1}, "He [fled] the war."),
        ("He fled the war.", {1, 2, 3}, "He [fled] [the] [war]."),
        ("He fled the war.", set(), None),
        ("", {0}, None),
        ("Straße", {0}, "[Straße]"),
        ("قال مُحَمَّدٌ نعم", {1}, "قال [مُحَمَّدٌ] نعم"),
        ("the ﷺ sign", {2}, "the [ﷺ] sign"),
        ("the ¼ of it", {1, 2}, "the [¼] of it"),
        ("the x¼y of it", {1, 2}, "the [x¼]y of it"),
        ("<b>war</b> & peace", {1}, "<b>[war]</b> & peace"),
        ("  … war …  ", {0}, "  … [war] …"),
    ],
)
def test_what_is_marked(text, marked, expected):
    assert shown(text, *marked) == expected


def test_a_long_text_is_cut_where_most_is_marked():
    found = highlight(LONG, {3, 900, 4_000, 4_010, 4_020})
    assert LONG[found.start :].startswith("word3994 ")
    assert [piece for piece, is_match in found.pieces if is_match] == ["word4000", "word4010", "word4020"]
    assert sum(len(piece.split()) for piece, _ in found.pieces) == MOST_WORDS


def test_of_equal_passages_the_first_is_shown():
    assert highlight(LONG, {500, 900}).start == LONG.index("word494 ")
    assert highlight(LONG, {0, 900}).start == 0


def test_a_passage_is_short_whatever_its_words():
    found = highlight("字" * 5_000, {0})
    assert found.pieces == (("字" * MOST_CHARACTERS, True),)


@settings(deadline=None, max_examples=200)
@given(st.text(), st.sets(st.integers(0, 60), max_size=8))
def test_its_pieces_are_the_text_itself(text, marked):
    found = highlight(text, marked)
    if found is None:
        return
    joined = "".join(piece for piece, _ in found.pieces)
    assert text[found.start : found.start + len(joined)] == joined
    assert len(joined) <= MOST_CHARACTERS
    numbered = [words(fold(text[begins:ends])) for begins, ends in word_spans(text)]
    for piece, is_match in found.pieces:
        assert not is_match or any(searchable(piece) == " ".join(numbered[n]) for n in marked if n < len(numbered)), (
            piece
        )


@pytest.mark.parametrize(
    "text", ["He left; he's ex-fighter no. 7", "Ils étaient déçus — là-bas", "خرج أحمد من المدرسة."]
)
def test_words_are_where_they_stand(text):
    spans = word_spans(text)
    assert [searchable(text[begins:ends]) for begins, ends in spans] == searchable(text).split()


@pytest.mark.parametrize("unit", ["one word after the other ", "كلمة بعد أخرى في نص طويل ", "слово за словом "])
def test_the_end_of_a_long_text_costs_little(unit):
    text = unit * 3_000
    begun = time.perf_counter()
    assert highlight(text, {8_990}).start > 30_000
    assert time.perf_counter() - begun < 0.2


@pytest.mark.parametrize(
    ("one", "other", "most", "expected"),
    [
        ("omar", "omar", 1, 0),
        ("omar", "omer", 1, 1),
        ("shreko", "sherko", 2, 1),
        ("guardain", "guardian", 2, 1),
        ("kaled", "khaled", 1, 1),
        ("brutality", "morality", 2, None),
        ("a", "abcd", 2, None),
        ("", "ab", 2, 2),
        ("ca", "abc", 3, 3),
        ("kitten", "sitting", 3, 3),
        ("kitten", "sitting", 2, None),
    ],
)
def test_slips(one, other, most, expected):
    assert slips(one, other, most) == slips(other, one, most) == expected


def test_longer_words_are_forgiven_more():
    assert [forgiven("x" * length) for length in (3, 4, 5, 6, 9, 10)] == [0, 1, 1, 2, 2, 3]
