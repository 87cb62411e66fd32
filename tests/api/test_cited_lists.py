"""Citations of a whole list, as reference managers read them: format=csl-json|bibtex|ris."""

import json

import bibtexparser
import pytest
import rispy
from pylatexenc.latex2text import LatexNodes2Text

from testimonies.access import Tier
from testimonies.selectors import citations
from tests import factories as make

pytestmark = pytest.mark.django_db
URL, SOURCES = "/api/v1/testimonies/", "/api/v1/sources/"
TITLES = {
    "specials": "50% of $5 & #1_a {b} \\c ~d ^e",
    "injection": "}},\n  note = {x}\n}\n@misc{evil, title = {y\\",
    "ris": "First line\r\nER  - \r\nTY  - EVIL\u2028T1  - evil\x85x",
    "arabic": "شهادة مختلقة عن «الخروج»",
    "mixed": "Ümläut – naïve “quotes” 李 \u202b(عين)\u202c",
    "plain": "Invented: a talk",
}


def make_records():
    with make.batch():
        for number, (name, title) in enumerate(TITLES.items()):
            source = make.make_source(
                outlet="A & B_C", title=title, url=f"https://example.org/{name}?c=%20&d=~e#f", published="2015-09-21"
            )
            make.make_testimony(title=title, sources=[source], tier=Tier.PARTNER if number == 5 else Tier.PUBLIC)
        make.make_testimony(title="Invented: told to us", sources=[], given="2016-05-04")


@pytest.fixture(scope="module", autouse=True)
def made(keep):
    keep(make_records)


def cited(api, style, url=URL, **parameters):
    headers = {"Export-Purpose": "Invented: to cite them."}
    response = api.get(url, {**parameters, "format": style}, headers=headers)
    assert response.status_code == 200, response.content
    assert response.headers["Content-Type"].startswith(citations.MEDIA_TYPES[style])
    return response.content.decode()


def one_line(text):
    return " ".join(text.split())


def test_the_list_is_cited_as_its_records_are(api):
    items = json.loads(cited(api, "csl-json", ordering="title"))
    page = api.get(URL, {"ordering": "title"}).json()["results"]
    assert items == [
        item for one in page for item in api.get(f"{URL}{one['id']}/citation/", {"format": "csl-json"}).json()
    ]
    assert len(items) == 6


@pytest.mark.parametrize("style", ["bibtex", "ris"])
def test_so_it_is_in_the_other_formats(api, style):
    page = api.get(URL, {"ordering": "title"}).json()["results"]
    records = [api.get(f"{URL}{one['id']}/citation/", {"format": style}).content.decode() for one in page]
    assert cited(api, style, ordering="title") == "".join(f"{record}\n" for record in records)


def test_nothing_is_an_empty_file(api):
    assert json.loads(cited(api, "csl-json", gender="male", nationality="DE")) == []
    assert cited(api, "bibtex", nationality="DE") == cited(api, "ris", nationality="DE") == ""


def test_filters_and_search_choose_what_is_cited(api):
    assert len(json.loads(cited(api, "csl-json", q="talk"))) == 0
    assert len(json.loads(cited(api.as_("reader"), "csl-json", q="talk", ordering="relevance"))) == 1
    assert len(json.loads(cited(api, "csl-json", outlet="a & b_c"))) == 5


def printed(text):
    """What TeX would print; the oracle does not know these two of TeX's own names."""
    for name, known in ((r"\textbraceleft{}", r"\{"), (r"\textbraceright{}", r"\}"), (r"\textasciicircum{}", "^")):
        text = text.replace(name, known)
    return LatexNodes2Text(keep_comments=True).latex_to_text(text)


def shown(caller):
    return {one_line(title) for name, title in TITLES.items() if name != "plain" or caller == "reader"}


@pytest.mark.parametrize("caller", ["anonymous", "reader"])
@pytest.mark.parametrize("url", [URL, SOURCES])
def test_bibtex_reads_back(api, caller, url):
    library = bibtexparser.parse_string(cited(api.as_(caller), "bibtex", url))
    assert library.failed_blocks == []
    assert {entry.entry_type for entry in library.entries} == {"misc"}
    found = {one_line(printed(entry["title"])) for entry in library.entries}
    expected = shown(caller) | ({"Invented: told to us"} if url == URL else set())
    assert {title.replace(" ", "") for title in found} == {title.replace(" ", "") for title in expected}
    assert len({entry.key for entry in library.entries}) == len(library.entries)
    assert "note" not in {key for entry in library.entries if url == SOURCES for key in entry.fields_dict}


@pytest.mark.parametrize("caller", ["anonymous", "reader"])
@pytest.mark.parametrize("url", [URL, SOURCES])
def test_ris_reads_back(api, caller, url):
    entries = rispy.loads(cited(api.as_(caller), "ris", url))
    expected = shown(caller) | ({"Invented: told to us"} if url == URL else set())
    assert {entry["title"] for entry in entries} == expected
    assert {entry["type_of_reference"] for entry in entries} <= {"NEWS", "GEN", "PCOMM"}
    assert {entry["urls"][0] for entry in entries if "urls" in entry} >= {"https://example.org/ris?c=%20&d=~e#f"}
    assert {entry["date"] for entry in entries if entry["title"] == one_line(TITLES["ris"])} == {"2015/09/21"}


def test_csl_json_reads_back(api):
    titles = {item["title"] for item in json.loads(cited(api, "csl-json", SOURCES))}
    assert titles == {title for name, title in TITLES.items() if name != "plain"}
