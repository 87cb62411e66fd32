"""The desk's page of counts, in a browser: accessible, and without anything that the CSP forbids."""

from testimonies.access import Role
from tests import factories as make


def test_testimonies_are_counted(window):
    with make.batch():
        for gender in ("male", "male", "female"):
            make.make_testimony(person=make.make_person(gender=gender))
    one = window(Role.CODER)
    page = one.open("")
    page.get_by_role("link", name="Statistics").click()
    one.is_accessible()
    page.get_by_label("Rows").select_option("gender")
    page.get_by_role("button", name="Count").click()
    page.get_by_role("heading", name="3 testimonies").wait_for()
    assert page.locator("svg.bar").count() == 2
    one.is_accessible()
