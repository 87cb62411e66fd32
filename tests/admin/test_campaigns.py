"""Quotes, campaigns, uses and measurements at the desk: saved through the same acts, refused with their words."""

import pytest

from testimonies.models import Campaign, CampaignUse, Measurement, Quote
from tests import factories as make
from tests.admin.pages import errors_of

WORDS = "Invented words, and other words."


@pytest.fixture
def cleared(desk):
    return make.make_testimony(uses=["quote", "campaign"], texts=[WORDS])


def test_a_quote_is_proposed_by_its_words_and_approved_by_another(desk, cleared):
    proposer, editor = desk.at("author"), desk.at("editor")
    form = proposer.open("quote/add/")
    assert proposer.send("quote/add/", form, testimony=str(cleared.pk), quote="other words").status_code == 302
    quote = Quote.objects.get()
    assert (quote.start, quote.end, quote.status) == (WORDS.index("other"), len(WORDS) - 1, "proposed")
    url = f"quote/{quote.pk}/change/"
    assert editor.send(url, editor.open(url), status="approved").status_code == 302
    quote.refresh_from_db()
    assert (quote.status, quote.decided_by) == ("approved", desk.users["editor"])


@pytest.mark.parametrize("words", ["words", "nothing of it"])
def test_words_that_stand_at_no_one_place_are_no_quote(desk, cleared, words):
    proposer = desk.at("author")
    form = proposer.open("quote/add/")
    refused = proposer.send("quote/add/", form, testimony=str(cleared.pk), quote=words)
    assert ["stand once" in error for error in errors_of(refused)["quote"]] == [True]
    assert not Quote.objects.exists()


def test_nobody_approves_their_own_at_the_desk(desk, cleared):
    editor = desk.at("editor")
    editor.send("quote/add/", editor.open("quote/add/"), testimony=str(cleared.pk), quote="other words")
    url = f"quote/{Quote.objects.get().pk}/change/"
    assert editor.send(url, editor.open(url), status="approved").status_code == 200
    assert Quote.objects.get().status == "proposed"


def test_a_campaign_and_its_use_are_entered(desk, cleared):
    editor = desk.at("editor")
    names = {
        "slug": "invented",
        "title": "Invented",
        "actor_name": "Invented Centre",
        "actor_kind": "ngo",
        "languages": "en\r\nar",
    }
    channel = {"channels-0-platform": "Invented Tube", "channels-0-handle": "@invented"}
    assert editor.send("campaign/add/", editor.open("campaign/add/"), **names, **channel).status_code == 302
    campaign = Campaign.objects.get()
    assert (campaign.languages, campaign.channels.get().handle) == (["en", "ar"], "@invented")
    use = {
        "campaign": str(campaign.pk),
        "kind": "video",
        "title": "Invented video",
        "testimonies-0-testimony_id": str(cleared.pk),
    }
    assert editor.send("campaignuse/add/", editor.open("campaignuse/add/"), **use).status_code == 302
    assert CampaignUse.objects.get().used_testimonies.get().testimony == cleared
    kept = {"use": str(CampaignUse.objects.get().pk), "metric": "views", "value": "865000", "measured_on": "2015-09-20"}
    assert editor.send("measurement/add/", editor.open("measurement/add/"), **kept).status_code == 302
    assert Measurement.objects.get().value == 865_000


def test_a_use_without_a_clearance_is_refused_and_says_what_to_do(desk):
    editor, campaign = desk.at("editor"), make.make_campaign()
    other = make.make_testimony()
    use = {
        "campaign": str(campaign.pk),
        "kind": "video",
        "title": "Invented",
        "testimonies-0-testimony_id": str(other.pk),
    }
    refused = editor.send("campaignuse/add/", editor.open("campaignuse/add/"), **use)
    assert refused.status_code == 200
    assert b"cleared_for=" in refused.content
    assert not CampaignUse.objects.exists()


def test_a_measurement_is_not_changed(desk):
    editor, row = desk.at("editor"), make.make_measurement()
    response = editor.get(f"measurement/{row.pk}/change/")
    assert "Enter a later one" in response.context["closed"]
    assert editor.client.post(f"/admin/testimonies/measurement/{row.pk}/delete/", {"version": "1"}).status_code == 302
    assert not Measurement.objects.exists()
