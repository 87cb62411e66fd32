import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testimonies.values.folding import fold, words
from testimonies.values.webquery import MAX_LENGTH, MAX_TERMS, Query, QueryTooLong, Term, parse

# query -> clauses; " | " joins the terms of one clause, "-" is an exclusion, a space is a phrase
READ = {
    "fled war": ["fled", "war"],
    "fled -war": ["fled", "-war"],
    "-war": ["-war"],
    "-war -prison": ["-war", "-prison"],
    '"left the group"': ["left the group"],
    '-"left the group" home': ["-left the group", "home"],
    '"Left" "the  GROUP"': ["left", "the group"],
    "army OR militia town": ["army | militia", "town"],
    "town army OR militia OR police": ["town", "army | militia | police"],
    '"a b" OR -c': ["a b | -c"],
    "army or militia": ["army", "or", "militia"],
    '"OR"': ["or"],
    "-OR": ["-or"],
    "OR a": ["a"],
    "a OR": ["a"],
    "a OR OR b": ["a | b"],
    "a OR … b": ["a | b"],
    "ex-fighter": ["ex fighter"],
    "-ex-fighter": ["-ex fighter"],
    "don't": ["don t"],
    "- war": ["war"],
    "--war": ["-war"],
    "war-": ["war"],
    'foo-"bar baz"': ["foo", "bar baz"],
    '"a"-b"c"d': ["a", "-b", "c", "d"],
    '"never closed, though': ["never closed though"],
    "“curly quotes” «قوسان هنا» „deutsche Art“": ["curly quotes", "قوسان هنا", "deutsche art"],
    "Müller Straße": ["muller", "strasse"],
    "أحمد -إسلام": ["احمد", "-اسلام"],
    "Ёлка ٢٠١٥": ["елка", "2015"],
    "किताब": ["किताब"],
    "name:value (a|b) & !c <-> d:*": ["name value", "a b", "c", "d"],
    "'; DROP TABLE": ["drop", "table"],
    ".* [a-z]+ (?:x)": ["a z", "x"],
    "null\x00byte \ud800": ["null byte"],
}
NOTHING = [
    "",
    " ",
    "-",
    "--",
    '"',
    '""',
    '-""',
    "OR",
    "OR OR",
    "…",
    "- - -",
    "\x00",
    "\ud800",
    "\u200b",
    "\u0301",
    "☕",
    "***",
]


def shown(query):
    return [
        " | ".join(("-" if term.negated else "") + " ".join(term.words) for term in clause) for clause in query.clauses
    ]


@pytest.mark.parametrize(("q", "clauses"), READ.items())
def test_what_a_query_asks(q, clauses):
    query = parse(q)
    assert shown(query) == clauses
    assert query


@pytest.mark.parametrize("q", NOTHING)
def test_a_query_with_nothing_to_search_is_empty(q):
    assert parse(q) == Query()
    assert not parse(q)


def test_the_tree():
    assert parse('fled -war army OR "the front"') == Query(
        (
            (Term(("fled",)),),
            (Term(("war",), negated=True),),
            (Term(("army",)), Term(("the", "front"))),
        )
    )
    assert parse("fled -war army OR -front").wanted == (Term(("fled",)), Term(("army",)))


def test_limits():
    assert MAX_TERMS == 32
    assert MAX_LENGTH == 1_000
    assert len(parse("word " * 32).clauses) == 32
    assert parse("a" * 1_000)
    for q in (
        "word " * 33,
        '"' + "word " * 33 + '"',
        "a" * 1_001,
        " " * 1_001,
        "\ufdfa" * 32,
        "a OR " * 33,
        "-a " * 33,
    ):
        with pytest.raises(QueryTooLong, match=r"at most 32 words.* 1,000 characters") as refusal:
            parse(q)
        assert "word word" not in str(refusal.value)


def test_hostile_queries_take_bounded_time():
    hostile = [
        "word " * 10_000,
        "-" * 1_000,
        '"' * 1_000,
        '-"' * 500,
        "OR " * 333,
        "\ufdfa" * 1_000,
        "a-" * 500,
        "(" * 1_000,
        "\u0301" * 1_000,
    ]
    parse("warm up ü")
    start = time.perf_counter()
    for q in hostile:
        try:
            parse(q)
        except QueryTooLong:
            continue
    assert time.perf_counter() - start < 0.5


syntax = st.lists(
    st.sampled_from(
        ["war", "Müller", "أحمد", "OR", "or", "-", '"', "“", " ", " ", "'", "ß", "\u0301", "_", "\x00", "\ud800"]
    ),
    max_size=30,
)


@settings(max_examples=1_000, deadline=None)
@given(st.one_of(st.text(max_size=200), syntax.map("".join)))
def test_any_text_is_a_query(q):
    try:
        query = parse(q)
    except QueryTooLong:
        assert len(words(fold(q))) > MAX_TERMS
        return
    terms = [term for clause in query.clauses for term in clause]
    assert bool(query) == bool(terms)
    assert all(query.clauses)
    assert sum(len(term.words) for term in terms) <= MAX_TERMS
    for term in terms:
        assert term.words
        assert words(fold(" ".join(term.words))) == list(term.words)
    # reading the answer back gives the answer
    written = " ".join(
        " OR ".join(f'{"-" if term.negated else ""}"{" ".join(term.words)}"' for term in clause)
        for clause in query.clauses
    )
    if len(written) <= MAX_LENGTH:
        assert parse(written) == query
