"""Bad input of every kind: what is said about it, where, and that nothing is stored."""

import json
from typing import Any

import pytest

from testimonies import models
from testimonies.errors import RejectedFile
from tests.services.folders import CODEBOOK, MANIFEST, changed, dumped, line

WORDS_OF_KIND = (
    "interview, second_hand, broadcast_statement, video_statement, documentary, written_account, court_statement, other"
)
SOURCE = {
    "outlet": "Invented",
    "title": None,
    "url": None,
    "published_edtf": None,
    "medium": "blog",
    "relation": "original",
}
CLEARANCE = {"basis": "informed", "status": "active", "uses": ["research"], "valid_from": "2020-01-15", "valid_until": None,
             "withdrawn_on": None, "reviewed_by": "a role"}  # fmt: skip
CONFLICT = {"field": "person.left_edtf", "values": [{"value": "2015", "source": 0}], "resolution": None}

LINES: list[tuple[dict[str, Any], list[str]]] = [
    # missing, unknown, of the wrong type
    ({"tier": ...}, ["tier: is missing"]),
    ({"person": ...}, ["person: is missing"]),
    ({"person": "Pseudonym"}, ["person: must be an object, in {braces}"]),
    ({"sources": {}}, ["sources: must be a list, in [brackets]", "sources: is missing or empty: who published it?"]),
    ({"sources": ["BBC"]}, ["sources[0]: must be an object, in {braces}"]),
    ({"sources__0__relation": ...}, ["sources[0].relation: is missing"]),
    ({"nickname": "x"}, ["nickname: there is no such field"]),
    ({"person__Real Name: X": 1}, ["person: has a field whose name is not known"]),
    ({"testimony__mood": 1}, ["testimony.mood: there is no such field"]),
    ({"testimony__title": 7}, ["testimony.title: must be a text"]),
    ({"testimony__title": " "}, ["testimony.title: is empty"]),
    ({"testimony__title": "x" * 301}, ["testimony.title: has more than 300 characters"]),
    ({"person__age_at_testimony": "31"}, ["person.age_at_testimony: must be a whole number"]),
    ({"person__age_at_testimony": True}, ["person.age_at_testimony: must be a whole number"]),
    ({"person__age_at_testimony": 131}, ["person.age_at_testimony: must be from 0 to 130"]),
    ({"in_icsr_2015": "no"}, ["in_icsr_2015: must be true or false"]),
    ({"in_icsr_2015": False}, ["in_icsr_2015: needs the collection icsr2015, which is not loaded"]),
    # words
    ({"schema": "public-testimony/2"}, ["schema: must be public-testimony/1"]),
    ({"tier": "secret"}, ["tier: must be one of public, partner, restricted"]),
    ({"testimony__kind": "chat"}, [f"testimony.kind: must be one of {WORDS_OF_KIND}"]),
    ({"person__gender": "x"}, ["person.gender: must be one of female, male, other, not_known"]),
    ({"testimony__content_warnings": ["x"]}, ["testimony.content_warnings[0]: must be one of killing, execution, sexual_violence, torture, child_harm"]),
    ({"testimony__content_warnings": ["killing", "killing"]}, ["testimony.content_warnings[1]: is there twice"]),
    # countries, languages, dates, addresses
    ({"person__nationality": "XX"}, ["person.nationality: must be a country as ISO 3166-1 alpha-2, such as SY"]),
    ({"testimony__place_country": "sy"}, ["testimony.place_country: must be a country as ISO 3166-1 alpha-2, such as SY"]),
    ({"testimony__language": "english"}, ["testimony.language: must be a language as a BCP 47 tag, such as en or ar"]),
    ({"person__left_edtf": "around 2015"}, ["person.left_edtf: must be an EDTF date, such as 2014, 2014-09-25, 2014-06~ or 2014/2015"]),
    ({"sources__0__published_edtf": "2015-13"}, ["sources[0].published_edtf: must be an EDTF date, such as 2014, 2014-09-25, 2014-06~ or 2014/2015"]),
    ({"sources__0__url": "javascript:alert(1)"}, ["sources[0].url: must be an address that starts with http:// or https://"]),
    ({"embargo_until": "2098-02-30"}, ["embargo_until: must be a day, such as 2020-01-15"]),
    ({"embargo_until": "9999-12-31"}, ["embargo_until: must be a day, such as 2020-01-15"]),
    ({"embargo_until": "20980101"}, ["embargo_until: must be a day, such as 2020-01-15"]),
    # what no database keeps
    ({"testimony__summary": "a\0b"}, ["testimony.summary: holds a character that no database keeps: NUL, or half of a pair of surrogates"]),
    ({"person__other_aliases": ["\0"]}, ["person.other_aliases[0]: holds a character that no database keeps: NUL, or half of a pair of surrogates"]),
    # keys and people
    ({"record_key": "a: b"}, ["record_key: must not hold a colon and a space: they part a collection's slug from a key"]),
    ({"possible_same_person_as": ["one"]}, ["possible_same_person_as: names the record itself"]),
    ({"invented": False}, ["invented: must be true in a collection whose basis_of_use is invented, and only there"]),
    ({"person__name_kind": "none"}, ["person.other_aliases: a person whose name_kind is none has no other names"]),
    ({"person__group": "تنظيم"}, ["person.group: needs Latin letters or digits, of which its short name is made"]),
    # codes
    ({"codes__leaving": ["leave-none"]}, ["codes.leaving[0]: must be an assignable code of leaving in tiny@1"]),
    ({"codes__leaving": ["leaving"]}, ["codes.leaving[0]: must be an assignable code of leaving in tiny@1"]),
    ({"codes__leaving": ["risk-one"]}, ["codes.leaving[0]: must be an assignable code of leaving in tiny@1"]),
    ({"codes__mood": ["leave-one"]}, ["codes.mood: there is no such field"]),
    # evidence and conflicts
    ({"evidence__0__source": 2}, ["evidence[0].source: must be from 0 to 1"]),
    ({"evidence__0__source": None}, ["evidence[0].source: is missing"]),
    ({"evidence__0__fields": []}, ["evidence[0].fields: is missing or empty"]),
    ({"conflicts": [changed(CONFLICT, field="person.shoe")]}, ["conflicts[0].field: must be the name of a field, such as person.left_edtf or codes.joining"]),
    ({"conflicts": [CONFLICT, CONFLICT]}, ["conflicts[1].field: has its own entry already: list all values there"]),
    ({"conflicts": [changed(CONFLICT, values=[])]}, ["conflicts[0].values: is missing or empty"]),
    ({"conflicts": [changed(CONFLICT, values__0__source=9)]}, ["conflicts[0].values[0].source: must be from 0 to 1"]),
    ({"conflicts": [changed(CONFLICT, values__0__value=None)]}, ["conflicts[0].values[0].value: is missing"]),
    # texts
    ({"texts": [{"role": "translation", "language": "en", "tier": "public", "body": "x"}]}, ["texts: a translation needs its original beside it"]),
    ({"texts": [{"role": "original", "language": "en", "tier": "public", "body": ""}]}, ["texts[0].body: is empty"]),
    # clearances
    ({"clearance": changed(CLEARANCE, status="withdrawn")}, ["clearance.withdrawn_on: must be there when the status is withdrawn, and only then"]),
    ({"clearance": changed(CLEARANCE, status="expired")}, ["clearance.valid_until: must be there when the status is expired"]),
    ({"clearance": changed(CLEARANCE, valid_until="2020-01-14")}, ["clearance.valid_until: must not be before valid_from"]),
    ({"clearance": changed(CLEARANCE, uses=[])}, ["clearance.uses: is missing or empty"]),
    ({"clearance": changed(CLEARANCE, uses=["sale"])}, ["clearance.uses[0]: must be one of research, summary, quote, campaign, training, media, test"]),
    ({"clearance": changed(CLEARANCE, valid_from=None)}, ["clearance.valid_from: is missing"]),
]  # fmt: skip


@pytest.fixture
def problems(load):
    """What is said about a folder that is refused; nothing of it may be stored."""

    def problems(*lines, **options) -> list[str]:
        with pytest.raises(RejectedFile) as caught:
            load(*lines, **options)
        for model in (
            models.Testimony,
            models.Person,
            models.Source,
            models.Collection,
            models.Codebook,
            models.Region,
        ):
            assert not model.objects.exists()
        return caught.value.problems

    return problems


@pytest.mark.parametrize(("changes", "expected"), LINES, ids=[str(list(changes))[:50] for changes, _ in LINES])
def test_a_bad_line(problems, changes, expected):
    bad = changed(line("one"), **changes)
    assert problems(line("good"), bad) == [f"made_up.jsonl:2: {text}" for text in expected]


def test_everything_is_said_at_once(problems):
    assert problems(
        changed(line("one"), tier="secret", person__gender="x", testimony__language=None),
        b"{broken",
        line("one", testimony__given_edtf="?"),
        manifest={"tier": "odd", "record_count": 4},
        files={"regions.json": [{"slug": "here", "name": "Here", "countries": ["ZZ"]}]},
    ) == [
        f"regions.json: [0].countries[0]: {COUNTRY}",
        "collections.json: collections[0].tier: must be one of public, partner, restricted",
        "made_up.jsonl:2: is not JSON: Expecting property name enclosed in double quotes (column 2)",
        "made_up.jsonl:1: tier: must be one of public, partner, restricted",
        "made_up.jsonl:1: person.gender: must be one of female, male, other, not_known",
        "made_up.jsonl:1: testimony.language: is missing",
        "made_up.jsonl:3: testimony.given_edtf: must be an EDTF date, such as 2014, 2014-09-25, 2014-06~ or 2014/2015",
        "made_up.jsonl:3: record_key: is the key of made_up.jsonl:1 too",
        "collections.json: collections[0].record_count: says 4, but the files hold 3",
    ]


COUNTRY = "must be a country as ISO 3166-1 alpha-2, such as SY"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{broken", "is not JSON: Expecting property name enclosed in double quotes (column 2)"),
        (b'{"a": 1} {"b": 2}', "is not JSON: Extra data (column 10)"),
        (b'{"a": "\x00"}', "is not JSON: Invalid control character at (column 8)"),
        (b'{"a": "\xff"}', "is not UTF-8"),
        (b'{"a": NaN}', "is not JSON: NaN and Infinity are no numbers"),
        (b'{"a": 1, "a": 2}', "is not JSON: a field is there twice in one object"),
        (b'{"a": ' + b"9" * 5000 + b"}", "is not JSON: a number is too long, or brackets are nested too deep"),
        (b"[" * 100_000, "is not JSON: a number is too long, or brackets are nested too deep"),
        (b"null", "must be an object, in {braces}"),
        (b"[]", "must be an object, in {braces}"),
    ],
)
def test_a_line_that_is_no_object(problems, content, expected):
    found = problems(line(), content)
    assert found[0] == f"made_up.jsonl:2: {expected}"
    assert len(found) == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"slug": "Made Up"}, ["slug: must be lower-case letters, digits and single hyphens"]),
        ({"title": ...}, ["title: is missing"]),
        ({"colour": "red"}, ["colour: there is no such field"]),
        ({"codebook": "tiny"}, ["codebook: must be a codebook's slug and version, such as icsr2015@1.1.0"]),
        ({"permitted_uses": ["sale"]}, ["permitted_uses[0]: must be one of research, summary, quote, campaign, training, media, test"]),
        ({"record_count": ...}, ["record_count: is missing", "record_count: says 0, but the files hold 1"]),
        ({"record_count": 2}, ["record_count: says 2, but the files hold 1"]),
        ({"files": ["made_up.jsonl", "more.jsonl"]}, ["files[1]: there is no such file in the folder"]),
        ({"files": ["made_up.jsonl", "made_up.csv"]}, ["files[1]: must be a .jsonl file of records or a .json file of figures"]),
        ({"files": ["made_up.jsonl", "../secret.jsonl"]}, ["files[1]: must be the plain name of a file in the folder"]),
        ({"files": ["made_up.jsonl", "/etc/passwd"]}, ["files[1]: must be the plain name of a file in the folder"]),
        ({"files": ["made_up.jsonl", "..\\secret.jsonl"]}, ["files[1]: must be the plain name of a file in the folder"]),
        ({"files": ["made_up.jsonl", "link.jsonl"]}, ["files[1]: must be the plain name of a file in the folder"]),
    ],
)  # fmt: skip
def test_a_bad_manifest(problems, tmp_path, changes, expected):
    (tmp_path / "secret.jsonl").write_bytes(dumped(line("secret")))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/link.jsonl").symlink_to(tmp_path / "secret.jsonl")
    (tmp_path / "folder/made_up.csv").touch()
    found = problems(line(), manifest=changes)
    assert [text for text in found if ".jsonl:" not in text] == [
        f"collections.json: collections[0].{text}" for text in expected
    ]


def test_a_codebook_that_nobody_has(problems):
    assert problems(line(), manifest={"codebook": "tiny@2"}) == [
        "collections.json: collections[0].codebook: this version is neither loaded nor in codebook_tiny.json",
        "made_up.jsonl:1: codes: the collection names no codebook that could be read",
        "made_up.jsonl:1: evidence[0].fields[1]: must be the name of a field, such as nationality or codes.leaving",
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"codes__1__level": 3}, "codes[1].level: must be 1 for a dimension, and else one more than the parent's"),
        ({"codes__1__parent": "risk-one"}, "codes[1].parent: must be a code that comes before this one"),
        ({"codes__2__slug": "leave-one"}, "codes[2].slug: is the slug of a code before it too"),
        ({"codes__2__tier": "vault"}, "codes[2].tier: must be one of public, partner, restricted"),
        ({"codebook__language": "xx-invalid-xx"}, "codebook.language: must be a language as a BCP 47 tag, such as en or ar"),
    ],
)  # fmt: skip
def test_a_bad_codebook(problems, changes, expected):
    found = problems(line(), files={"codebook_tiny.json": changed(CODEBOOK, **changes)})
    assert [text for text in found if "codebook" in text] == [f"codebook_tiny.json: {expected}"]


def test_two_collections_of_one_file(problems):
    entries = [{**MANIFEST, "record_count": 1}, {**MANIFEST, "record_count": 1}]
    assert problems(line(), files={"collections.json": {"collections": entries}}) == [
        "collections.json: collections[1].slug: is the slug of another collection too",
        "collections.json: collections[1].files: a file belongs to another collection too",
    ]


FIGURE = {
    "id": "one", "scope": "cases", "quote_free": "One.", "status": "given", "metric": "count", "operator": "eq", "value": 1,
    "sources": [{"title": "Invented", "publisher": "Invented", "date": None, "section": "p. 1", "access": "a drawer"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"scope": "all"}, "figures[0].scope: must be one of cases, context, recommendation"),
        ({"range": [2, 1]}, "figures[0].range: must be [least, greatest], two numbers in order"),
        ({"range": "1-2"}, "figures[0].range: must be [least, greatest], two numbers in order"),
        ({"value": [1]}, "figures[0].value: must be a text"),
        ({"denominator": -1}, "figures[0].denominator: must be from 0 to 2147483647"),
        ({"sources": [{**FIGURE["sources"][0], "publisher": None}]}, "figures[0].sources[0].publisher: is missing"),
    ],
)
def test_a_bad_figure(problems, changes, expected):
    files = {"figures.json": {"figures": [{**FIGURE, **changes}]}}
    found = problems(files=files, manifest={"files": ["figures.json"]})
    assert found == [f"figures.json: {expected}"]


def test_no_folder(problems, tmp_path):
    from testimonies.services import collections

    with pytest.raises(RejectedFile) as caught:
        collections.load(path=tmp_path / "nowhere")
    assert caught.value.problems == ["collections.json: is missing: name a folder that holds it"]


@pytest.mark.parametrize(
    "content", [b"", b"null", b"[]", b"{}", b'{"collections": []}', b'{"collections": 1}', b"\xff"]
)
def test_a_manifest_that_is_none(problems, content):
    assert all(text.startswith("collections.json") for text in problems(files={"collections.json": content}))


def test_protected_text_is_never_repeated(problems):
    secret = "Zenobia-the-invented"
    bad = changed(
        line(secret),
        tier=secret, membership=secret, person__alias=secret * 20, person__gender=secret, person__nationality=secret,
        person__left_edtf=secret, testimony__title=secret * 20, testimony__language=secret, testimony__kind=secret,
        sources__0__url=secret, sources__0__outlet=secret * 20, codes__leaving=[secret], evidence__0__fields=[secret],
        possible_same_person_as=[secret], person__other_aliases=[secret, secret], embargo_until=secret,
        texts=[{"role": secret, "language": secret, "tier": secret, "body": secret}], clearance={secret + " ": secret},
    )  # fmt: skip
    found = problems(bad)
    assert len(found) > 20
    assert secret not in "\n".join(found)


def test_the_database_refuses_without_repeating_values(problems, monkeypatch):
    """Should a check of ours ever miss what a constraint catches, its name is told and the row is not."""
    from testimonies.services.loading import building

    original = building.Draft.testimony

    def spoilt(draft):
        row = original(draft)
        row.age_from, row.age_to = 40, 30
        return row

    monkeypatch.setattr(building.Draft, "testimony", spoilt)
    assert problems(line()) == ["the database refused a value: testimony_ages_are_in_order"]


def test_a_byte_order_mark_and_empty_lines_do_no_harm(load):
    content = (
        b"\xef\xbb\xbf" + dumped(line("one")) + b"\r\n\n" + dumped(line("two", testimony__summary="a\u2028b")) + b"\n"
    )
    report = load(manifest={"record_count": 2}, files={"made_up.jsonl": content})
    assert report.kinds["testimonies"].created == 2
    assert json.loads(dumped(line("two"))) == line("two")
