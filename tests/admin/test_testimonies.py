"""Testimonies at the desk: one form saves the record and its parts, or nothing; buttons move it on."""

import pytest

from testimonies import models
from tests import factories as make
from tests.admin.pages import errors_of, form_of
from tests.writers import nothing_is_stale


def path(testimony) -> str:
    return f"testimony/{testimony.pk}/change/"


def parts(prefix, *rows, initial=0) -> dict[str, str]:
    """What the form holds of new parts of one kind."""
    found = {f"{prefix}-TOTAL_FORMS": str(initial + len(rows)), f"{prefix}-INITIAL_FORMS": str(initial)}
    for number, row in enumerate(rows, start=initial):
        found |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return found


TEXT = {"language": "en", "kind": "transcript", "body": "Invented words.", "position": "0", "tier": "2"}
CLAIM = {"field": "left", "value": "2014", "position": "0", "tier": "2"}


def now(desk) -> models.Testimony:
    return models.Testimony.objects.get(pk=desk.draft.pk)


def test_the_list_shows_what_one_may_see(desk):
    for name, seen in (("author", {desk.draft, desk.published}), ("coder", {desk.published})):
        response = desk.at(name).get("testimony/")
        assert response.status_code == 200
        assert set(response.context["cl"].result_list) == seen


def test_a_testimony_is_entered_with_all_its_parts(desk):
    group, collection = make.make_group(), make.make_collection()
    code = make.make_code(is_assignable=True)
    form = desk.at("editor").open("testimony/add/")
    clearance = {"basis": "invented", "uses": ["research"], "starts_at_0": "2020-01-01", "starts_at_1": "00:00:00"}
    citation = {"source": str(desk.source.pk), "relation": "original", "position": "0", "tier": "0"}
    citation |= {"evidence-0-field": "left", "evidence-0-basis": "stated"}
    response = desk.at("editor").send(
        "testimony/add/",
        form,
        person=str(desk.person.pk),
        title="Invented by hand",
        kind="interview",
        account_language="en",
        given="2014-06~",
        group=group.slug,
        belonging="says_member",
        joined="2013",
        collections=[collection.slug],
        codes=[str(code.pk)],
        **{"cases-0-collection": collection.slug, "cases-0-is_case": "False"},
        **{"external_ids-0-system": "invented", "external_ids-0-value": "t-1", "missing-left": "not_stated"},
        **parts("texts", TEXT, TEXT | {"body": "Other words."}),
        **parts("citations", citation),
        **parts("claims", CLAIM | {"source": str(desk.source.pk), "is_preferred": "on"}),
        **parts("clearances", clearance),
    )
    assert response.status_code == 302, errors_of(response)
    testimony = models.Testimony.objects.get(title="Invented by hand")
    assert (testimony.person, testimony.given, testimony.created_by) == (desk.person, "2014-06~", desk.users["editor"])
    assert (testimony.membership.group, testimony.membership.joined) == (group, "2013")
    assert [item.collection for item in testimony.collection_items.all()] == [collection]
    assert [(link.collection, link.is_case) for link in testimony.case_links.all()] == [(collection, False)]
    assert [(one.system, one.value) for one in testimony.external_ids.all()] == [("invented", "t-1")]
    assert [one.code for one in testimony.consensus_codes.all()] == [code]
    assert sorted(testimony.texts.values_list("body", flat=True)) == ["Invented words.", "Other words."]
    assert testimony.citations.get().evidence.get().field == "left"
    assert testimony.claims.get().is_preferred
    assert testimony.clearances.get().uses == ["research"]
    assert testimony.missing == {"left": "not_stated"}
    assert nothing_is_stale()


def test_a_coder_enters_one_with_parts_at_once(desk):
    author = desk.at("author")
    sent = {"person": str(desk.person.pk), "title": "Invented by hand", "kind": "interview", "account_language": "en"}
    response = author.send("testimony/add/", author.open("testimony/add/"), **sent, **parts("texts", TEXT))
    assert response.status_code == 302, errors_of(response)
    testimony = models.Testimony.objects.get(title="Invented by hand")
    assert testimony.texts.get().created_by == desk.users["author"]
    assert nothing_is_stale()


def test_only_what_was_changed_is_saved(desk):
    text = make.make_text(testimony=desk.draft)
    claim = make.make_claim(testimony=desk.draft)
    form = desk.at("author").open(path(desk.draft))
    response = desk.at("author").send(path(desk.draft), form, **{"texts-0-body": "Invented anew.\r\nIn two lines."})
    assert response.status_code == 302, errors_of(response)
    text.refresh_from_db()
    assert (text.body, text.version) == ("Invented anew.\nIn two lines.", 2)
    assert (now(desk).version, models.Claim.objects.get(pk=claim.pk).version) == (1, 1)
    form = desk.at("author").open(path(desk.draft))
    assert desk.at("author").send(path(desk.draft), form).status_code == 302
    assert (now(desk).version, models.Text.objects.get(pk=text.pk).version) == (1, 2)


def test_all_or_nothing_and_all_that_is_wrong_at_once(desk):
    form = desk.at("author").open(path(desk.draft))
    response = desk.at("author").send(
        path(desk.draft),
        form,
        title="Changed",
        age_from="40",
        age_to="30",
        **parts("texts", TEXT | {"kind": "excerpt"}),
        **parts("claims", CLAIM | {"source": "00000000-0000-4000-8000-000000000000"}),
    )
    found = errors_of(response)
    assert set(found) == {"__all__", "claims-0-source"}
    assert "ages are in order" in found["__all__"][0]
    assert (now(desk).title, desk.draft.texts.count(), desk.draft.claims.count()) == (desk.draft.title, 0, 0)
    assert b"Invented words." in response.content


def test_lists_that_were_empty_are_kept_by_a_form_that_is_shown_again(desk):
    code, collection = make.make_code(is_assignable=True), make.make_collection()
    chosen = {"codes": [str(code.pk)], "collections": [collection.slug]}
    editor = desk.at("editor")
    wrong = editor.send(path(desk.draft), editor.open(path(desk.draft)), given="wrong", **chosen)
    assert errors_of(wrong).keys() == {"given"}
    assert editor.send(path(desk.draft), form_of(wrong), given="2014").status_code == 302
    assert [one.code for one in now(desk).consensus_codes.all()] == [code]
    assert [one.collection for one in now(desk).collection_items.all()] == [collection]


def test_parts_are_removed(desk):
    text, other = make.make_text(testimony=desk.draft), make.make_text(testimony=desk.draft, position=1)
    form = desk.at("author").open(path(desk.draft))
    assert desk.at("author").send(path(desk.draft), form, **{"texts-0-DELETE": "on"}).status_code == 302
    assert list(desk.draft.texts.all()) == [other]
    make.make_text(testimony=desk.draft, kind="translation", translation_of=other)
    form = desk.at("author").open(path(desk.draft))
    number = 0 if form["texts-0-id"] == [str(other.pk)] else 1
    response = desk.at("author").send(path(desk.draft), form, **{f"texts-{number}-DELETE": "on"})
    assert errors_of(response)["texts"] == ["Still needed by 1 translations. Remove or change these first."]
    assert not models.Text.objects.filter(pk=text.pk).exists()


def test_a_preferred_claim_may_follow_another(desk):
    """The act on the second moves the first on, which is no reason to refuse it."""
    with make.batch():
        first = make.make_claim(testimony=desk.draft, is_preferred=False)
        second = make.make_claim(testimony=desk.draft, position=1, is_preferred=True)
    form = desk.at("author").open(path(desk.draft))
    changed = {"claims-0-is_preferred": "on", "claims-1-is_preferred": None, "claims-1-value": "2015"}
    response = desk.at("author").send(path(desk.draft), form, **changed)
    assert response.status_code == 302, errors_of(response)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_preferred, second.is_preferred, second.value) == (True, False, "2015")


@pytest.mark.parametrize(
    ("field", "value"), [("given", "2014-13"), ("joined", "yesterday"), ("given_country", "Turkey"), ("age_from", "x")]
)
def test_a_value_that_is_none_is_said_at_its_field(desk, field, value):
    form = desk.at("author").open(path(desk.draft))
    assert field in errors_of(desk.at("author").send(path(desk.draft), form, **{field: value, "group": ""}))


def test_a_membership_needs_its_group(desk):
    form = desk.at("author").open(path(desk.draft))
    response = desk.at("author").send(path(desk.draft), form, joined="2014")
    assert "Name the group" in errors_of(response)["group"][0]


def test_coders_change_no_clearances_nor_codes(desk):
    make.make_clearance(testimony=desk.draft)
    code = make.make_code(is_assignable=True)
    form = desk.at("author").open(path(desk.draft))
    assert not [name for name in form if name.startswith("clearances-0-uses")]
    forged = {"clearances-0-evidence": "forged", "clearances-0-basis": "informed", "codes": [str(code.pk)]}
    response = desk.at("author").send(path(desk.draft), form, title="Renamed", **forged)
    assert response.status_code == 302, errors_of(response)
    assert (now(desk).title, desk.draft.clearances.get().evidence) == ("Renamed", "")
    assert not desk.draft.consensus_codes.exists()


# --- Buttons ----------------------------------------------------------------------------------------------------------


def steps(response) -> dict[str, str]:
    return {step["to"]: step["reason"] for step in response.context["steps"]}


def move(person, testimony, to, version=None):
    data = {"to": to, "version": testimony.version if version is None else version, "reason_for_history": "Invented"}
    return person.client.post(f"/admin/testimonies/testimony/{testimony.pk}/move/", data, follow=True)


def test_buttons_say_what_comes_next_and_why_not(desk):
    make.make_clearance(testimony=desk.draft, created_by=desk.users["editor"])
    author, editor, publisher = desk.at("author"), desk.at("editor"), desk.at("publisher")
    assert steps(author.get(path(desk.draft)))["in_review"] == ""
    move(author, now(desk), "in_review")
    assert now(desk).status == "in_review"
    assert "role does not" in steps(author.get(path(desk.draft)))["published"]
    response = editor.get(path(desk.draft))
    assert "Nobody publishes their own work" in steps(response)["published"]
    assert b'value="published" disabled' in response.content
    response = move(editor, now(desk), "published")
    assert "Nobody publishes their own work" in str(next(iter(response.context["messages"])))
    assert now(desk).status == "in_review"
    response = move(publisher, now(desk), "published", version=1)
    assert "changed since" in str(next(iter(response.context["messages"])))
    move(publisher, now(desk), "published")
    assert now(desk).status == "published"


def test_hostile_moves_are_refused(desk):
    for data in (
        {},
        {"to": "nowhere", "version": "1"},
        {"to": "in_review", "version": "\0"},
        {"to": "\0", "version": "9" * 40},
    ):
        response = desk.at("author").client.post(f"/admin/testimonies/testimony/{desk.draft.pk}/move/", data)
        assert response.status_code == 302
    assert desk.at("author").get(f"testimony/{desk.draft.pk}/move/").status_code == 405
    assert now(desk).status == "draft"
    hidden = desk.at("coder").client.post(f"/admin/testimonies/testimony/{desk.draft.pk}/move/", {"to": "in_review"})
    assert hidden.url == "/admin/"


def test_a_draft_is_deleted_and_what_was_published_is_not(desk):
    author, editor = desk.at("author"), desk.at("editor")
    form = editor.open(f"testimony/{desk.published.pk}/delete/")
    response = editor.send(f"testimony/{desk.published.pk}/delete/", form)
    assert (response.status_code, "Withdraw" in response.context["refusal"]) == (409, True)
    form = author.open(f"testimony/{desk.draft.pk}/delete/")
    assert author.send(f"testimony/{desk.draft.pk}/delete/", form).status_code == 302
    assert not models.Testimony.objects.filter(pk=desk.draft.pk).exists()
