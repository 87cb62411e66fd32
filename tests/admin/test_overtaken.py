"""A form that was overtaken saves nothing, sets three states side by side, and saves what is chosen."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from testimonies import models, projections
from testimonies.admin import overtaken
from tests import factories as make
from tests.admin.pages import Forms, errors_of, form_of
from tests.writers import nothing_is_stale


def path(testimony) -> str:
    return f"testimony/{testimony.pk}/change/"


def change(row, **values):
    """Somebody else is quicker."""
    with projections.refreshed():
        type(row).objects.filter(pk=row.pk).update(**values)


def now(row):
    return type(row).objects.get(pk=row.pk)


def differences(response) -> dict[str, tuple[str, str, str, str]]:
    """Name of the input -> began, mine, theirs, what is preselected."""

    def text(pieces, left_out):
        return "".join(piece.text for piece in pieces if piece.kind not in left_out)

    assert response.status_code == 409, response
    return {
        one.bound.html_name: (one.began, text(one.mine, {"out"}), text(one.theirs, {"out"}), one.chosen)
        for card in response.context["cards"]
        for one in card.differences
    }


def test_each_field_is_shown_thrice_and_what_is_chosen_is_saved(desk):
    author = desk.at("author")
    change(desk.draft, title="Began", summary="Began", notes_internal="Began", kind="interview")
    form = author.open(path(desk.draft))
    change(desk.draft, title="Theirs", summary="Theirs", kind="other")
    response = author.send(path(desk.draft), form, title="Mine", notes_internal="Mine", summary="Mine too")
    assert differences(response) == {
        "title": ("Began", "Mine", "Theirs", ""),
        "summary": ("Began", "Mine too", "Theirs", ""),
        "notes_internal": ("Began", "Mine", "Began", "mine"),
        "kind": ("interview", "interview", "other", "theirs"),
    }
    assert (now(desk.draft).title, now(desk.draft).notes_internal) == ("Theirs", "Began")

    answer = form_of(response)
    unchosen = author.send(path(desk.draft), answer)
    assert unchosen.status_code == 409
    assert now(desk.draft).title == "Theirs"
    assert b"Choose what to keep" in unchosen.content

    response = author.send(
        path(desk.draft), form_of(unchosen), **{"take-title": "mine", "title": "Mine, edited", "take-summary": "theirs"}
    )
    assert response.status_code == 302, errors_of(response)
    row = now(desk.draft)
    assert (row.title, row.summary, row.notes_internal, row.kind) == ("Mine, edited", "Theirs", "Mine", "other")
    assert nothing_is_stale()


def test_the_same_change_twice_is_no_difference(desk):
    author = desk.at("author")
    form = author.open(path(desk.draft))
    change(desk.draft, title="The same", summary="Another")
    response = author.send(path(desk.draft), form, title="The same")
    assert differences(response).keys() == {"summary"}
    assert author.send(path(desk.draft), form_of(response)).status_code == 302
    assert (now(desk.draft).title, now(desk.draft).summary) == ("The same", "Another")


def test_the_answer_may_be_overtaken_as_well(desk):
    author = desk.at("author")
    form = author.open(path(desk.draft))
    began = desk.draft.title
    change(desk.draft, title="Theirs")
    response = author.send(path(desk.draft), form, title="Mine")
    change(desk.draft, title="Theirs again")
    response = author.send(path(desk.draft), form_of(response), **{"take-title": "mine"})
    assert differences(response)["title"][:3] == ("Theirs", "Mine", "Theirs again")
    assert began != "Theirs"
    assert now(desk.draft).title == "Theirs again"
    response = author.send(path(desk.draft), form_of(response), **{"take-title": "mine"})
    assert response.status_code == 302
    assert now(desk.draft).title == "Mine"


def test_what_nobody_touched_here_is_not_asked_about(desk):
    """Somebody else changed the record; here only a text was changed, which nobody else touched."""
    text = make.make_text(testimony=desk.draft)
    form = desk.at("author").open(path(desk.draft))
    change(desk.draft, title="Theirs")
    assert desk.at("author").send(path(desk.draft), form, **{"texts-0-body": "Mine"}).status_code == 302
    assert (now(desk.draft).title, now(text).body) == ("Theirs", "Mine")


def test_an_answer_that_is_wrong_is_shown_again(desk):
    author = desk.at("author")
    form = author.open(path(desk.draft))
    change(desk.draft, given="2013")
    response = author.send(path(desk.draft), form, given="2012")
    response = author.send(path(desk.draft), form_of(response), **{"take-given": "mine", "given": "2014-13"})
    assert response.status_code == 409
    assert b'value="2014-13"' in response.content
    assert b"errorlist" in response.content
    assert now(desk.draft).given == "2013"
    response = author.send(path(desk.draft), form_of(response), given="2014-12")
    assert response.status_code == 302
    assert now(desk.draft).given == "2014-12"


def test_long_texts_are_compared_line_by_line(desk):
    lines = [f"Invented line {n}." for n in range(50)]
    text = make.make_text(testimony=desk.draft, body="\n".join(lines))
    form = desk.at("author").open(path(desk.draft))
    change(text, body="\n".join([*lines[:40], "Theirs.", *lines[41:]]))
    mine = "\r\n".join([*lines[:5], "Mine.", *lines[6:]])
    response = desk.at("author").send(path(desk.draft), form, **{"texts-0-body": mine})
    assert b"<ins>" in response.content
    assert b"lines as before" in response.content
    ((difference,),) = ([card.differences for card in response.context["cards"] if card.differences],)
    assert [piece.text for piece in difference[0].mine if piece.kind == "in"] == ["Mine."]
    response = desk.at("author").send(path(desk.draft), form_of(response), **{"take-texts-0-body": "mine"})
    assert response.status_code == 302
    assert now(text).body == mine.replace("\r\n", "\n")


# --- Parts that others touched ----------------------------------------------------------------------------------------


def remove(row):
    with projections.refreshed():
        row.delete()


@pytest.mark.parametrize("choice", ["mine", "theirs", None])
def test_a_part_that_somebody_removed_keeps_what_was_typed(desk, choice):
    author = desk.at("author")
    gone, other = make.make_text(testimony=desk.draft, position=0), make.make_text(testimony=desk.draft, position=1)
    form = author.open(path(desk.draft))
    remove(gone)
    response = author.send(path(desk.draft), form, title="Renamed", **{"texts-0-body": "Typed with care."})
    assert response.status_code == 409
    assert b"Typed with care." in response.content
    assert desk.draft.texts.get() == other
    taken = {} if choice is None else {"take-texts-0-row": choice}
    response = author.send(path(desk.draft), form_of(response), **taken)
    bodies = set(desk.draft.texts.values_list("body", flat=True))
    if choice is None:
        assert response.status_code == 409
        assert b"Typed with care." in response.content
        assert (bodies, now(desk.draft).title) == ({other.body}, desk.draft.title)
    else:
        assert response.status_code == 302, errors_of(response)
        assert bodies == {other.body} | ({"Typed with care."} if choice == "mine" else set())
        assert now(desk.draft).title == "Renamed"


def test_a_part_that_somebody_removed_and_nobody_touched_is_no_matter(desk):
    gone = make.make_text(testimony=desk.draft)
    form = desk.at("author").open(path(desk.draft))
    remove(gone)
    for changed in ({"title": "Renamed"}, {"title": "Renamed again", "texts-0-DELETE": "on"}):
        form |= {"shown_version": [str(now(desk.draft).version)]}
        assert desk.at("author").send(path(desk.draft), form, **changed).status_code == 302
    assert now(desk.draft).title == "Renamed again"


@pytest.mark.parametrize(("choice", "left"), [("mine", 0), ("theirs", 1)])
def test_a_part_to_be_removed_that_somebody_changed_is_asked_about(desk, choice, left):
    text = make.make_text(testimony=desk.draft)
    form = desk.at("author").open(path(desk.draft))
    change(text, body="Theirs")
    response = desk.at("author").send(path(desk.draft), form, **{"texts-0-DELETE": "on"})
    assert (response.status_code, desk.draft.texts.count()) == (409, 1)
    again = desk.at("author").send(path(desk.draft), form_of(response))
    assert (again.status_code, desk.draft.texts.count()) == (409, 1)
    response = desk.at("author").send(path(desk.draft), form_of(again), **{"take-texts-0-row": choice})
    assert response.status_code == 302
    assert desk.draft.texts.count() == left


def test_parts_added_meanwhile_are_named_and_new_ones_survive(desk):
    author = desk.at("author")
    make.make_text(testimony=desk.draft, body="First.", position=0)
    form = author.open(path(desk.draft))
    make.make_text(testimony=desk.draft, body="Added by others.", position=1)
    change(desk.draft, title="Theirs")
    new = {"language": "en", "kind": "excerpt", "body": "New here.", "position": "2", "tier": "0"}
    sent = {f"texts-1-{name}": value for name, value in new.items()} | {"texts-TOTAL_FORMS": "2"}
    response = author.send(path(desk.draft), form, title="Mine", **sent)
    assert response.status_code == 409
    assert any("Added by others" in one for one in response.context["added"])
    response = author.send(path(desk.draft), form_of(response), **{"take-title": "mine"})
    assert response.status_code == 302, errors_of(response)
    assert set(desk.draft.texts.values_list("body", flat=True)) == {"First.", "Added by others.", "New here."}
    assert now(desk.draft).title == "Mine"


def test_membership_lists_and_rows_are_compared_as_well(desk):
    group, other, collection = make.make_group(), make.make_group(), make.make_collection()
    person = desk.at("editor")
    form = person.open(path(desk.draft))
    second = person.open(path(desk.draft))
    assert person.send(path(desk.draft), second, group=other.slug, collections=[collection.slug]).status_code == 302
    ids = {"external_ids-0-system": "invented", "external_ids-0-value": "x"}
    response = person.send(path(desk.draft), form, group=group.slug, **ids)
    assert differences(response) == {
        "group": ("", group.name, other.name, ""),
        "collections": ("", "", collection.title, "theirs"),
        "external_ids": ("", "invented | x", "", "mine"),
    }
    response = person.send(path(desk.draft), form_of(response), **{"take-group": "mine"})
    assert response.status_code == 302, errors_of(response)
    row = now(desk.draft)
    assert row.membership.group == group
    assert row.collection_items.get().collection == collection
    assert row.external_ids.get().value == "x"


def test_clearances_with_moments_and_uses(desk):
    clearance = make.make_clearance(testimony=desk.draft, uses=["research"])
    form = desk.at("editor").open(path(desk.draft))
    change(clearance, uses=["research", "quote"])
    changed = {"clearances-0-uses": ["research", "media"], "clearances-0-ends_at_0": "2040-01-01"}
    changed |= {"clearances-0-ends_at_1": "00:00:00"}
    response = desk.at("editor").send(path(desk.draft), form, **changed)
    assert {name: one[3] for name, one in differences(response).items()} == {
        "clearances-0-uses": "",
        "clearances-0-ends_at": "mine",
    }
    response = desk.at("editor").send(path(desk.draft), form_of(response), **{"take-clearances-0-uses": "mine"})
    assert response.status_code == 302
    assert sorted(now(clearance).uses) == ["media", "research"]
    assert now(clearance).ends_at.year == 2040


# --- Records that are gone --------------------------------------------------------------------------------------------


def test_a_record_that_was_deleted_meanwhile_leaves_the_words(desk):
    form = desk.at("author").open(path(desk.draft))
    remove(desk.draft)
    text = {"texts-0-language": "en", "texts-0-kind": "excerpt", "texts-0-body": "New here.", "texts-TOTAL_FORMS": "1"}
    response = desk.at("author").send(path(desk.draft), form, title="Typed with care", **text)
    assert response.status_code == 404
    assert b"Typed with care" in response.content
    assert b"New here." in response.content
    never = desk.at("author").send("testimony/00000000-0000-4000-8000-000000000000/change/", form, title="Typed")
    assert never.status_code == 404


def test_a_person_that_was_deleted_meanwhile_leaves_the_words(desk):
    person = make.make_person(created_by=desk.users["author"])
    form = desk.at("author").open(f"person/{person.pk}/change/")
    remove(person)
    response = desk.at("author").send(f"person/{person.pk}/change/", form, origin_stated="Typed with care")
    assert (response.status_code, b"Typed with care" in response.content) == (404, True)


def test_what_one_may_no_longer_change_keeps_the_words(desk):
    form = desk.at("author").open(path(desk.draft))
    change(desk.draft, status="in_review")
    response = desk.at("author").send(path(desk.draft), form, title="Typed with care")
    assert differences(response)["title"][1] == "Typed with care"
    response = desk.at("author").send(path(desk.draft), form_of(response))
    assert response.status_code == 409
    assert b"no longer a draft" in response.content
    assert b"Typed with care" in response.content
    assert now(desk.draft).title == desk.draft.title


def test_names_of_a_person_are_merged_as_lists(desk):
    person = desk.person
    url = f"person/{person.pk}/change/"
    author = desk.at("author")
    form = author.open(url)
    second = author.open(url)
    row = {"other_names-0-kind": "kunya", "other_names-0-tier": "2"}
    assert author.send(url, second, **row, **{"other_names-0-value": "Abu Theirs"}).status_code == 302
    response = author.send(url, form, **row, **{"other_names-0-value": "Abu Mine"})
    assert differences(response)["other_names"][0] == ""
    answer = form_of(response) | {
        "take-other_names": "mine",
        **{
            f"other_names-1-{name}": value
            for name, value in (("value", "Abu Theirs"), ("kind", "kunya"), ("tier", "2"))
        },
    }
    assert author.send(url, answer).status_code == 302
    names = list(person.other_names.order_by("pk").values_list("value", flat=True))
    assert names == ["Abu Mine", "Abu Theirs"]


def test_the_page_holds_one_form_of_its_own(desk):
    form = desk.at("author").open(path(desk.draft))
    change(desk.draft, title="Theirs")
    response = desk.at("author").send(path(desk.draft), form, title="Mine")
    assert len([one for one in Forms(response.content.decode()).forms if "title" in one]) == 1
    assert b"<script>" not in response.content
    assert b" style=" not in response.content
    assert models.Testimony.objects.get(pk=desk.draft.pk).title == "Theirs"


# --- Between reading and saving ---------------------------------------------------------------------------------------


def elsewhere(act, *args, **values):
    """In a session of somebody else's."""

    def run():
        try:
            act(*args, **values)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result(timeout=30)


def test_what_changes_after_the_form_was_read_is_met_at_the_lock(desk, monkeypatch):
    form = desk.at("author").open(path(desk.draft))
    check = overtaken.check

    def too_late(*sent):
        check(*sent)
        elsewhere(change, desk.draft, title="Theirs")

    monkeypatch.setattr(overtaken, "check", too_late)
    response = desk.at("author").send(path(desk.draft), form, title="Mine")
    assert differences(response)["title"][1:3] == ("Mine", "Theirs")
    assert now(desk.draft).title == "Theirs"
    monkeypatch.undo()


def test_what_is_deleted_after_the_form_was_read_leaves_the_words(desk, monkeypatch):
    form = desk.at("author").open(path(desk.draft))
    monkeypatch.setattr(overtaken, "check", lambda *_: elsewhere(remove, desk.draft))
    response = desk.at("author").send(path(desk.draft), form, title="Typed with care")
    assert (response.status_code, b"Typed with care" in response.content) == (404, True)


def test_an_act_begins_outside_any_transaction(desk, monkeypatch):
    """So that after a deadlock it can be repeated as a whole."""
    found = []
    check = overtaken.check
    monkeypatch.setattr(overtaken, "check", lambda *sent: (found.append(connection.in_atomic_block), check(*sent)))
    form = desk.at("author").open(path(desk.draft))
    assert desk.at("author").send(path(desk.draft), form, title="Mine").status_code == 302
    assert found == [False]
