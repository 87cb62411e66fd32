"""`snippets`: why a record was found, from what the caller may see, as plain text in pieces."""

import pytest

from testimonies.access import Tier
from testimonies.selectors import pages, search
from tests import factories as make
from tests.api.answers import results, titles

pytestmark = pytest.mark.django_db
URL = "/api/v1/testimonies/"
FILLER = "Nothing of note happened on that day. " * 60


def record(title, summary="Invented.", *, name="", texts=(), **values):
    person = make.make_person(name=name, name_kind="outlet_pseudonym" if name else "none")
    made = make.make_testimony(title=title, summary=summary, person=person, membership=None, sources=[], **values)
    for position, (language, tier, body) in enumerate(texts):
        make.make_text(testimony=made, language=language, tier=tier, body=body, position=position)


def make_records():
    with make.batch():
        record("The bridge", "Invented. He crossed two bridges; the second bridge fell.", name="Bridget Bridge")
        record("<script>alert('ferry')</script>", 'Invented & "quoted" <b>ferries</b>.')
        record("Une traversée", "Inventé. L'École de l'été fut fermée.", summary_language="fr")
        record("عبور", "مختلق. خرج أَحْمَد من المدرسةِ ثم عاد.", summary_language="ar")
        record("Straßen", "Erfunden. Die Straße nach Köln.", summary_language="de")
        record("Reed", texts=[("en", Tier.PUBLIC, f"{FILLER}Then the lanterns went out. {FILLER}")])
        record(
            "Three texts",
            texts=[
                ("en", Tier.PUBLIC, "A harbour by day."),
                ("en", Tier.PARTNER, "The harbour, a harbour and one more harbour by night."),
                ("en", Tier.RESTRICTED, "Hidden harbour of harbours, harbour and harbour: a cellar."),
            ],
        )
        record(
            "Two rows", "Invented. She saw the mill.", texts=[("en", Tier.PUBLIC, "The mill and the weir stood there.")]
        )
        record("Windows", "Invented. Order of the old order: the old window.")


@pytest.fixture(scope="module", autouse=True)
def made(keep):
    keep(make_records)


def shown(client, q, **values):
    """title -> field -> its passage, with matches in brackets."""
    return {
        item["title"]: {
            snippet["field"]: "".join(f"[{s['text']}]" if s["is_match"] else s["text"] for s in snippet["segments"])
            for snippet in item["snippets"]
        }
        for item in results(client.get(URL, {"q": q, **values}))
    }


FOUND = [
    ("bridge", {"The bridge": {"title": "The [bridge]", "name": "Bridget [Bridge]", "summary": "Invented. He crossed two [bridges]; the second [bridge] fell."}}),
    ("ferry", {"<script>alert('ferry')</script>": {"title": "<script>alert('[ferry]')</script>", "summary": 'Invented & "quoted" <b>[ferries]</b>.'}}),
    ("ecole ete", {"Une traversée": {"summary": "Inventé. L'[École] de l'[été] fut fermée."}}),
    ("احمد مدرسة", {"عبور": {"summary": "مختلق. خرج [أَحْمَد] من [المدرسةِ] ثم عاد."}}),
    ("strasse", {"Straßen": {"title": "[Straßen]", "summary": "Erfunden. Die [Straße] nach Köln."}}),
    ("mill", {"Two rows": {"summary": "Invented. She saw the [mill]."}}),
    ("mill weir", {"Two rows": {"summary": "Invented. She saw the [mill].", "text": "The [mill] and the [weir] stood there."}}),
    ('"old order"', {"Windows": {"summary": "Invented. Order of the [old] [order]: the old window."}}),
    ('"old order" OR nothing-like-it', {"Windows": {"summary": "Invented. Order of the [old] [order]: the old window."}}),
    ("window -bridge", {"Windows": {"title": "[Windows]", "summary": "of the old order: the old [window]."}}),
]  # fmt: skip


@pytest.mark.parametrize(("q", "expected"), FOUND, ids=[row[0] for row in FOUND])
@pytest.mark.parametrize("ordering", ["relevance", "-updated_at"])
def test_what_is_shown_and_marked(api, q, expected, ordering):
    assert shown(api, q, ordering=ordering) == expected


def test_of_a_long_text_the_passage_is_shown(api):
    item = results(api.get(URL, {"q": "lantern"}))[0]
    (snippet,) = item["snippets"]
    text = "".join(segment["text"] for segment in snippet["segments"])
    assert "Then the lanterns went out." in text
    assert len(text) < 250
    body = f"{FILLER}Then the lanterns went out. {FILLER}"
    assert body[snippet["start"] :].startswith(text)
    found = results(api.get(f"{URL}{item['id']}/texts/"))
    assert snippet["text_id"] == found[0]["id"]


def test_of_the_texts_that_the_caller_sees_the_best_is_shown(api):
    shown_to = {caller: shown(api.as_(caller), "harbour")["Three texts"] for caller in ("public", "reader", "editor")}
    assert shown_to == {
        "public": {"text": "A [harbour] by day."},
        "reader": {"text": "The [harbour], a [harbour] and one more [harbour] by night."},
        "editor": {"text": "Hidden [harbour] of [harbours], [harbour] and [harbour]: a cellar."},
    }


@pytest.mark.parametrize("q", ["-bridge", ""])
def test_without_words_to_find_nothing_is_shown(api, q):
    assert {len(item["snippets"]) for item in results(api.get(URL, {"q": q}))} == {0}


def test_a_search_shows_the_same_records_as_the_list(api):
    """But for the snippets, an item is what it is in any list."""
    plain = {item["id"]: item for item in results(api.get(URL))}
    for item in results(api.get(URL, {"q": "invented OR the"})):
        assert item | {"snippets": []} == plain[item["id"]]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_title_and_text_matches_are_walked_in_one_order(api, size):
    """Those whose title or summary has it come first; pages of them are found in another way than the rest."""
    q = {"q": "harbour OR mill OR bridge OR lantern OR order", "ordering": "relevance"}
    whole = titles(api.get(URL, q))
    assert len(whole) == 5
    assert set(whole[-2:]) == {"Three texts", "Reed"}
    found = list(api.pages(URL, **q, page_size=size))
    assert [item["title"] for page in found for item in page["results"]] == whole
    there = []
    page = found[-1]
    while page["previous"]:
        page = api.get(page["previous"]).json()
        there = [item["title"] for item in page["results"]] + there
    assert there == whole[: len(there)]
    assert len(there) == len(whole) - len(found[-1]["results"])


@pytest.mark.parametrize("walk", [1, 2_000])
def test_frequent_words_are_found_in_the_same_way(api, monkeypatch, walk):
    queries = ["invented", "invented -bridge", "the OR harbour", '"old order" invented', "mill weir", "cellar"]

    def walked(q):
        found = list(api.pages(URL, q=q, page_size=2, count="exact"))
        back = api.get(found[-1]["previous"]).json() if found[-1]["previous"] else None
        return found, back

    answers = [walked(q) for q in queries]
    monkeypatch.setattr(pages, "WALK", walk)
    for frequent in (True, False):
        monkeypatch.setattr(search, "is_frequent", lambda *_, frequent=frequent, **__: frequent)
        assert [walked(q) for q in queries] == answers
