"""The next version of a codebook, its map, what differs, what is to be coded anew, and carrying codes over."""

import pytest

from testimonies import models
from testimonies.access import Tier
from tests import factories as make
from tests.api.answers import errors

pytestmark = pytest.mark.django_db
URL = "/api/v1/codebooks/"
SLUGS = ("leaving", "brutality", "fatigue", "family", "money", "secret")


@pytest.fixture
def book(db):
    with make.batch():
        book = make.make_codebook(slug="alpha", edition="1", method="Read.")
        leaving = make.make_code(codebook=book, slug="leaving", label="Leaving", position=0, color="#abc")
        for number, slug in enumerate(SLUGS[1:], 1):
            tier = Tier.RESTRICTED if slug == "secret" else Tier.PUBLIC
            make.make_code(parent=leaving, slug=slug, label=slug.title(), definition=f"It is {slug}.", position=number, tier=tier)  # fmt: skip
    return book


@pytest.fixture
def editor(api):
    return api.as_("editor")


def send(client, method, url, body, if_match="*"):
    headers = {"If-Match": if_match} if if_match else {}
    return getattr(client, method)(f"/api/v1/{url}", body, content_type="application/json", headers=headers)


def make_next(client, book, version="2"):
    answer = send(client, "post", f"codebooks/{book.pk}/next-version/", {"version": version})
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def codes_of(client, pk):
    book = client.get(f"{URL}{pk}/").json()
    listed = client.get("/api/v1/codes/", {"codebook": f"{book['slug']}@{book['version']}"}).json()["results"]
    return {code["slug"]: code for code in listed}


def map_of(client, pk):
    found = client.get(f"{URL}{pk}/map/").json()
    return {row["code"]: (row["fate"], *row["into"]) for row in found["codes"]}, found["added"]


def test_the_next_version_begins_as_a_copy(editor, book):
    answer = send(editor, "post", f"codebooks/{book.pk}/next-version/", {"version": "2"})
    draft = answer.json()
    assert answer.headers["Location"] == f"{URL}{draft['id']}/"
    assert (draft["slug"], draft["version"], draft["status"], draft["method"]) == ("alpha", "2", "draft", "Read.")
    before, after = codes_of(editor, book.pk), codes_of(editor, draft["id"])
    same = set(before["leaving"]) - {"id", "version", "updated_at"}
    assert {slug: {key: code[key] for key in same} for slug, code in after.items()} == {
        slug: {key: code[key] for key in same} for slug, code in before.items()
    }
    assert not {code["id"] for code in before.values()} & {code["id"] for code in after.values()}
    assert map_of(editor, draft["id"]) == ({slug: ("kept", slug) for slug in SLUGS}, [])


def test_there_is_one_next_version_and_only_of_what_is_published(editor, book):
    draft = make_next(editor, book)
    again = send(editor, "post", f"codebooks/{book.pk}/next-version/", {"version": "3"})
    of_draft = send(editor, "post", f"codebooks/{draft}/next-version/", {"version": "3"})
    assert [(one.status_code, one.json()["code"]) for one in (again, of_draft)] == [(409, "not_allowed_now")] * 2
    assert send(editor, "delete", f"codebooks/{draft}/", {}).status_code == 204
    taken = send(editor, "post", f"codebooks/{book.pk}/next-version/", {"version": "1"})
    assert (taken.status_code, taken.json()["code"]) == (409, "exists")
    draft = make_next(editor, book, "3")
    renamed = send(editor, "patch", f"codebooks/{draft}/", {"slug": "beta"})
    assert [(error["pointer"], error["code"]) for error in renamed.json()["errors"]] == [("/slug", "fixed")]


def changed(editor, book):
    """Brutality renamed, fatigue and family merged, money split, secret dropped, hope added."""
    draft = make_next(editor, book)
    codes = codes_of(editor, draft)
    assert send(editor, "patch", f"codes/{codes['brutality']['id']}/", {"slug": "violence"}).status_code == 200
    assert (
        send(editor, "patch", f"codes/{codes['fatigue']['id']}/", {"slug": "weary", "definition": "Anew."}).status_code
        == 200
    )
    for slug in ("family", "money", "secret"):
        assert send(editor, "delete", f"codes/{codes[slug]['id']}/", {}).status_code == 204
    for slug in ("pay", "debt", "hope"):
        body = {"codebook_id": draft, "slug": slug, "label": slug.title(), "parent": "leaving"}
        assert send(editor, "post", "codes/", body).status_code == 201
    rows = {
        "leaving": ["leaving"],
        "brutality": ["violence"],
        "fatigue": ["weary"],
        "family": ["weary"],
        "money": ["pay", "debt"],
    }
    body = {"codes": [{"code": code, "into": into} for code, into in rows.items()]}
    answer = send(editor, "put", f"codebooks/{draft}/map/", body)
    assert answer.status_code == 200, answer.content
    return draft


FATES = {
    "leaving": ("kept", "leaving"),
    "brutality": ("renamed", "violence"),
    "fatigue": ("merged", "weary"),
    "family": ("merged", "weary"),
    "money": ("split", "pay", "debt"),
    "secret": ("dropped",),
}


def test_what_became_of_each_code_follows_from_the_map(editor, api, book):
    draft = changed(editor, book)
    assert map_of(editor, draft) == (FATES, ["hope"])
    below = {slug: fate for slug, fate in FATES.items() if slug != "secret"}
    assert map_of(api.as_("public"), draft) == (below, ["hope"])
    assert editor.get(f"{URL}{draft}/map/").json()["follows"] == "1"
    assert editor.get(f"{URL}{book.pk}/map/").json() == {
        "codebook": "alpha", "version": "1", "follows": None, "codes": [], "added": list(SLUGS)
    }  # fmt: skip


def test_a_fate_tells_nothing_of_codes_above_the_tier(editor, api, book):
    """Below restricted, what also became a hidden code was kept."""
    draft = make_next(editor, book)
    rows = [{"code": slug, "into": ["money", "secret"] if slug == "money" else [slug]} for slug in SLUGS]
    assert send(editor, "put", f"codebooks/{draft}/map/", {"codes": rows}).status_code == 200
    assert map_of(editor, draft)[0]["money"] == ("split", "money", "secret")
    assert map_of(api.as_("reader"), draft)[0]["money"] == ("kept", "money")


def test_a_map_is_written_as_a_whole_at_the_version_that_was_read(editor, book):
    draft = make_next(editor, book)
    etag = editor.get(f"{URL}{draft}/map/").headers["ETag"]
    body = {"codes": [{"code": "money", "into": ["money", "family"]}]}
    assert send(editor, "put", f"codebooks/{draft}/map/", body, if_match=None).status_code == 428
    assert send(editor, "put", f"codebooks/{draft}/map/", body, if_match=etag).status_code == 200
    assert send(editor, "put", f"codebooks/{draft}/map/", body, if_match=etag).status_code == 412
    assert map_of(editor, draft)[0]["brutality"] == ("dropped",)
    wrong = {"codes": [{"code": "nothing", "into": ["pay"]}, {"code": "money", "into": ["money", "hope"]}]}
    refused = send(editor, "put", f"codebooks/{draft}/map/", wrong)
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [
        ("/codes/0/code", "unknown"), ("/codes/0/into/0", "unknown"), ("/codes/1/into/1", "unknown"),
    ]  # fmt: skip
    twice = send(editor, "put", f"codebooks/{draft}/map/", {"codes": body["codes"] * 2})
    assert [(error["pointer"], error["code"]) for error in twice.json()["errors"]] == [("/codes", "repeated")]
    assert map_of(editor, draft)[0]["money"] == ("split", "family", "money")


def test_a_published_version_is_frozen_with_its_map(editor, book):
    draft = changed(editor, book)
    assert send(editor, "patch", f"codebooks/{draft}/", {"status": "published"}).status_code == 200
    frozen = [
        send(editor, "put", f"codebooks/{draft}/map/", {"codes": []}),
        send(editor, "patch", f"codes/{codes_of(editor, draft)['hope']['id']}/", {"label": "Other"}),
        send(editor, "put", f"codebooks/{book.pk}/map/", {"codes": []}),
    ]
    assert [(one.status_code, "next version" in one.json()["detail"]) for one in frozen] == [(409, True)] * 3
    make_next(editor, type(book).objects.get(pk=draft), "3")


def test_two_versions_are_compared_field_by_field(editor, api, book):
    draft = changed(editor, book)
    found = editor.get(f"{URL}{draft}/compare/", {"with": str(book.pk)}).json()
    assert (found["codebook"], found["version"], found["other"]) == ("alpha", "2", "alpha@1")
    assert {row["code"]: row["changes"] for row in found["codes"]} == {
        "violence": ["renamed"], "weary": ["renamed", "redefined"], "pay": ["added"], "debt": ["added"], "hope": ["added"],
        "family": ["removed"], "money": ["removed"], "secret": ["removed"],
    }  # fmt: skip
    (weary,) = [row["fields"] for row in found["codes"] if row["code"] == "weary"]
    assert weary == [
        {"field": "slug", "before": "fatigue", "after": "weary"},
        {"field": "definition", "before": "It is fatigue.", "after": "Anew."},
    ]
    back = editor.get(f"{URL}{book.pk}/compare/", {"with": draft}).json()
    assert {row["code"] for row in back["codes"] if row["changes"] == ["removed"]} == {"pay", "debt", "hope"}
    public = api.as_("public").get(f"{URL}{draft}/compare/", {"with": str(book.pk)}).json()
    assert {row["code"] for row in public["codes"]} == {row["code"] for row in found["codes"]} - {"secret"}
    assert editor.get(f"{URL}{draft}/compare/", {"with": draft}).json()["codes"] == []


def test_a_code_below_another_has_moved_and_those_below_a_renamed_one_have_not(editor, book):
    draft = make_next(editor, book)
    codes = codes_of(editor, draft)
    send(editor, "patch", f"codes/{codes['leaving']['id']}/", {"slug": "exit", "inclusion": ["Says so.", "Or not."]})
    send(editor, "patch", f"codes/{codes['money']['id']}/", {"parent": "family", "color": "#123456"})
    found = editor.get(f"{URL}{draft}/compare/", {"with": str(book.pk)}).json()["codes"]
    assert {row["code"]: row["changes"] for row in found} == {
        "exit": ["renamed", "redefined"],
        "money": ["moved", "changed"],
    }
    assert found[0]["fields"][1] == {"field": "inclusion", "before": "", "after": "Says so.\nOr not."}
    assert found[1]["fields"] == [
        {"field": "parent", "before": "leaving", "after": "family"}, {"field": "color", "before": "", "after": "#123456"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", [("with", "invalid")]),
        ("?with=alpha", [("with", "invalid")]),
        ("?with=a&with=b&depth=1", [("depth", "unknown_parameter"), ("with", "invalid")]),
    ],
)
def test_what_to_compare_with_is_said_once(api, book, query, wrong):
    assert errors(api.get(f"{URL}{book.pk}/compare/{query}")) == wrong


def test_a_hidden_version_compares_like_none(api, book):
    hidden = make.make_codebook(tier=Tier.RESTRICTED)
    assert api.as_("reader").get(f"{URL}{book.pk}/compare/", {"with": str(hidden.pk)}).status_code == 404
    assert api.as_("coder").get(f"{URL}{book.pk}/compare/", {"with": str(hidden.pk)}).status_code == 200


# --- Consensus codes --------------------------------------------------------------------------------------------------


@pytest.fixture
def coded(book):
    """Two published testimonies and a draft, coded with the first version."""
    code = {code.slug: code for code in book.codes.all()}
    with make.batch():
        return [
            make.make_testimony(
                title="Invented: one", codes=[code["brutality"], code["money"], code["fatigue"], code["family"]]
            ),
            make.make_testimony(title="Invented: two", codes=[code["brutality"]]),
            make.make_testimony(title="Invented: three", status="draft", published_at=None, codes=[code["secret"]]),
        ]


def published(editor, book):
    draft = changed(editor, book)
    assert send(editor, "patch", f"codebooks/{draft}/", {"status": "published"}).status_code == 200
    return draft


def coded_with(testimony):
    rows = models.ConsensusCode.objects.filter(testimony=testimony).values_list("code__codebook__edition", "code__slug")
    return sorted(f"{edition}/{slug}" for edition, slug in rows)


def test_what_was_split_or_dropped_is_to_be_coded_anew(editor, api, book, coded):
    draft = published(editor, book)
    page = editor.get(f"{URL}{draft}/recode/", {"count": "exact"}).json()
    assert page["count"] == 2
    assert {row["title"]: row["codes"] for row in page["results"]} == {
        "Invented: one": [{"code": "money", "fate": "split", "into": ["pay", "debt"]}],
        "Invented: three": [{"code": "secret", "fate": "dropped", "into": []}],
    }
    assert [row["title"] for row in api.as_("coder").get(f"{URL}{draft}/recode/").json()["results"]] == [
        "Invented: one"
    ]
    assert len(list(editor.pages(f"{URL}{draft}/recode/", page_size=1))) == 2
    assert editor.get(f"{URL}{book.pk}/recode/").json()["results"] == []


def test_codes_that_one_code_takes_over_are_carried_over_in_one_act(editor, api, book, coded):
    draft = published(editor, book)
    second = api.as_("custodian")
    before = [testimony.version for testimony in coded]
    done = send(second, "post", f"codebooks/{draft}/carry-over/", {"follows": "1"})
    assert (done.status_code, done.json()) == (200, {"testimonies": 2, "codes": 4, "left": 2})
    assert [coded_with(one) for one in coded] == [["1/money", "2/violence", "2/weary"], ["2/violence"], ["1/secret"]]
    after = [models.Testimony.objects.get(pk=testimony.pk).version for testimony in coded]
    assert [new > old for new, old in zip(after, before, strict=True)] == [True, True, False]
    shown = api.as_("public").get(f"/api/v1/testimonies/{coded[0].pk}/").json()["codes"]
    assert [(code["version"], code["slug"]) for code in shown] == [("1", "money"), ("2", "violence"), ("2", "weary")]
    again = send(second, "post", f"codebooks/{draft}/carry-over/", {"follows": "1"})
    assert again.json() == {"testimonies": 0, "codes": 0, "left": 2}


def test_codes_that_are_withheld_while_somebody_codes_stay_where_they_are(editor, api, book, coded):
    draft = published(editor, book)
    before = coded_with(coded[0])
    make.make_assignment(testimony=coded[0], codebook=book)
    done = send(api.as_("custodian"), "post", f"codebooks/{draft}/carry-over/", {"follows": "1"})
    assert (done.status_code, done.json()["testimonies"]) == (200, 1)
    assert [coded_with(one) for one in coded[:2]] == [before, ["2/violence"]]
    assert api.as_("public").get(f"/api/v1/testimonies/{coded[0].pk}/").json()["codes"] == []


def test_nobody_carries_over_what_they_should_not(editor, api, book, coded):
    draft = changed(editor, book)
    second = api.as_("custodian")
    url = f"codebooks/{draft}/carry-over/"
    unfrozen = send(second, "post", url, {"follows": "1"})
    send(editor, "patch", f"codebooks/{draft}/", {"status": "published"})
    own = send(editor, "post", url, {"follows": "1"})
    first = send(second, "post", f"codebooks/{book.pk}/carry-over/", {"follows": "0"})
    assert [(one.status_code, one.json()["code"]) for one in (unfrozen, own, first)] == [
        (409, "not_allowed_now"), (409, "own_work"), (409, "not_allowed_now"),
    ]  # fmt: skip
    other = send(second, "post", url, {"follows": "0"})
    assert (other.status_code, [error["pointer"] for error in other.json()["errors"]]) == (400, ["/follows"])
    assert [coded_with(one)[0][:1] for one in coded] == ["1", "1", "1"]


def test_the_map_has_a_history(editor, book):
    draft = changed(editor, book)
    events = models.EVENTS[models.CodeOrigin].objects.filter(code_id=codes_of(editor, draft)["debt"]["id"])
    assert [(event.pgh_label, event.pgh_context["through"]) for event in events] == [("insert", "api")]


def test_roles_are_refused_below_editors(api, book):
    for url, method, body in (
        ("next-version/", "post", {"version": "2"}), ("map/", "put", {"codes": []}), ("carry-over/", "post", {"follows": "1"}),
    ):  # fmt: skip
        assert send(api.as_("coder"), method, f"codebooks/{book.pk}/{url}", body).status_code == 403
