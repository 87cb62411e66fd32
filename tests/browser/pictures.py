"""The pictures of the README, taken of invented records: make test ARGS="-n 0 tests/browser/pictures.py"."""

from pathlib import Path

from testimonies.access import Role
from testimonies.services import collections
from tests.services.test_packaged_collections import PACKAGED

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"


def test_front(window):
    collections.load(path=PACKAGED)
    one = window(Role.EDITOR, username="editor", is_superuser=True)
    page = one.open("")
    page.screenshot(path="/tmp/desk_front.png")
    page.goto(one.base + "/admin/testimonies/user/add/")
    page.screenshot(path="/tmp/desk_invite.png")
    page.goto(one.base + "/admin/testimonies/user/")
    page.screenshot(path="/tmp/desk_users.png")
    page.goto(one.base + "/admin/testimonies/apikey/add/")
    page.screenshot(path="/tmp/desk_key.png", full_page=True)
    page.goto(one.base + "/admin/import/")
    page.get_by_label("Files").set_input_files(sorted(p for p in PACKAGED.iterdir() if p.suffix in {".json", ".jsonl"}))
    page.get_by_role("button", name="Check").click()
    page.get_by_role("heading", name="What loading would do").wait_for()
    page.screenshot(path="/tmp/desk_import.png", full_page=True)
    page.emulate_media(color_scheme="dark")
    page.goto(one.base + "/admin/")
    page.screenshot(path="/tmp/desk_front_dark.png")
    page.goto(one.base + "/admin/testimonies/user/")
    page.screenshot(path="/tmp/desk_users_dark.png")
    two = window()
    two.open("")
    two.page.screenshot(path="/tmp/desk_login.png")
