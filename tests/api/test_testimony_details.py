"""/api/v1/testimonies/{id}/ and its texts/: what each tier reads of one record, and that a hidden one is no different from none."""

from types import SimpleNamespace

import pytest

from testimonies.access import Tier
from testimonies.models import CaseLink, Evidence, TestimonyExternalId
from tests import factories as make
from tests.api.answers import errors, everything, has_the_shape_of, results

pytestmark = pytest.mark.django_db
URL = "/api/v1/testimonies/"
REF, PERSON, DAILY, RADIO, BOOK = "T-10000019", "P-0000000E", "S-0000000S", "S-1000001F", "S-2000002G"
NEVER_THERE = "00000000-0000-4000-8000-000000000000"


def make_record():
    """One public testimony with something of every tier in it, and beside it one of every kind that the public may not see."""
    with make.batch():
        w = SimpleNamespace()
        w.group = make.make_group(slug="north")
        w.person = make.make_person(
            ref=PERSON,
            name="Umm Invented",
            name_kind="kunya",
            gender="female",
            nationality="SY",
            residence_before=None,
            origin_stated="Western country",
            missing={"residence_before": "refused"},
        )
        w.membership = make.make_membership(
            person=w.person, group=w.group, role_in_group="support", joined="2014~", left=None
        )
        codebook = make.make_codebook(slug="alpha", edition="1")
        leaving = make.make_code(codebook=codebook, slug="leaving", position=0)
        open_code = make.make_code(parent=leaving, slug="leave-brutality", position=1)
        closed_code = make.make_code(parent=leaving, slug="exit-smuggler", tier=Tier.RESTRICTED, position=2)
        sealed = make.make_code(codebook=codebook, slug="sealed", tier=Tier.RESTRICTED, position=3)
        below = make.make_code(parent=sealed, slug="open", position=4)
        press = make.make_collection(slug="press", caveats=["Invented: nobody said this."])
        shelf = make.make_collection(slug="shelf", caveats=["Invented, for partners."], tier=Tier.PARTNER)
        w.testimony = make.make_testimony(
            ref=REF,
            person=w.person,
            membership=w.membership,
            title="Invented: the whole record",
            summary="Invented. She tells.",
            notes_internal="Invented note.",
            kind="interview",
            speaking_conditions="in_custody",
            account_language="ar",
            given="2016-05~",
            given_country="TR",
            age_from=27,
            age_to=28,
            credibility="2",
            content_warnings=["killing"],
            coding_status="single_reader",
            missing={"left": "withheld_for_safety"},
            codes=[open_code, closed_code, below],
            collections=[press, shelf],
            sources=[],
            uses=["summary", "research"],
        )
        TestimonyExternalId.objects.create(testimony=w.testimony, system="invented", value="t-1")
        CaseLink.objects.create(testimony=w.testimony, collection=press, is_case=True)
        CaseLink.objects.create(testimony=w.testimony, collection=shelf, is_case=False)
        w.daily = make.make_source(
            ref=DAILY,
            outlet="Invented Daily",
            title="Invented article",
            url="https://example.org/daily",
            reliability="B",
        )
        w.radio = make.make_source(ref=RADIO, outlet="Invented Radio", title="", url="", published=None, medium="radio")
        w.book = make.make_source(ref=BOOK, outlet="Hidden Herald", tier=Tier.RESTRICTED, medium="book")
        w.cited = make.make_citation(testimony=w.testimony, source=w.daily, locator="p. 5", position=0)
        make.make_citation(
            testimony=w.testimony, source=w.radio, relation="report_about", position=1, tier=Tier.PARTNER
        )
        make.make_citation(testimony=w.testimony, source=w.book, position=2)
        Evidence.objects.create(citation=w.cited, field="nationality", basis="stated")
        w.claim = make.make_claim(
            testimony=w.testimony,
            field="left",
            value="2015",
            source=w.daily,
            is_preferred=True,
            note="Invented reason.",
        )
        make.make_claim(testimony=w.testimony, field="left", value="2016", source=w.book, tier=Tier.PARTNER, position=1)
        make.make_claim(
            testimony=w.testimony, field="age_from", value="27", position=2
        )  # exact, where readers see a band
        w.arabic = make.make_text(testimony=w.testimony, language="ar", body="كلام مخترع", position=0)
        w.english = make.make_text(
            testimony=w.testimony,
            language="en",
            kind="translation",
            translation_of=w.arabic,
            body="Invented words.",
            position=1,
            tier=Tier.PARTNER,
        )
        w.german = make.make_text(
            testimony=w.testimony,
            language="de",
            kind="excerpt",
            body="Erfundene Worte.",
            position=2,
            tier=Tier.RESTRICTED,
        )
        w.partner = make.make_testimony(tier=Tier.PARTNER, sources=[])
        w.restricted = make.make_testimony(tier=Tier.RESTRICTED, sources=[])
        w.draft = make.make_testimony(status="draft", sources=[])
        w.in_review = make.make_testimony(status="in_review", sources=[])
        w.withdrawn = make.make_testimony(status="withdrawn", sources=[])
        w.uncleared = make.make_testimony(uses=[], sources=[])
        w.of_a_hidden_person = make.make_testimony(person=make.make_person(tier=Tier.RESTRICTED), sources=[])
    return w  # fmt: skip


@pytest.fixture(scope="module")
def made(keep):
    return keep(make_record)


def detail(api, made, caller):
    response = api.as_(caller).get(f"{URL}{REF}/")
    assert response.status_code == 200, response.content
    return response.json()


def source_ref(source, **values):
    return {"id": str(source.pk), "ref": source.ref, "outlet": source.outlet, "reliability": "not_graded"} | values


def test_the_public_reads_exactly_this(api, made):
    body = detail(api, made, "public")
    assert body.pop("updated_at").endswith("Z")
    assert body == {
        "id": str(made.testimony.pk), "ref": "T-10000019", "title": "Invented: the whole record", "summary": "Invented. She tells.",
        "summary_language": "en", "raised": [],
        "kind": "interview", "speaking_conditions": "in_custody", "account_language": "ar",
        "given": "2016-05~", "given_earliest": "2016-05-01", "given_latest": "2016-05-31", "given_country": "TR",
        "person": {
            "id": str(made.person.pk), "ref": "P-0000000E", "name": "unnamed", "name_kind": "kunya", "gender": "female",
            "nationality": "SY", "residence_before": None, "origin_stated": "Western country",
        },
        "age_from": 25, "age_to": 29, "group": "north", "membership": "says_member",
        "joined": "2014~", "joined_earliest": "2014-01-01", "joined_latest": "2014-12-31",
        "left": None, "left_earliest": None, "left_latest": None,
        "codes": [
            {"codebook": "alpha", "version": "1", "dimension": "leaving", "slug": "leave-brutality"},
            {"codebook": "alpha", "version": "1", "dimension": "", "slug": "open"},  # of a dimension above the tier
        ],
        "coding_status": "single_reader", "credibility": "2", "content_warnings": ["killing"], "outlets": ["Invented Daily"],
        "collections": ["press"], "cleared_for": ["research", "summary"], "status": "published", "tier": "public",
        "missing": [
            {"field": "left", "reason": "not_available"}, {"field": "residence_before", "reason": "not_available"},
        ],
        "role_in_group": "support",
        "citations": [
            {
                "id": str(made.cited.pk), "relation": "original", "locator": "p. 5", "supports": [],
                "source": {
                    "id": str(made.daily.pk), "ref": "S-0000000S", "outlet": "Invented Daily", "title": "Invented article",
                    "url": "https://example.org/daily", "published": "2015-09-21", "medium": "newspaper", "reliability": "B",
                },
            }
        ],
        "claims": [
            {
                "id": str(made.claim.pk), "field": "left", "value": "2015", "source_id": str(made.daily.pk), "is_preferred": True,
                "note": "",
            }
        ],
        "cases": [{"collection": "press", "is_case": True}],
        "caveats": ["Invented: nobody said this."],
        "notes_internal": "", "embargo_until": None, "external_ids": [], "version": None,
        "texts": [
            {
                "id": str(made.arabic.pk), "language": "ar", "kind": "transcript", "translation_of": None, "tier": "public",
                "body": "كلام مخترع",
            }
        ],
    }  # fmt: skip


def test_a_partner_reads_more_of_it(api, made):
    body, public = detail(api, made, "reader"), detail(api, made, "public")
    more = {key: body[key] for key in body if body[key] != public[key]}
    assert more.keys() == {"outlets", "collections", "citations", "claims", "cases", "caveats", "texts"}
    assert more["outlets"] == ["Invented Daily", "Invented Radio"]
    assert more["collections"] == ["press", "shelf"]
    assert [citation["source"]["ref"] for citation in more["citations"]] == [DAILY, RADIO]
    assert [(claim["value"], claim["source_id"]) for claim in more["claims"]] == [
        ("2015", str(made.daily.pk)),
        ("2016", None),
    ]
    assert more["cases"] == [{"collection": "press", "is_case": True}, {"collection": "shelf", "is_case": False}]
    assert more["caveats"] == ["Invented: nobody said this.", "Invented, for partners."]
    assert [text["body"] for text in more["texts"]] == ["كلام مخترع", "Invented words."]
    assert more["texts"][1]["translation_of"] == str(made.arabic.pk)


@pytest.mark.parametrize("caller", ["coder", "editor", "custodian"])
def test_staff_read_all_of_it(api, made, caller):
    body, partner = detail(api, made, caller), detail(api, made, "reader")
    more = {key: body[key] for key in body if body[key] != partner[key]}
    assert more.pop("person") == partner["person"] | {"name": "Umm Invented"}
    assert [(code["dimension"], code["slug"]) for code in more.pop("codes")] == [
        ("leaving", "leave-brutality"), ("leaving", "exit-smuggler"), ("sealed", "open"),
    ]  # fmt: skip
    assert [(c["source"]["ref"], c["supports"]) for c in more.pop("citations")] == [
        (DAILY, ["nationality"]), (RADIO, []), (BOOK, []),
    ]  # fmt: skip
    assert [(claim["field"], claim["value"], claim["note"]) for claim in more.pop("claims")] == [
        ("left", "2015", "Invented reason."), ("left", "2016", ""), ("age_from", "27", ""),
    ]  # fmt: skip
    assert [text["body"] for text in more.pop("texts")] == ["كلام مخترع", "Invented words.", "Erfundene Worte."]
    assert more.pop("outlets") == ["Invented Daily", "Invented Radio", "Hidden Herald"]
    more.pop("updated_at", None)
    assert more == {
        "age_from": 27, "age_to": 28,
        "missing": [
            {"field": "left", "reason": "withheld_for_safety"}, {"field": "residence_before", "reason": "refused"},
        ],
        "notes_internal": "Invented note.", "external_ids": [{"system": "invented", "value": "t-1"}],
        "version": made.testimony.version,
    }  # fmt: skip


def test_shapes_are_the_same_at_every_tier(api, made):
    filled = detail(api, made, "editor")
    assert [key for key, value in filled.items() if value == []] == ["raised"]  # otherwise this would compare less
    for caller in ("anonymous", "public", "reader", "coder", "custodian"):
        assert has_the_shape_of(detail(api, made, caller), filled)
        (item,) = [item for item in results(api.as_(caller).get(URL)) if item["ref"] == REF]
        assert item.pop("snippets") == []  # of lists alone
        assert has_the_shape_of(item, {key: filled[key] for key in list(filled)[: len(item)]})


@pytest.mark.parametrize("caller", ["public", "reader", "editor"])
def test_the_list_says_what_the_detail_says(api, made, caller):
    body = detail(api, made, caller)
    (item,) = [item for item in results(api.as_(caller).get(URL)) if item["ref"] == REF]
    assert item.pop("snippets") == []  # of lists alone
    assert item == {key: body[key] for key in item}
    assert list(body)[: len(item)] == list(item)


@pytest.mark.parametrize("spelling", ["T-10000019", "t-10000019", "T-IOOOOOI9", "t-looooOL9", "%20T-10000019%20"])
def test_a_reference_is_read_as_people_write_it(api, made, spelling):
    by_ref, by_id = api.get(f"{URL}{spelling}/"), api.get(f"{URL}{made.testimony.pk}/")
    assert by_ref.status_code == 200
    assert (by_ref.content, by_ref.headers["ETag"]) == (by_id.content, by_id.headers["ETag"])


HIDDEN = {
    # name in `made`: status codes for public, partner, coder, editor
    "testimony": (200, 200, 200, 200),
    "partner": (404, 200, 200, 200),
    "restricted": (404, 404, 200, 200),
    "draft": (404, 404, 404, 200),
    "in_review": (404, 404, 404, 200),
    "withdrawn": (404, 404, 404, 200),
    "uncleared": (404, 404, 200, 200),
    "of_a_hidden_person": (404, 404, 200, 200),
}


@pytest.mark.parametrize("below", ["", "texts/", "citation/", "texts/?count=exact", "citation/?format=bibtex"])
@pytest.mark.parametrize("name", HIDDEN)
def test_a_hidden_record_is_no_different_from_one_that_never_was(api, made, name, below):
    record = getattr(made, name)
    for caller, status in zip(("public", "reader", "coder", "editor"), HIDDEN[name], strict=True):
        client = api.as_(caller)
        by_id, by_ref = client.get(f"{URL}{record.pk}/{below}"), client.get(f"{URL}{record.ref}/{below}")
        assert (by_id.status_code, by_ref.status_code) == (status, status)
        if status == 404:
            never = everything(client.get(f"{URL}{NEVER_THERE}/{below}"))
            assert everything(by_id) == everything(by_ref) == never


@pytest.mark.parametrize(
    "key",
    [
        "x",
        "T-10000018",
        "T-1000001",
        "P-0000000E",
        "S-0000000S",
        "1",
        "%00",
        "%FF",
        "T-10000019T-10000019",
        "a" * 3000,
        "٣",
    ],
)
def test_what_is_no_id_is_not_found(api, made, key):
    never = everything(api.get(f"{URL}{NEVER_THERE}/"))
    assert everything(api.get(f"{URL}{key}/")) == never


@pytest.mark.parametrize("key", [REF, NEVER_THERE])
@pytest.mark.parametrize(
    ("below", "wrong"),
    [
        ("?expand=all", [("expand", "unknown_parameter")]),
        ("?q=x&page_size=1", [("q", "unknown_parameter"), ("page_size", "unknown_parameter")]),
        ("texts/?gender=female", [("gender", "unknown_parameter")]),
        ("texts/?match=certain", [("match", "unknown_parameter")]),
        ("texts/?kind=transcrip&language=--", [("kind", "unknown_value"), ("language", "unknown_value")]),
        ("citation/?format=endnote", [("format", "unknown_value")]),
        ("citation/?style=apa", [("style", "unknown_parameter")]),
        ("citation/?format=bibtex&format=bibtex", [("format", "unknown_value")]),
    ],
)
def test_unknown_parameters_are_refused_whether_the_record_is_there_or_not(api, made, key, below, wrong):
    assert errors(api.get(f"{URL}{key}/{below}")) == wrong


ALLOWED = {
    "": {"GET", "HEAD", "POST"},
    f"{REF}/": {"GET", "HEAD", "PUT", "PATCH", "DELETE"},
    f"{REF}/texts/": {"GET", "HEAD", "POST"},
    f"{REF}/citation/": {"GET", "HEAD"},
}


METHODS = {"post", "put", "patch", "delete", "options", "trace"}


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (path, method)
        for path, allowed in ALLOWED.items()
        for method in sorted(METHODS)
        if method.upper() not in allowed
    ],
)
def test_nothing_else_can_be_done(api, made, method, path):
    response = getattr(api.as_("custodian"), method)(f"{URL}{path}")
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == ALLOWED[path]


@pytest.mark.parametrize("path", ["", f"{REF}/", f"{REF}/texts/", f"{REF}/citation/"])
def test_head_is_get_without_its_body(api, made, path):
    get, head = api.get(f"{URL}{path}"), api.head(f"{URL}{path}")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]


# --- texts/ -------------------------------------------------------------------------------------------------------------

TEXTS = [
    # query string, then the languages of the texts that the public, a partner and an editor find
    ("", "ar", "ar en", "ar en de"),
    ("language=en", "", "en", "en"),
    ("language=ENG&language=de", "", "en", "en de"),
    ("kind=transcript", "ar", "ar", "ar"),
    ("kind=translation&kind=excerpt", "", "en", "en de"),
    ("kind=translation&language=de", "", "", ""),
    ("ordering=-position", "ar", "en ar", "de en ar"),
]


@pytest.mark.parametrize(("query", "found"), [(query, found) for query, *found in TEXTS])
def test_texts_are_those_of_the_tier(api, made, query, found):
    for caller, languages in zip(("public", "reader", "editor"), found, strict=True):
        page = api.as_(caller).get(f"{URL}{REF}/texts/?count=exact&{query}").json()
        assert [text["language"] for text in page["results"]] == languages.split()
        assert page["count"] == len(languages.split())


@pytest.mark.parametrize(("caller", "pages"), [("public", 1), ("reader", 2), ("editor", 3)])
def test_texts_are_those_of_the_detail_page_by_page(api, made, caller, pages):
    texts, url = [], f"{URL}{REF}/texts/?page_size=1"
    for number in range(pages):
        page = api.as_(caller).get(url).json()
        texts += page["results"]
        assert (page["next"] is None) == (number == pages - 1)
        url = page["next"]
    assert texts == detail(api, made, caller)["texts"]
