"""Every code of a problem is met once, by a real request where there is one, else at a view made for it."""

import json
import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import path
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from config.urls import urlpatterns as real
from testimonies import errors
from testimonies.api.problem_kinds import PROBLEMS
from tests.client import validator
from tests.factories import make_code, make_testimony

ROOT = Path(__file__).parents[2]
SECRET = "what a row holds"


class Open(APIView):
    authentication_classes = permission_classes = ()


class Echo(Open):
    def post(self, request):
        return Response(request.data)


class Busy(BaseThrottle):
    def allow_request(self, request, view):
        return False

    def wait(self):
        return 1.2


class Throttled(Echo):
    throttle_classes = [Busy]

    def get(self, request):
        raise AssertionError


def raises(make):
    """A view that ends in what `make` raises or returns."""

    class View(Open):
        def get(self, request):
            raise make(request)

    return View.as_view()


def asks(*statements):
    """A view that runs statements on a connection of its own."""

    class View(Open):
        def get(self, request):
            mine = connection.copy()
            mine.settings_dict["OPTIONS"] = {**mine.settings_dict["OPTIONS"], "pool": False}
            try:
                with mine.cursor() as cursor:
                    for statement in statements:
                        cursor.execute(statement)
            finally:
                mine.close()

    return View.as_view()


def plain(request):
    """A view of Django's own, where DRF catches nothing."""
    raise ValueError(SECRET)


urlpatterns = [
    *real,
    path("made/echo/", Echo.as_view()),
    path("made/throttled/", Throttled.as_view()),
    path("made/forbidden/", raises(lambda _: exceptions.PermissionDenied(SECRET))),
    path("made/not_acceptable/", raises(lambda _: exceptions.NotAcceptable(SECRET))),
    path("made/own_work/", raises(lambda _: errors.OwnWork)),
    path("made/not_allowed_now/", raises(lambda _: errors.NotAllowedNow("Not from here."))),
    path("made/not_assigned/", raises(lambda _: errors.NotAssigned)),
    path("made/not_cleared/", raises(lambda _: errors.NotCleared)),
    path("made/submitted/", raises(lambda _: errors.Submitted)),
    path("made/being_coded/", raises(lambda _: errors.BeingCoded)),
    path("made/own_coding/", raises(lambda _: errors.OwnCoding)),
    path("made/frozen/", raises(lambda _: errors.Frozen)),
    path("made/recognisable/", raises(lambda _: errors.Recognisable)),
    path("made/outdated/", raises(lambda _: errors.Outdated(["title"]))),
    path("made/in_use/", raises(lambda _: errors.InUse("1 figure"))),
    path("made/exists/", raises(lambda _: errors.Exists)),
    path("made/vault_shut/", raises(lambda _: errors.VaultShut)),
    path("made/overtaken/", raises(lambda _: errors.Overtaken(3))),
    path("made/idempotency_mismatch/", raises(lambda _: errors.IdempotencyMismatch)),
    path("made/version_needed/", raises(lambda _: errors.VersionNeeded)),
    path("made/purpose_required/", raises(lambda _: errors.PurposeRequired)),
    path("made/too_many_exports/", raises(lambda _: errors.TooManyExports)),
    path("made/invalid/", raises(lambda _: errors.Invalid(("/name", "blank", "Write a name.")))),
    path("made/broken/", raises(lambda _: ValueError(SECRET))),
    path("made/big/", raises(lambda request: AssertionError(len(request._request.body)))),
    path("made/slow/", asks("SET statement_timeout = 1", "SELECT pg_sleep(10)")),
    path("made/gone/", asks("SELECT pg_terminate_backend(pg_backend_pid())")),
    path("made/plain/", plain),
]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

JSON = {"content_type": "application/json"}
MET = {
    # code:                  (status, request,                                          headers of the answer)
    "bad_request":           (400, ("get", "/api/v1/me/", {"headers": {"host": "elsewhere.example"}}), {}),
    "malformed":             (400, ("post", "/made/echo/", {"data": '{"a":', **JSON}), {}),
    "invalid_parameters":    (400, ("get", "/api/v1/testimonies/?natoinality=SY", {}), {}),
    "purpose_required":      (400, ("get", "/made/purpose_required/", {}), {}),
    "invalid":               (400, ("get", "/made/invalid/", {}), {}),
    "not_authenticated":     (401, ("get", "/api/v1/closed/me/", {}), {"WWW-Authenticate": "Bearer"}),
    "invalid_key":           (401, ("get", "/api/v1/me/", {"headers": {"authorization": "Bearer none"}}), {"WWW-Authenticate": "Bearer"}),
    "forbidden":             (403, ("get", "/made/forbidden/", {}), {}),
    "not_found":             (404, ("get", "/api/v1/testimonies/T-00000000/", {}), {}),
    "method_not_allowed":    (405, ("delete", "/api/v1/testimonies/", {}), {"Allow": "GET, HEAD, POST"}),
    "own_work":              (409, ("get", "/made/own_work/", {}), {}),
    "not_allowed_now":       (409, ("get", "/made/not_allowed_now/", {}), {}),
    "not_assigned":          (409, ("get", "/made/not_assigned/", {}), {}),
    "not_cleared":           (409, ("get", "/made/not_cleared/", {}), {}),
    "submitted":             (409, ("get", "/made/submitted/", {}), {}),
    "being_coded":           (409, ("get", "/made/being_coded/", {}), {}),
    "own_coding":            (409, ("get", "/made/own_coding/", {}), {}),
    "frozen":                (409, ("get", "/made/frozen/", {}), {}),
    "recognisable":          (409, ("get", "/made/recognisable/", {}), {}),
    "outdated":              (409, ("get", "/made/outdated/", {}), {}),
    "in_use":                (409, ("get", "/made/in_use/", {}), {}),
    "exists":                (409, ("get", "/made/exists/", {}), {}),
    "vault_shut":            (503, ("get", "/made/vault_shut/", {}), {}),
    "overtaken":             (412, ("get", "/made/overtaken/", {}), {"ETag": '"3"'}),
    "idempotency_mismatch":  (422, ("get", "/made/idempotency_mismatch/", {}), {}),
    "version_needed":        (428, ("get", "/made/version_needed/", {}), {}),
    "not_acceptable":        (406, ("get", "/made/not_acceptable/", {}), {}),
    "body_too_large":        (413, ("generic", "GET", "/made/big/", "x" * 3_000_000, {}), {}),
    "unsupported_media_type": (415, ("post", "/made/echo/", {"data": "a", "content_type": "text/csv"}), {}),
    "too_many_requests":     (429, ("get", "/made/throttled/", {}), {"Retry-After": "2"}),
    "too_many_exports":      (429, ("get", "/made/too_many_exports/", {}), {"Retry-After": "10"}),
    "internal":              (500, ("get", "/made/broken/", {}), {}),
    "unavailable":           (503, ("get", "/made/gone/", {}), {}),
    "too_slow":              (503, ("get", "/made/slow/", {}), {}),
}  # fmt: skip


@pytest.fixture
def client(settings):
    settings.PUBLIC_READ = True
    return Client(SERVER_NAME="localhost", raise_request_exception=False)


def ask(client, settings, request):
    method, *words, more = request
    if words[0] == "/api/v1/closed/me/":
        settings.PUBLIC_READ = False
        words[0] = "/api/v1/me/"
    return getattr(client, method)(*words, **more)


def expect(response, code):
    """The problem, after everything that all of them have in common."""
    assert response.headers["Content-Type"] == "application/problem+json"
    found = json.loads(response.content)
    assert [error.message for error in validator(("components", "schemas", "Problem")).iter_errors(found)] == []
    kind = PROBLEMS[code]
    assert (found["code"], found["status"], found["title"]) == (code, response.status_code, kind.title)
    assert found["status"] == kind.status
    assert found["type"].endswith(f"/api/problems/#{code}")
    assert found["request_id"] == response.headers["X-Request-ID"]
    assert SECRET not in response.content.decode()
    return found


def test_every_code_is_met():
    assert set(MET) == set(PROBLEMS)


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("code", MET)
def test_a_problem_has_one_shape(code, debug, client, settings, caplog):
    settings.DEBUG = debug
    status, request, headers = MET[code]
    response = ask(client, settings, request)
    assert response.status_code == status
    expect(response, code)
    assert {name: response.headers.get(name) for name in headers} == headers
    assert SECRET not in caplog.text


def test_a_fault_is_logged_by_class_and_place_only(client, caplog):
    client.get("/made/broken/")
    (record,) = [record for record in caplog.records if record.name == "testimonies.api"]
    assert re.fullmatch(r"unhandled ValueError at .+test_problems\.py:\d+", record.getMessage())
    assert record.exc_info is None


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("/nothing", (404, "not_found")),
        ("/api/", (404, "not_found")),
        ("/api/v1/", (404, "not_found")),
        ("/api/v1/nothing/", (404, "not_found")),
        ("/api/v2/testimonies/", (404, "not_found")),
        ("/api/v1/testimonies/a/b/", (404, "not_found")),
        ("/static/nothing.js", (404, "not_found")),
        ("/made/plain/", (500, "internal")),
    ],
)
def test_what_django_answers_itself_becomes_a_problem(client, settings, url, answer):
    for settings.DEBUG in (False, True):
        response = client.get(url)
        assert response.headers["Content-Type"] == "application/problem+json"
        assert (response.status_code, response.json()["code"]) == answer
        assert SECRET not in response.content.decode()


def test_people_in_the_admin_see_pages(client):
    response = client.get("/admin/nothing/", follow=True)
    assert response.headers["Content-Type"].startswith("text/html")
    response = client.post("/admin/login/", {"username": "x"})
    assert response.headers["Content-Type"].startswith("text/html")


def test_a_foreign_host_gets_a_relative_type(client):
    response = client.get("/api/v1/me/", headers={"host": "elsewhere.example"})
    assert expect(response, "bad_request")["type"] == "/api/problems/#bad_request"


def test_the_page_explains_each_code(client):
    page = client.get("/api/problems/").content.decode()
    assert re.findall(r'<h2 id="(\w+)">', page) == list(PROBLEMS)
    for problem in PROBLEMS.values():
        assert problem.title in page


def test_the_document_explains_each_code_with_cause_and_cure():
    text = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    found = re.findall(r"^## `(\w+)`\n\n(\d+) (.+)\.\n\n- Cause: (.+)\n- Cure: (.+)$", text, re.MULTILINE)
    assert found == [(p.code, str(p.status), p.title, p.cause, p.detail) for p in PROBLEMS.values()]


FAULTS = {
    "unknown_parameter": "natoinality=SY",
    "unknown_value": "gender=femal",
    "invalid": "given_after=soon",
    "ambiguous": "code=twice",
    "repeated": "page_size=1&page_size=2",
    "too_many_values": "gender=male&" * 51,
    "too_long": f"q={'word+' * 33}",
    "invalid_cursor": "cursor=forged",
    "not_with_format": "format=csv&page_size=5",
    "too_many_rows": "format=xlsx",
    "foreign_cursor": "gender=male&cursor={cursor}",
}


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_of_a_parameter_has_its_code(api, code, monkeypatch):
    monkeypatch.setattr("testimonies.values.sheets.MOST_ROWS", 2)
    for _ in range(2):
        make_code(slug="twice")
        make_testimony()
    cursor = api.get("/api/v1/testimonies/", {"page_size": 1}).json()["next_cursor"]
    response = api.get(f"/api/v1/testimonies/?{FAULTS[code].format(cursor=cursor)}")
    assert [error["code"] for error in expect(response, "invalid_parameters")["errors"]] == [code]


def test_the_document_explains_each_fault_of_a_parameter():
    text = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == list(FAULTS)
