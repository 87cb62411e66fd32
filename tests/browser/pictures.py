"""The pictures of the README, taken of invented records: make test ARGS="-n 0 tests/browser/pictures.py".

No test: pytest looks into this file only when it is named.
"""

from pathlib import Path

from testimonies import models
from testimonies.access import Role
from testimonies.services import collections
from tests.factories import make_user
from tests.services.test_packaged_collections import PACKAGED

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"
LARGEST = 200_000


def test_pages(window):
    collections.load(path=PACKAGED)
    testimony = models.TestimonyExternalId.objects.get(value="inv-06").testimony
    here = f"testimonies/testimony/{testimony.pk}/change/"
    editor, other = (
        window(make_user(role=Role.EDITOR, username="editor1")),
        window(make_user(role=Role.EDITOR, username="editor2")),
    )

    def take(name: str) -> None:
        path = IMAGES / f"{name}.png"
        editor.page.screenshot(path=path)
        assert path.stat().st_size < LARGEST

    IMAGES.mkdir(exist_ok=True)
    page = editor.open("testimonies/testimony/?collection=invented")
    take("list")

    page = editor.open(here)
    page.get_by_label("Find a code").fill("brutal")
    page.locator("#id_left-read").wait_for()
    page.get_by_role("heading", name="Membership").evaluate(
        "one => window.scrollBy(0, one.getBoundingClientRect().top - 20)"
    )
    take("testimony")

    edits = (
        (other, "ordered to punish people", "told to punish people"),
        (editor, "She speaks to warn others.", "She speaks so that others are warned."),
    )
    for one, before, after in edits:
        summary = one.open(here).get_by_label("Summary:", exact=True)
        summary.fill(summary.input_value().replace(before, after))
    page.get_by_label("Title:").fill("Invented: under embargo, with three sources")
    other.page.get_by_role("button", name="Save", exact=True).click()
    other.page.locator(".messagelist").wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", name="Somebody else has changed this record").wait_for()
    take("overtaken")
    editor.open(f"testimonies/testimony/{testimony.pk}/history/")
    page.screenshot(path="/tmp/desk_history.png")
    page.emulate_media(color_scheme="dark")
    editor.open(here)
    page.screenshot(path="/tmp/desk_dark.png")
