"""/api/v1/testimonies/{id}/citation/: CSL-JSON and BibTeX of the sources that the caller may see."""

import json
import re

import pytest

from testimonies.access import Tier
from tests import factories as make

pytestmark = pytest.mark.django_db

ALL, BARE, HOSTILE = "T-10000019", "T-2000002P", "T-30000030"
SPECIALS = "50% of $5 & #1_a {b} \\c ~d ^e"
INJECTION = "}},\n  note = {x}\n}\n@misc{evil, title = {y\\"


def make_records():
    with make.batch():
        whole = make.make_testimony(ref=ALL, title="Invented: a talk", sources=[])
        cited = [
            ("report_about", Tier.PUBLIC, {"outlet": "Invented Wire", "title": "", "url": "", "published": "2015-21", "medium": "not_known"}),
            ("original", Tier.PUBLIC, {"outlet": "Invented TV", "title": "On air", "url": "", "published": "2014-09", "medium": "television"}),
            ("republication", Tier.PARTNER, {"outlet": "Partner Post", "title": "Again", "url": "", "published": None, "medium": "blog"}),
            ("original", Tier.RESTRICTED, {"outlet": "Hidden Herald", "title": "Hidden", "url": "", "published": "2014", "medium": "book"}),
        ]  # fmt: skip
        for position, (relation, tier, values) in enumerate(cited):
            source = make.make_source(**values)
            make.make_citation(testimony=whole, source=source, relation=relation, tier=tier, position=position)
        make.make_testimony(ref=BARE, title="Invented: told to us", given="2016-05-04", sources=[])
        source = make.make_source(
            outlet="A & B_C", title=SPECIALS, url="https://example.org/a_b?c=%20&d=~e#f", published="2015-09-21"
        )
        make.make_testimony(ref=HOSTILE, title=INJECTION, sources=[source])


@pytest.fixture(scope="module", autouse=True)
def made(keep):
    keep(make_records)


def citation(api, caller, ref, **parameters):
    response = api.as_(caller).get(f"/api/v1/testimonies/{ref}/citation/", parameters)
    assert response.status_code == 200, response.content
    return response


def read_bibtex(text):
    """Entries as {key: {field: value}}, read as BibTeX does: every brace counts, whatever stands before it."""
    entries, place = {}, 0
    while (start := re.compile(r"\s*@misc\{([^,]+),").match(text, place)) is not None:
        fields, place = {}, start.end()
        while (field := re.compile(r"\s*(\w+) = \{").match(text, place)) is not None:
            end, depth = field.end(), 1
            while depth:
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            fields[field[1]] = text[field.end() : end - 1]
            place = re.compile(r",?\s*").match(text, end).end()
        assert text[place] == "}"
        entries[start[1]], place = fields, place + 1
    assert text[place:].strip() == ""
    return entries


TEX = {
    r"\textbackslash{}": "\\", r"\textasciitilde{}": "~", r"\textasciicircum{}": "^", r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
} | {f"\\{character}": character for character in "&%$#_"}  # fmt: skip


def printed(tex):
    """What TeX prints; fails on a character that TeX would run."""
    pieces = re.findall(r"\\text[a-z]+\{\}|\\.|.", tex)
    assert not set(pieces) & set("&%$#_{}~^\\"), tex
    return "".join(TEX.get(piece, piece) for piece in pieces)


def test_csl_json_of_what_the_public_sees(api):
    response = citation(api, "public", ALL)
    assert response.headers["Content-Type"] == "application/vnd.citationstyles.csl+json"
    assert json.loads(response.content) == [
        {
            "id": "T-10000019-1", "type": "broadcast", "title": "On air", "container-title": "Invented TV",
            "issued": {"date-parts": [[2014, 9]]}, "note": "original; testimony T-10000019: Invented: a talk",
        },
        {
            "id": "T-10000019-2", "type": "document", "title": "Invented: a talk", "container-title": "Invented Wire",
            "issued": {"literal": "2015-21"}, "note": "report about; testimony T-10000019: Invented: a talk",
        },
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("caller", "outlets"),
    [
        ("public", ["Invented TV", "Invented Wire"]),
        ("reader", ["Invented TV", "Partner Post", "Invented Wire"]),
        ("coder", ["Invented TV", "Hidden Herald", "Partner Post", "Invented Wire"]),
        ("editor", ["Invented TV", "Hidden Herald", "Partner Post", "Invented Wire"]),
    ],
)
def test_the_original_comes_first_and_sources_above_the_tier_are_absent(api, caller, outlets):
    items = citation(api, caller, ALL, format="csl-json").json()
    assert [item["container-title"] for item in items] == outlets
    assert [item["id"] for item in items] == [f"{ALL}-{number}" for number in range(1, len(outlets) + 1)]
    entries = read_bibtex(citation(api, caller, ALL, format="bibtex").content.decode())
    assert [entry["howpublished"] for entry in entries.values()] == outlets
    assert list(entries) == [item["id"] for item in items]


def test_a_testimony_without_sources_is_cited_itself(api):
    assert citation(api, "public", BARE).json() == [
        {"id": BARE, "type": "interview", "title": "Invented: told to us", "issued": {"date-parts": [[2016, 5, 4]]}}
    ]
    assert citation(api, "public", BARE, format="bibtex").content.decode() == (
        "@misc{T-2000002P,\n  title = {{Invented: told to us}},\n  year = {2016},\n  month = {5},\n  date = {2016-05-04}\n}\n"
    )


def test_bibtex_is_what_tex_may_read(api):
    response = citation(api, "public", HOSTILE, format="bibtex")
    assert response.headers["Content-Type"] == "application/x-bibtex"
    ((key, entry),) = read_bibtex(response.content.decode()).items()
    assert key == f"{HOSTILE}-1"
    assert entry["title"][0] + entry["title"][-1] == "{}"  # keeps its capitals
    assert {name: printed(value) for name, value in entry.items() if name != "title"} == {
        "howpublished": "A & B_C",
        "year": "2015",
        "month": "9",
        "date": "2015-09-21",
        "url": "https://example.org/a_b?c=%20&d=~e#f",
        "note": f"original; testimony {HOSTILE}: " + " ".join(INJECTION.split()),
    }
    assert printed(entry["title"][1:-1]) == SPECIALS


@pytest.mark.parametrize("style", ["csl-json", "bibtex"])
def test_a_citation_is_not_sent_twice(api, style):
    first = citation(api, "public", ALL, format=style)
    url = f"/api/v1/testimonies/{ALL}/citation/?format={style}"
    again = api.as_("public").get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    partner = api.as_("reader").get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert partner.status_code == 200
