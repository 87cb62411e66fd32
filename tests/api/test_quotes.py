"""/api/v1/quotes/: passages that may be quoted now, with what must stand beside them; proposed by one, approved by another."""

import datetime as dt

import pytest

from testimonies.access import Role, Tier
from testimonies.models import UsedTestimony
from testimonies.services import texts
from tests import factories as make
from tests.api.answers import refusal, results
from tests.api.test_writing import send

pytestmark = pytest.mark.django_db
URL = "/api/v1/quotes/"
WORDS = "Invented words, said by nobody."


def cleared(*uses, **values):
    return make.make_testimony(uses=["quote", *uses], texts=[WORDS], **values)


def found(client, query=""):
    return {item["id"] for item in results(client.get(f"{URL}?{query}"))}


def account(role=Role.EDITOR):
    """A key of an account of its own."""
    return {"Authorization": f"Bearer {make.make_key(role=role)[1]}"}


def test_a_quote_comes_with_all_that_must_stand_beside_it(api):
    code = make.make_code(parent=make.make_code())
    collection = make.make_collection(caveats=["Invented: nobody said this."])
    testimony = cleared(
        "campaign",
        codes=[code],
        collections=[collection],
        content_warnings=["killing"],
        person=make.make_person(name="", name_kind="none"),
        sources=[make.make_source(outlet="Invented Daily")],
    )
    quote = make.make_quote(testimony=testimony, words="words", note="Invented: for staff.")
    answer = api.get(f"{URL}{quote.pk}/").json()
    assert {key: answer[key] for key in ("quote", "start", "end", "prefix", "suffix", "language", "name", "outlets", "given")} == {
        "quote": "words", "start": 9, "end": 14, "prefix": "Invented ", "suffix": ", said by nobody.", "language": "en",
        "name": "unnamed", "outlets": ["Invented Daily"], "given": "2016-05-04",
    }  # fmt: skip
    assert answer["attribution"] == f"unnamed, to Invented Daily, 2016-05-04 ({testimony.ref})"
    assert (answer["content_warnings"], answer["caveats"]) == (["killing"], ["Invented: nobody said this."])
    assert [one["slug"] for one in answer["codes"]] == [code.slug]
    assert [one["source"]["outlet"] for one in answer["citations"]] == ["Invented Daily"]
    assert (answer["cleared_for"], answer["expires_at"], answer["note"]) == (["campaign", "quote"], None, "")
    assert api.as_("editor").get(f"{URL}{quote.pk}/").json()["note"] == "Invented: for staff."


def test_a_kunya_is_never_in_an_attribution(api):
    person = make.make_person(name="Abu Invented", name_kind="kunya")
    quote = make.make_quote(testimony=cleared(person=person))
    assert api.get(f"{URL}{quote.pk}/").json()["attribution"].startswith("unnamed, to ")


NOT_THERE = {
    # a quote that the public does not see, and whether partners do
    "above": (lambda: make.make_quote(testimony=cleared(), tier=Tier.PARTNER), True),
    "proposed": (lambda: make.make_quote(testimony=cleared(), status="proposed", decided_at=None), False),
    "rejected": (lambda: make.make_quote(testimony=cleared(), status="rejected"), False),
    "flagged": (lambda: make.make_quote(testimony=cleared(), anchor="fuzzy"), False),
    "lost": (lambda: make.make_quote(testimony=cleared(), anchor="orphaned"), False),
    "of a partner's testimony": (lambda: make.make_quote(testimony=cleared(tier=Tier.PARTNER)), True),
    "of a draft": (lambda: make.make_quote(testimony=cleared(status="draft")), False),
    "withdrawn": (lambda: make.make_quote(testimony=cleared(status="withdrawn")), False),
    "embargoed": (lambda: make.make_quote(testimony=cleared(embargo_until="2999-01-01T00:00:00Z")), False),
    "not cleared for quoting": (lambda: make.make_quote(testimony=make.make_testimony(texts=[WORDS])), False),
    "in a closed list": (lambda: make.make_quote(testimony=cleared(collections=[make.make_collection(listing="closed")])), False),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_THERE)
def test_what_is_not_there(api, case):
    make_it, partners = NOT_THERE[case]
    quote = make_it()
    url = f"{URL}{quote.pk}/"
    assert {role: api.as_(role).get(url).status_code for role in ("anonymous", "reader", "editor")} == {
        "anonymous": 404, "reader": 200 if partners else 404, "editor": 200,
    }  # fmt: skip
    assert {role: found(api.as_(role)) for role in ("anonymous", "reader")} == {
        "anonymous": set(), "reader": {str(quote.pk)} if partners else set(),
    }  # fmt: skip


def test_a_quote_of_a_text_above_the_tier_is_not_there(api):
    testimony = make.make_testimony(uses=["quote"])
    text = make.make_text(testimony=testimony, body=WORDS, tier=Tier.PARTNER)
    quote = make.make_quote(testimony=testimony, text=text)
    assert [found(api.as_(role)) for role in ("anonymous", "reader")] == [set(), {str(quote.pk)}]


def test_cleared_for_names_the_use_that_it_is_wanted_for(api):
    campaign, media = make.make_quote(testimony=cleared("campaign")), make.make_quote(testimony=cleared("media"))
    draft = make.make_quote(testimony=cleared("campaign", status="draft"))
    embargoed = make.make_quote(testimony=cleared("campaign", embargo_until="2999-01-01T00:00:00Z"))
    both = {str(campaign.pk), str(media.pk)}
    asked = {
        "": both,
        "cleared_for=campaign": {str(campaign.pk)},
        "cleared_for=quote": both,
        "cleared_for=training": set(),
    }
    assert {query: found(api, query) for query in asked} == asked
    assert found(api.as_("editor")) == both | {str(draft.pk), str(embargoed.pk)}
    assert found(api.as_("editor"), "cleared_for=campaign") == {str(campaign.pk)}
    assert refusal(api.get(f"{URL}?cleared_for=campaign&cleared_for=media"))[:2] == (400, "invalid_parameters")


def test_expiry_is_when_the_last_of_adjacent_clearances_ends(api, now):
    testimony = make.make_testimony(uses=[], texts=[WORDS])
    day = dt.timedelta(days=1)
    for uses, start, end in (
        (["quote", "campaign"], -1, 10), (["quote"], 10, 20), (["quote"], 15, 30), (["quote", "campaign"], 40, 50), (["research"], -1, None),
    ):  # fmt: skip
        make.make_clearance(
            testimony=testimony, uses=uses, starts_at=now + start * day, ends_at=end and now + end * day
        )
    quote = make.make_quote(testimony=testimony)

    def until(client, query):
        return [dt.datetime.fromisoformat(one["expires_at"]) for one in results(client.get(f"{URL}?{query}"))]

    for client in (api, api.as_("editor")):
        assert (
            until(client, "")
            == until(client, "cleared_for=quote")
            == until(client, "cleared_for=research")
            == [now + 30 * day]
        )
        assert until(client, "cleared_for=campaign") == [now + 10 * day]
        assert dt.datetime.fromisoformat(client.get(f"{URL}{quote.pk}/").json()["expires_at"]) == now + 30 * day


def test_a_key_for_some_uses_is_told_when_these_end(api, now):
    testimony = make.make_testimony(uses=[], texts=[WORDS])
    for use, days in (("quote", 30), ("campaign", 10)):
        make.make_clearance(testimony=testimony, uses=[use], ends_at=now + dt.timedelta(days=days))
    url = f"{URL}{make.make_quote(testimony=testimony).pk}/"
    secret = make.make_key(role="reader", uses=["campaign"])[1]
    answers = api.get(url), api.get(url, headers={"Authorization": f"Bearer {secret}"})
    ends = [dt.datetime.fromisoformat(answer.json()["expires_at"]) for answer in answers]
    assert ends == [now + dt.timedelta(days=30), now + dt.timedelta(days=10)]


def test_quotes_are_found_by_their_testimony(api):
    code, collection = make.make_code(parent=make.make_code()), make.make_collection()
    source = make.make_source(outlet="Invented Weekly")
    one = make.make_quote(testimony=cleared(codes=[code], collections=[collection], sources=[source]))
    french = make.make_testimony(uses=["quote"])
    text = make.make_text(testimony=french, body=WORDS, language="fr")
    other = make.make_quote(testimony=french, text=text)
    asked = {
        f"code={code.codebook.slug}/{code.slug}": {one}, f"code={code.codebook.slug}/{code.parent.slug}": {one},
        f"collection={collection.slug}": {one}, "outlet=INVENTED weekly": {one}, "language=fr": {other}, "language=en": {one},
        f"testimony={french.ref}": {other}, f"testimony={one.testimony_id}": {one},
    }  # fmt: skip
    for query, expected in asked.items():
        assert found(api, query) == {str(quote.pk) for quote in expected}, query
    for query in ("status=approved", "anchor=anchored"):
        assert refusal(api.get(f"{URL}?{query}"))[:2] == (400, "invalid_parameters")
        assert len(found(api.as_("editor"), query)) == 2


def test_a_translation_stands_beside_its_original(api):
    testimony = cleared()
    text = testimony.texts.get()
    translated = make.make_text(testimony=testimony, body="Mots inventés.", language="fr", kind="translation")
    hidden = make.make_text(
        testimony=testimony, body="Erfundene Worte.", language="de", kind="translation", tier=Tier.PARTNER
    )
    original = make.make_quote(testimony=testimony, text=text, words="Invented words")
    french = make.make_quote(testimony=testimony, text=translated, words="Mots inventés", translation_of=original)
    german = make.make_quote(testimony=testimony, text=hidden, words="Erfundene Worte", translation_of=original)
    seen = {
        role: {
            one["quote_id"]: (one["language"], one["quote"])
            for one in api.as_(role).get(f"{URL}{original.pk}/").json()["translations"]
        }
        for role in ("anonymous", "reader")
    }
    assert seen == {
        "anonymous": {str(french.pk): ("fr", "Mots inventés")},
        "reader": {str(french.pk): ("fr", "Mots inventés"), str(german.pk): ("de", "Erfundene Worte")},
    }
    assert api.get(f"{URL}{french.pk}/").json()["translation_of"] == str(original.pk)


# --- Proposing and approving ----------------------------------------------------------------------------------------------


def passage(testimony, words="words"):
    text = testimony.texts.get()
    start = text.body.index(words)
    return {
        "testimony_id": str(testimony.pk),
        "text_id": str(text.pk),
        "start": start,
        "end": start + len(words),
        "quote": words,
    }


def test_one_proposes_and_another_approves(api):
    testimony = cleared()
    one, other = account(), account()
    proposed = send(api, "post", "quotes/", passage(testimony), **one).json()
    decision = f"quotes/{proposed['id']}/decision/"
    assert (proposed["status"], found(api)) == ("proposed", set())
    assert refusal(send(api, "post", decision, {"to": "approved"}, **one))[:2] == (409, "own_work")
    assert send(api, "post", decision, {"to": "approved"}, **other).json()["status"] == "approved"
    assert found(api) == {proposed["id"]}
    assert send(api, "post", decision, {"to": "rejected"}, **one).json()["status"] == "rejected"
    assert found(api) == set()


def test_whatever_changes_is_proposed_anew_but_hiding_and_notes(api):
    testimony = cleared()
    quote = make.make_quote(testimony=testimony)
    one = account()
    url = f"quotes/{quote.pk}/"
    assert send(api, "patch", url, {"note": "Invented."}, if_match="*", **one).json()["status"] == "approved"
    assert send(api, "patch", url, {"tier": "partner"}, if_match="*", **one).json()["status"] == "approved"
    assert send(api, "patch", url, {"tier": "public"}, if_match="*", **one).json()["status"] == "proposed"
    other = send(
        api, "patch", url, {key: passage(testimony)[key] for key in ("start", "end", "quote")}, if_match="*", **one
    )
    assert (other.json()["status"], other.json()["quote"]) == ("proposed", "words")
    assert refusal(send(api, "post", f"{url}decision/", {"to": "approved"}, **one))[:2] == (409, "own_work")


@pytest.mark.parametrize(
    ("values", "pointer"),
    [({"quote": "other"}, "/quote"), ({"end": 999}, "/end"), ({"start": 12, "end": 12}, "/end"), ({"text_id": "00000000-0000-4000-8000-000000000000"}, "/text_id"),
     ({"translation_of_id": "00000000-0000-4000-8000-000000000000"}, "/translation_of_id"), ({"testimony_id": "00000000-0000-4000-8000-000000000000"}, "/testimony_id")],
)  # fmt: skip
def test_a_passage_is_of_a_text_as_it_is(api, values, pointer):
    answer = send(api.as_("editor"), "post", "quotes/", passage(cleared()) | values)
    assert refusal(answer) == (400, "invalid", [pointer])


def test_a_coder_proposes_and_changes_only_their_own(api):
    testimony = cleared()
    coder = account(Role.CODER)
    quote = send(api, "post", "quotes/", passage(testimony), **coder).json()
    assert send(api, "patch", f"quotes/{quote['id']}/", {"note": "Invented."}, if_match="*", **coder).status_code == 200
    assert refusal(send(api, "post", f"quotes/{quote['id']}/decision/", {"to": "approved"}, **coder))[:2] == (
        403,
        "forbidden",
    )
    approved = make.make_quote(testimony=testimony)
    assert refusal(send(api, "patch", f"quotes/{approved.pk}/", {"note": "x"}, if_match="*", **coder))[:2] == (
        409,
        "not_allowed_now",
    )


def test_who_still_codes_does_not_see_what_another_proposes(api):
    testimony = cleared()
    coding, secret = make.make_key(role=Role.CODER)
    mine = {"Authorization": f"Bearer {secret}"}
    make.make_assignment(testimony=testimony, coder=coding.user)
    theirs = send(api, "post", "quotes/", passage(testimony), **account()).json()["id"]
    assert api.get(f"{URL}{theirs}/", headers=mine).status_code == 404
    assert api.get(f"{URL}{theirs}/", headers=account(Role.CODER)).status_code == 200
    own = send(api, "post", "quotes/", passage(testimony, "nobody"), **mine).json()["id"]
    assert api.get(f"{URL}{own}/", headers=mine).status_code == 200


EDITS = [
    # the text after the edit: how the quote is anchored then, and whether it is still served
    ("Invented words, said by nobody. More of it.", "anchored", True),
    ("First of all: Invented words, said by nobody.", "moved", True),
    ("Invented wor-ds, said by nobody.", "fuzzy", False),
    ("Nothing of it is left here at all.", "orphaned", False),
]


@pytest.mark.parametrize(("body", "anchor", "served"), EDITS)
def test_a_quote_follows_its_text_or_is_withheld_until_looked_at(api, actors, body, anchor, served):
    testimony = cleared(status="draft")
    quote = make.make_quote(testimony=testimony, words="Invented words, said by")
    text = testimony.texts.get()
    texts.change(testimony.pk, text.pk, by=actors["editor"], version=None, body=body)
    quote.refresh_from_db()
    answer = api.as_("editor").get(f"{URL}{quote.pk}/").json()
    assert (answer["anchor"], answer["quote"] in body) == (anchor, served)
    assert bool(found(api.as_("editor"), f"anchor={anchor}")) is True
    decided = send(api, "post", f"quotes/{quote.pk}/decision/", {"to": "approved"}, **account())
    assert decided.status_code == (200 if served else 409)


def test_a_quote_whose_text_is_removed_keeps_its_words_and_is_withheld(api, actors):
    testimony = cleared(status="draft")
    quote = make.make_quote(testimony=testimony)
    texts.remove(testimony.pk, testimony.texts.get().pk, by=actors["editor"], version=None)
    answer = api.as_("editor").get(f"{URL}{quote.pk}/").json()
    assert (answer["text_id"], answer["anchor"], answer["quote"], answer["language"]) == (
        None,
        "orphaned",
        "Invented",
        "",
    )
    assert found(api.as_("editor"), "cleared_for=quote") == set()


def test_a_use_keeps_its_testimony_when_the_quotes_are_deleted(api):
    testimony = cleared("campaign")
    use = make.make_use(testimonies=(testimony,))
    for words in ("Invented", "words"):
        UsedTestimony.objects.create(
            use=use, testimony=testimony, quote=make.make_quote(testimony=testimony, words=words)
        )
    for quote in testimony.quotes.all():
        assert send(api, "delete", f"quotes/{quote.pk}/", if_match="*", **account()).status_code == 204
    shown = api.as_("editor").get(f"/api/v1/uses/{use.pk}/").json()["testimonies"]
    assert [(one["testimony_id"], one["quote_id"]) for one in shown] == [(str(testimony.pk), None)]
