"""Parts of a testimony over the API: texts, citations, claims, clearances. Who may, ETags, and all that is wrong at once."""

from typing import Any, NamedTuple
from uuid import UUID

import pytest

from tests import factories as make
from tests.api.answers import results
from tests.client import Api
from tests.writers import Writers, nothing_is_stale, refusals

NEVER_THERE = "00000000-0000-4000-8000-000000000000"


class Part(NamedTuple):
    segment: str
    body: dict[str, Any]
    change: dict[str, Any]
    wrong: dict[str, Any]
    faults: set[tuple[str, str]]


PARTS = {
    part.segment: part
    for part in (
        Part(
            "texts",
            {"language": "en", "kind": "transcript", "body": "Invented.", "tier": "public"},
            {"body": "Invented anew."},
            {"language": "English!", "kind": "song", "body": "", "translation_of_id": 5, "boddy": "x"},
            {
                ("/language", "invalid_language"),
                ("/kind", "unknown_value"),
                ("/body", "blank"),
                ("/translation_of_id", "invalid"),
                ("/boddy", "unknown_field"),
            },
        ),
        Part(
            "citations",
            {"source_id": "{source}", "relation": "original", "locator": "p. 5", "tier": "partner"},
            {"locator": "p. 6"},
            {"relation": "copy", "evidence": [{"field": "left", "basis": "felt"}], "position": -1},
            {
                ("/source_id", "required"),
                ("/relation", "unknown_value"),
                ("/evidence/0/basis", "unknown_value"),
                ("/position", "min_value"),
            },
        ),
        Part(
            "claims",
            {"field": "left", "value": "2014", "source_id": "{source}", "is_preferred": True, "tier": "public"},
            {"value": "2015"},
            {"field": "left", "value": 2014, "is_preferred": "yes", "tier": "secret"},
            {("/value", "invalid"), ("/is_preferred", "invalid"), ("/tier", "unknown_value")},
        ),
        Part(
            "clearances",
            {"basis": "invented", "uses": ["research"], "starts_at": "2020-01-01T00:00:00Z", "reviewed_by": "editors"},
            {"uses": ["research", "quote"]},
            {"basis": "none", "uses": [], "starts_at": "yesterday", "ends_at": 5},
            {
                ("/basis", "unknown_value"),
                ("/uses", "empty"),
                ("/starts_at", "invalid"),
                ("/ends_at", "invalid"),
            },
        ),
    )
}
every_part = pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)


@pytest.fixture
def w(transactional_db) -> Writers:
    return Writers()


def url(w, part, row=None, part_id=""):
    return f"testimonies/{(row or w.draft).pk}/{part.segment}/{f'{part_id}/' if part_id else ''}"


def body(w, part):
    return {name: str(w.source.pk) if value == "{source}" else value for name, value in part.body.items()}


@every_part
def test_made_read_changed_and_removed(w, part):
    made = w.ask("editor", "post", url(w, part), body(w, part))
    assert made.status_code == 201
    one = url(w, part, part_id=made.json()["id"])
    assert made.headers["Location"].endswith(f"/{one}")
    assert body(w, part).items() <= made.json().items()
    read = w.ask("editor", "get", one)
    assert (read.content, read.headers["ETag"]) == (made.content, made.headers["ETag"])
    assert made.headers["ETag"].startswith('"1-')
    assert results(w.ask("author", "get", url(w, part))) == [made.json()]
    changed = w.ask("editor", "patch", one, part.change, match=made.headers["ETag"])
    assert changed.status_code == 200
    assert changed.json() == {**made.json(), **part.change, **({"version": 2} if "version" in made.json() else {})}
    put = w.ask("editor", "put", one, body(w, part), match=changed.headers["ETag"])
    assert body(w, part).items() <= put.json().items()
    assert put.headers["ETag"].startswith('"3-')
    assert nothing_is_stale()
    assert w.ask("editor", "delete", one, match=put.headers["ETag"]).status_code == 204
    assert w.ask("editor", "get", one).status_code == 404
    assert results(w.ask("editor", "get", url(w, part))) == []
    assert nothing_is_stale()


@every_part
def test_on_which_version(w, part):
    made = w.ask("editor", "post", url(w, part), body(w, part))
    one = url(w, part, part_id=made.json()["id"])
    for method, content in (("put", body(w, part)), ("patch", part.change), ("delete", None)):
        assert w.ask("editor", method, one, content).status_code == 428
    changed = w.ask("editor", "patch", one, part.change, match=made.headers["ETag"])
    for method, content in (("put", body(w, part)), ("patch", part.change), ("delete", None)):
        answer = w.ask("editor", method, one, content, match=made.headers["ETag"])
        assert (answer.status_code, answer.json()["code"]) == (412, "overtaken")
    assert w.ask("editor", "get", one).content == changed.content
    assert w.ask("editor", "patch", one, part.change, match="*").status_code == 200


@every_part
def test_all_that_is_wrong_is_told_at_once(w, part):
    assert set(refusals(w.ask("editor", "post", url(w, part), part.wrong))) == part.faults
    made = w.ask("editor", "post", url(w, part), body(w, part))
    one = url(w, part, part_id=made.json()["id"])
    missing = {fault for fault in part.faults if fault[1] == "required"}
    assert set(refusals(w.ask("editor", "patch", one, part.wrong, match="*"))) == part.faults - missing
    assert results(w.ask("editor", "get", url(w, part))) == [made.json()]


WRITES = {
    # segment        reader author coder
    "texts":        (403, 201, 404),
    "citations":    (403, 201, 404),
    "claims":       (403, 201, 404),
    "clearances":   (403, 403, 403),
}  # fmt: skip
READS = {
    "texts":        (404, 200, 404),
    "citations":    (403, 200, 404),
    "claims":       (403, 200, 404),
    "clearances":   (403, 200, 404),
}  # fmt: skip


@every_part
def test_who_may(w, part):
    for name, writes, reads in zip(
        ("reader", "author", "coder"), WRITES[part.segment], READS[part.segment], strict=True
    ):
        assert w.ask(name, "post", url(w, part), body(w, part)).status_code == writes
        assert w.ask(name, "get", url(w, part)).status_code == reads
    made = w.ask("editor", "post", url(w, part), {**body(w, part), **part.change})
    one = url(w, part, part_id=made.json()["id"])
    for name, writes, reads in zip(
        ("reader", "author", "coder"), WRITES[part.segment], READS[part.segment], strict=True
    ):
        changed = w.ask(name, "patch", one, part.change, match="*").status_code
        assert changed == {201: 200}.get(writes, writes)
        assert w.ask(name, "get", one).status_code == reads
    assert nothing_is_stale()


@every_part
def test_readers_are_forbidden_the_same_whatever_the_record(w, part):
    # texts are read by every tier
    expected = [200, 404, 404] if part.segment == "texts" else [403, 403, 403]
    rows = [w.published.pk, w.draft.pk, UUID(NEVER_THERE)]
    assert [w.ask("reader", "get", f"testimonies/{pk}/{part.segment}/").status_code for pk in rows] == expected
    assert [w.ask("editor", "get", f"testimonies/{pk}/{part.segment}/").status_code for pk in rows] == [200, 200, 404]


@every_part
def test_coders_change_parts_of_drafts_only(w, part):
    refused = w.ask("author", "post", url(w, part, w.published), body(w, part))
    assert refused.status_code == (403 if part.segment == "clearances" else 409)
    submitted = url(w, part, w.submitted())
    assert w.ask("editor", "post", submitted, {**body(w, part), **part.change}).status_code == 201
    assert nothing_is_stale()


@every_part
def test_a_part_stands_under_its_own_testimony(w, part):
    made = w.ask("editor", "post", url(w, part), body(w, part))
    elsewhere = url(w, part, w.published, made.json()["id"])
    assert w.ask("editor", "get", elsewhere).status_code == 404
    assert w.ask("editor", "patch", elsewhere, part.change, match="*").status_code == 404
    assert w.ask("editor", "delete", elsewhere, match="*").status_code == 404
    assert w.ask("editor", "get", url(w, part, part_id=NEVER_THERE)).status_code == 404
    assert w.ask("editor", "get", url(w, part, part_id="nothing")).status_code == 404
    assert w.ask("editor", "get", url(w, part, part_id=made.json()["id"])).content == made.content


def test_lists_are_paged_and_a_cursor_fits_one_testimony(w):
    part = PARTS["claims"]
    for field in ("left", "joined", "left"):
        w.ask("editor", "post", url(w, part), {"field": field, "value": "2014"})
    first = w.ask("editor", "get", f"{url(w, part)}?page_size=2&count=exact").json()
    assert ([one["position"] for one in first["results"]], first["count"]) == ([0, 1], 3)
    cursor = first["next_cursor"]
    rest = w.ask("editor", "get", f"{url(w, part)}?page_size=2&cursor={cursor}")
    assert [one["position"] for one in results(rest)] == [2]
    assert w.ask("editor", "get", f"{url(w, part, w.published)}?page_size=2&cursor={cursor}").status_code == 400
    assert [one["field"] for one in results(w.ask("editor", "get", f"{url(w, part)}?field=joined"))] == ["joined"]


def test_each_tier_reads_its_texts(w):
    open_text = make.make_text(testimony=w.published)
    closed = make.make_text(testimony=w.published, tier=2)
    part = PARTS["texts"]
    read = w.ask("reader", "get", url(w, part, w.published, open_text.pk))
    assert (read.status_code, read.json()["body"]) == (200, open_text.body)
    assert "-" not in read.headers["ETag"]  # no version below restricted
    assert w.ask("reader", "get", url(w, part, w.published, closed.pk)).status_code == 404
    assert w.ask("author", "get", url(w, part, w.published, closed.pk)).status_code == 200
    assert w.ask("reader", "get", f"testimonies/{w.published.ref}/texts/{open_text.pk}/").content == read.content


def test_the_same_request_again_makes_nothing_new(w):
    api = Api({"one": {"Authorization": f"Bearer {w.secrets['author']}"}}, "one")
    part = PARTS["claims"]
    answers = [
        api.post(
            f"/api/v1/{url(w, part)}",
            data=body(w, part),
            content_type="application/json",
            headers={"Idempotency-Key": "invented"},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert w.draft.claims.count() == 1
