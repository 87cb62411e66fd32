"""What somebody sends, and what a record says, stands in no log: neither in a process's own nor in the server's."""

import io
import json
import logging
import subprocess
import urllib.error
import urllib.request

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from config.logs import Sparing
from testimonies import errors, models
from testimonies.access import Role
from tests import factories as make
from tests.contract.conftest import serving

SENTINEL = "zanzibarsentinel"
PATHS = (
    f"/api/v1/testimonies/?q={SENTINEL}",
    f"/api/v1/testimonies/?{SENTINEL}=1",
    f"/api/v1/testimonies/?cursor={SENTINEL}",
    f"/api/v1/testimonies/{SENTINEL}/",
    f"/api/v1/{SENTINEL}/",
    f"/{SENTINEL}?{SENTINEL}",
    f"/static/{SENTINEL}.js",
    f"/admin/{SENTINEL}/?next={SENTINEL}",
    f"/admin/login/?next=https://{SENTINEL}/",
)
HEADERS = {
    "Authorization": f"Bearer {SENTINEL}",
    "Change-Reason": f"{SENTINEL}\x01",
    "User-Agent": SENTINEL,
    "Referer": f"https://{SENTINEL}/",
    "Cookie": f"sessionid={SENTINEL}; csrftoken={SENTINEL}",
    "X-Forwarded-For": SENTINEL,
    "Idempotency-Key": SENTINEL,
    "If-None-Match": f'"{SENTINEL}"',
}


@pytest.fixture
def logged():
    """All that any logger of this process says at any level while the test runs, as the service writes it."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    (formatter,) = [one.formatter for one in logging.getLogger().handlers if isinstance(one.formatter, Sparing)]
    handler.setFormatter(formatter)
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in logging.root.manager.loggerDict)]
    # what Django says of each statement with DEBUG on is for developers; it says nothing with DEBUG off, as here
    before = [(one, one.level, list(one.handlers), one.propagate) for one in loggers]
    for one in loggers:
        one.setLevel(logging.DEBUG if not one.name.startswith("django.db") else logging.WARNING)
        one.handlers = [handler]
        one.propagate = False
    yield text.getvalue
    for one, level, handlers, propagate in before:
        one.setLevel(level)
        one.handlers, one.propagate = handlers, propagate


def quiet() -> Client:
    return Client(raise_request_exception=False, headers={"host": "localhost"})


def test_the_loggers_are_listened_to(logged):
    logging.getLogger("testimonies.api").debug("One %s", "two")
    logging.getLogger("anything.else").warning("Three")
    assert "One two" in logged()
    assert "Three" in logged()
    try:
        int(SENTINEL)
    except ValueError:
        logging.getLogger("anything").exception("Four", stack_info=True)
    assert "Four ValueError at" in logged()
    assert SENTINEL not in logged()


def test_requests_leave_nothing(db, keys, settings, logged):
    settings.PUBLIC_READ = True
    for path in PATHS:
        for headers in ({}, HEADERS, keys["editor"]):
            for method in ("get", "options", "delete"):
                assert getattr(quiet(), method)(path, headers=headers).status_code < 500
    assert SENTINEL not in logged()


@pytest.mark.parametrize("path", ["testimonies", "persons", "sources", "figures"])
def test_bodies_leave_nothing(db, keys, logged, path):
    for body in (
        {SENTINEL: SENTINEL},
        {"title": SENTINEL, "name": SENTINEL, "given": SENTINEL, "kind": SENTINEL},
        [SENTINEL],
        SENTINEL,
    ):
        content = json.dumps(body)
        for sent in (content, content[:-1], f"{content}\0"):
            answer = quiet().post(f"/api/v1/{path}/", sent, content_type="application/json", headers=keys["editor"])
            assert answer.status_code == 400
    assert SENTINEL not in logged()


def test_forms_leave_nothing(db, logged):
    client = quiet()
    form = {"username": SENTINEL, "password": SENTINEL, SENTINEL: SENTINEL}
    for _ in range(7):
        assert client.post("/admin/login/", form).status_code in {200, 429}
    assert Client(enforce_csrf_checks=True).post("/admin/login/", form).status_code == 403
    client.force_login(make.make_user(role=Role.EDITOR))
    for page in ("person", "testimony", "source"):
        assert client.post(f"/admin/testimonies/{page}/add/", {"name": SENTINEL, "title": SENTINEL}).status_code < 500
        assert client.get(f"/admin/testimonies/{page}/?q={SENTINEL}&{SENTINEL}={SENTINEL}").status_code < 500
    assert SENTINEL not in logged()


def raising(make_error):
    def fail(*_, **__):
        raise make_error()

    return fail


def violated():
    """What PostgreSQL says of it repeats the row."""
    group = make.make_group(slug=SENTINEL)
    try:
        with transaction.atomic():
            models.Group.objects.create(slug=group.slug, name=SENTINEL, tier=0)
    except IntegrityError as error:
        assert SENTINEL in str(error)
        return error
    raise AssertionError


def chained():
    error = ValueError(SENTINEL)
    error.__cause__ = violated()
    return error


FAILURES = {
    "an exception's message": lambda: RuntimeError(SENTINEL),
    "a key": lambda: KeyError(SENTINEL),
    "a failing statement": violated,
    "a chain of both": chained,
    "a refusal": lambda: errors.DomainError(f"Refused {SENTINEL}"),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_exceptions_leave_their_class_and_place_alone(db, keys, logged, monkeypatch, failure):
    error = failure()
    monkeypatch.setattr("testimonies.selectors.pages.page", raising(lambda: error), raising=False)
    monkeypatch.setattr("rest_framework.views.APIView.check_permissions", raising(lambda: error))
    answer = quiet().get("/api/v1/testimonies/", headers=keys["editor"])
    assert answer.status_code >= 400
    assert SENTINEL not in logged()
    if answer.status_code == 500:
        assert type(error).__name__ in logged()
        assert SENTINEL not in answer.content.decode()


@pytest.mark.parametrize("failure", [FAILURES["an exception's message"], FAILURES["a failing statement"]])
def test_nor_do_those_of_the_desk(db, logged, monkeypatch, failure):
    error = failure()
    client = quiet()
    client.force_login(make.make_user(role=Role.EDITOR))
    monkeypatch.setattr("testimonies.selectors.desk.waiting", raising(lambda: error))
    answer = client.get(f"/admin/?{SENTINEL}")
    assert answer.status_code == 500
    assert SENTINEL not in answer.content.decode()
    assert SENTINEL not in logged()
    assert f"{type(error).__name__} at" in logged()
    assert answer.headers["X-Request-ID"] in logged()


def test_the_server_says_nothing_of_what_it_is_sent(transactional_db, tmp_path):
    """As in production: a process of its own, its standard output and standard error in a file."""
    _, key = make.make_key(role=Role.EDITOR)
    told = tmp_path / "told"
    with told.open("wb") as file, serving(stdout=file, stderr=subprocess.STDOUT, PUBLIC_READ="1") as address:
        for path in PATHS:
            for headers in ({}, HEADERS, {"Authorization": f"Bearer {key}"}):
                ask(address + path, headers={k: v for k, v in headers.items() if "\x01" not in v})
        for body in (SENTINEL, json.dumps({"title": SENTINEL}), json.dumps({SENTINEL: 1})):
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
            ask(f"{address}/api/v1/testimonies/", body.encode(), headers)
        ask(f"{address}/admin/login/", f"username={SENTINEL}&password={SENTINEL}".encode())
        with connection.cursor() as cursor:  # now every statement fails, with its text
            cursor.execute("ALTER TABLE testimonies_apikey RENAME TO testimonies_away")
        try:
            assert ask(f"{address}/api/v1/testimonies/?q={SENTINEL}", headers={"Authorization": f"Bearer {key}"}) == 500
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE testimonies_away RENAME TO testimonies_apikey")
    text = told.read_text(errors="replace")
    assert "unhandled" in text  # it does log
    assert SENTINEL not in text
    assert key not in text


def ask(url, body=None, headers=None):
    request = urllib.request.Request(url, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        error.read()
        return error.code
