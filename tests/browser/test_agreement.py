"""The desk's pages of agreement, in a browser: accessible, and without anything that the CSP forbids."""

from testimonies.access import Role
from tests.admin.test_agreement import coded


def test_coders_are_compared_and_their_passages_read(window):
    code = coded(12, content_warnings=["killing"])
    one = window(Role.EDITOR)
    page = one.open("")
    page.get_by_role("link", name="How far coders agree").click()
    one.is_accessible()
    page.get_by_label("Codebook version").select_option(str(code.codebook))
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("heading", name="12 testimonies, 2 coders").wait_for()
    page.locator("summary").first.click()
    one.is_accessible()
    page.get_by_role("link", name="1 pair that differ on Brutality").click()
    assert not page.get_by_text("took my brother").is_visible()
    page.get_by_text("Passage (killing)").click()
    assert page.get_by_text("took my brother").is_visible()
    one.is_accessible()
