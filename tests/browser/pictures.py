"""The pictures of the README, taken of invented records: make test ARGS="-n 0 tests/browser/pictures.py"."""

from pathlib import Path

from testimonies import models
from testimonies.access import Role
from testimonies.services import collections
from tests.services.test_packaged_collections import PACKAGED

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"


def test_pages(window):
    collections.load(path=PACKAGED)
    one = window(Role.EDITOR, username="editor", is_superuser=True)
    page = one.open("")
    t = models.TestimonyExternalId.objects.get(value="inv-06").testimony
    page.goto(one.base + "/admin/testimonies/testimony/")
    page.screenshot(path="/tmp/desk_list.png")
    page.goto(one.base + f"/admin/testimonies/testimony/{t.pk}/change/")
    page.screenshot(path="/tmp/desk_testimony.png")
    h = page.evaluate("document.querySelector('main').scrollHeight")
    print(h)
    for n in range(1, 8):
        page.evaluate(f"document.querySelector('.main').scrollTo(0,0); window.scrollTo(0, {n * 850})")
        page.screenshot(path=f"/tmp/desk_t{n}.png")
    page.goto(one.base + "/admin/testimonies/person/add/")
    page.screenshot(path="/tmp/desk_person.png")
    for f in [f for f in one.findings()]:
        print(f)
    # overtaken
    two = window(Role.EDITOR)
    for w, words in ((one, "Mine is another sentence. "), (two, "Theirs came first. ")):
        w.page.goto(one.base + f"/admin/testimonies/testimony/{t.pk}/change/")
        box = w.page.get_by_label("Summary:", exact=True)
        box.fill(words + box.input_value())
    two.page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()
    page.screenshot(path="/tmp/desk_overtaken.png")
    print(page.url, page.title())
