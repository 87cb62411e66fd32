import sys
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from testimonies.values.folding import fold, fold_with_map, source_span, words

SAME = {
    "Arabic: alef with and without hamza, madda, wasla": ("احمد اسلام امن", ["أحمد إسلام آمن", "ٱحمد اسلام امن"]),
    "Arabic: vowel signs and tatweel": ("محمد", ["مُحَمَّد", "محـــمد", "مُحـَمد"]),
    "Arabic: alef maksura, ta marbuta": ("مصطفي مكتبه", ["مصطفى مكتبة"]),
    "Arabic: hamza on waw and yeh": ("مسوول سايل", ["مسؤول سائل"]),
    "Arabic: Persian and Urdu letters": ("كتاب علي", ["کتاب علی", "ڪتاب على"]),
    "Arabic: presentation forms": ("لا", ["ﻻ", "لأ", "ﻷ"]),
    "digits": ("2015", ["٢٠١٥", "۲۰۱۵", "２０１５", "२०१५"]),
    "Cyrillic: yo and stress": ("елка замок", ["Ёлка за́мок", "е\u0308лка ЗАМОК"]),
    "Cyrillic: short i stays a letter": ("йод", ["Йод", "и\u0306од"]),
    "German": ("muller strasse", ["Müller Straße", "MÜLLER STRASSE", "Mu\u0308ller Stra\u00dfe"]),
    "French": ("noel a l'ecole, coeur", ["Noël à l'école, cœur"]),
    "Turkish: both letters i are one": ("istanbul isparta", ["İstanbul Isparta", "istanbul ısparta"]),
    "Scandinavian, Slavic, Icelandic": (
        "aeroskobing lodz dindic thor",
        ["Ærøskøbing Łódź Đinđić Þór"],
    ),
    "Greek": ("οδυσσευσ", ["Ὀδυσσεύς", "ΟΔΥΣΣΕΥΣ"]),
    "Hebrew": ("שלום", ["שָׁלוֹם"]),
    "invisible": ("abc", ["a\u200bb\u200dc", "\u202eabc\u202c", "a\u00adbc\ufeff", "a\ufe0fbc"]),
    "forms": ("fi a 1", ["ﬁ Ａ ①"]),
}
DIFFERENT = [("йод", "иод"), ("ї", "і"), ("ماء", "ما"), ("কি", "ক"), ("कि", "क"), ("が", "か"), ("Müller", "Mueller")]


@pytest.mark.parametrize(("folded", "spellings"), SAME.values(), ids=SAME.keys())
def test_spellings_of_one_word_are_equal(folded, spellings):
    for spelling in (folded, *spellings):
        assert fold(spelling) == folded


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_words_stay_different(one, other):
    assert fold(one) != fold(other)


def test_every_character_folds_to_a_fixed_point():
    for code in range(sys.maxunicode + 1):
        folded = fold(chr(code))
        assert fold(folded) == folded, hex(code)


def test_no_accent_or_invisible_character_is_left_of_the_scripts_that_drop_them():
    for code in [
        *range(0x250),
        *range(0x370, 0x530),
        *range(0x600, 0x700),
        *range(0x1E00, 0x2000),
        *range(0xFB50, 0xFF00),
    ]:
        for char in fold(chr(code)):
            assert unicodedata.category(char) not in ("Mn", "Cf", "Lu"), hex(code)


# text of the scripts at hand, with the marks, joiners and surrogates that make trouble
troublesome = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("иИйеЁaAuüßſıİΣς\u0300\u0306\u0308\u0323\u034f\u0345\u200d\u202e\ufe0f\ud800\udc00\x00 ﷺﻷ"),
        st.sampled_from(
            "اأإآىيیةهکـ\u064b\u0651\u0653\u0654\u0655\u0670٢۲ក្កि्क़ড়\u09be\u09c7か\u3099각\u1100\u1161\u11a8"
        ),
        st.characters(categories=["Mn", "Mc"]),
    ),
    max_size=40,
)


@settings(max_examples=1_000, deadline=None)
@given(troublesome)
@example("か\u200d\u3099")
@example("и\u0323\u0306")
@example("и\u0301\u0306")
@example("\u1100\u200d\u1161\u11a8")
@example("ক\u09c7\u0301\u09be")
def test_folding_holds_its_promises_for_any_text(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded
    assert fold(unicodedata.normalize("NFC", text)) == folded

    again, sources = fold_with_map(text)
    assert again == folded
    assert len(sources) == len(folded)
    assert all(0 <= source < len(text) for source in sources)
    assert sources == sorted(sources)


@settings(deadline=None)
@given(troublesome, st.data())
def test_a_span_of_the_folded_text_has_a_span_in_the_original(text, data):
    folded, sources = fold_with_map(text)
    if not folded:
        return
    start = data.draw(st.integers(0, len(folded) - 1))
    end = data.draw(st.integers(start + 1, len(folded)))
    first, last = source_span(sources, start, end, len(text))
    assert 0 <= first < last <= len(text)
    assert folded[start:end] in fold(text[first:last]) or not unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Er wohnt in der Straße dort", "strasse", "Straße"),
        ("قال مُحَمَّدٌ نعم", "محمد", "مُحَمَّدٌ"),
        ("اسمه مُحَمَّدٌ", "محمد", "مُحَمَّدٌ"),
        ("une e\u0301cole\u0301 là", "ecole", "e\u0301cole\u0301"),
        ("два и\u0306ода", "йода", "и\u0306ода"),
        ("Groß", "gros", "Groß"),
        ("the ﷺ sign", "الله", "ﷺ"),
    ],
)
def test_a_highlight_takes_whole_letters_with_their_marks(text, query, marked):
    folded, sources = fold_with_map(text)
    start = folded.index(fold(query))
    first, last = source_span(sources, start, start + len(fold(query)), len(text))
    assert text[first:last] == marked


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("He left; he's ex-fighter no. 7", ["he", "left", "he", "s", "ex", "fighter", "no", "7"]),
        ("snake_case @user example.com", ["snake", "case", "user", "example", "com"]),
        ("किताब पढ़ी، ماء", ["किताब", "पढ़ी", "ماء"]),
        ("\u093f \u3099 … \ud800 \x00", []),
        ("", []),
    ],
)
def test_words_keep_their_marks(text, cut):
    assert words(fold(text)) == cut


@pytest.mark.parametrize("text", ["Müller ging أحمد إلى الشرق и йод ", "plain words ", "e\u0301te\u0301 "])
def test_a_long_text_folds_in_two_milliseconds(text):
    text = (text * 1_000)[:5_000]
    took = []
    for _ in range(20):
        start = time.perf_counter()
        fold(text)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.002


def test_what_it_remembers_is_bounded():
    from testimonies.values import folding

    for code in range(0x10000, 0x20000):
        fold(chr(code))
    assert len(folding._TABLE) <= folding._Table._ROOM


@given(st.text(st.characters(max_codepoint=127)))
def test_a_text_of_ascii_is_cut_as_any_other(text):
    assert words(f"{fold(text)} é") == [*words(fold(text)), "é"]
