"""Requests that nobody sends by mistake: each is refused with a problem, or answered as if the oddity were not there."""

import pytest

from tests.client import document
from tests.factories import batch, make_testimony

LIST, ME = "/api/v1/testimonies/", "/api/v1/me/"
PAGES = ["/api/docs/", "/api/schema/", "/api/problems/", "/healthz", "/readyz"]
LONG = "x" * 100_000
WHOLE = ("codes", "comparison", "transitions")
PARTS = ("citations", "claims", "clearances", "codings", *WHOLE)
FOR_STAFF = ("import-mappings", "same-person-links", "corrections", "assignments", "codings", "decisions")
FOR_CUSTODIANS = ("erasures", "imports", "vault-openings")
FOR_EDITORS = ("agreement",)
REFUSED = {("anonymous", method): (401, "not_authenticated") for method in ("PUT", "POST", "PATCH", "DELETE")} | {
    ("editor", "PUT"): (400, "malformed"),
    ("editor", "POST"): (400, "malformed"),
    ("editor", "PATCH"): (400, "malformed"),
    ("editor", "DELETE"): (428, "version_needed"),
}
"""What a method that there is meets: no key, a body that is no JSON, no version."""


def is_for_staff(path):
    return (
        any(f"/{word}/" in path for word in FOR_STAFF + FOR_EDITORS)
        or any(f"{{testimony_id}}/{part}/" in path for part in PARTS)
        or path.endswith("/history/")
    )


def code_of(response):
    return response.json()["code"]


def faults_of(response):
    assert code_of(response) == "invalid_parameters"
    return {(error["parameter"], error["code"]) for error in response.json()["errors"]}


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", "Basic eDp5", "bearer\tx", "Bearer \0", "Bearer \x80é", "Bearer a b", ",", f"Bearer {LONG}", LONG],
    ids=range(11),
)  # fmt: skip
def test_a_strange_key_is_no_key(api, value):
    response = api.get(ME, headers={"authorization": value})
    assert (response.status_code, code_of(response)) == (401, "invalid_key")


@pytest.mark.parametrize("role", ["anonymous", "editor"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("if-none-match", ""),
        ("if-none-match", '"'),
        ("if-none-match", 'W/"", ,,, "a"b", \0\xff'),
        ("if-none-match", f'"{LONG}"'),
        ("accept", ""),
        ("accept", "text/html"),
        ("accept", "*/*;q=0, ;;,/,x/y;q=nan"),
        ("accept-language", "\0;q=9"),
        ("accept-encoding", "gzip;q=0, *;q=0"),
        ("content-type", "application/json; charset=no-such"),
        ("content-type", "multipart/form-data"),
        ("content-length", "many"),
        ("content-length", "-1"),
        ("cookie", 'sessionid=\0; =;; a="'),
        ("range", "bytes=5-1"),
        ("if-match", "*"),
        ("if-modified-since", "tomorrow"),
        ("x-http-method-override", "DELETE"),
        ("x-forwarded-host", "elsewhere.example"),
        ("x-request-id", "mine\r\nSet-Cookie: a=b"),
        ("x-anything", LONG),
    ],
    ids=range(21),
)
def test_a_strange_header_changes_nothing(api, role, name, value):
    make_testimony()
    plain, strange = (api.as_(role).get(LIST, headers=headers) for headers in ({}, {name: value}))
    assert (strange.status_code, strange.content) == (200, plain.content)
    assert strange.headers["X-Request-ID"] != plain.headers["X-Request-ID"]


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "localhost@elsewhere.example", "", "a b", "[::1", "localhost:port", "\0", "ñ", LONG], ids=range(9)
)  # fmt: skip
@pytest.mark.parametrize("path", [LIST, *PAGES, "/nothing"])
def test_a_foreign_host_is_refused(api, path, host):
    response = api.get(path, headers={"host": host})
    assert (response.status_code, code_of(response)) == (400, "bad_request")
    assert "elsewhere" not in response.content.decode()


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("&".join(["gender=male"] * 100), {("gender", "too_many_values")}),
        ("&".join(["page_size=1"] * 100), {("page_size", "too_many_values")}),
        ("page_size=1&page_size=1", {("page_size", "repeated")}),
        ("&".join(f"a{n}=1" for n in range(100)), {(f"a{n}", "unknown_parameter") for n in range(100)}),
        (f"outlet={LONG}", {("outlet", "invalid")}),
        (f"{LONG}=1", {("x" * 80, "unknown_parameter")}),
        ("outlet=a%00b", {("outlet", "invalid")}),
        ("%00=1", {("\0", "unknown_parameter")}),
        ("=1", {("", "unknown_parameter")}),
        ("gender[]=male", {("gender[]", "unknown_parameter")}),
        ("gender__in=male", {("gender__in", "unknown_parameter")}),
        ("Gender=male", {("Gender", "unknown_parameter")}),
        ("gender=male%20", {("gender", "unknown_value")}),
        ("gender=", {("gender", "unknown_value")}),
        ("gender=%ED%A0%80", {("gender", "unknown_value")}),
        ("nationality=%F0%9F%87%B8", {("nationality", "unknown_value")}),
        ("group=%FF%FE", {("group", "unknown_value")}),
        ("group='%20OR%20true--", {("group", "unknown_value")}),
        ("person=%25s", {("person", "invalid")}),
        ("given_after=99999-01-01", {("given_after", "invalid")}),
        ("given_after=-0001", {("given_after", "invalid")}),
        ("given_after=Y-170000002", {("given_after", "invalid")}),
        ("given_after=2014-02-30", {("given_after", "invalid")}),
        ("given_after=../2015", {("given_after", "invalid")}),
        ("updated_since=2026-01-05", {("updated_since", "invalid")}),
        ("updated_since=10000-01-05T00:00:00Z", {("updated_since", "invalid")}),
        ("page_size=0", {("page_size", "invalid")}),
        ("page_size=501", {("page_size", "invalid")}),
        ("page_size=1e2", {("page_size", "invalid")}),
        ("page_size=%D9%A3", {("page_size", "invalid")}),
        ("page_size=%20", {("page_size", "invalid")}),
        ("ordering=", {("ordering", "unknown_value")}),
        ("ordering=given,given", {("ordering", "unknown_value")}),
        ("ordering=--given", {("ordering", "unknown_value")}),
        ("ordering=relevance", {("ordering", "unknown_value")}),
        ("ordering=given%3Bdrop", {("ordering", "unknown_value")}),
        ("count=yes&match=perhaps&q=%00", {("count", "unknown_value"), ("match", "unknown_value"), ("q", "invalid")}),
    ],
    ids=range(37),
)
def test_a_strange_query_is_refused_with_its_faults(api, query, faults):
    response = api.get(f"{LIST}?{query}")
    assert response.status_code == 400
    assert faults_of(response) == faults


def test_more_parameters_than_anybody_needs_are_not_even_read(api):
    response = api.get(f"{LIST}?{'gender=male&' * 20_001}")
    assert (response.status_code, code_of(response)) == (400, "bad_request")


@pytest.mark.parametrize(
    "q", ["", " ", '"', "-", "--", "or", "OR OR", "a & | ! <-> b:*", "'", "\\", "%", "%s", "(((", "؟", "\u202e", "😀 -😀", '"-"', "\ud800"]
)  # fmt: skip
def test_any_words_can_be_searched_for(api, q):
    response = api.get(LIST, {"q": q.encode("utf-8", "surrogatepass")})
    assert response.status_code == 200


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00"])
def test_the_first_and_the_last_moment_are_moments(api, moment):
    assert api.get(LIST, {"updated_since": moment}).status_code == 200


@pytest.mark.parametrize("segment", sorted({path.split("/")[3] for path in document()["paths"] if "{id}" in path}))
@pytest.mark.parametrize(
    "key",
    ["%00", "%ED%A0%80", "%FF", "..", "%2E%2E", "a%2Fb", "%0A", "T-00000000", "T-7K3QM2X9%20", "'", "%25s", "0" * 32, "-", "{id}", LONG],
    ids=range(15),
)  # fmt: skip
def test_a_strange_key_of_a_record_is_not_found(api, segment, key):
    client = api.as_("custodian") if segment in FOR_STAFF + FOR_CUSTODIANS else api
    response = client.get(f"/api/v1/{segment}/{key}/")
    assert (response.status_code, code_of(response)) == (404, "not_found")


@pytest.mark.parametrize("part", [*PARTS, "texts"])
@pytest.mark.parametrize("key", ["%00", "%ED%A0%80", "%FF", "%0A", "T-00000000", "'", "%25s", "-", LONG], ids=range(9))
def test_a_strange_key_of_a_testimony_or_of_its_part_is_not_found(api, part, key):
    there = make_testimony().pk
    for path in (f"{key}/{part}/", f"{key}/{part}/{there}/", f"{there}/{part}/{key}/"):
        if path.endswith(f"{part}/") or part not in WHOLE:
            response = api.as_("editor").get(f"{LIST}{path}")
            assert (response.status_code, code_of(response)) == (404, "not_found"), path[:80]


@pytest.mark.parametrize(
    "path", [path for path, methods in document()["paths"].items() if is_for_staff(path) and "get" in methods]
)
@pytest.mark.parametrize("key", ["there", "%00", "T-00000000", "00000000-0000-4000-8000-000000000000", "'"])
def test_what_is_for_staff_is_forbidden_whatever_the_id(api, path, key):
    there = str(make_testimony().pk)
    url = path.replace("{testimony_id}", there if key == "there" else key).replace(
        "{id}", there if key == "there" else key
    )
    for role in ("anonymous", "reader"):
        response = api.as_(role).get(url)
        assert (response.status_code, code_of(response)) == (403, "forbidden")


@pytest.fixture
def cursor(api):
    with batch():
        for _ in range(3):
            make_testimony()
    return api.get(LIST, {"page_size": 1}).json()["next_cursor"]


def test_a_cursor_with_one_character_changed_is_refused(api, cursor):
    for n, character in enumerate(cursor):
        changed = cursor[:n] + ("A" if character != "A" else "B") + cursor[n + 1 :]
        response = api.get(LIST, {"page_size": 1, "cursor": changed})
        assert (response.status_code, faults_of(response)) == (400, {("cursor", "invalid_cursor")})


@pytest.mark.parametrize(
    "change",
    [
        lambda cursor: "",
        lambda cursor: ":",
        lambda cursor: cursor[1:],
        lambda cursor: cursor[:-1],
        lambda cursor: cursor[: len(cursor) // 2],
        lambda cursor: cursor * 2,
        lambda cursor: cursor[::-1],
        lambda cursor: cursor.swapcase(),
        lambda cursor: f".{cursor}",
        lambda cursor: f"é{cursor}",
        lambda cursor: f" {cursor}",
        lambda cursor: f"{cursor}=",
        lambda cursor: f"{cursor[:9]}\n{cursor[9:]}",
        lambda cursor: "x" * 3_900,
    ],
    ids=range(14),
)
def test_a_forged_cursor_is_refused(api, cursor, change):
    response = api.get(LIST, {"page_size": 1, "cursor": change(cursor)})
    assert (response.status_code, faults_of(response)) == (400, {("cursor", "invalid_cursor")})


@pytest.mark.parametrize(
    ("path", "query", "role"),
    [
        (LIST, {}, "reader"),
        (LIST, {}, "editor"),
        (LIST, {"gender": "male"}, "anonymous"),
        (LIST, {"ordering": "updated_at"}, "anonymous"),
        (LIST, {"match": "certain"}, "anonymous"),
        ("/api/v1/persons/", {}, "anonymous"),
    ],
)
def test_a_cursor_of_another_list_is_refused(api, cursor, path, query, role):
    response = api.as_(role).get(path, {**query, "page_size": 1, "cursor": cursor})
    assert (response.status_code, faults_of(response)) == (400, {("cursor", "foreign_cursor")})


ALLOWED = {
    "/api/v1/testimonies/": "GET HEAD POST",
    "/api/v1/testimonies/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/testimonies/{id}/history/": "GET HEAD",
    "/api/v1/testimonies/{id}/revert/": "POST",
    "/api/v1/testimonies/{id}/citation/": "GET HEAD",
    "/api/v1/testimonies/{testimony_id}/citations/": "GET HEAD POST",
    "/api/v1/testimonies/{testimony_id}/citations/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/testimonies/{testimony_id}/claims/": "GET HEAD POST",
    "/api/v1/testimonies/{testimony_id}/claims/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/testimonies/{testimony_id}/clearances/": "GET HEAD POST",
    "/api/v1/testimonies/{testimony_id}/clearances/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/testimonies/{testimony_id}/codes/": "GET HEAD PUT",
    "/api/v1/testimonies/{testimony_id}/texts/": "GET HEAD POST",
    "/api/v1/testimonies/{testimony_id}/texts/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/testimonies/{testimony_id}/transitions/": "GET HEAD POST",
    "/api/v1/persons/": "GET HEAD POST",
    "/api/v1/persons/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/persons/{id}/history/": "GET HEAD",
    "/api/v1/persons/{id}/revert/": "POST",
    "/api/v1/corrections/": "GET HEAD POST",
    "/api/v1/corrections/{id}/": "GET HEAD",
    "/api/v1/corrections/{id}/decision/": "POST",
    "/api/v1/assignments/": "GET HEAD POST",
    "/api/v1/assignments/{id}/": "GET HEAD DELETE",
    "/api/v1/assignments/{id}/transition/": "POST",
    "/api/v1/assignment-shares/": "POST",
    "/api/v1/codings/": "GET HEAD POST",
    "/api/v1/codings/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/decisions/": "GET HEAD POST",
    "/api/v1/decisions/{id}/": "GET HEAD",
    "/api/v1/decisions/{id}/reopening/": "POST",
    "/api/v1/testimonies/{testimony_id}/codings/": "GET HEAD",
    "/api/v1/testimonies/{testimony_id}/comparison/": "GET HEAD",
    "/api/v1/same-person-links/": "GET HEAD POST",
    "/api/v1/same-person-links/{id}/": "GET HEAD PATCH DELETE",
    "/api/v1/sources/": "GET HEAD POST",
    "/api/v1/sources/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/sources/{id}/history/": "GET HEAD",
    "/api/v1/sources/{id}/revert/": "POST",
    "/api/v1/groups/": "GET HEAD POST",
    "/api/v1/groups/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/groups/{id}/history/": "GET HEAD",
    "/api/v1/groups/{id}/revert/": "POST",
    "/api/v1/collections/": "GET HEAD POST",
    "/api/v1/collections/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/collections/{id}/history/": "GET HEAD",
    "/api/v1/collections/{id}/revert/": "POST",
    "/api/v1/figures/": "GET HEAD POST",
    "/api/v1/figures/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/figures/{id}/history/": "GET HEAD",
    "/api/v1/figures/{id}/revert/": "POST",
    "/api/v1/codebooks/": "GET HEAD POST",
    "/api/v1/codebooks/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/codebooks/{id}/history/": "GET HEAD",
    "/api/v1/codebooks/{id}/revert/": "POST",
    "/api/v1/codebooks/{id}/tree/": "GET HEAD",
    "/api/v1/codebooks/{id}/map/": "GET HEAD PUT",
    "/api/v1/codebooks/{id}/compare/": "GET HEAD",
    "/api/v1/codebooks/{id}/recode/": "GET HEAD",
    "/api/v1/codebooks/{id}/qdc/": "GET HEAD",
    "/api/v1/codebooks/{id}/qdpx/": "GET HEAD",
    "/api/v1/codebooks/{id}/next-version/": "POST",
    "/api/v1/codebooks/{id}/carry-over/": "POST",
    "/api/v1/codebooks/import/": "POST",
    "/api/v1/codes/": "GET HEAD POST",
    "/api/v1/codes/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/codes/{id}/history/": "GET HEAD",
    "/api/v1/codes/{id}/revert/": "POST",
    "/api/v1/testimonies/{testimony_id}/erasure/": "POST",
    "/api/v1/agreement/": "GET HEAD",
    "/api/v1/agreement/confusions/": "GET HEAD",
    "/api/v1/imports/": "GET HEAD POST",
    "/api/v1/imports/{id}/": "GET HEAD DELETE",
    "/api/v1/imports/{id}/rows/": "GET HEAD",
    "/api/v1/imports/{id}/apply/": "POST",
    "/api/v1/import-mappings/": "GET HEAD POST",
    "/api/v1/import-mappings/{id}/": "GET HEAD PUT PATCH DELETE",
    "/api/v1/import-mappings/columns/": "GET HEAD",
    "/api/v1/erasures/": "GET HEAD",
    "/api/v1/erasures/{id}/": "GET HEAD",
    "/api/v1/vault-openings/": "GET HEAD POST",
    "/api/v1/vault-openings/{id}/": "GET HEAD",
    "/api/v1/vault-lookups/": "POST",
    "/api/v1/vault-entries/": "POST",
    "/api/v1/vault-removals/": "POST",
    "/api/v1/me/": "GET HEAD",
}


def test_every_address_has_its_methods():
    assert ALLOWED.keys() == document()["paths"].keys()


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "PROPFIND"])
@pytest.mark.parametrize("path", [*ALLOWED, *PAGES])
def test_nothing_but_what_is_documented_can_be_done(api, path, method):
    """A method that there is meets a body that is no JSON, or a role that does not write."""
    allowed = set(ALLOWED.get(path, "GET HEAD").split())
    for role in ("anonymous", "editor"):
        response = api.as_(role).generic(method, path, b"{", content_type="application/json")
        met = (response.status_code, code_of(response))
        if method not in allowed:
            assert met == (405, "method_not_allowed")
            assert allowed <= set(response.headers["Allow"].split(", "))
        elif role == "editor" and any(word in path for word in ("/erasure", "/vault-")):
            assert met == (403, "forbidden")
        elif role == "editor" and path == "/api/v1/imports/":
            assert met == (415, "unsupported_media_type")  # it takes a form
        elif role == "editor" and "/imports/{id}" in path:
            assert met == (404, "not_found")  # neither body nor version
        else:
            assert met == REFUSED[role, method]


def test_the_schema_the_docs_and_the_health_need_no_key(api, settings):
    settings.PUBLIC_READ = False
    assert {path: api.get(path).status_code for path in [ME, *PAGES]} == {ME: 401} | dict.fromkeys(PAGES, 200)
