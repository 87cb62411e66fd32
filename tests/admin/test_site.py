import re

import pytest
from django.test import Client

from testimonies.access import Role
from tests.admin.conftest import PASSWORD
from tests.contract.test_budgets import sent
from tests.factories import batch, make_collection, make_testimony, make_user


@pytest.mark.parametrize(
    ("role", "is_superuser", "enters"),
    [
        ("reader", False, False),
        ("reader", True, False),
        ("coder", False, True),
        ("editor", False, True),
        ("editor", True, True),
        ("custodian", False, True),
    ],
)
def test_the_role_alone_lets_in(enter, role, is_superuser, enters):
    client = enter(role, is_superuser=is_superuser)
    assert client.get("/admin/").status_code == (200 if enters else 302)
    client.user.set_password(PASSWORD)
    client.user.save()
    login = Client().post("/admin/login/?next=/admin/", {"username": client.user.username, "password": PASSWORD})
    assert login.status_code == (302 if enters else 200)


def test_an_account_that_is_switched_off_does_not_enter(enter):
    client = enter("editor")
    assert client.get("/admin/").status_code == 200
    type(client.user).objects.update(is_active=False)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "path", ["", "testimonies/user/", "testimonies/user/add/", "testimonies/apikey/", "import/", "date/?text=2014"]
)
def test_nobody_in_particular_is_asked_to_log_in(db, path):
    answer = Client().get(f"/admin/{path}")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(
    ("role", "is_superuser", "sees"),
    [("coder", False, False), ("editor", False, False), ("custodian", False, False), ("coder", True, True)],
)
def test_accounts_and_keys_are_for_administrators(enter, role, is_superuser, sees):
    client = enter(role, is_superuser=is_superuser)
    assert ("Accounts" in client.get("/admin/").content.decode()) is sees
    for page in ("user", "apikey"):
        for path in ("", "add/"):
            assert client.get(f"/admin/testimonies/{page}/{path}").status_code == (200 if sees else 403)


def test_django_keeps_no_groups_of_permissions_here(administrator):
    assert administrator.get("/admin/auth/group/").status_code == 404


def test_the_front_page_says_what_is_on_its_way(enter):
    coder, editor = enter("coder"), enter("editor")
    with batch():
        press, other = make_collection(title="Press, invented"), make_collection(title="Others, invented")
        for _ in range(3):
            make_testimony(status="draft", published_at=None, created_by=coder.user, collections=[press])
        make_testimony(status="in_review", published_at=None, created_by=coder.user, collections=[press])
        make_testimony(status="draft", published_at=None, created_by=editor.user, collections=[other])
        make_testimony(status="draft", published_at=None, created_by=editor.user)
        make_testimony(collections=[other])
    assert waiting(coder) == {"Press, invented": ["3", "1"]}
    assert waiting(editor) == {
        "Press, invented": ["–", "–", "3", "1"],
        "Others, invented": ["1", "–", "–", "–"],
        "in no collection": ["1", "–", "–", "–"],
    }


def test_the_front_page_says_when_nothing_waits(enter):
    make_testimony()
    assert "no draft of yours" in enter("coder").get("/admin/").content.decode()
    assert "nothing in review" in enter("editor").get("/admin/").content.decode()


def waiting(client) -> dict[str, list[str]]:
    body = client.get("/admin/").content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("</tr>")]
    return {re.sub("<[^>]+>", "", row[0].partition(" <span")[0]): row[1:] for row in rows if row}


@pytest.mark.parametrize("number", [1, 20])
def test_the_front_page_and_the_lists_cost_the_same_whatever_there_is(administrator, number):
    with batch():
        for _ in range(number):
            make_testimony(status="draft", published_at=None, collections=[make_collection()])
            make_user(role=Role.CODER)
    for path in (
        "",
        "import/",
        "testimonies/user/",
        "testimonies/apikey/",
        f"testimonies/user/{administrator.user.pk}/change/",
    ):
        with sent() as statements:
            assert administrator.get(f"/admin/{path}").status_code == 200
        assert len(statements) < 20, path


def test_no_page_is_kept_by_the_browser(administrator):
    for path in ("", "testimonies/user/", "import/"):
        assert "no-store" in administrator.get(f"/admin/{path}").headers["Cache-Control"]


def test_what_is_told_after_a_save_is_in_no_cookie(administrator):
    user = make_user(role=Role.CODER)
    administrator.post(f"/admin/testimonies/user/{user.pk}/change/", {"role": "editor"})
    assert set(administrator.cookies) <= {"sessionid", "csrftoken"}


def test_browsers_may_send_forms_and_tell_other_hosts_nothing(enter):
    """With no-referrer they would send them with "Origin: null", which is refused."""
    assert Client().get("/admin/login/").headers["Referrer-Policy"] == "same-origin"
    assert enter("coder").get("/admin/").headers["Referrer-Policy"] == "same-origin"
    assert Client().get("/api/docs/").headers["Referrer-Policy"] == "no-referrer"


def test_no_page_asks_for_anything_unsafe(administrator):
    for path in ("", "testimonies/testimony/add/", "testimonies/user/", "import/"):
        page = administrator.get(f"/admin/{path}")
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert not re.findall(r"<script(?![^>]* src=)|<style|[ \n]style=|[ \n]on[a-z]+=", page.content.decode()), path
