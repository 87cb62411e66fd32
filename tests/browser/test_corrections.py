"""Corrections and erasures as people meet them, in light and in dark."""

import os
from pathlib import Path

from testimonies import models
from testimonies.access import Role
from tests.factories import batch, make_key, make_source, make_testimony, make_text

PICTURES = os.environ.get("PICTURES", "")
"""A folder for pictures of these pages, to be looked at."""


def take(page, name):
    if PICTURES:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png", full_page=True)


def make_published():
    with batch():
        testimony = make_testimony(
            title="Invented: a teacher from the north",
            sources=[make_source(outlet="Invented Daily")],
            uses=["research"],
        )
        make_text(
            testimony=testimony, body="Invented first line.\nInvented second line, which is longer than the first."
        )
    return testimony


def test_what_is_frozen_is_proposed_and_approved_by_another(window):
    testimony = make_published()
    one, other = window(Role.CODER), window(Role.EDITOR)
    page = one.open(f"testimonies/testimony/{testimony.pk}/change/")
    page.get_by_label("Title:").fill("Invented: a teacher from the south")
    page.get_by_label("Body:").first.fill("Invented first line.\nInvented second line, which is shorter.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", name="what is published is frozen").wait_for()
    take(page, "refused")
    one.is_accessible()
    page.get_by_label("Why:").fill("Invented: the recording says south.")
    page.get_by_role("button", name="Propose as a correction").click()
    page.get_by_role("heading", name="Corrections of what is published").wait_for()
    assert "2 corrections are proposed" in page.locator(".messagelist").inner_text()
    take(page, "corrections")
    one.is_accessible()

    page = other.open("")
    assert "2 corrections of what is published wait for you to decide" in page.locator(".waiting").inner_text()
    take(page, "front")
    other.is_accessible()
    page.get_by_role("link", name="2 corrections of what is published").click()
    page.locator("#result_list a", has_text=testimony.ref).first.click()
    page.get_by_role("heading", name="What would change").wait_for()
    take(page, "correction")
    other.is_accessible()
    for correction in models.Correction.objects.all():
        page = other.open(f"testimonies/correction/{correction.pk}/change/")
        page.get_by_role("button", name="Approve, and change it now").click()
        page.get_by_text("It is approved, and the change is made.").wait_for()
    take(page, "approved")
    other.is_accessible()
    assert models.Testimony.objects.get().title == "Invented: a teacher from the south"


def test_a_custodian_erases(window):
    testimony = make_published()
    one = window(Role.CUSTODIAN)
    page = one.open(f"testimonies/testimony/{testimony.pk}/change/")
    take(page, "testimony")
    page.get_by_role("link", name="Erase for good").click()
    page.get_by_role("heading", name="What is destroyed").wait_for()
    take(page, "erase")
    one.is_accessible()
    page.get_by_label("Its reference").fill("T-7K3QM2X9")
    page.get_by_role("button", name="Erase for good").click()
    page.get_by_text("This is not the testimony's reference.").wait_for()
    take(page, "erase-refused")
    one.is_accessible()
    page.get_by_label("Its reference").fill(testimony.ref)
    page.get_by_role("button", name="Erase for good").click()
    page.get_by_text("It is erased. This is its certificate.").wait_for()
    take(page, "certificate")
    one.is_accessible()
    page = one.open("testimonies/erasure/")
    take(page, "erasures")
    one.is_accessible()
    assert not models.Testimony.objects.exists()


def test_a_rate_is_changed(window):
    key, _ = make_key()
    one = window(Role.EDITOR, is_superuser=True)
    page = one.open(f"testimonies/apikey/{key.pk}/change/")
    page.get_by_label("Rate:").fill("120")
    page.get_by_role("button", name="Change the rate").click()
    page.get_by_text("has another rate now").wait_for()
    take(page, "key")
    one.is_accessible()
    key.refresh_from_db()
    assert key.rate == 120
