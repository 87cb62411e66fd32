"""Every way of asking gives the same answer: listed == opened == counted == found by its own words == nested where it is cited.

Asked of the collections that ship with the service, and of one invented record in each state.
"""

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import testimonies
from testimonies import models
from testimonies.services import collections
from tests import factories as make
from tests.access.test_matrix import STATES, erase, make_in
from tests.following import Follower

pytestmark = pytest.mark.django_db
PACKAGED = Path(testimonies.__file__).parent / "collections"
API = "/api/v1/"
WORDS = (
    "albatross",
    "bullfinch",
    "cormorant",
    "dunlin",
    "egret",
    "flamingo",
    "goldcrest",
    "heron",
    "ibis",
    "jackdaw",
    "kestrel",
    "lapwing",
)


def make_records():
    """The packaged collections; and for each state a testimony whose title, summary and text have words of their own."""
    collections.load(path=PACKAGED)
    found = {}
    with make.batch():
        user = make.make_user(role="coder")
        for state, word in zip(STATES, WORDS, strict=True):
            testimony = make_in(
                state,
                user,
                title=f"Invented {word}",
                summary=f"Told by a {word}keeper.",
                texts=[f"I was the {word}catcher."],
            )
            source, person = str(testimony.citations.get().source_id), str(testimony.person_id)
            found[state] = SimpleNamespace(testimony=testimony, word=word, source=source, person=person)
    erase(found["erased"].testimony)
    return found


@pytest.fixture(scope="module")
def made(keep):
    return keep(make_records)


def walk(client, path, **query):
    """Every record of a list, page by page; the count that the pages tell is right."""
    found, counts, url = [], set(), f"{API}{path}"
    query = {"page_size": "20", "count": "exact", **query}
    while url:
        response = client.get(url, query)
        assert response.status_code == 200, response.content
        page = response.json()
        found += page["results"]
        counts.add(page["count"])
        url, query = page["next"], None
    assert counts == {len(found)}
    return found


def exported(client, **query):
    """Every record of a file; it is the same as all pages."""
    headers = {"Export-Purpose": "Invented: to compare."}
    response = client.get(f"{API}testimonies/", {**query, "format": "ndjson"}, headers=headers)
    return [json.loads(line) for line in response.content.splitlines()]


def ids(records):
    return {record["id"] for record in records}


def opens(client, path):
    status = client.get(f"{API}{path}").status_code
    assert status in {200, 404}
    return status == 200


# --- One record in each state -------------------------------------------------------------------------------------------

VISIBLE = {
    # caller: the states of which it meets rows, whichever way it asks
    "anonymous": {"public", "raised"},
    "public": {"public", "raised"},
    "reader": {"public", "partner", "raised"},
    "coder": {"public", "partner", "restricted", "embargoed", "expired", "closed", "raised"},
    "editor": {*STATES} - {"erased"},
    "custodian": {*STATES} - {"erased"},
}


def ways(client, row):
    """Each way of asking for one record, and whether it gives it."""
    key, word = str(row.testimony.pk), row.word
    listed = walk(client, "testimonies/")
    nested = {source["source"]["id"] for found in listed if found["id"] == key
              for source in client.get(f"{API}testimonies/{key}/").json()["citations"]}  # fmt: skip
    yield "listed", key in ids(listed)
    yield "exported", key in ids(exported(client))
    follower = Follower(client, page_size=20)
    follower.follow()
    yield "followed", follower.has == {one["id"]: one for one in listed} and key in follower.has
    yield "opened", opens(client, f"testimonies/{key}/")
    yield "opened by reference", opens(client, f"testimonies/{row.testimony.ref}/")
    yield "texts", opens(client, f"testimonies/{key}/texts/")
    yield "citation", opens(client, f"testimonies/{key}/citation/")
    yield "in the title", ids(walk(client, "testimonies/", q=word)) == {key}
    yield "in the summary", ids(walk(client, "testimonies/", q=f'"{word}keeper"')) == {key}
    yield "in the text", ids(walk(client, "testimonies/", q=f"{word}catcher -nobody")) == {key}
    yield "in all three", ids(walk(client, "testimonies/", q=f"{word} {word}keeper {word}catcher")) == {key}
    yield "by its person", ids(walk(client, "testimonies/", person=row.person)) == {key}
    yield "by its source", ids(walk(client, "testimonies/", source=row.source)) == {key}
    yield "person listed", row.person in ids(walk(client, "persons/"))
    yield "person opened", opens(client, f"persons/{row.person}/")
    yield "person nested", row.person in {found["person"]["id"] for found in listed}
    yield "source listed", row.source in ids(walk(client, "sources/"))
    yield "source opened", opens(client, f"sources/{row.source}/")
    yield "source nested", row.source in nested


@pytest.mark.parametrize("caller", VISIBLE)
@pytest.mark.parametrize("state", STATES)
def test_all_ways_agree_on_a_record(api, made, caller, state):
    expected = state in VISIBLE[caller]
    assert dict(ways(api.as_(caller), made[state])) == dict.fromkeys(
        (
            "listed", "exported", "followed", "opened", "opened by reference", "texts", "citation", "in the title", "in the summary", "in the text",
            "in all three", "by its person", "by its source", "person listed", "person opened", "person nested", "source listed",
            "source opened", "source nested",
        ),
        expected,
    )  # fmt: skip


RAISED = {
    # caller: whether it meets the country that the record keeps for staff, whichever way it asks
    "anonymous": False,
    "public": False,
    "reader": False,
    "coder": True,
    "editor": True,
    "custodian": True,
}


@pytest.mark.parametrize("caller", RAISED)
def test_all_ways_agree_on_a_raised_field(api, made, caller):
    client, key = api.as_(caller), str(made["raised"].testimony.pk)
    (listed,) = (one for one in walk(client, "testimonies/") if one["id"] == key)
    opened = client.get(f"{API}testimonies/{key}/").json()
    found = {
        "listed": listed["given_country"] == "LB",
        "opened": opened["given_country"] == "LB",
        "filtered": key in ids(walk(client, "testimonies/", given_country="LB")),
    }
    assert found == dict.fromkeys(found, RAISED[caller])


@pytest.mark.parametrize("caller", VISIBLE)
def test_counts_agree_with_what_is_met(api, made, caller):
    """Of the records above, found by what they have in common, as many are counted as are met."""
    expected = {str(made[state].testimony.pk) for state in VISIBLE[caller]}
    told = ids(walk(api.as_(caller), "testimonies/", q="Invented"))
    assert told & {str(row.testimony.pk) for row in made.values()} == expected


# --- Everything that there is -------------------------------------------------------------------------------------------

CALLERS = {
    # caller: how many of the 46 testimonies it meets, each of another person
    "anonymous": 29,
    "public": 29,
    "reader": 32,
    "coder": 41,
    "editor": 46,
    "custodian": 46,
}
NOUNS = {
    "testimonies": models.Testimony, "persons": models.Person, "sources": models.Source, "groups": models.Group,
    "collections": models.Collection, "figures": models.Figure, "campaigns": models.Campaign, "uses": models.CampaignUse, "codebooks": models.Codebook, "codes": models.Code,
}  # fmt: skip


@pytest.mark.parametrize("caller", CALLERS)
def test_this_many_are_met(api, made, caller):
    assert [len(walk(api.as_(caller), noun)) for noun in ("testimonies/", "persons/")] == [CALLERS[caller]] * 2


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("noun", NOUNS)
def test_what_is_listed_is_what_opens(api, made, caller, noun):
    client = api.as_(caller)
    every = {str(key) for key in NOUNS[noun].objects.values_list("pk", flat=True)}
    listed = walk(client, f"{noun}/")
    assert len(listed) == len(ids(listed))
    assert {key for key in every if opens(client, f"{noun}/{key}/")} == ids(listed)
    for record in listed[:20]:
        detail = client.get(f"{API}{noun}/{record['id']}/").json()
        assert record.pop("snippets", []) == []  # what only a search fills, and only a list has
        assert record == {key: detail[key] for key in record}


@pytest.mark.parametrize("caller", CALLERS)
def test_nothing_changed_in_the_future(api, made, now, caller):
    """An embargo's end would tell of what is under it."""
    client = api.as_(caller)
    moments = {record["updated_at"] for noun in NOUNS for record in walk(client, f"{noun}/")}
    assert max(map(dt.datetime.fromisoformat, moments)) <= now


@pytest.mark.parametrize("caller", CALLERS)
def test_whatever_is_named_is_there(api, made, caller):
    """Ids and slugs in what the caller reads lead somewhere; and persons and sources are met because they are named."""
    client = api.as_(caller)
    there = {noun: walk(client, f"{noun}/") for noun in NOUNS}
    slugs = {noun: {record["slug"] for record in there[noun]} for noun in ("groups", "collections")}
    codebooks = {f"{book['slug']}@{book['version']}" for book in there["codebooks"]}
    codes = {(code["codebook"], code["version"], code["dimension"], code["slug"]) for code in there["codes"]}
    persons, sources = set(), set()
    for key in ids(there["testimonies"]):
        one = client.get(f"{API}testimonies/{key}/").json()
        persons.add(one["person"]["id"])
        sources |= {citation["source"]["id"] for citation in one["citations"]}
        assert {citation["source"]["outlet"] for citation in one["citations"]} == set(one["outlets"])
        assert {claim["source_id"] for claim in one["claims"]} - {None} <= ids(there["sources"])
        assert {one["group"]} - {None} <= slugs["groups"]
        assert {*one["collections"], *(case["collection"] for case in one["cases"])} <= slugs["collections"]
        assert {(code["codebook"], code["version"], code["dimension"], code["slug"]) for code in one["codes"]} <= codes
        texts = walk(client, f"testimonies/{key}/texts/")
        assert texts == one["texts"]
    for person in there["persons"]:
        assert {membership["group"] for membership in person["memberships"]} <= slugs["groups"]
    for figure in there["figures"]:
        sources |= {entry["source"]["id"] for entry in figure["sources"]}
    for told in (*there["campaigns"], *there["uses"]):
        sources |= {entry["source"]["id"] for entry in told["sources"]}
    assert {use["campaign"] for use in there["uses"]} <= {campaign["slug"] for campaign in there["campaigns"]}
    for use in there["uses"]:
        sources |= {entry["source_id"] for entry in use["reach"]} - {None}
        assert {entry["testimony_id"] for entry in use["testimonies"]} <= ids(there["testimonies"])
    assert {figure["collection"] for figure in there["figures"]} <= slugs["collections"]
    assert {collection["codebook"] for collection in there["collections"]} - {None} <= codebooks
    assert {f"{code['codebook']}@{code['version']}" for code in there["codes"]} <= codebooks
    assert persons == ids(there["persons"])
    assert sources == ids(there["sources"])


@pytest.mark.parametrize("caller", CALLERS)
def test_everything_is_found_by_its_own_title_and_nothing_else_is(api, made, caller):
    client = api.as_(caller)
    listed = {record["title"]: record["id"] for record in walk(client, "testimonies/")}
    for title in models.Testimony.objects.values_list("title", flat=True):
        found = ids(walk(client, "testimonies/", q=f'"{title}"'))
        assert found <= set(listed.values())
        assert (listed.get(title) in found) is (title in listed)


SHOWN = {
    # filter: what a record shows, which the filter must find it by
    "person": lambda one: [one["person"]["id"], one["person"]["ref"]],
    "gender": lambda one: [one["person"]["gender"]],
    "nationality": lambda one: [one["person"]["nationality"]],
    "residence_before": lambda one: [one["person"]["residence_before"]],
    "group": lambda one: [one["group"]],
    "membership": lambda one: [one["membership"]],
    "collection": lambda one: one["collections"],
    "codebook": lambda one: [f"{code['codebook']}@{code['version']}" for code in one["codes"]],
    "source": lambda one: [key for citation in one["citations"] for key in (citation["source"]["id"], citation["source"]["ref"])],
    "outlet": lambda one: one["outlets"],
    "medium": lambda one: [citation["source"]["medium"] for citation in one["citations"]],
    "account_language": lambda one: [one["account_language"]],
    "kind": lambda one: [one["kind"]],
    "speaking_conditions": lambda one: [one["speaking_conditions"]],
    "given_country": lambda one: [one["given_country"]],
    "credibility": lambda one: [one["credibility"]],
    "cleared_for": lambda one: one["cleared_for"],
}  # fmt: skip


@pytest.mark.parametrize("caller", ["public", "reader", "editor"])
@pytest.mark.parametrize("name", SHOWN)
def test_a_filter_finds_those_who_show_the_value(api, made, caller, name):
    client = api.as_(caller)
    shown = {}
    for key in ids(walk(client, "testimonies/")):
        for value in SHOWN[name](client.get(f"{API}testimonies/{key}/").json()):
            if value is not None:
                shown.setdefault(value, set()).add(key)
    assert shown
    for value, keys in shown.items():
        assert ids(walk(client, "testimonies/", **{name: value})) == keys
