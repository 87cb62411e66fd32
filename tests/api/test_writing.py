"""POST, PUT, PATCH and DELETE of every kind of record: who may, on which version, what is refused, and what is done once."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import F

from testimonies.models import IdempotencyKey
from tests.factories import (
    make_campaign,
    make_code,
    make_codebook,
    make_collection,
    make_figure,
    make_group,
    make_person,
    make_source,
    make_testimony,
    make_use,
)

pytestmark = pytest.mark.django_db
Body = dict[str, Any]


class Kind(NamedTuple):
    """How one kind of record is written."""

    body: Callable[[], Body]
    change: Body
    make: Callable[[], Any]
    """A record that a coder neither made nor sees, if coders write this kind."""
    coder: int
    """What a coder's POST is answered with."""


KINDS = {
    "persons": Kind(
        lambda: {"name": "Invented", "name_kind": "outlet_pseudonym", "nationality": "SY", "other_names": [{"value": "X", "kind": "kunya"}],
                 "external_ids": [{"system": "invented", "value": "1"}], "missing": [{"field": "residence_before", "reason": "not_stated"}]},
        {"gender": "female"}, make_person, 201,
    ),
    "testimonies": Kind(
        lambda: {"person_id": str(make_testimony().person_id), "title": "Invented", "kind": "interview", "account_language": "en", "given": "2014~",
                 "group": make_group().slug, "membership": "says_member", "left": "2015", "collections": [make_collection().slug]},
        {"title": "Invented anew"}, lambda: make_testimony(status="draft", published_at=None), 201,
    ),
    "sources": Kind(
        lambda: {"outlet": "Invented Daily", "url": "https://example.org/x", "published": "2015-09",
                 "external_ids": [{"system": "invented", "value": "1"}]},
        {"medium": "radio"}, make_source, 201,
    ),
    "groups": Kind(lambda: {"slug": "invented", "name": "Invented", "tier": "public"}, {"name": "Invented anew"}, make_group, 403),
    "collections": Kind(
        lambda: {"slug": "invented", "title": "Invented", "basis_of_use": "invented", "permitted_uses": ["research"], "caveats": ["Invented."],
                 "codebook": str(make_codebook())},
        {"title": "Invented anew"}, make_collection, 403,
    ),
    "figures": Kind(
        lambda: {"collection": make_collection().slug, "slug": "invented", "scope": "cases", "statement": "Invented.", "status": "given",
                 "metric": "count_persons", "operator": "eq", "value": "58", "range_low": 58, "range_high": 58.5,
                 "conflicts": [{"source": "B", "statement": "Less.", "value": "57"}],
                 "sources": [{"source_id": str(make_source().pk), "locator": "p. 5"}]},
        {"statement": "Invented anew."}, make_figure, 403,
    ),
    "campaigns": Kind(
        lambda: {"slug": "invented", "title": "Invented", "actor_name": "Invented Centre", "actor_kind": "ngo", "starts": "2014~", "languages": ["en"],
                 "channels": [{"platform": "Invented Tube", "handle": "@invented", "url": "https://example.org/tube"}],
                 "sources": [{"source_id": str(make_source().pk), "locator": "p. 5"}]},
        {"title": "Invented anew"}, make_campaign, 403,
    ),
    "uses": Kind(
        lambda: {"campaign": make_campaign().slug, "kind": "video", "title": "Invented", "language": "en", "published": "2021-09",
                 "testimonies": [{"testimony_id": str(make_testimony(uses=["campaign"]).pk)}],
                 "sources": [{"source_id": str(make_source().pk), "locator": "p. 5"}]},
        {"title": "Invented anew"}, make_use, 403,
    ),
    "codebooks": Kind(
        lambda: {"slug": "invented", "version": "1", "title": "Invented"}, {"title": "Invented anew"}, lambda: make_codebook(status="draft"), 403
    ),
    "codes": Kind(
        lambda: {"codebook_id": str(make_codebook(status="draft").pk), "slug": "invented", "label": "Invented", "inclusion": ["When invented."]},
        {"label": "Invented anew"}, lambda: make_code(codebook=make_codebook(status="draft")), 403,
    ),
}  # fmt: skip
NOT_READ = {"person_id", "codebook_id", "other_names", "sources", "testimonies"}
"""Fields that documents show in another way."""

each = pytest.mark.parametrize("segment", KINDS)


@pytest.fixture
def editor(api):
    return api.as_("editor")


def send(api, method, path, body=None, **headers):
    data = body if isinstance(body, bytes | str) else "" if body is None else json.dumps(body)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return getattr(api, method)(f"/api/v1/{path}", data, content_type="application/json", headers=headers)


def made(api, segment, **headers):
    response = send(api, "post", f"{segment}/", KINDS[segment].body(), **headers)
    assert response.status_code == 201, response.content
    return response


def problem(response):
    found = response.json()
    return found["status"], found["code"], [(error["pointer"], error["code"]) for error in found["errors"]]


def n_rows() -> dict[str, int]:
    """Of every table but what a request itself notes."""
    models = (model for model in apps.get_app_config("testimonies").get_models() if model.__name__ != "ApiKey")
    return {model.__name__: model._default_manager.count() for model in models}


def expect_true_projections():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT count(*) FROM projection_stale")
        assert cursor.fetchone() == (0,)


# --- What is done ---------------------------------------------------------------------------------------------------


@each
def test_a_record_is_made_replaced_changed_and_deleted(editor, segment):
    body, change = KINDS[segment].body(), KINDS[segment].change
    post = send(editor, "post", f"{segment}/", body)
    assert post.status_code == 201
    found = post.json()
    assert {name: found[name] for name in body if name not in NOT_READ} == {
        name: value for name, value in body.items() if name not in NOT_READ
    }
    url = f"{segment}/{found['id']}/"
    assert post.headers["Location"] == f"/api/v1/{url}"
    assert post.headers["Cache-Control"] == "no-store"
    get = editor.get(post.headers["Location"])
    assert (get.headers["ETag"], get.json()) == (post.headers["ETag"], found)

    patch = send(editor, "patch", url, change, if_match=post.headers["ETag"])
    assert patch.status_code == 200, patch.content
    assert (patch.status_code, patch.json()) == (
        200,
        found | change | {"updated_at": patch.json()["updated_at"]} | version(patch),
    )
    put = send(editor, "put", url, body, if_match=patch.headers["ETag"])
    assert (put.status_code, put.json()) == (200, found | {"updated_at": put.json()["updated_at"]} | version(put))
    delete = send(editor, "delete", url, if_match=put.headers["ETag"])
    assert (delete.status_code, delete.content) == (204, b"")
    assert editor.get(f"/api/v1/{url}").status_code == 404
    expect_true_projections()


def version(response) -> Body:
    return {"version": response.json()["version"]} if isinstance(response.json().get("version"), int) else {}


def test_what_is_replaced_without_a_field_takes_its_default(editor):
    post = made(editor, "persons")
    put = send(editor, "put", f"persons/{post.json()['id']}/", {"name": "X", "name_kind": "kunya"}, if_match="*").json()
    assert (put["name"], put["nationality"], put["tier"]) == ("X", None, "restricted")
    assert {one["reason"] for one in put["missing"]} == {"unknown"}
    assert put["external_ids"] == [{"system": "invented", "value": "1"}]  # rows of their own stay


def test_a_code_takes_its_place_from_its_parent(editor):
    book = make_codebook(status="draft")
    ids = {}
    for slug, parent in (("top", None), ("other", None), ("code", "top"), ("subcode", "code")):
        body = {"codebook_id": str(book.pk), "slug": slug, "label": slug, "parent": parent}
        ids[slug] = send(editor, "post", "codes/", body).json()["id"]
    send(editor, "patch", f"codes/{ids['code']}/", {"parent": "other"}, if_match="*")
    send(editor, "patch", f"codes/{ids['other']}/", {"slug": "renamed"}, if_match="*")
    found = editor.get("/api/v1/codes/", {"codebook": book.slug}).json()["results"]
    assert [(code["slug"], code["dimension"], code["level"]) for code in found] == [
        ("top", "top", 1), ("renamed", "renamed", 1), ("code", "renamed", 2), ("subcode", "renamed", 3),
    ]  # fmt: skip
    assert {code.slug: code.position for code in book.codes.all()} == {"top": 0, "renamed": 1, "code": 2, "subcode": 3}
    circular = send(editor, "patch", f"codes/{ids['other']}/", {"parent": "subcode"}, if_match="*")
    assert problem(circular) == (400, "invalid", [("/parent", "circular")])
    moved = send(editor, "patch", f"codes/{ids['top']}/", {"codebook_id": str(make_codebook().pk)}, if_match="*")
    assert problem(moved) == (400, "invalid", [("/codebook_id", "fixed")])
    assert problem(send(editor, "delete", f"codes/{ids['code']}/", if_match="*"))[:2] == (409, "in_use")
    assert send(editor, "delete", f"codebooks/{book.pk}/", if_match="*").status_code == 204
    expect_true_projections()


def test_a_published_codebook_is_frozen_with_its_codes(editor):
    book = made(editor, "codebooks").json()
    code = send(editor, "post", "codes/", {"codebook_id": book["id"], "slug": "a", "label": "A"}).json()
    published = send(editor, "patch", f"codebooks/{book['id']}/", {"status": "published"}, if_match="*")
    assert (published.status_code, published.json()["status"]) == (200, "published")
    for method, path, body in (
        ("patch", f"codebooks/{book['id']}/", {"title": "Anew"}),
        ("patch", f"codebooks/{book['id']}/", {"status": "draft"}),
        ("delete", f"codebooks/{book['id']}/", None),
        ("post", "codes/", {"codebook_id": book["id"], "slug": "b", "label": "B"}),
        ("patch", f"codes/{code['id']}/", {"label": "B"}),
        ("delete", f"codes/{code['id']}/", None),
    ):
        response = send(editor, method, path, body, if_match="*")
        assert problem(response)[:2] == (409, "not_allowed_now")
        assert "next version" in response.json()["detail"]
    born = send(editor, "post", "codebooks/", KINDS["codebooks"].body() | {"version": "2", "status": "published"})
    assert problem(born)[:2] == (409, "not_allowed_now")


# --- On which version -----------------------------------------------------------------------------------------------


@each
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_change_names_the_version_that_was_read(editor, segment, method):
    whole = KINDS[segment].body()
    post = send(editor, "post", f"{segment}/", whole)
    url = f"{segment}/{post.json()['id']}/"
    body = {"put": whole, "patch": KINDS[segment].change}.get(method)
    changed = send(editor, "patch", url, KINDS[segment].change, if_match=post.headers["ETag"])
    before = n_rows()
    assert problem(send(editor, method, url, body))[:2] == (428, "version_needed")
    for stale in (post.headers["ETag"], '"0123456789abcdef"', '"99-0"', "nothing"):
        response = send(editor, method, url, body, if_match=stale)
        assert problem(response)[:2] == (412, "overtaken")
        current = changed.headers["ETag"].strip('"').partition("-")[0]
        assert response.json()["detail"].endswith(f"The current version is {current}.")
        assert response.headers["ETag"] == f'"{current}"'
    assert editor.get(f"/api/v1/{url}").json() == changed.json()
    assert n_rows() == before
    assert send(editor, method, url, body, if_match=response.headers["ETag"]).status_code in {200, 204}


# --- Who may --------------------------------------------------------------------------------------------------------


@each
def test_who_may_make_a_record(api, segment):
    kind = KINDS[segment]
    body = kind.body()
    for role, status in (("anonymous", 401), ("reader", 403), ("coder", kind.coder)):
        before = n_rows()
        assert send(api.as_(role), "post", f"{segment}/", body).status_code == status, role
        assert (n_rows() == before) == (status != 201)
    for role in ("editor", "custodian"):
        response = send(api.as_(role), "post", f"{segment}/", body)
        assert response.status_code in {201, 409}  # 409: like the coder's, or the editor's


@each
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_who_may_change_a_record(api, segment, method):
    kind, row = KINDS[segment], KINDS[segment].make()
    whole = kind.body() | ({"codebook_id": str(row.codebook_id)} if segment == "codes" else {})
    body = {"put": whole, "patch": kind.change}.get(method)
    before = n_rows()
    for role, status in (("anonymous", 401), ("reader", 403), ("coder", 404 if kind.coder == 201 else 403)):
        response = send(api.as_(role), method, f"{segment}/{row.pk}/", body, if_match="*")
        assert response.status_code == status, role
        never = send(api.as_(role), method, f"{segment}/{uuid4()}/", body, if_match="*")
        assert said(never) == said(response)  # what is hidden is as what never was
    assert n_rows() == before
    response = send(api.as_("editor"), method, f"{segment}/{row.pk}/", body, if_match="*")
    assert response.status_code == (204 if method == "delete" else 200)


def said(response) -> Body:
    return {name: value for name, value in response.json().items() if name != "request_id"}


@pytest.mark.parametrize("segment", [segment for segment, kind in KINDS.items() if kind.coder == 201])
def test_a_coder_changes_what_is_theirs_until_it_is_published(api, segment):
    coder = api.as_("coder")
    url = f"{segment}/{made(coder, segment).json()['id']}/"
    assert send(coder, "patch", url, KINDS[segment].change, if_match="*").status_code == 200
    assert send(coder, "delete", url, if_match="*").status_code == 204


def test_a_coder_leaves_alone_what_is_published(api):
    testimony, stated = make_testimony(), make_source()
    make_figure(sources=(stated,))
    source = testimony.citations.get().source
    for path in (
        f"testimonies/{testimony.pk}/",
        f"persons/{testimony.person_id}/",
        f"sources/{source.pk}/",
        f"sources/{stated.pk}/",
    ):
        for method, body in (("patch", {"external_ids": []}), ("delete", None)):
            assert problem(send(api.as_("coder"), method, path, body, if_match="*"))[:2] == (409, "not_allowed_now")


# --- What is refused ------------------------------------------------------------------------------------------------


@each
def test_all_errors_are_told_at_once_and_nothing_is_written(editor, segment):
    body = KINDS[segment].body()
    before = n_rows()
    wrong = next(name for name in body if name in {"name", "title", "outlet", "label", "statement"})
    response = send(
        editor, "post", f"{segment}/", body | {wrong: 5, "tier": "secret", "gendr/x~": 1, "id": str(uuid4())}
    )
    status, code, errors = problem(response)
    assert (status, code) == (400, "invalid")
    assert set(errors) == {
        (f"/{wrong}", "invalid"), ("/tier", "unknown_value"), ("/gendr~1x~0", "unknown_field"), ("/id", "unknown_field"),
    }  # fmt: skip
    assert n_rows() == before


@pytest.mark.parametrize(
    ("segment", "changes", "errors"),
    [
        ("persons", {"nationality": "ZZ"}, {("/nationality", "invalid_country")}),
        ("persons", {"missing": [{"field": "a", "reason": "because"}]}, {("/missing/0/reason", "unknown_value")}),
        ("persons", {"other_names": [{"value": "X", "kind": "kunya"}, {"value": "Y"}]}, {("/other_names/1/kind", "required")}),
        ("testimonies", {"given": "2014-02-30"}, {("/given", "invalid_date")}),
        ("testimonies", {"person_id": 5}, {("/person_id", "invalid")}),
        ("testimonies", {"person_id": str(uuid4())}, {("/person_id", "unknown")}),
        ("testimonies", {"group": "nobody"}, {("/group", "unknown")}),
        ("testimonies", {"age_from": 30, "age_to": 20}, {("", "testimony_ages_are_in_order")}),
        ("testimonies", {"age_from": True}, {("/age_from", "invalid")}),
        ("sources", {"published": "20x4"}, {("/published", "invalid_date")}),
        ("sources", {"url": "javascript:alert(1)"}, {("/url", "invalid")}),
        ("sources", {"reliability": "G", "medium": None}, {("/reliability", "unknown_value"), ("/medium", "null")}),
        ("groups", {"slug": "with space"}, {("/slug", "invalid")}),
        ("groups", {"name": ""}, {("/name", "blank")}),
        ("collections", {"codebook": "nothing@1"}, {("/codebook", "unknown")}),
        ("collections", {"permitted_uses": ["war"]}, {("/permitted_uses/0", "unknown_value")}),
        ("figures", {"collection": "nothing"}, {("/collection", "unknown")}),
        ("figures", {"range_low": "5"}, {("/range_low", "invalid")}),
        ("figures", {"range_low": 10**400}, {("/range_low", "invalid")}),
        ("figures", {"range_low": 60}, {("", "figure_range_is_in_order")}),
        ("figures", {"denominator": -1}, {("/denominator", "min_value")}),
        ("figures", {"denominator": 2**40}, {("/denominator", "max_value")}),
        ("figures", {"position": -1}, {("/position", "min_value")}),
        ("figures", {"sources": [{"source_id": str(uuid4())}]}, {("/sources/0/source_id", "unknown")}),
        ("codebooks", {"language": "klingon?"}, {("/language", "invalid_language")}),
        ("codes", {"parent": "nothing"}, {("/parent", "unknown")}),
        ("codes", {"codebook_id": str(uuid4())}, {("/codebook_id", "unknown")}),
        ("codes", {"dimension": "mine", "level": 2}, {("/dimension", "unknown_field"), ("/level", "unknown_field")}),
    ],
)  # fmt: skip
def test_a_value_against_the_rules_is_refused(editor, segment, changes, errors):
    body = KINDS[segment].body() | changes
    before = n_rows()
    status, code, found = problem(send(editor, "post", f"{segment}/", body))
    assert (status, code, set(found)) == (400, "invalid", errors)
    assert n_rows() == before


HOSTILE = {
    "nothing": (b"", 400),
    "half": (b'{"name": "A"', 400),
    "two": (b"{} {}", 400),
    "no object": (b'"x"', 400),
    "a list": (b"[]", 400),
    "null": (b"null", 400),
    "not UTF-8": (b'{"name": "\xff"}', 400),
    "10 MB": (b'{"name": "' + b"x" * 10_000_000 + b'"}', 413),
    "5,000 brackets": (b"[" * 5_000, 400),
    "5,000 closed brackets": (b"[" * 5_000 + b"]" * 5_000, 400),
    "nested objects": (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, 400),
    "NUL": (b'{"name": "a\\u0000b"}', 400),
    "NUL in a key": (b'{"a\\u0000b": 1}', 400),
    "lone surrogate": (b'{"name": "\\ud800"}', 400),
    "NaN": (b'{"range_low": NaN}', 400),
    "Infinity": (b'{"range_low": -Infinity}', 400),
    "beyond numbers": (b'{"range_low": 1e999}', 400),
    "a number of 5,000 digits": (b'{"position": ' + b"9" * 5_000 + b"}", 400),
    "wrong types": (b'{"name": [], "title": {}, "slug": true, "sources": "x", "external_ids": {"a": 1}}', 400),
}


@each
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_writes_nothing(editor, segment, name):
    body, status = HOSTILE[name]
    row = KINDS[segment].make()
    before = n_rows()
    for method, path in (("post", ""), ("put", f"{row.pk}/"), ("patch", f"{row.pk}/")):
        response = send(editor, method, f"{segment}/{path}", body, if_match="*", idempotency_key="hostile")
        assert response.status_code == status, (method, response.content)
    assert n_rows() == before


@pytest.mark.parametrize("mark", ["\u202a", "\u202e", "\u2066", "\u2069"])
def test_marks_that_turn_a_line_around_are_refused_in_one_line(editor, mark):
    before = n_rows()
    for segment, field in (("persons", "origin_stated"), ("sources", "title"), ("groups", "name")):
        response = send(editor, "post", f"{segment}/", KINDS[segment].body() | {field: f"a{mark}b"})
        assert problem(response) == (400, "invalid", [(f"/{field}", "direction_mark")])
    aliases = KINDS["persons"].body() | {"other_names": [{"value": f"a{mark}b", "kind": "kunya"}]}
    assert problem(send(editor, "post", "persons/", aliases))[2] == [("/other_names", "direction_mark")]
    assert n_rows() == before


def test_right_to_left_is_text_like_any_other(editor):
    name = "أبو مثال\u200f \u05d0\u05d1\u05d2"
    assert send(editor, "post", "persons/", {"name": name, "name_kind": "kunya"}).json()["name"] == name
    summary = "Invented: \u202e\u05d0\u202c \u2067\u05d1\u2069."
    body = KINDS["testimonies"].body() | {"summary": summary}
    assert send(editor, "post", "testimonies/", body).json()["summary"] == summary


@pytest.mark.parametrize(
    "media_type", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
)
def test_only_json_is_read(editor, media_type):
    assert editor.post("/api/v1/groups/", b"slug=a", content_type=media_type).status_code == 415


def test_what_others_need_is_not_deleted(editor):
    book, source, collection = make_codebook(status="draft"), make_source(), make_collection()
    dimension = make_code(codebook=book)
    testimony = make_testimony(collections=[collection], sources=[source], codes=[make_code(parent=dimension)])
    make_figure(collection=collection, sources=(source,))
    before = n_rows()
    for path, what in (
        (f"persons/{testimony.person_id}/", "1 testimonies"),
        (f"sources/{source.pk}/", "1 citations, 1 figure sources"),
        (f"groups/{testimony.membership.group_id}/", "1 memberships"),
        (f"collections/{collection.pk}/", "1 collection items, 1 figures"),
        (f"codes/{dimension.pk}/", "1 codes"),
        (f"codebooks/{book.pk}/", "1 consensus codes"),
    ):
        response = send(editor, "delete", path, if_match="*")
        assert problem(response)[:2] == (409, "in_use"), path
        assert response.json()["detail"].startswith(f"Still needed by {what}.")
    assert n_rows() == before
    expect_true_projections()


@pytest.mark.parametrize(
    ("segment", "changes"),
    [("sources", {}), ("groups", {}), ("collections", {}), ("codebooks", {}), ("persons", {})],
)  # fmt: skip
def test_there_is_one_of_each(editor, segment, changes):
    made(editor, segment)
    body = KINDS[segment].body() | changes
    before = n_rows()
    assert problem(send(editor, "post", f"{segment}/", body))[:2] == (409, "exists")
    assert n_rows() == before


# --- Once -----------------------------------------------------------------------------------------------------------


@each
def test_the_same_request_again_makes_nothing_more(editor, segment):
    body = KINDS[segment].body()
    first = send(editor, "post", f"{segment}/", body, idempotency_key="k-1")
    before = n_rows()
    again = send(editor, "post", f"{segment}/", body, idempotency_key="k-1")
    assert (again.status_code, again.headers["Location"], again.content) == (
        201,
        first.headers["Location"],
        first.content,
    )
    assert n_rows() == before
    changed = send(editor, "patch", f"{segment}/{first.json()['id']}/", KINDS[segment].change, if_match="*")
    again = send(editor, "post", f"{segment}/", body, idempotency_key="k-1")
    assert (again.headers["ETag"], again.content) == (changed.headers["ETag"], changed.content)  # as it is now
    send(editor, "delete", f"{segment}/{first.json()['id']}/", if_match="*")
    assert send(editor, "post", f"{segment}/", body, idempotency_key="k-1").status_code == 404


def test_a_key_belongs_to_one_request_of_one_account(api, editor):
    first = made(editor, "groups", idempotency_key="k-1").json()
    other = send(editor, "post", "groups/", {"slug": "other", "name": "Other"}, idempotency_key="k-1")
    assert problem(other)[:2] == (422, "idempotency_mismatch")
    elsewhere = send(editor, "post", "sources/", KINDS["sources"].body(), idempotency_key="k-1")
    assert problem(elsewhere)[:2] == (422, "idempotency_mismatch")
    custodian = send(api.as_("custodian"), "post", "groups/", {"slug": "other", "name": "Other"}, idempotency_key="k-1")
    assert (custodian.status_code, custodian.json()["id"] == first["id"]) == (201, False)


def test_a_key_of_what_was_refused_is_free(editor):
    refused = KINDS["collections"].body() | {"codebook": "nothing@1"}
    assert send(editor, "post", "collections/", refused, idempotency_key="k-1").status_code == 400
    assert not IdempotencyKey.objects.exists()
    made(editor, "collections", idempotency_key="k-1")


def test_a_key_is_forgotten_after_a_day(editor):
    first = made(editor, "persons", idempotency_key="k-1").json()
    IdempotencyKey.objects.update(created_at=F("created_at") - timedelta(hours=24, seconds=1))
    second = send(editor, "post", "persons/", {"name": "Another", "name_kind": "kunya"}, idempotency_key="k-1")
    assert (second.status_code, second.json()["id"] == first["id"]) == (201, False)
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 201, "é"])
def test_a_key_that_is_none_is_refused(editor, key):
    assert problem(send(editor, "post", "groups/", KINDS["groups"].body(), idempotency_key=key))[:2] == (
        400,
        "bad_request",
    )
