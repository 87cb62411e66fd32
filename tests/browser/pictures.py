"""The pictures of the README, taken of invented records: make test ARGS="-n 0 tests/browser/pictures.py"."""

from pathlib import Path

from testimonies.access import Role
from testimonies import models
from testimonies.services import collections
from tests.services.test_packaged_collections import PACKAGED

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"


def test_pages(window):
    collections.load(path=PACKAGED)
    one = window(Role.EDITOR, username="editor", is_superuser=True)
    page = one.open("")
    page.screenshot(path="/tmp/desk_front.png")
    page.goto(one.base + "/admin/testimonies/testimony/")
    page.screenshot(path="/tmp/desk_list.png")
    t = models.Testimony.objects.filter(external_ids__value="inv-06").first() or models.Testimony.objects.first()
    page.goto(one.base + f"/admin/testimonies/testimony/{t.pk}/change/")
    page.screenshot(path="/tmp/desk_testimony.png", full_page=True)
    page.goto(one.base + f"/admin/testimonies/person/add/")
    page.screenshot(path="/tmp/desk_person.png", full_page=True)
    for f in [f for f in one.findings()]:
        print(f)
