"""What is published is frozen at the desk too: the refused form offers both ways on, and a second person decides."""

import pytest

from testimonies import models, projections
from tests import factories as make
from tests.admin.pages import errors_of, form_of
from tests.admin.test_testimonies import CLAIM, TEXT, parts, path
from tests.writers import nothing_is_stale

PROPOSE = {"_propose": "Propose as a correction"}
WHY = {"reason_for_history": "Invented: the recording says otherwise."}


def now(testimony):
    return models.Testimony.objects.get(pk=testimony.pk)


def refused(desk, name="editor", **changed):
    """The form of the published testimony after it was refused: what a browser would send again."""
    one = desk.at(name)
    response = one.send(path(desk.published), one.open(path(desk.published)), **changed)
    assert response.status_code == 200
    return response


def propose(desk, name="editor", **changed):
    form = form_of(refused(desk, name, **changed))
    return desk.at(name).send(path(desk.published), form, **PROPOSE, **WHY)


def only():
    return models.Correction.objects.get()


def decide(desk, name, correction, decision, note=""):
    sent = {"decision": decision, "note": note}
    return desk.at(name).client.post(f"/admin/testimonies/correction/{correction.pk}/decide/", sent, follow=True)


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("name", ["editor", "coder"])
def test_a_refused_form_keeps_what_was_typed_and_offers_both_ways(desk, name):
    response = refused(desk, name, title="Invented otherwise")
    page = response.content.decode()
    assert "Propose as a correction" in page
    assert "<strong>Unpublish it.</strong>" in page
    assert ("Send back to draft and save" in page) is (name == "editor")
    assert form_of(response)["title"] == ["Invented otherwise"]
    assert "What is published is frozen" in errors_of(response)["__all__"][0]
    assert now(desk.published).title == desk.published.title
    assert not models.Correction.objects.exists()


def test_other_refusals_offer_neither(desk):
    response = refused(desk, given="wrong")
    assert b"Propose as a correction" not in response.content


def test_it_is_proposed_shown_and_approved(desk):
    response = propose(desk, title="Invented otherwise", given="2017")
    correction = only()
    assert response.url == f"/admin/testimonies/correction/{correction.pk}/change/"
    assert (correction.kind, correction.record_id) == ("testimony", desk.published.pk)
    assert correction.proposed == {"title": "Invented otherwise", "given": "2017"}
    assert (correction.reason, correction.created_by) == (WHY["reason_for_history"], desk.users["editor"])
    assert now(desk.published).version == 1

    listed = desk.at("publisher").get("correction/")
    assert list(listed.context["cl"].result_list) == [correction]
    page = desk.at("publisher").get(f"correction/{correction.pk}/change/")
    shown = {
        one.title: (one.before, "".join(p.text for p in one.proposed if p.kind != "out"))
        for one in page.context["differences"]
    }
    assert shown == {"Title": (desk.published.title, "Invented otherwise"), "Given": ("2016-05-04", "2017")}
    answer = decide(desk, "publisher", correction, "approved")
    assert said(answer) == ["It is approved, and the change is made."]
    assert (now(desk.published).title, now(desk.published).given) == ("Invented otherwise", "2017")
    assert list(desk.at("publisher").get("correction/").context["cl"].result_list) == []
    assert list(desk.at("publisher").get("correction/?state=approved").context["cl"].result_list) == [correction]
    assert nothing_is_stale()


def test_nobody_decides_on_their_own(desk):
    propose(desk, title="Invented otherwise")
    page = desk.at("editor").get(f"correction/{only().pk}/change/")
    verdicts = {one.decision: one.reason for one in page.context["verdicts"]}
    own = "Nobody decides on their own proposal. Ask a second person, or withdraw it."
    assert verdicts == {"approved": own, "rejected": own, "withdrawn": ""}
    answer = decide(desk, "editor", only(), "approved")
    assert said(answer) == [own]
    assert now(desk.published).title == desk.published.title
    assert said(decide(desk, "editor", only(), "withdrawn")) == ["You have withdrawn it. Nothing has changed."]
    assert only().state == "withdrawn"


def test_coders_propose_and_do_not_decide(desk):
    propose(desk, "coder", title="Invented otherwise")
    page = desk.at("author").get(f"correction/{only().pk}/change/")
    role = "Your role does not do this. Ask somebody whose role may."
    assert {one.decision: one.reason for one in page.context["verdicts"]} == {"approved": role, "rejected": role}
    assert said(decide(desk, "author", only(), "approved")) == [role]
    assert only().state == "proposed"


def test_a_rejection_says_why(desk):
    propose(desk, title="Invented otherwise")
    assert said(decide(desk, "publisher", only(), "rejected")) == [
        "Say why, so that whoever proposed it can do better."
    ]
    assert said(decide(desk, "publisher", only(), "rejected", "Invented: it does not.")) == [
        "It is rejected. Nothing has changed."
    ]
    page = desk.at("editor").get(f"correction/{only().pk}/change/").content.decode()
    assert "Invented: it does not." in page
    assert "Approve, and change it now" not in page


def test_a_proposal_needs_a_reason_and_a_change(desk):
    form = form_of(refused(desk, title="Invented otherwise"))
    response = desk.at("editor").send(path(desk.published), form, **PROPOSE)
    assert errors_of(response)["__all__"] == ["Say why it should be corrected, so that a second person can decide."]
    assert form_of(response)["title"] == ["Invented otherwise"]
    assert b"Propose as a correction" in response.content
    form = desk.at("editor").open(path(desk.published))
    response = desk.at("editor").send(path(desk.published), form, **PROPOSE, **WHY)
    assert errors_of(response)["__all__"] == ["Nothing was changed here, so there is nothing to propose."]
    assert not models.Correction.objects.exists()


def test_parts_and_codes_are_proposed_with_it_all_or_nothing(desk):
    text = make.make_text(testimony=desk.published)
    code = make.make_code(is_assignable=True)
    response = propose(
        desk,
        title="Invented otherwise",
        codes=[str(code.pk)],
        **{"texts-0-body": "Invented: other words."},
        **parts("claims", CLAIM | {"tier": "0"}),
    )
    assert response.url == "/admin/testimonies/correction/"
    found = {one.kind: one for one in models.Correction.objects.all()}
    assert found.keys() == {"testimony", "codes", "text", "claim"}
    assert (found["text"].record_id, found["claim"].record_id) == (text.pk, None)
    name = f"{code.codebook.slug}@{code.codebook.edition}/{code.slug}"
    assert (found["codes"].before, found["codes"].proposed) == ({"codes": []}, {"codes": [name]})
    for one in found.values():
        page = desk.at("publisher").get(f"correction/{one.pk}/change/")
        assert page.status_code == 200
        assert said(decide(desk, "publisher", one, "approved")) == ["It is approved, and the change is made."]
    text.refresh_from_db()
    assert text.body == "Invented: other words."
    assert [one.code for one in now(desk.published).consensus_codes.all()] == [code]
    assert now(desk.published).claims.get().value == "2014"
    assert nothing_is_stale()


def test_what_is_removed_is_no_proposal(desk):
    make.make_text(testimony=desk.published)
    form = desk.at("editor").open(path(desk.published))
    response = desk.at("editor").send(
        path(desk.published), form, title="Invented otherwise", **{"texts-0-DELETE": "on"}, **PROPOSE, **WHY
    )
    assert errors_of(response)["texts"] == ["Removing shows less and needs nobody: save it by itself."]
    assert not models.Correction.objects.exists()


def test_of_several_none_is_proposed_where_one_is_refused(desk):
    """The text was changed to what it says already by somebody else, at the same version."""
    text = make.make_text(testimony=desk.published)
    form = form_of(refused(desk, title="Invented otherwise", **{"texts-0-body": "Invented: other words."}))
    with projections.refreshed():
        models.Text.objects.filter(pk=text.pk).update(body="Invented: other words.")
    form["texts-0-shown_version"] = ["2"]  # as if the page had shown it
    response = desk.at("editor").send(path(desk.published), form, **PROPOSE, **WHY)
    assert errors_of(response) == {"texts-0-__all__": ["It says so already. Propose at least one other value."]}
    assert not models.Correction.objects.exists()


def test_it_is_sent_back_to_draft_and_saved_as_typed(desk):
    form = form_of(refused(desk, title="Invented otherwise", **parts("texts", TEXT)))
    response = desk.at("editor").send(path(desk.published), form, _unpublish="Send back to draft and save", **WHY)
    assert response.status_code == 302
    found = now(desk.published)
    assert (found.status, found.title, found.texts.get().body) == ("draft", "Invented otherwise", "Invented words.")
    assert nothing_is_stale()


def test_a_coder_does_not_hide_from_themselves_what_they_typed(desk):
    """As a draft it is its author's."""
    form = form_of(refused(desk, "coder", title="Invented otherwise"))
    response = desk.at("coder").send(path(desk.published), form, _unpublish="Send back to draft and save")
    assert form_of(response)["title"] == ["Invented otherwise"]
    assert "Propose a correction instead." in response.content.decode()
    assert (now(desk.published).status, now(desk.published).title) == ("published", desk.published.title)


def test_whoever_was_overtaken_does_not_send_it_back_unseen(desk):
    form = form_of(refused(desk, title="Invented otherwise"))
    with projections.refreshed():
        models.Testimony.objects.filter(pk=desk.published.pk).update(notes_internal="Theirs")
    response = desk.at("editor").send(path(desk.published), form, _unpublish="Send back to draft and save")
    assert response.status_code == 409
    assert (now(desk.published).status, now(desk.published).title) == ("published", desk.published.title)


SHARED = [
    ("person", "nationality", "IQ", "Nationality"),
    ("source", "outlet", "Invented Weekly", "Outlet"),
]


@pytest.mark.parametrize(("noun", "field", "value", "title"), SHARED)
def test_persons_and_sources(desk, noun, field, value, title):
    record = desk.published.person if noun == "person" else desk.source
    here = f"{noun}/{record.pk}/change/"
    one = desk.at("editor")
    response = one.send(here, one.open(here), **{field: value})
    assert desk.published.ref in response.content.decode()  # what would have to be unpublished
    assert b"Send back to draft and save" not in response.content
    one.send(here, form_of(response), **PROPOSE, **WHY)
    page = desk.at("publisher").get(f"correction/{only().pk}/change/")
    assert [difference.title for difference in page.context["differences"]] == [title]
    assert b"1 proposed correction of this" in one.get(here).content
    decide(desk, "publisher", only(), "approved")
    assert getattr(type(record).objects.get(pk=record.pk), field) == value
    assert b"proposed correction" not in one.get(here).content


def test_names_of_related_records_are_shown(desk):
    other = make.make_source(outlet="Invented Weekly")
    make.make_claim(testimony=desk.published, source=desk.source)
    propose(desk, title="Invented otherwise", **{"claims-0-source": str(other.pk)})
    claim = models.Correction.objects.get(kind="claim")
    page = desk.at("publisher").get(f"correction/{claim.pk}/change/").content.decode()
    assert other.ref in page
    assert str(other.pk) not in page.split("</table>")[0].split("<table>")[1]


def test_what_has_changed_since_is_shown_and_refused(desk):
    propose(desk, title="Invented otherwise")
    with projections.refreshed():
        models.Testimony.objects.filter(pk=desk.published.pk).update(title="Invented by a third")
    page = desk.at("publisher").get(f"correction/{only().pk}/change/")
    assert page.context["is_outdated"]
    assert [one.has_moved for one in page.context["differences"]] == [True]
    assert said(decide(desk, "publisher", only(), "approved"))[0].startswith("Since it was proposed, this has changed")
    assert only().state == "proposed"


def test_one_sees_those_of_what_one_sees(desk):
    """The draft is another coder's."""
    correction = models.Correction.objects.create(
        kind="testimony", testimony=desk.draft, record_id=desk.draft.pk, record_version=1, before={"title": "a"},
        proposed={"title": "b"}, reason="Invented.", created_by=desk.users["author"],
    )  # fmt: skip
    here = f"correction/{correction.pk}/change/"
    seen = {name: desk.at(name).get(here).status_code for name in ("author", "coder", "editor", "custodian")}
    assert seen == {"author": 200, "coder": 404, "editor": 200, "custodian": 200}
    assert list(desk.at("coder").get("correction/").context["cl"].result_list) == []
    assert decide(desk, "coder", correction, "rejected", "x").status_code == 404


def test_the_front_page_says_that_somebody_waits(desk):
    assert b"for you to decide" not in desk.at("publisher").client.get("/admin/").content
    propose(desk, title="Invented otherwise")
    words = b"1 correction of what is published</a> waits for you to decide"
    assert words in desk.at("publisher").client.get("/admin/").content
    assert words not in desk.at("editor").client.get("/admin/").content
    assert words not in desk.at("coder").client.get("/admin/").content
