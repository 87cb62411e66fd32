"""/api/v1/corrections/: what is frozen changes when a second person says so. All records are invented."""

import json
from threading import Barrier

import pytest
from django.test import Client

from testimonies import models, projections
from testimonies.access import Tier
from testimonies.services import corrections
from tests import factories as make
from tests.api.answers import results
from tests.projections.sessions import Session
from tests.writers import Writers, nothing_is_stale, refusals

URL = "corrections/"


@pytest.fixture
def w(transactional_db) -> Writers:
    w = Writers()
    w.body = {
        "record_id": str(w.published.pk),
        "reason": "Invented: the interview was given a year later.",
        "testimony": {"given": "2017", "title": w.published.title, "membership": "alleged"},
    }
    return w


def propose(w, name="coder", body=None):
    made = w.ask(name, "post", URL, body or w.body)
    assert made.status_code == 201, made.content
    return made.json()


def decide(w, name, one, decision, note=""):
    return w.ask(name, "post", f"{URL}{one['id']}/decision/", {"decision": decision, "note": note})


def document(w, name="reader"):
    return w.ask(name, "get", f"testimonies/{w.published.pk}/").json()


def test_proposed_shown_approved_and_done_at_once(w):
    frozen = w.ask("editor", "patch", f"testimonies/{w.published.pk}/", {"given": "2017"}, match="*")
    assert (frozen.status_code, frozen.json()["code"]) == (409, "frozen")
    made = w.ask("coder", "post", URL, w.body)
    one = made.json()
    assert one == {
        "id": one["id"],
        "version": 1,
        "kind": "testimony",
        "testimony_id": str(w.published.pk),
        "record_id": str(w.published.pk),
        "record_version": 1,
        "changes": [  # the title is what it was
            {"field": "given", "before": "2016-05-04", "proposed": "2017"},
            {"field": "membership", "before": "says_member", "proposed": "alleged"},
        ],
        "reason": w.body["reason"],
        "state": "proposed",
        "proposed_by": w.users["coder"].username,
        "proposed_at": one["proposed_at"],
        "decided_by": "",
        "decided_at": None,
        "note": "",
    }
    assert made.headers["Location"].endswith(f"/{URL}{one['id']}/")
    assert w.ask("editor", "get", f"{URL}{one['id']}/").headers["ETag"] == made.headers["ETag"]
    before = w.ask("reader", "get", f"testimonies/{w.published.pk}/")
    assert before.json()["given"] == "2016-05-04"
    done = decide(w, "editor", one, "approved", "Invented: checked.")
    assert done.json() == {
        **one,
        "version": 2,
        "state": "approved",
        "decided_by": w.users["editor"].username,
        "decided_at": done.json()["decided_at"],
        "note": "Invented: checked.",
    }
    assert (document(w)["given"], document(w)["membership"]) == ("2017", "alleged")
    entry = w.ask("coder", "get", f"testimonies/{w.published.pk}/history/").json()["results"][0]
    assert entry["reason"] == f"Correction {one['id']}: {w.body['reason']}"
    assert entry["who"].startswith(f"{w.users['editor'].username}, key:")
    assert nothing_is_stale()


def test_nobody_below_restricted_notices_a_proposal(w):
    before = w.ask("reader", "get", f"testimonies/{w.published.pk}/")
    one = propose(w)
    after = w.ask("reader", "get", f"testimonies/{w.published.pk}/")
    assert (after.content, after.headers["ETag"]) == (before.content, before.headers["ETag"])
    for address in (URL, f"{URL}{one['id']}/"):
        assert w.ask("reader", "get", address).status_code == 403


WHO = {
    #            reads, approves, rejects, withdraws a proposal of `coder`
    "reader":    (403, 403, 403, 403),
    "coder":     (200, 403, 403, 200),
    "author":    (200, 403, 403, 403),
    "editor":    (200, 200, 200, 403),
    "custodian": (200, 200, 200, 403),
}  # fmt: skip


@pytest.mark.parametrize("name", WHO)
def test_who_may(w, name):
    reads, *expected = WHO[name]
    assert w.ask(name, "get", f"{URL}{propose(w)['id']}/").status_code == reads
    for decision, status in zip(("approved", "rejected", "withdrawn"), expected, strict=True):
        with projections.refreshed():
            models.Testimony.objects.filter(pk=w.published.pk).update(given="2016-05-04")
            w.published.membership.__class__.objects.filter(pk=w.published.membership_id).update(
                belonging="says_member"
            )
        one = propose(w)
        assert decide(w, name, one, decision, "Invented.").status_code == status
        left = models.Correction.objects.get(pk=one["id"]).state
        assert left == (decision if status == 200 else "proposed")


def test_nobody_decides_on_their_own_proposal(w):
    one = propose(w, "editor")
    for decision in ("approved", "rejected"):
        refused = decide(w, "editor", one, decision, "Invented.")
        assert (refused.status_code, refused.json()["code"]) == (409, "own_work")
    assert document(w)["given"] == "2016-05-04"
    assert decide(w, "editor", one, "withdrawn").json()["state"] == "withdrawn"


def test_what_is_decided_stays_decided(w):
    one = propose(w)
    assert refusals(decide(w, "editor", one, "rejected")) == [("/note", "required")]
    assert decide(w, "editor", one, "rejected", "Invented: it says 2016.").json()["note"] == "Invented: it says 2016."
    for name, decision in (("editor", "approved"), ("publisher", "rejected"), ("coder", "withdrawn")):
        refused = decide(w, name, one, decision, "Invented.")
        assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed_now")
    assert document(w)["given"] == "2016-05-04"


def test_what_has_changed_since_is_not_overwritten(w):
    one, other = propose(w), propose(w)
    body = {**w.body, "testimony": {"credibility": "2"}}
    third = propose(w, body=body)
    assert decide(w, "editor", one, "approved").status_code == 200
    refused = decide(w, "editor", other, "approved")
    assert (refused.status_code, refused.json()["code"]) == (409, "outdated")
    assert "belonging" in refused.json()["detail"]
    assert "given" in refused.json()["detail"]
    assert models.Correction.objects.get(pk=other["id"]).state == "proposed"
    assert decide(w, "editor", third, "approved").status_code == 200  # of a field that nobody touched
    assert document(w)["credibility"] == "2"


def test_it_is_done_as_a_whole_or_not_at_all(w):
    body = {**w.body, "testimony": {"title": "Invented: another", "group": "no-such-group"}}
    refused = decide(w, "editor", propose(w, body=body), "approved")
    assert refusals(refused) == [("/group", "unknown")]
    assert document(w)["title"] == w.published.title
    assert models.Correction.objects.get().state == "proposed"


def part(w, kind, row, /, **values):
    return {
        "record_id": str(row.pk) if row else None,
        "testimony_id": str(w.published.pk),
        "reason": "Invented.",
        kind: values,
    }


def test_every_kind_of_record(w):
    text = make.make_text(testimony=w.published)
    claim = make.make_claim(testimony=w.published)
    citation, clearance = w.published.citations.get(), w.published.clearances.get()
    person, source, other = w.published.person, w.source, make.make_source()
    names = [{"value": "Invented Uno", "kind": "outlet_pseudonym", "tier": "public"}]
    starts_at = "2020-01-01T00:00:00Z"
    bodies = [
        {"record_id": str(person.pk), "reason": "Invented.", "person": {"nationality": "IQ", "other_names": names}},
        {"record_id": str(source.pk), "reason": "Invented.", "source": {"outlet": "Invented Weekly"}},
        part(w, "text", text, body="Other invented words."),
        part(w, "claim", claim, value="2015", source_id=str(other.pk)),
        part(w, "citation", citation, locator="p. 9", evidence=[{"field": "left", "basis": "stated", "note": "x"}]),
        part(w, "clearance", clearance, uses=["research", "media"]),
        part(w, "text", None, language="en", kind="excerpt", body="More invented words.", tier="public"),
        part(w, "citation", None, source_id=str(other.pk), relation="original", tier="public"),
        part(w, "claim", None, field="left", value="2013", tier="public"),
        part(w, "clearance", None, basis="informed", uses=["training"], starts_at=starts_at),
    ]
    for body in bodies:
        one = propose(w, body=body)
        done = decide(w, "editor", one, "approved")
        assert done.status_code == 200, done.content
    seen = document(w)
    assert seen["person"]["nationality"] == "IQ"
    assert {one["locator"] for one in seen["citations"]} == {"p. 9", ""}
    assert {one["source"]["outlet"] for one in seen["citations"]} == {"Invented Weekly", other.outlet}
    assert [one["body"] for one in seen["texts"]] == ["Other invented words.", "More invented words."]
    assert [one["value"] for one in seen["claims"]] == ["2015", "2013"]
    assert seen["cleared_for"] == ["media", "research", "training"]
    assert models.PersonName.objects.get(person=person).tier == Tier.PUBLIC
    assert nothing_is_stale()


def test_consensus_codes_are_corrected_as_a_whole_list(w):
    old, new = (make.make_code(is_assignable=True) for _ in range(2))
    with projections.refreshed():
        models.ConsensusCode.objects.create(testimony=w.published, code=old)
    names = [f"{code.codebook.slug}@{code.codebook.edition}/{code.slug}" for code in (old, new)]
    here = f"testimonies/{w.published.pk}/codes/"
    assert w.ask("editor", "put", here, {"codes": names}, match="*").json()["code"] == "frozen"
    body = {"record_id": str(w.published.pk), "reason": "Invented.", "codes": {"codes": [str(new.pk), names[0]]}}
    one = propose(w, body=body)
    before, proposed = json.dumps(names[:1]), json.dumps(sorted(names))
    assert one["changes"] == [{"field": "codes", "before": before, "proposed": proposed}]
    assert [code["slug"] for code in document(w)["codes"]] == [old.slug]
    assert decide(w, "editor", one, "approved").status_code == 200
    assert {code["slug"] for code in document(w)["codes"]} == {old.slug, new.slug}
    assert refusals(w.ask("coder", "post", URL, body)) == [("/codes", "unchanged")]
    assert nothing_is_stale()


def test_codes_that_were_set_since_are_not_overwritten(w):
    old, new = (make.make_code(is_assignable=True) for _ in range(2))
    with projections.refreshed():
        models.ConsensusCode.objects.create(testimony=w.published, code=old)
    body = {"record_id": str(w.published.pk), "reason": "Invented.", "codes": {"codes": [str(old.pk), str(new.pk)]}}
    one = propose(w, body=body)
    assert w.ask("editor", "put", f"testimonies/{w.published.pk}/codes/", {"codes": []}, match="*").status_code == 200
    outdated = decide(w, "publisher", one, "approved")
    assert (outdated.status_code, outdated.json()["code"]) == (409, "outdated")
    assert document(w)["codes"] == []


def test_lowered_tiers_and_lifted_embargoes_go_the_same_way(w):
    at = f"testimonies/{w.published.pk}/"
    hidden = {"tier": "restricted", "embargo_until": "2999-01-01T00:00:00Z"}
    assert w.ask("coder", "patch", at, hidden, match="*").status_code == 200  # alone and at once
    shown = {"tier": "public", "embargo_until": None}
    assert w.ask("editor", "patch", at, shown, match="*").json()["code"] == "frozen"
    one = propose(w, body={**w.body, "testimony": shown})
    assert [(change["field"], change["before"], change["proposed"]) for change in one["changes"]] == [
        ("embargo_until", "2999-01-01T00:00:00+00:00", ""),
        ("tier", "restricted", "public"),
    ]
    assert decide(w, "editor", one, "approved").status_code == 200
    assert document(w)["title"] == w.published.title


def test_lists_filter_by_state_kind_and_testimony(w):
    first = propose(w)
    second = propose(w, body={"record_id": str(w.source.pk), "reason": "Invented.", "source": {"title": "Invented"}})
    third = propose(w, body=part(w, "text", make.make_text(testimony=w.published), body="Invented: other."))
    decide(w, "editor", first, "rejected", "Invented.")

    def found(query):
        return {one["id"] for one in results(w.ask("author", "get", f"{URL}?{query}"))}

    assert found("") == {first["id"], second["id"], third["id"]}
    assert found("state=proposed") == {second["id"], third["id"]}
    assert found("kind=source&kind=text") == {second["id"], third["id"]}
    assert found(f"testimony={w.published.ref}") == {first["id"], third["id"]}
    assert found(f"testimony={w.published.pk}&state=rejected") == {first["id"]}
    assert w.ask("author", "get", f"{URL}?state=decided").status_code == 400


def test_what_the_coder_does_not_see_is_not_corrected_nor_shown(w):
    """The draft is another coder's."""
    bodies = [
        {"record_id": str(w.draft.pk), "reason": "Invented.", "testimony": {"title": "Invented: another"}},
        {"record_id": str(w.person.pk), "reason": "Invented.", "person": {"gender": "other"}},
        {"record_id": str(w.unseen_source.pk), "reason": "Invented.", "source": {"title": "Invented: another"}},
        {**part(w, "text", None, language="en", kind="excerpt", body="x"), "testimony_id": str(w.draft.pk)},
    ]
    for body in bodies:
        assert w.ask("coder", "post", URL, body).status_code == 404
        one = propose(w, "editor", body)
        assert w.ask("coder", "get", f"{URL}{one['id']}/").status_code == 404
        assert decide(w, "coder", one, "withdrawn").status_code == 404
    assert results(w.ask("coder", "get", URL)) == []
    assert len(results(w.ask("custodian", "get", URL))) == 4


WRONG = [
    ({}, [("", "one_kind")]),
    ({"testimony": {}, "person": {}}, [("", "one_kind")]),
    ({"testimony": {"colour": "red"}}, [("/testimony/colour", "unknown_field")]),
    ({"testimony": {"given": 7}}, [("/testimony/given", "invalid")]),
    ({"testimony": {}}, [("/testimony", "unchanged")]),
    ({"testimony": {"kind": "interview"}}, [("/testimony", "unchanged")]),
    ({"testimony": {"title": "x"}, "record_id": None}, [("/record_id", "required")]),
    ({"text": {"body": "x"}}, [("/testimony_id", "required")]),
    ({"codes": {}}, [("/codes", "unchanged")]),
    ({"codes": {"codes": ["nowhere/none"]}}, [("/codes/codes/0", "unknown")]),
    ({"testimony": {"title": "x"}, "reason": ""}, [("/reason", "blank")]),
]


@pytest.mark.parametrize(("body", "expected"), WRONG)
def test_what_is_wrong_with_a_proposal(w, body, expected):
    whole = {"record_id": str(w.published.pk), "reason": "Invented.", **body}
    assert refusals(w.ask("coder", "post", URL, whole)) == expected


def test_a_new_part_needs_what_a_part_needs(w):
    body = part(w, "text", None, language="en")
    assert refusals(w.ask("coder", "post", URL, body)) == [("/text/kind", "required"), ("/text/body", "required")]


def test_the_same_request_again_proposes_once(w):
    api = {"Idempotency-Key": "one"}
    first, again = (_post(w, api) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert models.Correction.objects.count() == 1


def _post(w, headers):
    authorised = {"Authorization": f"Bearer {w.secrets['coder']}", **headers}
    return Client(SERVER_NAME="localhost").post(
        f"/api/v1/{URL}", w.body, content_type="application/json", headers=authorised
    )


def test_it_goes_with_what_it_corrects(w):
    propose(w)
    person = propose(w, body={"record_id": str(w.published.person_id), "reason": "x", "person": {"gender": "other"}})
    body = {"confirm": w.published.ref}
    assert w.ask("custodian", "post", f"testimonies/{w.published.pk}/erasure/", body).status_code == 200
    assert not models.Correction.objects.exists()
    assert w.ask("editor", "get", f"{URL}{person['id']}/").status_code == 404


def test_of_two_who_approve_at_once_one_does(w, monkeypatch):
    one, before = propose(w), models.Testimony.objects.get(pk=w.published.pk).version
    together, change = Barrier(2, timeout=30), corrections.testimonies.change

    def meet(*args, **kwargs):
        together.wait()
        return change(*args, **kwargs)

    monkeypatch.setattr(corrections.testimonies, "change", meet)
    found = []
    sessions = [Session(lambda name=name: found.append(decide(w, name, one, "approved").status_code)) for name in ("editor", "publisher")]  # fmt: skip
    for session in sessions:
        session.finish(60)
    assert sorted(found) == [200, 412]
    assert models.Testimony.objects.get(pk=w.published.pk).version == before + 2  # the record, and its membership
    assert models.Correction.objects.get().state == "approved"
    assert nothing_is_stale()
