"""People at work on records: a coder who is overtaken, an editor who publishes, and every page of every kind of record."""

import re

import pytest

from testimonies import models
from testimonies.access import Role
from tests.factories import (
    batch,
    make_citation,
    make_claim,
    make_clearance,
    make_code,
    make_codebook,
    make_collection,
    make_figure,
    make_group,
    make_key,
    make_measurement,
    make_membership,
    make_person,
    make_quote,
    make_source,
    make_testimony,
    make_text,
    make_user,
)

LIST = "testimonies/testimony/"


@pytest.fixture
def coder(transactional_db):
    return make_user(role=Role.CODER)


@pytest.fixture
def draft(coder):
    """A coder's draft, among others."""
    with batch():
        make_testimony(title="Invented: published by others")
        make_testimony(title="Invented: of another person", person=make_person(nationality="TN"))
        book = make_codebook(title="Invented book")
        leaving = make_code(codebook=book, slug="leaving", label="Leaving")
        make_code(
            parent=leaving, slug="cruelty", label="Cruelty", brief_definition="Saw cruelty.", definition="Names it."
        )
        return make_testimony(
            title="Invented: a draft",
            person=make_person(nationality="SY", created_by=coder),
            membership=None,
            status="draft",
            published_at=None,
            created_by=coder,
            collections=[make_collection(codebook=book)],
            texts=["Invented. Nobody said this."],
        )


def form_address(testimony: models.Testimony) -> str:
    return f"{LIST}{testimony.pk}/change/"


def fresh(testimony: models.Testimony) -> models.Testimony:
    return models.Testimony.objects.get(pk=testimony.pk)


def test_a_coder_finds_edits_is_overtaken_and_merges(window, coder, draft):
    theirs, other = window(coder), window(Role.EDITOR)
    page = theirs.open(LIST)
    assert page.locator("#result_list tbody tr").count() == 3
    page.locator("#changelist-filter").get_by_role("link", name="draft", exact=True).click()
    assert page.locator("#result_list tbody tr").count() == 1
    nationality = page.get_by_label("nationality")
    nationality.fill("SY")
    nationality.press("Enter")
    page.locator("#result_list tbody tr").get_by_role("link").first.click()
    page.wait_for_url(re.compile("/change/"))
    page.get_by_label("Title:").fill("Invented: as the coder has it")
    page.get_by_label("Summary:", exact=True).fill("What the coder wrote.")
    date = page.get_by_label("Given:")
    date.fill("2016-05~")
    page.locator("#id_given-read", has_text="about May 2016, from 2016-05-01 to 2016-05-31").wait_for()

    # meanwhile an editor saves
    other.open(form_address(draft))
    other.page.get_by_label("Summary:", exact=True).fill("What the editor wrote.")
    other.page.get_by_label("Given country:").fill("DE")
    other.page.get_by_role("button", name="Save", exact=True).click()
    other.page.locator(".messagelist").wait_for()

    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", name="Somebody else has changed this record").wait_for()
    theirs.is_accessible()
    assert fresh(draft).summary == "What the editor wrote."
    page.get_by_role("group", name=re.compile("^Summary")).get_by_label(re.compile("what is there now")).check()
    page.get_by_role("button", name="Save what is chosen").click()
    page.locator(".messagelist").wait_for()
    merged = fresh(draft)
    assert (merged.title, merged.summary) == ("Invented: as the coder has it", "What the editor wrote.")
    assert (merged.given, merged.given_country) == ("2016-05~", "DE")

    page.goto(f"{theirs.base}/admin/{LIST}{draft.pk}/history/")
    past = page.locator(".past").inner_text()
    for words in ("What the editor wrote.", "Invented: as the coder has it", coder.username, "at the desk"):
        assert words in past
    theirs.is_accessible()


def test_codes_are_found_by_typing_and_chosen(window, draft):
    one = window(Role.EDITOR)
    page = one.open(form_address(draft))
    page.get_by_label("Find a code").fill("cruel")
    page.get_by_label("Cruelty").check()
    assert "1 chosen" in page.locator(".codes-search [role=status]").inner_text()
    page.get_by_text("Saw cruelty.").click()
    assert page.get_by_text("Names it.").is_visible()
    one.is_accessible()
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".messagelist").wait_for()
    assert [row.code.slug for row in draft.consensus_codes.all()] == ["cruelty"]


def test_an_editor_publishes_what_another_sent_and_not_their_own(window, coder, draft):
    editor = make_user(role=Role.EDITOR)
    with batch():
        own = make_testimony(status="in_review", published_at=None, created_by=editor)
    theirs, one = window(coder), window(editor)
    page = theirs.open(form_address(draft))
    page.get_by_role("button", name="Send to review").click()
    assert "in review" in page.locator(".messagelist").inner_text()

    page = one.open(form_address(draft))
    one.is_accessible()
    assert "Fewer than three published persons" in page.locator(".workflow").inner_text()
    page.get_by_label("Why it is right to publish").fill("Invented: nobody could be recognised")
    page.get_by_role("button", name="Publish").click()
    assert "published" in page.locator(".messagelist").inner_text()
    assert fresh(draft).status == "published"

    page = one.open(form_address(own))
    button = page.get_by_role("button", name="Publish")
    assert button.is_disabled()
    assert "Nobody publishes their own work" in page.locator(".workflow").inner_text()
    one.is_accessible()
    assert fresh(own).status == "in_review"


def test_a_date_that_cannot_be_read_is_said_as_it_is_typed(window, draft):
    one = window(Role.EDITOR)
    page = one.open(form_address(draft))
    page.get_by_label("Given:").fill("15.6.2014")
    page.locator("#id_given-read.wrong", has_text="Write an EDTF date").wait_for()
    assert page.get_by_label("Given:").get_attribute("aria-invalid") == "true"
    one.is_accessible()


def test_every_page_of_every_kind_of_record_keeps_the_rules(window):
    """Lists, new forms, forms with all their parts, histories and questions before deleting, in light and dark."""
    with batch():
        book = make_codebook()
        code = make_code(parent=make_code(codebook=book))
        source, collection, group = make_source(), make_collection(codebook=book), make_group()
        testimony = make_testimony(
            membership=make_membership(group=group), sources=[source], codes=[code], collections=[collection], texts=["Invented."]
        )  # fmt: skip
        make_text(testimony=testimony, language="ar", kind="translation", body="مختلق", position=1)
        make_claim(testimony=testimony)
        make_clearance(testimony=testimony)
        make_citation(testimony=testimony, position=1)
        figure = make_figure(collection=collection, sources=[source])
    quote, measurement = make_quote(), make_measurement()
    use = measurement.use
    region = models.Region.objects.create(slug="invented-region", name="Invented region", countries=["SY"])
    link = models.SamePersonLink.objects.create(person=testimony.person, awaits="invented: t-1")
    key, _ = make_key()
    one = window(Role.EDITOR, is_superuser=True)
    page = one.open("")
    addresses = page.locator("#content a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    lists = {path for path in addresses if re.fullmatch(r"/admin/testimonies/\w+/", path)}
    records = [
        testimony,
        testimony.person,
        source,
        collection,
        group,
        figure,
        book,
        code,
        link,
        quote,
        use.campaign,
        use,
        measurement,
    ]
    entered = {f"/admin/testimonies/{row._meta.model_name}/" for row in [*records, key, key.user or make_user()]}
    read = {"/admin/testimonies/correction/", "/admin/testimonies/region/"}  # proposed elsewhere, and loaded
    assert lists == entered | read, "each list has a record here"
    pages = [*lists, *(f"{address}add/" for address in entered), f"/admin/testimonies/region/{region.pk}/change/"]
    for row in records:
        here = f"/admin/testimonies/{row._meta.model_name}/{row.pk}"
        pages += [f"{here}/change/", f"{here}/history/", f"{here}/delete/"]
    for address in pages:
        answer = page.goto(one.base + address)
        assert answer.status == 200, address
        one.is_accessible()
