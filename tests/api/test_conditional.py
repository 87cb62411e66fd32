"""ETag, If-None-Match and the headers that keep answers out of caches and search engines."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.db import connection

from testimonies import projections
from testimonies.access import Tier
from testimonies.models import (
    ConsensusCode,
    Evidence,
    PersonName,
    Testimony,
    TestimonyExternalId,
)
from tests import factories as make
from tests.api.answers import everything, results

Testimony.__test__ = False
pytestmark = pytest.mark.django_db
CALLERS = ("public", "reader", "editor")
NEVER_THERE = "00000000-0000-4000-8000-000000000000"


def make_records():
    with make.batch():
        w = SimpleNamespace()
        w.group, w.hidden_group = make.make_group(), make.make_group(tier=Tier.PARTNER)
        w.person = make.make_person(
            name="Umm Invented",
            name_kind="kunya",
            residence_before="DE",
            raised={"residence_before": 2},
            nationality=None,
            missing={"nationality": "unknown"},
        )
        w.membership = make.make_membership(person=w.person, group=w.group)
        w.codebook = make.make_codebook(status="draft")
        w.code = make.make_code(codebook=w.codebook)
        w.hidden_code = make.make_code(codebook=w.codebook, tier=Tier.RESTRICTED)
        w.collection = make.make_collection(codebook=w.codebook)
        w.shelf = make.make_collection(tier=Tier.PARTNER)
        w.source, w.partner_source = make.make_source(), make.make_source(tier=Tier.PARTNER)
        w.testimony = make.make_testimony(
            person=w.person,
            membership=w.membership,
            sources=[w.source, w.partner_source],
            codes=[w.code],
            collections=[w.collection, w.shelf],
            given="2016-05-04",
            credibility="2",
            raised={"credibility": 1},
            texts=["Invented."],
        )
        w.text = w.testimony.texts.get()
        w.citation = w.testimony.citations.get(source=w.source)
        w.clearance = w.testimony.clearances.get()
        w.claim = make.make_claim(testimony=w.testimony, note="Invented.")
        w.figure = make.make_figure(collection=w.collection, sources=(w.source,))
        w.restricted = make.make_testimony(tier=Tier.RESTRICTED, sources=[], texts=["Hidden."])
        w.draft = make.make_testimony(status="draft", sources=[])
    return w  # fmt: skip


@pytest.fixture(scope="module")
def committed(keep):
    return keep(make_records)


@pytest.fixture
def w(committed):
    """The rows as they are now: a test's own changes of the objects stay with the test."""
    return SimpleNamespace(**{name: type(row).objects.get(pk=row.pk) for name, row in vars(committed).items()})


PATHS = [
    "testimonies/", "testimonies/{testimony}/", "testimonies/{testimony}/texts/", "testimonies/{testimony}/citation/",
    "persons/", "persons/{person}/", "sources/", "sources/{source}/", "groups/", "groups/{group}/", "collections/",
    "collections/{collection}/", "figures/", "figures/{figure}/", "codebooks/", "codebooks/{codebook}/",
    "codebooks/{codebook}/tree/", "codes/", "codes/{code}/", "me/",
]  # fmt: skip


def address(path, w):
    return "/api/v1/" + path.format(**{name: row.pk for name, row in vars(w).items()})


# --- 304 ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("path", PATHS)
def test_what_the_caller_has_is_not_sent_again(api, w, path, caller):
    client, url = api.as_(caller), address(path, w)
    first = client.get(url)
    etag = first.headers["ETag"]
    assert re.fullmatch(r'"(\d+-)?[0-9a-f]{32}"', etag)
    for header in (etag, f"W/{etag}", "*", f'"other", {etag}', f'"a","b",  W/{etag} '):
        again = client.get(url, headers={"If-None-Match": header})
        assert (again.status_code, again.content) == (304, b"")
        assert "Content-Type" not in again.headers
        kept = ("ETag", "Vary", "Cache-Control", "X-Robots-Tag", "Referrer-Policy")
        assert {name: again.headers[name] for name in kept} == {name: first.headers[name] for name in kept}
    for header in ('"other"', "", etag.strip('"'), etag.upper().replace('"', '"0'), "W/*", f'"{etag}"x'):
        assert client.get(url, headers={"If-None-Match": header}).content == first.content


@pytest.mark.parametrize("path", [path for path in PATHS if path.endswith("s/")])
def test_other_pages_have_other_tags(api, w, path):
    client, url = api.as_("editor"), address(path, w)
    tags = [client.get(f"{url}{query}").headers["ETag"] for query in ("", "?count=exact", "?count=exact")]
    assert tags[0] != tags[1] == tags[2]


@pytest.mark.parametrize("below", ["", "texts/", "citation/"])
def test_whether_it_may_be_seen_is_asked_first(api, w, below):
    """A matching tag, or any, gets nobody past the door."""
    for record, below_it in ((w.restricted, ("public", "reader")), (w.draft, ("public", "reader", "coder"))):
        url = f"/api/v1/testimonies/{record.pk}/{below}"
        etag = api.as_("editor").get(url).headers["ETag"]
        assert api.as_("editor").get(url, headers={"If-None-Match": etag}).status_code == 304
        for caller in below_it:
            never = everything(api.as_(caller).get(f"/api/v1/testimonies/{NEVER_THERE}/{below}"))
            for header in (etag, "*"):
                assert everything(api.as_(caller).get(url, headers={"If-None-Match": header})) == never
                assert never[0] == 404


def test_a_tag_is_worth_nothing_once_the_record_is_withdrawn(api, w):
    client, url = api.as_("public"), address("testimonies/{testimony}/", w)
    etag = client.get(url).headers["ETag"]
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
    with projections.refreshed():
        Testimony.objects.filter(pk=w.testimony.pk).update(status="withdrawn")
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 404


def test_a_wrong_query_is_told_before_a_tag_is_compared(api, w):
    assert api.get("/api/v1/testimonies/?gendr=x", headers={"If-None-Match": "*"}).status_code == 400


# --- What moves a tag -----------------------------------------------------------------------------------------------


def change(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


YEAR_2000 = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
CHANGES = {
    # what is written, then whether the public's, a partner's and an editor's document moves; `version`: that alone
    "title": (lambda w: change(w.testimony, title="Another"), "yes yes yes"),
    "person": (lambda w: change(w.person, gender="female"), "yes yes yes"),
    "source": (lambda w: change(w.source, title="Another"), "yes yes yes"),
    "group": (lambda w: change(w.group, slug="another"), "yes yes yes"),
    "membership": (lambda w: change(w.membership, left="2016"), "yes yes yes"),
    "caveat": (lambda w: change(w.collection, caveats=["Another."]), "yes yes yes"),
    "code": (lambda w: change(w.code, slug="another"), "yes yes yes"),
    "age in another band": (lambda w: change(w.testimony, age_from=31, age_to=31), "yes yes yes"),
    "text": (lambda w: change(w.text, body="Another."), "yes yes yes"),
    "another text": (lambda w: make.make_text(testimony=w.testimony), "yes yes yes"),
    "text hidden": (lambda w: change(w.text, tier=1), "yes yes yes"),
    "claim": (lambda w: change(w.claim, value="2013"), "yes yes yes"),
    "cleared use": (lambda w: change(w.clearance, uses=["research", "quote"]), "yes yes yes"),
    "raised so far that it is hidden": (lambda w: change(w.testimony, raised={"given": 1}), "yes no yes"),
    "partner's field": (lambda w: change(w.testimony, credibility="3"), "no yes yes"),
    "partner's field raised": (lambda w: change(w.testimony, raised={"credibility": 2}), "no yes yes"),
    "partner's source": (lambda w: change(w.partner_source, title="Another"), "no yes yes"),
    "partner's caveat": (lambda w: change(w.shelf, caveats=["Another."]), "no yes yes"),
    "partner's claim": (lambda w: make.make_claim(testimony=w.testimony, field="joined", tier=1), "no yes yes"),
    "partner's text": (lambda w: make.make_text(testimony=w.testimony, tier=1), "no yes yes"),
    "hidden text": (lambda w: make.make_text(testimony=w.testimony, tier=2), "no no yes"),
    "hidden code": (lambda w: ConsensusCode.objects.create(testimony=w.testimony, code=w.hidden_code), "no no yes"),
    "hidden source": (lambda w: make.make_citation(testimony=w.testimony, source=make.make_source(tier=2)), "no no yes"),
    "kunya": (lambda w: change(w.person, name="Umm Another"), "no no yes"),
    "raised field": (lambda w: change(w.person, residence_before="NL"), "no no yes"),
    "raised field emptied": (lambda w: change(w.person, residence_before=None), "no no yes"),
    "reason why something is missing": (lambda w: change(w.person, missing={"nationality": "refused"}), "no no yes"),
    "age in the same band": (lambda w: change(w.testimony, age_from=28, age_to=28), "no no yes"),
    "note": (lambda w: change(w.testimony, notes_internal="Another."), "no no yes"),
    "note on a claim": (lambda w: change(w.claim, note="Another."), "no no yes"),
    "claim about an age": (lambda w: make.make_claim(testimony=w.testimony, field="age_to", value="27"), "no no yes"),
    "evidence": (lambda w: Evidence.objects.create(citation=w.citation, field="left", basis="stated"), "no no yes"),
    "external id": (lambda w: TestimonyExternalId.objects.create(testimony=w.testimony, system="a", value="b"), "no no yes"),
    "embargo that has passed": (lambda w: change(w.testimony, embargo_until=YEAR_2000), "no no yes"),
    "version alone": (lambda w: change(w.testimony, created_at=YEAR_2000), "no no version"),
    "evidence of a clearance": (lambda w: change(w.clearance, evidence="form 2"), "no no no"),
    "another name": (lambda w: PersonName.objects.create(person=w.person, value="A", kind="kunya", tier=0), "no no no"),
    "another's testimony": (lambda w: make.make_testimony(sources=[]), "no no no"),
    "no change at all": (lambda w: change(w.testimony, title=w.testimony.title), "no no no"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_time_moves_for_a_tier_only_when_its_bytes_do(api, w, what):
    """The document, its ETag, `updated_at`, its entry in the list, and whether `updated_since` finds it: all or none."""
    write, moves = CHANGES[what]
    url, ref = address("testimonies/{testimony}/", w), w.testimony.ref

    def seen(caller):
        detail = api.as_(caller).get(url)
        (item,) = [item for item in results(api.as_(caller).get("/api/v1/testimonies/")) if item["ref"] == ref]
        return detail.content, detail.headers["ETag"], detail.json()["updated_at"], item["updated_at"]

    before = {caller: seen(caller) for caller in CALLERS}
    with projections.refreshed():
        write(w)
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        since = cursor.fetchone()[0].isoformat()
    moved = {caller: [a != b for a, b in zip(before[caller], seen(caller), strict=True)] for caller in CALLERS}
    moving = {
        "yes": [True, True, True, True],
        "version": [True, True, False, False],
        "no": [False, False, False, False],
    }
    assert moved == {caller: moving[word] for caller, word in zip(CALLERS, moves.split(), strict=True)}
    for caller in CALLERS:
        changed = results(api.as_(caller).get("/api/v1/testimonies/", {"updated_since": since}))
        assert (ref in [item["ref"] for item in changed]) is moved[caller][2]


def test_what_was_and_is_again_has_a_tag_of_its_own(api, w):
    """Back to the first title, at another time: the bytes differ by `updated_at`, so the tags must."""
    url = address("testimonies/{testimony}/", w)
    title, first = w.testimony.title, api.get(url)
    for text in ("Another", title):
        with projections.refreshed():
            change(w.testimony, title=text)
    again = api.get(url)
    assert again.json()["title"] == first.json()["title"]
    assert again.content != first.content
    assert again.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("caller", ["coder", "editor", "custodian"])
@pytest.mark.parametrize("path", [path for path in PATHS if path.endswith("}/") and "/texts" not in path])
def test_the_version_is_part_of_the_tag_for_staff_only(api, w, path, caller):
    url = address(path, w)
    row = getattr(w, path.split("{")[1].split("}")[0])
    etag = api.as_(caller).get(url).headers["ETag"]
    assert re.fullmatch(rf'"{row.version}-[0-9a-f]{{32}}"', etag)
    with projections.refreshed():
        type(row).objects.filter(pk=row.pk).update(created_at=YEAR_2000)
    assert re.fullmatch(rf'"{row.version + 1}-[0-9a-f]{{32}}"', api.as_(caller).get(url).headers["ETag"])
    for below in ("public", "reader"):
        assert re.fullmatch(r'"[0-9a-f]{32}"', api.as_(below).get(url).headers["ETag"])


def test_a_list_does_not_move_with_rows_that_are_hidden(api, w):
    before = {caller: api.as_(caller).get("/api/v1/testimonies/?count=exact") for caller in CALLERS}
    make.make_testimony(tier=Tier.RESTRICTED, person=w.person, membership=None, sources=[])
    make.make_testimony(status="draft", person=w.person, membership=None, sources=[])
    moved = {
        caller: everything(api.as_(caller).get("/api/v1/testimonies/?count=exact")) != everything(before[caller])
        for caller in CALLERS
    }
    assert moved == {"public": False, "reader": False, "editor": True}


# --- Headers ------------------------------------------------------------------------------------------------------------

CACHED = {"anonymous": "private, no-cache", "public": "private, no-cache", "reader": "no-store", "coder": "no-store", "editor": "no-store",
          "custodian": "no-store"}  # fmt: skip


@pytest.mark.parametrize("caller", CACHED)
@pytest.mark.parametrize("path", PATHS)
def test_answers_stay_out_of_caches_and_search_engines(api, w, path, caller):
    headers = api.as_(caller).get(address(path, w)).headers
    assert {name: headers[name] for name in ("Cache-Control", "Vary", "X-Robots-Tag", "Referrer-Policy")} == {
        "Cache-Control": CACHED[caller],
        "Vary": "Authorization, Accept-Encoding",
        "X-Robots-Tag": "noindex, nofollow",
        "Referrer-Policy": "no-referrer",
    }


@pytest.mark.parametrize(
    ("caller", "path", "status"),
    [
        ("public", "testimonies/?gendr=x", 400), ("editor", "testimonies/?gendr=x", 400), ("public", "testimonies/x/", 404),
        ("editor", "testimonies/x/", 404),
    ],
)  # fmt: skip
def test_refusals_are_not_kept_either(api, caller, path, status):
    response = api.as_(caller).get(f"/api/v1/{path}")
    assert response.status_code == status
    assert response.headers["Cache-Control"] in {"private, no-cache", "no-store"}
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "ETag" not in response.headers
