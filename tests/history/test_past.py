"""A record's past over the API: its entries, itself as of a moment, and the way back."""

import json
import re
from random import Random

import pytest
from django.db import connection

from testimonies import models, projections
from testimonies.projections import reading, shared
from testimonies.selectors import past
from testimonies.services import persons, testimonies
from tests import factories as make
from tests.api.test_writing import KINDS, editor, problem, send  # noqa: F401 - a fixture
from tests.writers import Writers

each = pytest.mark.parametrize("segment", KINDS)
PASSING = ("updated_at", "version")
"""What no revert brings back, and what says when a projection moved, not when a row did."""


def clock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def at(api, path, moment):
    return api.get(f"/api/v1/{path}", {"as_of": moment.isoformat()})


def without(document, *names):
    return {name: value for name, value in document.items() if name not in names}


@each
def test_each_act_is_an_entry_and_can_be_looked_back_on(editor, segment):  # noqa: F811
    kind = KINDS[segment]
    before = clock()
    post = send(editor, "post", f"{segment}/", kind.body(), change_reason="Found.")
    url, then = f"{segment}/{post.json()['id']}/", clock()
    patched = send(editor, "patch", url, kind.change, if_match="*", change_reason="Better.")
    ((field, value),) = kind.change.items()
    entries = editor.get(f"/api/v1/{url}history/").json()["results"]
    own = [entry for entry in entries if entry["record_id"] == post.json()["id"]]
    assert [(entry["act"], entry["version"], entry["reason"]) for entry in own] == [
        ("changed", 2, "Better."),
        ("created", 1, "Found."),
    ]
    assert {entry["through"] for entry in entries} == {"api"}
    assert {entry["who"].partition(", ")[2][:4] for entry in entries} == {"key:"}
    assert own[0]["request_id"] == patched.headers["X-Request-ID"]
    (changed,) = own[0]["changes"]
    assert (changed["field"], changed["after"], changed["before"] != value) == (field, str(value), True)
    for moment, document in ((then, post.json()), (clock(), patched.json())):
        found = at(editor, url, moment)
        assert found.status_code == 200, found.content
        assert without(found.json(), "updated_at") == without(document, "updated_at")
    assert at(editor, url, before).status_code == 404


@each
def test_a_revert_is_a_new_version_that_says_what_the_old_one_said(editor, segment):  # noqa: F811
    kind = KINDS[segment]
    post = send(editor, "post", f"{segment}/", kind.body())
    url = f"{segment}/{post.json()['id']}/"
    changed = send(editor, "patch", url, kind.change, if_match=post.headers["ETag"])
    assert problem(send(editor, "post", f"{url}revert/", {"version": 1}))[:2] == (428, "version_needed")
    assert problem(send(editor, "post", f"{url}revert/", {"version": 1}, if_match=post.headers["ETag"]))[:2] == (
        412,
        "overtaken",
    )
    assert problem(send(editor, "post", f"{url}revert/", {"version": 9}, if_match="*"))[2] == [("/version", "unknown")]
    back = send(editor, "post", f"{url}revert/", {"version": 1}, if_match=changed.headers["ETag"])
    assert back.status_code == 200, back.content
    kept = PASSING if segment == "testimonies" else ("updated_at",)  # a codebook's version is its edition
    assert without(back.json(), *kept) == without(post.json(), *kept)
    newest = editor.get(f"/api/v1/{url}history/").json()["results"]
    own = [entry for entry in newest if entry["record_id"] == post.json()["id"]]
    assert (own[0]["act"], own[0]["reason"]) == ("changed", "Back to version 1.")
    assert own[0]["version"] > own[1]["version"]


@each
def test_others_have_no_history(api, segment):
    url = f"/api/v1/{segment}/{KINDS[segment].make().pk}/"
    for caller in (api, api.as_("reader")):
        assert caller.get(f"{url}history/").status_code == 403
        response = caller.get(url, {"as_of": "2026-01-05T10:00:00Z"})
        assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "unknown_parameter")
    refused = send(api.as_("reader"), "post", f"{url.removeprefix('/api/v1/')}revert/", {"version": 1}, if_match="*")
    assert refused.status_code == 403


def test_lists_come_back_with_a_version(db):
    """Names, ids, collections, cases and the membership are part of what a version said."""
    w = Writers()
    book = make.make_collection(), make.make_collection()
    values = {
        "collections": [book[0].slug], "cases": [{"collection": book[1].slug, "is_case": True}], "group": make.make_group().slug,
        "belonging": "says_forced", "left": "2014", "external_ids": [{"system": "invented", "value": "t-1"}], "title": "Invented: one",
    }  # fmt: skip
    one = testimonies.change(w.draft.pk, by=w.actor("editor"), version=None, **values)
    before = w.ask("editor", "get", f"testimonies/{w.draft.pk}/").json()
    gone = {"collections": [book[1].slug], "cases": [], "group": None, "external_ids": [], "title": "Invented: two"}
    testimonies.change(w.draft.pk, by=w.actor("editor"), version=None, **gone)
    back = w.ask("editor", "post", f"testimonies/{w.draft.pk}/revert/", {"version": one.version}, match="*")
    assert without(back.json(), *PASSING) == without(before, *PASSING)
    names = [{"value": "Uno", "kind": "kunya", "tier": 0}, {"value": "Ein", "kind": "initials", "tier": 2}]
    two = persons.change(w.person.pk, by=w.actor("editor"), version=None, other_names=names)
    person = w.ask("editor", "get", f"persons/{w.person.pk}/").json()
    persons.change(w.person.pk, by=w.actor("editor"), version=None, other_names=[], gender="other")
    back = w.ask("editor", "post", f"persons/{w.person.pk}/revert/", {"version": two.version}, match="*")
    assert without(back.json(), *PASSING) == without(person, *PASSING)


def test_a_revert_that_no_longer_fits_is_refused_and_changes_nothing(db):
    w = Writers()
    collection = make.make_collection()
    one = testimonies.change(w.draft.pk, by=w.actor("editor"), version=None, collections=[collection.slug])
    testimonies.change(w.draft.pk, by=w.actor("editor"), version=None, collections=[])
    with projections.refreshed():
        collection.delete()
    before = models.Testimony.objects.get(pk=w.draft.pk).version
    refused = w.ask("editor", "post", f"testimonies/{w.draft.pk}/revert/", {"version": one.version}, match="*")
    assert problem(refused) == (400, "invalid", [("/collections", "unknown")])
    book = make.make_codebook(status="published")
    frozen = w.ask("editor", "post", f"codebooks/{book.pk}/revert/", {"version": 1}, match="*")
    assert problem(frozen)[:2] == (409, "not_allowed_now")
    assert models.Testimony.objects.get(pk=w.draft.pk).version == before


def test_a_hidden_record_has_no_past(db):
    w = Writers()
    for name, status in (("author", 200), ("coder", 404), ("editor", 200)):
        assert w.ask(name, "get", f"testimonies/{w.draft.pk}/history/").status_code == status
        path = f"testimonies/{w.draft.pk}/"
        assert w.ask(name, "get", f"{path}?as_of={clock().isoformat().replace('+', '%2B')}").status_code == status
        reverted = w.ask(name, "post", f"{path}revert/", {"version": 1}, match="*")
        assert reverted.status_code == status


def test_parts_stand_in_the_history_of_their_testimony(db):
    w = Writers()
    path = f"testimonies/{w.draft.pk}/"
    text = w.ask(
        "author", "post", f"{path}texts/", {"language": "en", "kind": "transcript", "body": "Invented words."}
    ).json()
    w.ask("author", "patch", f"{path}texts/{text['id']}/", {"body": "Other words."}, match="*")
    w.ask("author", "delete", f"{path}texts/{text['id']}/", match="*")
    found = w.ask("editor", "get", f"{path}history/").json()["results"]
    bodies = [
        (entry["act"], change["before"], change["after"])
        for entry in found
        for change in entry["changes"]
        if (entry["what"], change["field"]) == ("text", "body")
    ]
    assert bodies == [
        ("deleted", "Other words.", ""), ("changed", "Invented words.", "Other words."), ("created", "", "Invented words."),
    ]  # fmt: skip


def test_a_long_history_is_read_page_by_page(db):
    w = Writers()
    for number in range(7):
        testimonies.change(w.draft.pk, by=w.actor("editor"), version=None, title=f"Invented: {number}")
    url, seen = f"testimonies/{w.draft.pk}/history/?page_size=3", []
    whole = [
        entry["version"] for entry in w.ask("editor", "get", f"testimonies/{w.draft.pk}/history/").json()["results"]
    ]
    while url:
        page = w.ask("editor", "get", url).json()
        seen += [entry["version"] for entry in page["results"]]
        url = page["next"] and page["next"].partition("/api/v1/")[2]
    assert seen == whole == [8, 7, 6, 5, 4, 3, 2, 1]


def test_lists_that_stay_as_they_are_leave_no_entry(db):
    w, collection = Writers(), make.make_collection()
    names = [{"value": "Uno", "kind": "kunya", "tier": 0}, {"value": "Ein", "kind": "initials", "tier": 2}]
    cases = [{"collection": collection.slug, "is_case": True}]
    for _ in range(2):
        persons.change(w.person.pk, by=w.actor("editor"), version=None, other_names=names)
        testimonies.change(w.draft.pk, by=w.actor("editor"), version=None, cases=cases)
    for path, what in ((f"persons/{w.person.pk}", "person name"), (f"testimonies/{w.draft.pk}", "case link")):
        found = w.ask("editor", "get", f"{path}/history/").json()["results"]
        assert {entry["act"] for entry in found if entry["what"] == what} == {"created"}


def test_of_two_versions_in_one_transaction_each_can_be_reverted_to(transactional_db):
    w = Writers()
    with projections.refreshed():
        for title in ("Invented: one", "Invented: two"):
            models.Testimony.objects.filter(pk=w.draft.pk).update(title=title)
    back = w.ask("editor", "post", f"testimonies/{w.draft.pk}/revert/", {"version": 2}, match="*")
    assert back.json()["title"] == "Invented: one"


def test_a_deleted_record_is_gone_and_its_last_state_kept(db):
    w = Writers()
    title, moment = w.draft.title, clock()
    assert w.ask("author", "delete", f"testimonies/{w.draft.pk}/", match="*").status_code == 204
    for path in ("history/", f"?as_of={moment.isoformat().replace('+', '%2B')}"):
        assert w.ask("editor", "get", f"testimonies/{w.draft.pk}/{path}").status_code == 404
    kept = models.EVENTS[models.Testimony].objects.filter(pgh_obj=w.draft.pk).last()
    assert (kept.pgh_label, kept.title, kept.pgh_context["user"]) == ("delete", title, w.users["author"].pk)


@pytest.mark.parametrize(
    "words", ["", "2026-01-05", "2026-01-05T10:00:00", "yesterday", "2026-01-05T10:00:00Z&as_of=2026-01-05T10:00:00Z"]
)
def test_a_moment_that_is_none_is_refused(editor, words):  # noqa: F811
    response = editor.get(f"/api/v1/groups/{make.make_group().pk}/?as_of={words}")
    assert [(e["parameter"], e["code"]) for e in response.json()["errors"]] == [("as_of", "invalid")]


def test_every_table_that_a_statement_reads_has_a_past(db):
    for noun in ("testimony", *shared.NOUNS):
        statement = reading.TESTIMONIES if noun == "testimony" else shared.NOUNS[noun].statement
        tables = set(re.findall(r"\btestimonies_\w+", statement))
        tables.discard("testimonies_assignment")  # who codes now decides what is withheld of then, too
        assert {model._meta.db_table for model, _ in past.SHADOWS[noun]} == tables, noun


def edits(w, rng):
    """One act drawn at random, over the API; some are refused, which is as good."""
    draft, number = f"testimonies/{w.draft.pk}/", rng.randrange(1000)
    words = lambda: f"Invented {rng.randrange(1000)}"  # noqa: E731
    parts = {
        name: w.ask("editor", "get", f"{draft}{name}/").json()["results"]
        for name in ("texts", "claims", "citations", "clearances")
    }
    some = lambda name: f"{draft}{name}/{rng.choice(parts[name])['id']}/" if parts[name] else draft + "texts/none/"  # noqa: E731
    choices = [
        ("patch", draft, {"title": words(), "age_from": 20, "age_to": 20 + number % 9}),
        ("patch", draft, {"group": rng.choice([None, w.group.slug]), "role_in_group": words()}),
        ("patch", draft, {"collections": rng.choice([[], [w.collection.slug]]), "external_ids": [{"system": "x", "value": words()}]}),
        ("patch", draft, {"cases": rng.choice([[], [{"collection": w.collection.slug, "is_case": number % 2 == 0}]])}),
        ("patch", f"persons/{w.person.pk}/", {"nationality": rng.choice([None, "SY", "DE"]), "name": words(), "name_kind": "kunya"}),
        ("patch", f"persons/{w.person.pk}/", {"other_names": [{"value": words(), "kind": "kunya"}]}),
        ("patch", f"sources/{w.unseen_source.pk}/", {"outlet": words(), "published": "2014-05"}),
        ("patch", f"groups/{w.group.pk}/", {"name": words(), "slug": rng.choice(["one-group", "other-group"])}),
        ("patch", f"collections/{w.collection.pk}/", {"caveats": [words()]}),
        ("post", f"{draft}texts/", {"language": "en", "kind": "transcript", "body": words()}),
        ("patch", some("texts"), {"body": words()}),
        ("delete", some("texts"), None),
        ("post", f"{draft}claims/", {"field": "left", "value": words(), "source_id": str(w.unseen_source.pk)}),
        ("delete", some("claims"), None),
        ("post", f"{draft}citations/", {"source_id": str(w.unseen_source.pk), "relation": "original", "locator": words()}),
        ("delete", some("citations"), None),
        ("put", f"{draft}codes/", {"codes": rng.sample(w.codes, rng.randrange(3))}),
    ]  # fmt: skip
    method, path, body = rng.choice(choices)
    return w.ask("editor", method, path, body, match="" if method == "post" else "*").status_code


@pytest.mark.parametrize("seed", range(3))
def test_as_of_says_what_the_api_said_at_that_moment(transactional_db, seed):
    """Byte by byte but for updated_at: a projection's own moment, which moves with what the tier sees, is not recorded."""
    rng, w = Random(seed), Writers()
    w.group, w.collection = make.make_group(), make.make_collection()
    book = make.make_codebook(status="draft")
    w.codes = [f"{book.slug}@{book.edition}/{make.make_code(codebook=book).slug}" for _ in range(3)]
    watched = [f"testimonies/{w.draft.pk}/", f"persons/{w.person.pk}/", f"sources/{w.unseen_source.pk}/", f"groups/{w.group.pk}/", f"collections/{w.collection.pk}/"]  # fmt: skip
    noted = []
    for _ in range(25):
        edits(w, rng)
        noted += [(path, clock(), w.ask("editor", "get", path).content) for path in rng.sample(watched, 2)]
    rng.shuffle(noted)
    for path, moment, body in noted:
        then = w.ask("editor", "get", f"{path}?as_of={moment.isoformat().replace('+', '%2B')}")
        assert then.status_code == 200
        assert timeless(then.content) == timeless(body), (path, moment)
    changed = {timeless(body) for path, _, body in noted if path == watched[0]}
    assert len(changed) > 3


def timeless(body: bytes) -> bytes:
    assert json.loads(body)
    return re.sub(rb'"updated_at":"[^"]+"', b"", body)
