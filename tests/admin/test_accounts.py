import re
from threading import Barrier, Thread

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.test import Client

from testimonies.access import Role
from testimonies.errors import DomainError
from testimonies.models import ApiKey, User
from testimonies.selectors import actors
from testimonies.services import users
from tests.admin.conftest import fresh
from tests.factories import make_key, make_user

ACCOUNTS = "/admin/testimonies/user/"
GOOD = "nobody guesses this 1"


def secret(answer) -> str:
    return re.search(r'id="secret"[^>]* value="([^"]+)"', answer.content.decode())[1]


def said(answer) -> str:
    return answer.content.decode()


def test_somebody_is_invited_and_chooses_their_own_password(administrator):
    answer = administrator.post(f"{ACCOUNTS}add/", {"name": "newcomer", "role": "coder"})
    user = User.objects.get(username="newcomer")
    assert (user.role, user.is_superuser, user.is_active, user.has_usable_password()) == ("coder", False, True, False)
    assert "no-store" in answer.headers["Cache-Control"]
    link = secret(answer)
    assert link not in said(administrator.get(f"{ACCOUNTS}{user.pk}/change/"))
    assert not {key: value for key, value in administrator.session.items() if link.split("/")[-2] in str(value)}

    newcomer = Client()
    page = newcomer.get(link, follow=True)
    assert "newcomer" in said(page)
    done = newcomer.post(page.redirect_chain[-1][0], {"new_password1": GOOD, "new_password2": GOOD})
    assert done.status_code == 302
    assert authenticate(username="newcomer", password=GOOD) == user
    assert "This link does not work" in said(Client().get(link, follow=True)), "a link works once"
    assert newcomer.post("/admin/login/?next=/admin/", {"username": "newcomer", "password": GOOD}).status_code == 302
    assert newcomer.get("/admin/").status_code == 200


def test_a_weak_password_is_not_taken(administrator):
    link = secret(administrator.post(f"{ACCOUNTS}add/", {"name": "newcomer", "role": "coder"}))
    client = Client()
    page = client.get(link, follow=True)
    assert (
        client.post(page.redirect_chain[-1][0], {"new_password1": "12345", "new_password2": "12345"}).status_code == 200
    )
    assert not User.objects.get(username="newcomer").has_usable_password()


@pytest.mark.parametrize("path", ["MQ/x-y", "%00/a-b", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk/a-b", "zz/set-password"])
def test_a_link_that_nobody_made_is_refused(db, path):
    answer = Client().get(f"/admin/join/{path}/")
    assert answer.status_code == 200
    assert "This link does not work" in said(answer)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({}, "This field is required"),
        ({"name": "taken", "role": "coder"}, "There is an account of this name"),
        ({"name": "a b", "role": "coder"}, "Enter a valid username"),
        ({"name": "new", "role": "anonymous"}, "Select a valid choice"),
        ({"name": "new", "role": "superuser"}, "Select a valid choice"),
        ({"name": "new", "role": "reader", "is_administrator": "on"}, "works at the desk"),
        ({"name": "new", "role": "custodian"}, "Only a custodian"),
        ({"name": "x" * 151, "role": "coder"}, "at most 150"),
        ({"name": "a\0b", "role": "coder"}, "Null characters"),
    ],
)
def test_what_no_invitation_says(administrator, body, what):
    make_user(username="taken")
    before = User.objects.count()
    answer = administrator.post(f"{ACCOUNTS}add/", body)
    assert answer.status_code == 200
    assert what in said(answer)
    assert User.objects.count() == before


def test_a_custodian_decides_about_custodians(administrator, enter):
    custodian = enter("custodian", is_superuser=True)
    assert "never again" in said(custodian.post(f"{ACCOUNTS}add/", {"name": "second", "role": "custodian"}))
    second = User.objects.get(username="second")
    for path, body in (("change", {"role": "coder"}), ("renew", {})):
        administrator.post(f"{ACCOUNTS}{second.pk}/{path}/", body)
        assert fresh(second).role == Role.CUSTODIAN
        assert fresh(second).password == second.password
    administrator.post(f"{ACCOUNTS}{second.pk}/switch/", {"on": "0"})
    assert not fresh(second).is_active, "shutting somebody out is always allowed"
    administrator.post(f"{ACCOUNTS}{second.pk}/switch/", {"on": "1"})
    assert not fresh(second).is_active


def test_a_role_is_changed_and_keys_above_it_end(administrator):
    user = make_user(role=Role.EDITOR)
    above, _ = make_key(role=Role.EDITOR, user=user)
    within, _ = make_key(role=Role.CODER, user=user)
    answer = administrator.post(f"{ACCOUNTS}{user.pk}/change/", {"role": "coder", "is_administrator": "on"})
    assert answer.status_code == 302
    assert (fresh(user).role, fresh(user).is_superuser) == ("coder", True)
    assert list(ApiKey.objects.filter(revoked_at=None)) == [within]
    assert above.role == "editor"


def test_switching_off_ends_sessions_and_keys_at_once(administrator, enter, api):
    other = enter("coder")
    _, key = make_key(role=Role.CODER, user=other.user)
    headers = {"Authorization": f"Bearer {key}"}
    assert other.get("/admin/").status_code == 200
    assert api.get("/api/v1/me/", headers=headers).status_code == 200
    administrator.post(f"{ACCOUNTS}{other.user.pk}/switch/", {"on": "0"})
    assert other.get("/admin/").status_code == 302
    assert api.get("/api/v1/me/", headers=headers).status_code == 401
    assert User.objects.filter(pk=other.user.pk).exists()
    administrator.post(f"{ACCOUNTS}{other.user.pk}/switch/", {"on": "1"})
    assert api.get("/api/v1/me/", headers=headers).status_code == 200


def test_a_new_link_ends_the_password_the_sessions_and_older_links(administrator, enter):
    other = enter("coder")
    other.user.set_password(GOOD)
    other.user.save()
    other.force_login(other.user)
    first = secret(administrator.post(f"{ACCOUNTS}{other.user.pk}/renew/"))
    assert other.get("/admin/").status_code == 302
    assert authenticate(username=other.user.username, password=GOOD) is None
    second = secret(administrator.post(f"{ACCOUNTS}{other.user.pk}/renew/"))
    assert "This link does not work" in said(Client().get(first, follow=True))
    assert "Keep this password" in said(Client().get(second, follow=True))


def test_a_link_of_an_account_that_is_switched_off_does_not_work(administrator):
    link = secret(administrator.post(f"{ACCOUNTS}add/", {"name": "newcomer", "role": "coder"}))
    user = User.objects.get(username="newcomer")
    administrator.post(f"{ACCOUNTS}{user.pk}/switch/", {"on": "0"})
    assert "This link does not work" in said(Client().get(link, follow=True))
    answer = administrator.post(f"{ACCOUNTS}{user.pk}/renew/", follow=True)
    assert "Switch it on first" in said(answer)


def test_nobody_changes_their_own_account(administrator):
    own = f"{ACCOUNTS}{administrator.user.pk}/"
    assert "your own account" in said(administrator.get(f"{own}change/"))
    administrator.post(f"{own}change/", {"role": "custodian", "is_administrator": "on"})
    administrator.post(f"{own}switch/", {"on": "0"})
    administrator.post(f"{own}renew/")
    after = fresh(administrator.user)
    assert (after.role, after.is_active, after.password) == ("editor", True, administrator.user.password)


@pytest.mark.parametrize("role", ["coder", "editor", "custodian"])
def test_nobody_else_posts_to_accounts(enter, role):
    client, other = enter(role), make_user(role=Role.CODER)
    before = User.objects.filter(pk=other.pk).values()[0]
    for path, body in (
        ("add/", {"name": "new", "role": "coder"}),
        (f"{other.pk}/change/", {"role": "editor"}),
        (f"{other.pk}/switch/", {"on": "0"}),
        (f"{other.pk}/renew/", {}),
        (f"{other.pk}/delete/", {"post": "yes"}),
    ):
        assert client.post(ACCOUNTS + path, body).status_code == 403, path
    assert User.objects.filter(pk=other.pk).values()[0] == before
    assert not User.objects.filter(username="new").exists()


def test_accounts_are_never_deleted(administrator):
    other = make_user()
    assert administrator.post(f"{ACCOUNTS}{other.pk}/delete/", {"post": "yes"}).status_code == 403
    administrator.post(ACCOUNTS, {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"})
    assert User.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize("path", ["switch/", "renew/"])
def test_acts_take_a_post(administrator, path):
    assert administrator.get(f"{ACCOUNTS}{make_user().pk}/{path}").status_code == 405


@pytest.mark.parametrize("key", ["0", "999999999", "99999999999999999999999", "x", "%00"])
def test_an_account_that_is_not_there(administrator, key):
    for path in ("change/", "switch/", "renew/"):
        assert administrator.post(f"{ACCOUNTS}{key}/{path}", {"role": "coder"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_switch_each_other_off_leave_one():
    """Really committed, at the same time."""
    pair = [make_user(role=Role.EDITOR, is_superuser=True) for _ in range(2)]
    for _ in range(5):
        User.objects.update(is_active=True)
        barrier, refusals = Barrier(2), []

        def act(own: User, other: User, barrier=barrier, refusals=refusals) -> None:
            try:
                by = actors.of_user(own)
                barrier.wait()
                users.switch(other.pk, by=by, on=False)
            except DomainError as error:
                refusals.append(error.code)
            finally:
                connection.close()

        threads = [Thread(target=act, args=(own, other)) for own, other in (pair, pair[::-1])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refusals == ["forbidden"]
        assert User.objects.filter(is_active=True).count() == 1
