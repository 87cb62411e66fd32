"""A coder at work: marks a passage with the mouse and with the keyboard, chooses a code, submits; an editor decides."""

import pytest

from testimonies import models
from testimonies.access import Role
from tests.factories import batch, make_assignment, make_code, make_testimony, make_user

BODY = "Invented.\r\n\N{GRINNING FACE} She left in spring.\n\nقالت إنها خرجت."
MARK = """([area, words]) => {
  const start = area.value.indexOf(words);
  area.focus();
  area.setSelectionRange(start, start + words.length);
  area.dispatchEvent(new Event("mouseup"));
}"""


@pytest.fixture
def given(transactional_db):
    with batch():
        dimension = make_code(label="Leaving")
        code = make_code(parent=dimension, label="Invented reason", brief_definition="Left for an invented reason.")
        testimony = make_testimony(title="Invented: she left", texts=[BODY])
    coders = [make_user(role=Role.CODER) for _ in range(2)]
    return [make_assignment(testimony=testimony, codebook=code.codebook, coder=coder, state="open") for coder in coders]


def choose(page):
    page.locator(".dimension > summary").click()
    page.get_by_role("radio", name="Invented reason").check()
    page.get_by_role("button", name="Code it").click()
    page.locator(".messagelist").wait_for()


def test_a_passage_is_marked_with_the_mouse_or_the_keyboard(window, given):
    one = window(given[0].coder)
    page = one.open("coding/")
    one.is_accessible()
    page.get_by_role("link", name=given[0].testimony.ref).click()
    one.is_accessible()
    area = page.get_by_role("textbox", name="mark a passage")
    page.evaluate(MARK, [area.element_handle(), "She left"])
    assert page.get_by_label("Passage", exact=True).input_value() == "She left"
    choose(page)
    # the keyboard: to the end, then back to the start of the last line, which runs from right to left
    last = BODY.splitlines()[-1]
    area.focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Shift+Home")
    assert page.get_by_label("Passage", exact=True).input_value() == last
    choose(page)
    found = {coding.quote for coding in models.Coding.objects.all()}
    assert found == {"She left", last}
    assert all(BODY[row.start : row.end] == row.quote for row in models.Coding.objects.all())
    one.is_accessible()
    page.get_by_role("button", name="Submit").click()
    page.locator(".messagelist").wait_for()
    assert models.Assignment.objects.get(pk=given[0].pk).state == "submitted"
    one.is_accessible()


def test_an_editor_sees_both_side_by_side(window, given):
    for assignment in given:
        one = window(assignment.coder)
        page = one.open(f"coding/{assignment.pk}/")
        page.evaluate(MARK, [page.get_by_role("textbox", name="mark a passage").element_handle(), "She left"])
        choose(page)
        page.get_by_role("button", name="Submit").click()
        page.locator(".messagelist").wait_for()
    editor = window(Role.EDITOR)
    page = editor.open("coding/")
    editor.is_accessible()
    page.get_by_role("link", name=given[0].testimony.ref).click()
    editor.is_accessible()
    page.get_by_role("button", name="Accept and publish these codes").click()
    page.locator(".messagelist").wait_for()
    editor.is_accessible()
    assert models.Decision.objects.get().codes.get().applies
