"""The headers that keep what is read here out of caches, search engines, frames and other sites: on every kind of answer."""

import pytest
from django.test import Client

from testimonies.access import Role
from tests import factories as make

POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
EVERYWHERE = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": {*POLICY.split("; ")},
}
FRESH, NEVER = {"private", "no-cache"}, {"no-store"}
DESK = {"max-age=0", "no-cache", "no-store", "must-revalidate", "private"}
"""What may be kept and must be asked for again; what may not be kept; what Django says of the admin."""
NOBODY, PUBLIC, PARTNER, EDITOR, BROWSER = "nobody", "public", "partner", "editor", "browser"
NO_REFERRER, OWN_SITE = "no-referrer", "same-origin"  # the desk's forms need one of its own site (api/requests.py)

#       who       method   path                          status  kept    referrer
ANSWERS = [
    (NOBODY,  "get",  "/api/v1/testimonies/",               200, FRESH, NO_REFERRER),
    (PUBLIC,  "get",  "/api/v1/testimonies/",               200, FRESH, NO_REFERRER),
    (PARTNER, "get",  "/api/v1/testimonies/",               200, NEVER, NO_REFERRER),
    (EDITOR,  "get",  "/api/v1/testimonies/",               200, NEVER, NO_REFERRER),
    (EDITOR,  "head", "/api/v1/testimonies/",               200, NEVER, NO_REFERRER),
    (EDITOR,  "get",  "/api/v1/me/",                        200, NEVER, NO_REFERRER),
    (PUBLIC,  "get",  "/api/v1/testimonies/{id}/",          200, FRESH, NO_REFERRER),
    (EDITOR,  "get",  "/api/v1/testimonies/{id}/",          200, NEVER, NO_REFERRER),
    (EDITOR,  "get",  "/api/v1/testimonies/{id}/history/",  200, NEVER, NO_REFERRER),
    (EDITOR,  "get",  "/api/v1/testimonies/?nonsense=1",    400, FRESH, NO_REFERRER),
    (EDITOR,  "post", "/api/v1/testimonies/",               415, FRESH, NO_REFERRER),
    (NOBODY,  "post", "/api/v1/testimonies/",               401, FRESH, NO_REFERRER),
    (PUBLIC,  "post", "/api/v1/testimonies/",               403, FRESH, NO_REFERRER),
    (PUBLIC,  "get",  "/api/v1/testimonies/{never}/",       404, FRESH, NO_REFERRER),
    (NOBODY,  "get",  "/api/v1/nonsense/",                  404, FRESH, NO_REFERRER),
    (EDITOR,  "delete", "/api/v1/testimonies/",             405, FRESH, NO_REFERRER),
    (EDITOR,  "delete", "/api/v1/testimonies/{id}/",        428, FRESH, NO_REFERRER),
    (NOBODY,  "get",  "/",                                  302, FRESH, NO_REFERRER),
    (NOBODY,  "get",  "/nonsense",                          404, FRESH, NO_REFERRER),
    (NOBODY,  "get",  "/api/docs/",                         200, FRESH, NO_REFERRER),
    (NOBODY,  "get",  "/api/schema/",                       200, FRESH, NO_REFERRER),
    (NOBODY,  "get",  "/api/problems/",                     200, FRESH, NO_REFERRER),
    (NOBODY,  "get",  "/healthz",                           200, FRESH, NO_REFERRER),
    (NOBODY,  "get",  "/readyz",                            200, FRESH, NO_REFERRER),
    (NOBODY,  "get",  "/static/nonsense.js",                404, FRESH, NO_REFERRER),
    (NOBODY,  "get",  "/admin/",                            302, DESK,  OWN_SITE),
    (NOBODY,  "get",  "/admin/login/",                      200, DESK,  OWN_SITE),
    (NOBODY,  "post", "/admin/login/",                      200, DESK,  OWN_SITE),
    (BROWSER, "get",  "/admin/",                            200, DESK,  OWN_SITE),
    (BROWSER, "get",  "/admin/testimonies/testimony/",      200, DESK,  OWN_SITE),
    (BROWSER, "get",  "/admin/testimonies/testimony/{id}/change/", 200, DESK, OWN_SITE),
    (BROWSER, "get",  "/admin/testimonies/testimony/{never}/change/", 302, DESK, OWN_SITE),
    (BROWSER, "get",  "/admin/testimonies/user/",           403, NEVER, OWN_SITE),
]  # fmt: skip


@pytest.fixture
def clients(db, settings):
    settings.PUBLIC_READ = True
    keys = {
        PUBLIC: make.make_key(role=Role.READER, tier=0)[1],
        PARTNER: make.make_key(role=Role.READER)[1],
        EDITOR: make.make_key(role=Role.EDITOR)[1],
    }
    clients = {
        who: Client(headers={"host": "localhost", "Authorization": f"Bearer {key}"}) for who, key in keys.items()
    }
    clients |= {who: Client(headers={"host": "localhost"}) for who in (NOBODY, BROWSER)}
    clients[BROWSER].force_login(make.make_user(role=Role.EDITOR))
    return clients


def words(header):
    return {word.strip() for word in header.split(",")}


@pytest.mark.parametrize(("who", "method", "path", "status", "kept", "referrer"), ANSWERS)
def test_every_kind_of_answer(clients, who, method, path, status, kept, referrer):  # noqa: PLR0917
    testimony = make.make_testimony()
    path = path.replace("{id}", str(testimony.pk)).replace("{never}", "00000000-0000-4000-8000-000000000000")
    answer = getattr(clients[who], method)(path)
    assert answer.status_code == status
    found = {name: answer.headers.get(name) for name in EVERYWHERE}
    found["Content-Security-Policy"] = {*(found["Content-Security-Policy"] or "").split("; ")}
    assert found == EVERYWHERE
    assert words(answer.headers["Cache-Control"]) == kept
    assert answer.headers["Referrer-Policy"] == referrer
    assert len(answer.headers["X-Request-ID"]) == 32
    assert "Server" not in answer.headers


def test_static_files_hold_nothing_of_anybody_and_may_be_kept(db, client):
    answer = client.get("/static/admin/css/base.css")
    assert answer.status_code == 200
    assert "public" in answer.headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in answer.headers
    for name in ("X-Content-Type-Options", "X-Robots-Tag", "X-Frame-Options", "Referrer-Policy"):
        assert answer.headers.get(name), name
    answer.close()


def test_https_is_strict(clients, settings):
    assert "Strict-Transport-Security" not in clients[NOBODY].get("/healthz").headers
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    fresh = Client(headers={"host": "localhost"})
    assert fresh.get("/healthz").headers["Location"] == "https://localhost/healthz"
    answer = fresh.get("/admin/login/", secure=True)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookie = answer.cookies["csrftoken"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")


def test_one_switch_sets_them_all():
    """config/settings.py is read once: what HTTPS=1 means is looked up in it."""
    from django.conf import settings

    assert (
        settings.SESSION_COOKIE_SECURE is settings.CSRF_COOKIE_SECURE is settings.SECURE_SSL_REDIRECT is settings.HTTPS
    )
    assert bool(settings.SECURE_HSTS_SECONDS) is settings.HTTPS


def test_the_api_sets_no_cookie(clients):
    for who in (NOBODY, PUBLIC, EDITOR, BROWSER):
        assert not clients[who].get("/api/v1/testimonies/").cookies
