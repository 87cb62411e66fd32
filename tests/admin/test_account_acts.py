"""Who did what to accounts and keys is kept and shown, and no secret with it."""

from testimonies import models
from testimonies.access import Role
from testimonies.services import users
from tests.factories import make_key, make_user


def acts(about) -> list[tuple[str, str, str]]:
    rows = about.acts.order_by("pk").select_related("by")
    return [(row.act, row.by.username if row.by else "", row.said) for row in rows]


def test_what_becomes_of_an_account(administrator):
    me = administrator.user.username
    sent = {"name": "newcomer", "role": "coder"}
    administrator.post("/admin/testimonies/user/add/", sent)
    user = models.User.objects.get(username="newcomer")
    here = f"/admin/testimonies/user/{user.pk}"
    administrator.post(f"{here}/change/", {"role": "editor", "is_administrator": "on"})
    administrator.post(f"{here}/renew/")
    administrator.post(f"{here}/switch/", {"on": "0"})
    administrator.post(f"{here}/switch/", {"on": "1"})
    assert acts(user) == [
        ("invited", me, "coder"),
        ("role", me, "editor, administrator"),
        ("renewed", me, ""),
        ("switched_off", me, ""),
        ("switched_on", me, ""),
    ]
    page = administrator.get(f"{here}/change/").content.decode()
    assert page.index("switched on</td>") < page.index("switched off</td>") < page.index("editor, administrator</td>")
    assert user.password not in page


def test_what_becomes_of_a_key(administrator):
    me = administrator.user.username
    administrator.post("/admin/testimonies/apikey/add/", {"name": "an app", "role": "reader"})
    key = models.ApiKey.objects.get()
    here = f"/admin/testimonies/apikey/{key.pk}"
    administrator.post(f"{here}/rate/", {"rate": "120"})
    administrator.post(f"{here}/rate/", {"rate": "0"})
    administrator.post(f"{here}/rate/", {"rate": ""})
    administrator.post(f"{here}/revoke/", {"sure": "on"})
    assert acts(key) == [
        ("key_made", me, "reader, up to partner"),
        ("key_rate", me, "120 requests a minute"),
        ("key_rate", me, "no limit"),
        ("key_revoked", me, ""),
    ]
    page = administrator.get(f"{here}/change/").content.decode()
    assert "120 requests a minute" in page


def test_what_is_refused_is_no_act(administrator, enter):
    other = make_user(role=Role.CUSTODIAN)
    administrator.post(f"/admin/testimonies/user/{other.pk}/renew/")
    enter("editor").post(f"/admin/testimonies/user/{other.pk}/switch/", {"on": "0"})
    assert not models.AccountAct.objects.exists()


def test_a_rate_is_for_administrators_and_within_bounds(administrator, enter):
    key, _ = make_key()
    here = f"/admin/testimonies/apikey/{key.pk}/rate/"
    assert enter("editor").post(here, {"rate": "5"}).status_code == 403
    assert administrator.get(here).status_code == 405
    for wrong in ("0", "-1", "many", "1000001"):
        assert administrator.post(here, {"rate": wrong}).status_code == 302
    assert models.ApiKey.objects.get().rate is None
    administrator.post(here, {"rate": "5"})
    assert models.ApiKey.objects.get().rate == 5


def test_a_command_names_nobody(db):
    users.create(name="by-command", role=Role.CODER)
    assert acts(models.User.objects.get(username="by-command")) == [("made", "", "coder")]
