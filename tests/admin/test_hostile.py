"""Posts that no page of ours sends: refused or said at a field, never an error of the server, and nothing written."""

import pytest

from testimonies import models
from tests import factories as make
from tests.admin.pages import errors_of
from tests.writers import nothing_is_stale


@pytest.fixture
def world(desk):
    desk.text = make.make_text(testimony=desk.draft)
    desk.other_text = make.make_text(testimony=desk.published)
    desk.url = f"testimony/{desk.draft.pk}/change/"
    desk.form = desk.at("editor").open(desk.url)
    return desk


def stored(world):
    return [
        list(kind.objects.order_by("pk").values())
        for kind in (models.Testimony, models.Text, models.Citation, models.Claim, models.Clearance, models.Person)
    ]


DEEP = "[" * 5_000
HOSTILE = {
    "no management form": {"texts-TOTAL_FORMS": None, "texts-INITIAL_FORMS": None},
    "management form of words": {"texts-TOTAL_FORMS": "many", "texts-INITIAL_FORMS": "\0"},
    "more initial forms than there are": {"texts-TOTAL_FORMS": "3", "texts-INITIAL_FORMS": "3", "title": "Changed"},
    "a million forms": {"texts-TOTAL_FORMS": "1000000", "texts-INITIAL_FORMS": "1000000"},
    "no id of a part": {"texts-0-id": None, "texts-0-body": "Changed"},
    "an id that is none": {"texts-0-id": "1' OR 1=1", "texts-0-body": "Changed"},
    "an id of another's part": {"texts-0-id": "OTHER", "texts-0-body": "Changed"},
    "another testimony": {"texts-0-testimony": "00000000-0000-4000-8000-000000000000", "texts-0-body": "Changed"},
    "no version": {"shown_version": None, "title": "Changed"},
    "version of words": {"shown_version": "x", "title": "Changed"},
    "version beyond all": {"shown_version": "9" * 5_000, "title": "Changed"},
    "no version of a part": {"texts-0-shown_version": None, "texts-0-body": "Changed"},
    "no version of a part to be removed": {"texts-0-shown_version": None, "texts-0-DELETE": "on"},
    "NUL in a title": {"title": "Chan\0ged"},
    "NUL in a text": {"texts-0-body": "Chan\0ged"},
    "NUL in rows": {"external_ids-0-system": "a\0", "external_ids-0-value": "b"},
    "NUL in hidden rows": {"external_ids": '[{"system": "a\\u0000", "value": "b"}]'},
    "a lone surrogate in hidden rows": {"external_ids": '[{"system": "\\ud800", "value": "b"}]'},
    "deep brackets": {"external_ids": DEEP, "missing": DEEP, "raised": DEEP},
    "rows that are none": {"external_ids": '{"system": 1}', "cases": "[1, null]", "missing": "[]3"},
    "words that are none": {"missing": '{"given": ["unknown"]}', "raised": '{"title": {"a": 1}}'},
    "fields that are none": {"missing": '{"title": "unknown"}'},
    "a person that is none": {"person": "x"},
    "a person that never was": {"person": "00000000-0000-4000-8000-000000000000"},
    "a group that never was": {"group": "nothing"},
    "a code that never was": {"codes": ["00000000-0000-4000-8000-000000000000", "x"]},
    "a collection that never was": {"collections": ["\0"]},
    "a huge age": {"age_from": "9" * 6_000, "age_to": "9" * 30},
    "an age beyond its column": {"age_from": "99999999999", "age_to": "99999999999"},
    "a position beyond its column": {"texts-0-position": "99999999999"},
    "a tier beyond all": {"tier": "9"},
    "a moment beyond all": {"embargo_until_0": "99999-01-01", "embargo_until_1": "99:99"},
    "a title too long": {"title": "x" * 100_000},
    "a language that is none": {"account_language": "\u202e"},
    "a choice of nothing": {"asked-title": "1", "answers_overtaken": "1", "title": "Changed"},
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_post_writes_nothing(world, what):
    sent = {name: str(world.other_text.pk) if value == "OTHER" else value for name, value in HOSTILE[what].items()}
    before = stored(world)
    response = world.at("editor").send(world.url, world.form, **sent)
    assert response.status_code in {200, 400, 409}, (response.status_code, response.headers)
    assert stored(world) == before
    assert b"Traceback" not in response.content


@pytest.mark.parametrize("base", ["\0", DEEP, "9" * 5_000, "\\ud800", "x"])
def test_what_a_form_began_with_is_harmless_if_forged(world, base):
    """It decides only what is sent to the service, at the version that was shown."""
    forged = {name: base for name in world.form if name.startswith(("initial-", "texts-0-initial"))}
    forged |= {name: base for name in world.form if "initial-" in name}
    response = world.at("editor").send(world.url, world.form, **forged, title="Changed")
    assert response.status_code == 302, errors_of(response)
    row = models.Testimony.objects.get(pk=world.draft.pk)
    assert (row.title, row.summary, row.given) == ("Changed", world.draft.summary, world.draft.given)
    assert nothing_is_stale()


def test_forged_bases_on_the_page_of_an_overtaken_form(world):
    forged = {name: "\0[[[" for name in world.form if "initial-" in name}
    sent = forged | {"shown_version": "7", "title": "Changed", "answers_overtaken": "x", "take-title": "both"}
    response = world.at("editor").send(world.url, world.form, **sent)
    assert response.status_code == 409
    assert models.Testimony.objects.get(pk=world.draft.pk).title == world.draft.title


def test_a_hidden_record_is_not_told_from_none_by_a_post(world):
    coder = world.at("coder")
    answers = [
        coder.send(f"testimony/{pk}/change/", world.form, title="x")
        for pk in (world.draft.pk, "00000000-0000-4000-8000-000000000000")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert coder.send("testimony/not-an-id/change/", world.form).status_code == 404
    assert coder.get("testimony/%00/change/").status_code in {302, 404}


def test_a_post_without_a_token_is_refused(world):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["editor"])
    for path in (world.url, f"testimony/{world.draft.pk}/delete/", f"testimony/{world.draft.pk}/move/", "person/add/"):
        assert client.post(f"/admin/testimonies/{path}", {"title": "x"}).status_code == 403


QUERIES = [
    "q=%00", "p=99999999999", "p=-1", "p=x", "o=999.-3.x", "all=", "e=1", "_facets=True", "tier__exact=99999999999999999",
    "tier__exact=x", "status__exact=%00", "nationality=%00", "person__name__icontains=x", "created_by__password=x", "id=x",
    "_to_field=password", "q=" + "x" * 5_000, "given_after=9999999999", "code=%F0%9F%92%A9", "_popup=1", "q=%ED%A0%80",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_a_hostile_address_of_a_list_is_no_error_of_the_server(world, query):
    for noun in ("testimony", "person", "source", "code", "samepersonlink"):
        assert world.at("editor").get(f"{noun}/?{query}").status_code in {200, 302, 400}, noun
        assert world.at("editor").get(f"{noun}/choose/?term={query}&{query}").status_code == 200, noun


def test_an_address_fills_in_no_more_than_relations(world):
    junk = "embargo_until=x&missing=[[[&tier=x&title=Typed&codes=x&external_ids=%00&_changelist_filters=%00"
    response = world.at("editor").get(f"testimony/add/?person={world.person.pk}&{junk}")
    assert response.status_code == 200
    assert b"Typed" not in response.content
    assert world.person.ref.encode() in response.content
    assert world.at("editor").get("testimony/add/?person=%00").status_code == 200


def test_no_button_that_is_not_there_enters_a_new_record(world):
    before = stored(world)
    response = world.at("editor").send(world.url, world.form, _saveasnew="1")
    assert (response.status_code, stored(world)) == (302, before)
