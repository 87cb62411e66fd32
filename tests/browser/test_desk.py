"""The pages around the records: front page, accounts, keys, import, and the walk through every page there is."""

import re

from testimonies.access import Role
from testimonies.models import ApiKey, Collection, Import, User
from tests.browser.conftest import PASSWORD
from tests.factories import batch, make_collection, make_key, make_testimony, make_user
from tests.services import folders


def test_the_login_page(window):
    one = window()
    page = one.open("")
    assert "login" in page.url
    one.is_accessible()
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    assert "Please enter the correct username and password" in page.locator(".errornote").inner_text()
    one.is_accessible()


def test_the_front_page(window):
    coder = make_user(role=Role.CODER)
    with batch():
        make_testimony(
            status="draft", published_at=None, created_by=coder, collections=[make_collection(title="Press, invented")]
        )
    one = window(coder)
    page = one.open("")
    assert page.get_by_role("row", name=re.compile("Press, invented")).is_visible()
    assert page.get_by_role("link", name="Import a collection").count() == 0
    one.is_accessible()


def test_an_administrator_invites_somebody_who_then_enters(window):
    one = window(Role.EDITOR, is_superuser=True)
    page = one.open("testimonies/user/add/")
    one.is_accessible()
    page.get_by_label("Name").fill("newcomer")
    page.get_by_label("Role").select_option("coder")
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("Link to choose a password").input_value()
    one.is_accessible()
    page.get_by_role("link", name="I have kept it").click()
    assert link not in page.content()
    one.is_accessible()

    newcomer = window()
    newcomer.page.goto(link)
    assert link.split("/")[-2] not in newcomer.page.url
    newcomer.is_accessible()
    newcomer.page.get_by_label("New password:").fill(PASSWORD)
    newcomer.page.get_by_label("New password confirmation:").fill(PASSWORD)
    newcomer.page.get_by_role("button", name="Keep this password").click()
    newcomer.login(User.objects.get(username="newcomer"))


def test_a_key_is_shown_once(window):
    one = window(Role.EDITOR, is_superuser=True)
    page = one.open("testimonies/apikey/add/")
    one.is_accessible()
    page.get_by_label("Name").fill("an app")
    page.get_by_role("button", name="Make the key").click()
    secret = page.get_by_label("Key", exact=True).input_value()
    key = ApiKey.objects.get()
    assert bytes(key.digest) == ApiKey.digest_of(secret)
    page.get_by_role("link", name="I have kept it").click()
    one.is_accessible()
    page.get_by_label("may stop working now").check()
    page.get_by_role("button", name="Revoke for good").click()
    assert "revoked for good" in page.locator(".messagelist").inner_text()
    one.is_accessible()


def test_an_account_is_switched_off_and_its_window_ends(window):
    coder = make_user(role=Role.CODER)
    theirs, one = window(coder), window(Role.EDITOR, is_superuser=True)
    page = one.open(f"testimonies/user/{coder.pk}/change/")
    one.is_accessible()
    page.get_by_role("button", name="Switch off").click()
    assert "is switched off" in page.locator(".messagelist").inner_text()
    assert "login" in theirs.open("").url


def test_a_collection_is_checked_and_loaded_with_its_files_chosen_once(window, tmp_path):
    folder = folders.write(tmp_path / "folder", folders.line(), folders.line("two"), files={}, manifest={})
    one = window(Role.EDITOR)
    page = one.open("import/")
    one.is_accessible()
    page.get_by_label("Files").set_input_files(sorted(folder.iterdir()))
    page.get_by_role("button", name="Check").click()
    page.get_by_role("heading", name="What loading would do").wait_for()
    one.is_accessible()
    assert not Collection.objects.exists()
    page.get_by_role("button", name="Load what was checked").click()
    page.get_by_role("heading", name="Loaded").wait_for()
    assert Collection.objects.get().items.count() == 2


def test_problems_of_a_file_are_listed(window, tmp_path):
    folder = folders.write(tmp_path / "folder", folders.line(tier="secret"), files={}, manifest={})
    one = window(Role.EDITOR)
    page = one.open("import/")
    page.get_by_label("Files").set_input_files(sorted(folder.iterdir()))
    page.get_by_role("button", name="Check").click()
    page.locator(".problems li").first.wait_for()
    assert "made_up.jsonl:1: tier: must be one of" in page.locator(".problems").inner_text()
    one.is_accessible()


def test_the_keyboard_alone_reaches_the_page(window):
    one = window(Role.CODER)
    page = one.open("")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-to-content-link"
    page.keyboard.press("Tab")
    style = page.evaluate(
        "(() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth] })()"
    )
    assert style == ["solid", "3px"]


def test_every_page_of_the_site_keeps_the_rules(window):
    """Each list and form that the front page leads to, in light and dark; complaints of the browser fail it (`window`)."""
    make_key()
    one = window(Role.EDITOR, is_superuser=True)
    page = one.open("")
    addresses = page.locator("#content a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    seen = {path for address in addresses if (path := address.partition("?")[0]).startswith("/admin/")}
    assert len(seen) >= 5
    for address in sorted(seen | {"/admin/password_change/", "/admin/testimonies/"}):
        page.goto(one.base + address)
        one.is_accessible()


def test_columns_of_a_file_are_confirmed_by_keyboard(window):
    one = window(Role.EDITOR)
    page = one.open("imports/")
    one.is_accessible()
    content = b"Heading;Kind;Language\nInvented;interview;en\n"
    page.get_by_label("File", exact=False).first.set_input_files(
        {"name": "x.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Check").click()
    one.is_accessible()
    assert page.get_by_label("Kind", exact=True).input_value() == "kind"
    page.get_by_label("Heading", exact=True).fill("title")
    page.get_by_role("button", name="Check the file").press("Enter")
    assert "Waiting for a worker" in page.get_by_role("status").inner_text()
    assert Import.objects.get().mapping["columns"]["Heading"] == "title"
    one.is_accessible()
