"""Logging in at the desk: throttled by name and by address, alike for everybody, and ended in time (docs/adr/0018)."""

import statistics
import time
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from testimonies.access import HIGHEST_TIER, Actor, Role
from testimonies.admin import sessions
from testimonies.models import FailedLogin
from testimonies.services import logins, users
from tests.admin.conftest import PASSWORD, fresh
from tests.factories import make_user

ADDRESS = "192.0.2.7"


def attempt(name, password="wrong, invented", address=ADDRESS, client=None, **headers):
    client = client or Client(headers={"host": "localhost"})
    form = {"username": name, "password": password}
    return client.post("/admin/login/?next=/admin/", form, REMOTE_ADDR=address, headers=headers)


@pytest.fixture(autouse=True)
def fast(settings):
    """A hash that costs nothing, but where the time is what a test is about."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def editor(db):
    user = make_user(role=Role.EDITOR)
    user.set_password(PASSWORD)
    user.save()
    return user


def age(seconds):
    """As if all attempts so far had been made so much earlier."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE testimonies_failedlogin SET since = since - %s * interval '1 second'", [seconds])


def test_who_tries_too_often_waits_the_right_password_too_and_then_enters(editor):
    for _ in range(logins.PER_NAME):
        assert attempt(editor.username).status_code == 200
    for password in ("wrong, invented", PASSWORD):
        locked = attempt(editor.username, password)
        assert locked.status_code == 429
        assert 0 < int(locked.headers["Retry-After"]) <= logins.WINDOW
        assert "Try again in 15 minutes" in locked.content.decode()
        assert locked.headers["Cache-Control"]
    age(logins.WINDOW - 5)
    assert attempt(editor.username, PASSWORD).status_code == 429  # waiting attempts did not begin it anew
    age(10)
    assert attempt(editor.username, PASSWORD).status_code == 302


def test_a_login_forgets_what_went_wrong_before(editor):
    for _ in range(3):
        for _ in range(logins.PER_NAME - 1):
            assert attempt(editor.username).status_code == 200
        assert attempt(editor.username, PASSWORD).status_code == 302
    assert FailedLogin.objects.get().attempts == 3 * (logins.PER_NAME - 1)  # the address remembers


def test_a_name_written_otherwise_is_the_same(editor):
    for spelling in (
        editor.username,
        editor.username.upper(),
        f" {editor.username} ",
        editor.username,
        editor.username,
    ):
        attempt(spelling)
    assert attempt(editor.username, PASSWORD).status_code == 429


def test_an_address_that_tries_many_names_is_stopped_and_locks_no_further_name(editor):
    for number in range(logins.PER_ADDRESS):
        assert attempt(f"nobody-{number}").status_code == 200
    assert attempt(editor.username, PASSWORD).status_code == 429
    assert attempt(editor.username, PASSWORD, address="192.0.2.8").status_code == 302
    age(logins.WINDOW)
    assert attempt(editor.username, PASSWORD).status_code == 302


def test_who_shares_an_address_with_somebody_who_forgot_a_password_enters(editor):
    for _ in range(logins.PER_NAME + 3):
        attempt("somebody-else")
    assert attempt(editor.username, PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("nonsense", "", True),
    ],
)
def test_what_counts_as_one_address(one, other, is_same):
    assert (logins._block(one) == logins._block(other)) is is_same


@pytest.mark.parametrize("behind", [True, False])
def test_a_header_is_believed_behind_a_proxy_alone(editor, settings, behind):
    settings.BEHIND_PROXY = behind
    for number in range(logins.PER_ADDRESS):  # what a client says of itself stands before what the proxy adds
        attempt(f"nobody-{number}", **{"x-forwarded-for": f"198.51.100.{number}, 203.0.113.5"})
    same = attempt(editor.username, PASSWORD, **{"x-forwarded-for": "198.51.100.99, 203.0.113.5"})
    assert same.status_code == 429
    other = attempt(editor.username, PASSWORD, **{"x-forwarded-for": "203.0.113.6"})
    assert other.status_code == (302 if behind else 429)


def test_attempts_at_once_are_all_counted(transactional_db):
    barrier, answers = Barrier(10), []

    def run():
        try:
            barrier.wait(10)
            answers.append(logins.charge(name="somebody", address=ADDRESS))
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait == 0 for wait in answers) == logins.PER_NAME
    assert len(answers) == 10


def test_nothing_that_is_kept_names_anybody(editor):
    attempt(editor.username, "a password, invented")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(f::text, ' ') FROM testimonies_failedlogin f")
        kept = cursor.fetchone()[0]
    for word in (editor.username, ADDRESS, "password", "next"):
        assert word not in kept
        assert word.encode().hex() not in kept


@pytest.fixture
def kinds(editor):
    """A name of each kind that does not enter, with the password that is tried: none may be told from the others."""
    off, reader, invited = make_user(role=Role.EDITOR), make_user(role=Role.READER), make_user(role=Role.CODER)
    for user in (off, reader):
        user.set_password(PASSWORD)
        user.is_active = user is reader
        user.save()
    invited.set_unusable_password()
    invited.save()
    return {
        "wrong": (editor.username, "wrong, invented"),
        "unknown": ("nobody-of-this-name", PASSWORD),
        "off": (off.username, PASSWORD),
        "reader": (reader.username, PASSWORD),
        "invited": (invited.username, PASSWORD),
    }


def test_the_answer_does_not_tell_which_accounts_there_are(kinds):
    pages = set()
    for name, password in kinds.values():
        answer = attempt(name, password)
        body = answer.content.decode().replace(name, "NAME")
        token = answer.context["csrf_token"]
        pages.add((answer.status_code, body.replace(str(token), "TOKEN"), tuple(sorted(answer.cookies)) and "cookies"))
    assert len(pages) == 1
    for name, _ in kinds.values():
        for _ in range(logins.PER_NAME):
            answer = attempt(name)
        assert answer.status_code == 429


def test_nor_does_the_time_that_it_takes(kinds, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    for name, _ in kinds.values():
        user = type(make_user()).objects.filter(username=name).first()
        if user and user.has_usable_password():
            user.set_password(PASSWORD)
            user.save()
    took = {kind: [] for kind in kinds}
    for _ in range(4):
        for kind, (name, password) in kinds.items():
            began = time.perf_counter()
            attempt(name, password)
            took[kind].append(time.perf_counter() - began)
    medians = {kind: statistics.median(times) for kind, times in took.items()}
    assert max(medians.values()) < 2 * min(medians.values()), medians  # without the hash it would be a hundredth


def enter(user):
    client = Client(headers={"host": "localhost"})
    assert attempt(user.username, PASSWORD, client=client).status_code == 302
    assert client.get("/admin/").status_code == 200
    return client


@pytest.mark.parametrize(
    ("idle", "age", "stays"), [(29, 29, True), (31, 31, False), (1, 11 * 60, True), (1, 12 * 60, False)]
)
def test_a_session_ends_when_it_is_idle_and_when_it_is_old(editor, idle, age, stays):
    client = enter(editor)
    now = time.time()
    session = client.session
    session[sessions.BEGAN], session[sessions.SEEN] = int(now - age * 60), int(now - idle * 60)
    session.save()
    assert client.get("/admin/").status_code == (200 if stays else 302)
    assert client.get("/admin/").status_code == (200 if stays else 302)


def test_who_works_on_stays(editor, monkeypatch):
    client, began = enter(editor), time.time()
    for minutes in (25, 50, 75):
        monkeypatch.setattr(sessions.time, "time", lambda later=began + minutes * 60: later)
        assert client.get("/admin/").status_code == 200
    monkeypatch.setattr(sessions.time, "time", lambda: began + 106 * 60)
    assert client.get("/admin/").status_code == 302


def test_the_cookie_ends_with_the_browser_and_no_script_reads_it(editor):
    cookie = attempt(editor.username, PASSWORD).cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"], cookie["expires"]) == (True, "Lax", "", "")


def test_another_password_ends_every_other_session(editor):
    first, second = enter(editor), enter(editor)
    form = {"old_password": PASSWORD, "new_password1": "quite another 17", "new_password2": "quite another 17"}
    assert first.post("/admin/password_change/", form).status_code == 302
    assert first.get("/admin/").status_code == 200
    assert second.get("/admin/").status_code == 302


def test_switching_off_ends_every_session_for_good(editor, now):
    administrator = make_user(role=Role.EDITOR, is_superuser=True)
    tier = HIGHEST_TIER[Role.EDITOR]
    by = Actor(role=Role.EDITOR, tier=tier, now=now, user_id=administrator.pk, is_administrator=True)
    client = enter(editor)
    users.switch(editor.pk, by=by, on=False)
    assert attempt(editor.username, PASSWORD).status_code == 200
    users.switch(editor.pk, by=by, on=True)  # before the old session was looked at
    assert fresh(editor).is_active
    assert client.get("/admin/").status_code == 302
    enter(editor)
