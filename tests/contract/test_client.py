"""The client that all tests use is strict: each thing that is wrong with an answer breaks the contract."""

import json

import pytest
from django.http import HttpResponse

from tests.client import BrokenContract, check
from tests.factories import make_testimony

ID = "X-Request-ID"
GOOD = {"path": "/api/v1/me/", "query": "", "method": "GET"}
ME = {
    "role": "reader",
    "tier": "partner",
    "uses": [],
    "key": "app",
    "expires_at": "2026-01-05T10:00:00Z",
    "withheld": [],
}
PROBLEM = {"type": "/api/problems/#x", "title": "", "status": 400, "detail": "", "code": "x", "request_id": "a" * 32, "errors": []}  # fmt: skip


def answer(body, *, status=200, content_type="application/json", **headers):
    given = {ID: "a" * 32, "ETag": '"b"'} | {name.replace("_", "-"): value for name, value in headers.items()}
    response = HttpResponse(
        json.dumps(body) if not isinstance(body, str) else body, status=status, content_type=content_type
    )
    for name, value in given.items():
        if value is not None:
            response.headers[name] = value
    return response


def problem(**changes):
    status = changes.get("status", 400)
    return answer(PROBLEM | changes, status=status, content_type="application/problem+json", ETag=None)


def test_what_is_documented_passes():
    check(response=answer(ME), **GOOD)
    check(response=answer(ME | {"expires_at": None}), **GOOD)
    check(response=answer("", status=304), **GOOD)
    check(response=problem(), **GOOD)
    check(response=answer("", status=200), **GOOD | {"method": "HEAD"})
    check(response=problem(status=404), **GOOD | {"path": "/api/v1/nothing/"})
    check(response=problem(status=405), **GOOD | {"method": "DELETE"})
    check(response=answer("", status=301, Location="/api/v1/me/"), **GOOD | {"path": "/api/v1/me"})


@pytest.mark.parametrize(
    "response",
    [
        answer(ME, status=201),
        answer(ME, status=403),
        answer(ME, status=500),
        problem(status=500),
        problem(status=409),
        answer(ME, content_type="text/html"),
        answer(ME, status=400),
        answer(ME, **{ID: None}),
        answer(ME, **{ID: "short"}),
        answer(ME, ETag=None),
        answer(ME, ETag="bare"),
        answer(ME, status=304),
        answer("", status=304, ETag=None),
        answer("{"),
        answer('{"role": NaN}'),
        answer([]),
        answer({key: value for key, value in ME.items() if key != "key"}),
        answer(ME | {"more": 1}),
        answer(ME | {"role": "king"}),
        answer(ME | {"role": None}),
        answer(ME | {"uses": ["war"]}),
        answer(ME | {"key": 1}),
        answer(ME | {"expires_at": "tomorrow"}),
        answer(ME | {"expires_at": "2026-01-05T10:00:00"}),
        answer(ME | {"expires_at": "2026-01-05"}),
        problem(more=1),
        problem(errors=[{"in": "query"}]),
        problem(status=429),
    ],
    ids=range(28),
)
def test_what_is_not_documented_breaks_the_contract(response):
    with pytest.raises(BrokenContract):
        check(response=response, **GOOD)


@pytest.mark.parametrize(
    ("changes", "response"),
    [
        ({"query": "page_size=1"}, answer(ME)),
        ({"path": "/api/v1/nothing/"}, answer(ME)),
        ({"path": "/api/v1/nothing/"}, answer(ME, status=404)),
        ({"path": "/api/v1/nothing/"}, problem(status=405)),
        ({"path": "/api/v1/me"}, answer("", status=301, Location="/api/v1/you/")),
        ({"method": "DELETE"}, answer(ME)),
        ({"method": "DELETE"}, answer("", status=204)),
        ({"method": "DELETE"}, problem(status=404)),
        ({"path": "/api/schema/"}, answer("no", status=404, content_type="text/html")),
        ({"path": "/healthz"}, answer(ME, **{ID: None})),
        ({"path": "/healthz"}, answer(ME, status=500)),
    ],
    ids=range(11),
)
def test_what_is_not_documented_elsewhere_breaks_the_contract(changes, response):
    with pytest.raises(BrokenContract):
        check(response=response, **GOOD | changes)


def test_a_real_answer_is_held_against_the_document(api):
    """Ids, days and nested records: what passes as it is breaks with any of them altered."""
    url = f"/api/v1/testimonies/{make_testimony().pk}/"
    found = api.get(url).json()
    request = GOOD | {"path": url}
    check(response=answer(found), **request)
    for changes in (
        {"id": "T-1"},
        {"given_earliest": "2014"},
        {"given_country": 5},
        {"person": None},
        {"person": found["person"] | {"legal_name": "x"}},
        {"citations": [found["citations"][0] | {"source": {}}]},
        {"missing": [{"field": "left", "reason": "secret"}]},
    ):
        with pytest.raises(BrokenContract):
            check(response=answer(found | changes), **request)


def test_roles_send_their_keys(api):
    found = {role: api.as_(role).get("/api/v1/me/").json()["role"] for role in ("anonymous", "reader", "custodian")}
    assert found == {"anonymous": "anonymous", "reader": "reader", "custodian": "custodian"}
    assert api.as_("editor").as_("anonymous").get("/api/v1/me/").json()["role"] == "anonymous"


def test_pages_are_walked_to_the_end(api):
    for _ in range(5):
        make_testimony()
    pages = list(api.pages("/api/v1/testimonies/", page_size=2))
    assert [len(page["results"]) for page in pages] == [2, 2, 1]
