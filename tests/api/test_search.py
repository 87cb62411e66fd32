"""`q`: what is found by which words, in which language, and at which tier."""

import pytest

from testimonies.access import Tier
from testimonies.models import PersonName
from tests import factories as make
from tests.api.answers import results, titles

pytestmark = pytest.mark.django_db
URL = "/api/v1/testimonies/"


def record(title, summary="Invented.", *, texts=(), person=None, **values):
    """`texts`: (language, tier, body) of each."""
    person = person or make.make_person(name="", name_kind="none")
    made = make.make_testimony(
        title=title, summary=summary, person=person, membership=None, sources=[], account_language="ga", **values
    )
    for position, (language, tier, body) in enumerate(texts):
        make.make_text(testimony=made, language=language, tier=tier, body=body, position=position)


def make_records():
    with make.batch():
        record("war", "He fled the war.")
        record("peace", "He fled to peace.")
        record("order", "The war, which he fled, was far.")
        record("split", "She crossed the border.", texts=[("en", Tier.PUBLIC, "There was a lighthouse.")])
        record("half", "She crossed the border.")
        record(
            "deep",
            "Nothing to see.",
            texts=[
                ("en", Tier.PUBLIC, "A public lantern."),
                ("en", Tier.PARTNER, "A partner harbour."),
                ("en", Tier.RESTRICTED, "A hidden cellar."),
            ],
        )
        record("partner", "A sailor told it.", tier=Tier.PARTNER)
        record("draft", "A sailor wrote it.", status="draft")
        record("german", "Die Häuser der Großstädte brannten.", summary_language="de")
        record("arabic", "ذهب المقاتلون إلى المدرسة", summary_language="ar")
        record("french", "Ils étaient déçus par l'émir.", summary_language="fr")
        record("russian", "Он видел ёлки и дома.", summary_language="ru")
        record("turkish", "IŞIK kapıda", summary_language="tr")
        record("unstemmed", "Invented: sopravvissuti.", summary_language="mt")
        record("letters", "Straße, smørrebrød, ﬁnal, Ａ1, naïve", summary_language="en")
        record("stops", "To be or not to be: who were they?")
        record("marks", "Email to nobody@example.com, rank no. 5-b, ex-fighter.")
        kunya = make.make_person(name="Umm Quxana", name_kind="kunya")
        record("kunya", person=kunya)
        given = make.make_person(name="Quxana", name_kind="given_name")
        record("given", person=given)
        alias = make.make_person(name="Quxana the Second", name_kind="outlet_pseudonym")
        record("alias", person=alias)
        raised = make.make_person(name="Quxana the Third", name_kind="outlet_pseudonym", raised={"name": 1})
        record("raised", person=raised)
        PersonName.objects.create(person=alias, value="Zorblax", kind="kunya", tier=Tier.PUBLIC)
        record("note", notes_internal="whisper")
        record("summary raised", "A thunderstorm.", raised={"summary": 1})
        record("weigh", "storm storm", raised={})
        record("weigh storm", "Nothing.")
        record("weigh storm twice", "storm")  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def made(keep):
    keep(make_records)


FOUND = [
    # q, then what the public, a partner and an editor find; None: as the one before
    ("fled", "war, peace, order", None, None),
    ("FLED", "war, peace, order", None, None),
    ("fled war", "war, order", None, None),
    ("war fled", "war, order", None, None),
    ('"fled the war"', "war", None, None),
    ("“fled the war”", "war", None, None),
    ("«fled the war»", "war", None, None),
    ('"war fled"', "", None, None),
    ('"fled the war', "war", None, None),
    ("fled -war", "peace", None, None),
    ("fled -wars", "peace", None, None),
    ('fled -"the war"', "peace", None, None),
    ('fled -"fled the war"', "peace, order", None, None),
    ("peace OR war", "war, peace, order", None, None),
    ("fled peace OR far", "peace, order", None, None),
    ("fled or peace", "", None, None),
    ("fled OR", "war, peace, order", None, None),
    ("OR fled", "war, peace, order", None, None),
    ("fled - war", "war, order", None, None),
    ("fled & !war | (peace)", "", None, None),
    ("fled:* <-> war", "war, order", None, None),
    # stems
    ("fleds", "war, peace, order", None, None),
    ("sailing sailed", "", None, None),
    ("borders lighthouses", "split", None, None),
    ("haus", "german", None, None),
    ("Häusern", "german", None, None),
    ("grossstadt", "german", None, None),
    ("brannte", "german", None, None),
    ("decus", "french", None, None),
    ("emirs", "french", None, None),
    ("ёлка", "russian", None, None),
    ("елку", "russian", None, None),
    ("домов", "russian", None, None),
    ("ışık", "turkish", None, None),
    ("isik", "turkish", None, None),
    ("kapı", "turkish", None, None),
    ("sopravvissuti", "unstemmed", None, None),
    ("sopravvissuto", "", None, None),
    # spelling
    ("strasse", "letters", None, None),
    ("STRASSE", "letters", None, None),
    ("smorrebrod", "letters", None, None),
    ("final a1 naive", "letters", None, None),
    ("مدرسة", "arabic", None, None),
    ("المَدْرَسَةِ", "arabic", None, None),
    ("مدرسه", "arabic", None, None),
    ("مقاتل", "arabic", None, None),
    ("الي المدرسة", "arabic", None, None),
    ("إلى", "arabic", None, None),
    # words that search engines like to ignore
    ("to be or not to be", "stops", None, None),
    ("who were they", "stops", None, None),
    ('"or not to"', "stops", None, None),
    ("the", "war, order, split, half, alias", "war, order, split, half, alias, raised", None),
    # cut alike
    ("nobody@example.com", "marks", None, None),
    ("example", "marks", None, None),
    ("5-b", "marks", None, None),
    ("fighter", "marks", None, None),
    ("ex-fighter", "marks", None, None),
    ("fighter-ex", "", None, None),
    ("-5 war", "war, order", None, None),
    # summary here, text there
    ("border lighthouse", "split", None, None),
    ("border -lighthouse", "half", None, None),
    ("lighthouse -border", "", None, None),
    ("split lighthouse", "split", None, None),
    ('"border there"', "", None, None),
    # tiers
    ("lantern", "deep", None, None),
    ("harbour", "", "deep", "deep"),
    ("cellar", "", "", "deep"),
    ("lantern -harbour", "deep", "", ""),
    ("lantern -cellar", "deep", "deep", ""),
    ("sailor", "", "partner", "partner, draft"),
    ("thunderstorm", "", "summary raised", None),
    ("whisper", "", None, None),
    # names: only shown ones
    ("quxana", "alias", "alias, raised", "alias, raised, given, kunya"),
    ("umm", "", "", "kunya"),
    ('"umm quxana"', "", "", "kunya"),
    ("second -quxana", "", "", ""),
    ("zorblax", "", "", ""),
    ("unnamed", "", "", ""),
    # exclusions alone, and nothing at all
    ("-invented -the -nothing -fled -a -storm", "summary raised, german, arabic, french, russian, turkish, letters, stops, marks",
     "german, arabic, french, russian, turkish, letters, stops, marks", None),
]  # fmt: skip


@pytest.mark.parametrize(("q", "found"), [(q, found) for q, *found in FOUND], ids=[row[0] for row in FOUND])
def test_words_find_exactly_these(api, q, found):
    before = None
    for caller, names in zip(("public", "reader", "editor"), found, strict=True):
        before = before if names is None else {name for name in names.split(", ") if name}
        assert set(titles(api.as_(caller).get(URL, {"q": q}))) == before


@pytest.mark.parametrize("q", ["", " ", "-", '""', "OR", "- OR --", "…", "؟", "()&|!:*<->", '-""'])
def test_what_holds_no_word_is_no_search(api, q):
    everything = titles(api.get(URL))
    assert len(everything) == 24
    assert titles(api.get(URL, {"q": q})) == everything


def test_searching_goes_with_filters_and_counts(api):
    answer = api.get(
        URL, {"q": "fled", "account_language": "ga", "count": "exact", "ordering": "title", "page_size": "2"}
    )
    assert (titles(answer), answer.json()["count"]) == (["order", "peace"], 3)
    assert titles(api.get(URL, {"q": "fled", "account_language": "de"})) == []


def test_relevance_weighs_the_title_most(api):
    found = titles(api.get(URL, {"q": "storm", "ordering": "relevance"}))
    assert found == ["weigh storm twice", "weigh storm", "weigh"]
    assert titles(api.get(URL, {"q": "storm", "ordering": "-relevance"})) == found


def test_relevance_weighs_only_what_the_caller_sees(api):
    """A text above the tier neither finds a record nor moves it."""
    q = {"q": "lantern OR harbour OR cellar OR storm", "ordering": "relevance"}
    assert titles(api.as_("public").get(URL, q)) == titles(api.as_("public").get(URL, {**q, "q": "lantern OR storm"}))


def test_other_words_of_a_hidden_text_change_nothing(api):
    def seen():
        return [
            results(api.as_("reader").get(URL, {"q": q, "ordering": "relevance"}))
            for q in ("lantern", "-cellar", "cellar OR lantern")
        ]

    before = seen()
    record("later", "Nothing to see.", texts=[("en", Tier.RESTRICTED, "A cellar of cellars.")], tier=Tier.RESTRICTED)
    assert seen() == before


def test_at_most_thirty_two_words(api):
    assert titles(api.get(URL, {"q": " ".join(["fled"] * 32)})) != []
    assert api.get(URL, {"q": " ".join(["fled"] * 33)}).status_code == 400
