"""REFI-QDA codebooks: what is written fits the standard's schema, and everything comes back."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testimonies.values import code_words, qdc
from testimonies.values.safe_xml import UNCARRIED, Refused, read

CARRIED = st.text(st.characters(exclude_categories=["Cs"]).filter(lambda c: not UNCARRIED.match(c)), max_size=40)
HARD = st.sampled_from(
    [
        "",
        " ",
        "é\n\nè",
        "عودة\r\nإلى البيت",
        "a\rb\tc",
        "<&>\"'",
        "]]>",
        "👩‍👩‍👧",
        "| | Definition:\n  x",
        "Definition:\n  a",
        "\u2028\x85",
        "-\n- ",
    ]
)
TEXTS = st.one_of(HARD, CARRIED)
NAMES = TEXTS.filter(lambda name: name.strip())
COLORS = st.sampled_from(["", "#abc", "#1F77B4"])
"""The element order and attributes of the schema, written down from the standard: (attributes, those needed, children in order)."""
SCHEMA = {
    "CodeBook": ({"origin"}, set(), ("Codes", "Sets")),
    "Codes": (set(), set(), ("Code",)),
    "Code": ({"guid", "name", "isCodable", "color"}, {"guid", "name", "isCodable"}, ("Description", "Code")),
    "Description": (set(), set(), ()),
}
ONCE = {"Codes", "Sets", "Description"}


def fits(element, namespace=qdc.NAMESPACE, schema=SCHEMA):
    """What the schema asks of an element and of all below it."""
    assert element.namespace == namespace
    allowed, needed, order = schema[element.name]
    assert needed <= element.attributes.keys() <= allowed
    names = [child.name for child in element.children]
    assert names == sorted(names, key=order.index)
    assert {name for name in names if names.count(name) > 1} <= set(order) - ONCE
    if element.children:
        assert not element.text.strip()
    for child in element.children:
        fits(child, namespace, schema)


@st.composite
def codebooks(draw):
    guids = iter(draw(st.lists(st.uuids(), min_size=8, max_size=8, unique=True)))

    def some(level):
        number = draw(st.integers(1 if level == 1 else 0, 2))
        return tuple(one(level) for _ in range(number))

    def one(level):
        guid = next(guids, None)
        values = (draw(NAMES)[:200], draw(st.booleans()), draw(COLORS), draw(TEXTS))
        below = some(level + 1) if level < 3 else ()
        return guid and qdc.QdaCode(guid, *values, tuple(filter(None, below)))

    return tuple(filter(None, some(1)))


def plain(codes):
    return [(c.guid, c.name, c.is_codable, c.color, c.description, plain(c.codes)) for c in codes]


@given(codebooks().filter(lambda codes: all(c.name.strip() for c in codes)))
def test_whatever_xml_can_carry_comes_back_and_fits_the_schema(codes):
    document = qdc.dump(codes, origin='An "origin" & more')
    fits(read(document))
    assert plain(qdc.load(document)) == plain(codes)
    assert plain(qdc.load(document.decode())) == plain(codes)


WORDS = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(TEXTS, min_size=1, max_size=3) if name in code_words.LISTS else TEXTS.filter(bool)
        for name in code_words.SECTIONS
        if name != "slug"
    }
    | {"slug": st.sampled_from(["leave-brutality", "a"])},
)


@given(WORDS)
def test_all_that_a_code_says_comes_back_from_its_description(words):
    assert code_words.said(code_words.described(words)) == words


@given(
    st.one_of(TEXTS, WORDS.map(code_words.described), TEXTS.map(lambda text: f"| Definition:\n  {text}\nExample:\n  a"))
)
def test_what_other_software_wrote_comes_back_as_it_was(description):
    assert code_words.described(code_words.said(description)) == description


def test_a_description_reads_like_this():
    words = {
        "definition": "What was seen.\nOr heard.",
        "inclusion": ["Says so.", "Twice:\nhere"],
        "example": "Invented.",
    }
    assert code_words.described(words).splitlines() == [
        "Definition:", "  What was seen.", "  Or heard.", "When to use:", "  - Says so.", "  - Twice:", "    here", "Example:",
        "  Invented.",
    ]  # fmt: skip
    assert code_words.described({"definition": "Only that.", "example": ""}) == "Only that."


@pytest.mark.parametrize(
    ("label", "slug"),
    [
        ("Left: brutality", "left-brutality"),
        ("Éloigné", "eloigne"),
        ("عنف", "code"),
        ("taken", "taken-2"),
        ("-", "code"),
    ],
)
def test_short_names_are_made_of_labels(label, slug):
    assert code_words.slug_of(label, {"taken"}) == slug


HEAD = f'<CodeBook xmlns="{qdc.NAMESPACE}"><Codes>'
GUID = "11111111-1111-4111-8111-111111111111"


def file_of(inner):
    return f"{HEAD}{inner}</Codes></CodeBook>"


def test_what_others_write_is_read():
    document = (
        f'\ufeff<?xml version="1.0" encoding="utf-16"?>\n<c:CodeBook xmlns:c="{qdc.NAMESPACE}" xmlns:x="urn:x" x:y="z" origin="Other">'
        f'<c:Codes><c:Code guid="{{{GUID}}}" name="a" isCodable="1"><x:More/><c:Description/></c:Code></c:Codes>'
        f'<c:Sets><c:Set guid="{GUID}" name="s"><c:MemberCode guid="{GUID}"/></c:Set></c:Sets></c:CodeBook>'
    )
    assert plain(qdc.load(document)) == [(UUID(GUID), "a", True, "", "", [])]
    assert plain(qdc.load(document.removeprefix("\ufeff").encode("utf-16"))) == plain(qdc.load(document))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "no element found"),
        ("a", "syntax error"),
        (b"\xff\xfe\xff", "this is no XML"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "encoding"),
        ("<a>", "no element found"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        ("<a>&b;</a>", "undefined entity"),
        ("<a>" * 60 + "</a>" * 60, "deeper"),
        ("<a>" + "<b/>" * 60_000 + "</a>", "more elements"),
        ("<a>" + " " * 2_000_001 + "</a>", "2 MB"),
        ("<a>&#0;</a>", "invalid character"),
        ("<a>\x0b</a>", "not well-formed"),
    ],
)
def test_what_could_do_harm_is_refused_with_its_line(document, reason):
    with pytest.raises(Refused, match=f"^Line [0-9]+: .*{reason}"):
        read(document)


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        ('<CodeBook xmlns="urn:other"/>', ["Line 1: this is no REFI-QDA codebook"]),
        (file_of(""), ["Line 1: there is no code"]),
        (file_of('<Code guid="1" name=""/>\n<Code/>'), ["Line 1: a code's guid", "Line 1: a code's name", "Line 2: a code's guid", "Line 2: a code's name"]),
        (file_of(f'<Code guid="{GUID}" name="a" isCodable="yes" color="red"/>'), ["Line 1: isCodable", "Line 1: a color"]),
        (file_of(f'<Code guid="{GUID}" name="a"/>' * 2), ["Line 1: this guid"]),
        (file_of(f'<Code guid="{GUID}" name="{"a" * 201}"/>'), ["Line 1: a code's name"]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_line_by_line(document, problems):
    with pytest.raises(qdc.Unfit) as unfit:
        qdc.load(document)
    assert [found[: len(expected)] for found, expected in zip(unfit.value.problems, problems, strict=True)] == problems
