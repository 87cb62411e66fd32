import pytest
from django import forms
from django.test import Client

from testimonies.access import Tier
from testimonies.admin.widgets import CodesField, DateInput
from testimonies.models import Code
from testimonies.values import dates, dates_in_words
from tests.factories import make_code, make_codebook

DATE = "/admin/date/"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2014-06~", "about June 2014, from 2014-06-01 to 2014-06-30"),
        ("2014-06-15", "15 June 2014"),
        ("2014-06-15~", "about 15 June 2014, noted for 2014-06-15"),
        ("2014", "the year 2014, from 2014-01-01 to 2014-12-31"),
        ("2014?", "possibly the year 2014, from 2014-01-01 to 2014-12-31"),
        ("2014%", "possibly about the year 2014, from 2014-01-01 to 2014-12-31"),
        ("201X", "some year of the 2010s, from 2010-01-01 to 2019-12-31"),
        ("2014-XX", "some month of 2014, from 2014-01-01 to 2014-12-31"),
        ("2014-06-XX", "some day of June 2014, from 2014-06-01 to 2014-06-30"),
        ("2015-21", "spring 2015, from 2015-03-01 to 2015-05-31"),
        ("2015-24", "winter 2015, from 2015-12-01 to 2016-02-29"),
        ("2015-33", "the first quarter of 2015, from 2015-01-01 to 2015-03-31"),
        ("2014/2015", "from the year 2014 until the year 2015, from 2014-01-01 to 2015-12-31"),
        ("../2015", "with an open start until the year 2015, any day until 2015-12-31"),
        ("2015-06-15/..", "from 15 June 2015 with an open end, from 2015-06-15 on"),
        ("/2015", "with an unknown start until the year 2015, any day until 2015-12-31"),
        ("[2014..2016]", "one of 2014..2016, from 2014-01-01 to 2016-12-31"),
        ("XXXX", "a date that is not exact, which may be any day"),
        ("?2014-06", "a date that is not exact, from 2014-06-01 to 2014-06-30"),
        ("2014-06-15T10:00:00Z", "15 June 2014 (the time of day is kept, and not used)"),
    ],
)
def test_a_date_is_read_in_words(enter, text, words):
    assert dates_in_words.describe(text) == words
    assert enter("coder").get(DATE, {"text": f" {text} "}).json() == {"good": True, "said": words}


@pytest.mark.parametrize("text", ["2014-13", "15.6.2014", "2015/2014", "x" * 500, "\0", "2014-02-30", "<b>"])
def test_what_is_no_date_is_said_without_repeating_it(enter, text):
    answer = enter("coder").get(DATE, {"text": text})
    assert answer.status_code == 200
    assert answer.json()["good"] is False
    assert "Write an EDTF date" in answer.json()["said"] or "at most 100" in answer.json()["said"]
    assert text not in answer.json()["said"]
    with pytest.raises(dates.InvalidDate):
        dates_in_words.describe(text)


def test_only_the_desk_asks_and_only_with_get(enter):
    assert enter("coder").get(DATE).json() == {"good": True, "said": ""}
    assert enter("coder").post(DATE, {"text": "2014"}).status_code == 405
    assert enter("reader").get(DATE, {"text": "2014"}).status_code == 302
    assert Client().get(DATE, {"text": "2014"}).status_code == 302
    assert "no-store" in enter("coder").get(DATE, {"text": "2014"}).headers["Cache-Control"]


def test_the_input_works_without_javascript():
    html = DateInput().render("given", "2014~", {"id": "id_given"})
    assert 'value="2014~"' in html
    assert f'data-edtf="{DATE}"' in html
    assert "onclick" not in html


@pytest.fixture
def book(db):
    """A dimension with a code, which has one below it, which is restricted."""
    book = make_codebook(title="Invented book")
    leaving = make_code(codebook=book, slug="leaving", label="Leaving", position=0, brief_definition="Why people left.")
    cruelty = make_code(parent=leaving, slug="cruelty", label="Cruelty", position=1, definition="Says that <others> were treated cruelly.",
                        inclusion=["named as a reason"], exclusion=["seen only"], example="Invented: I saw it.")  # fmt: skip
    below = make_code(parent=cruelty, slug="to-own", label="To their own", position=2, tier=Tier.RESTRICTED)
    return leaving, cruelty, below


def form(*codes: Code, **options):
    class Form(forms.Form):
        codes = CodesField(required=False)

    found = Form(**options)
    found.fields["codes"].offer(codes)
    return found


def test_codes_stand_in_a_tree_with_what_they_mean(book):
    leaving, cruelty, below = book
    html = str(form(*book, initial={"codes": [cruelty.pk]})["codes"])
    assert f'value="{leaving.pk}"' not in html, "a dimension only groups"
    assert f'value="{cruelty.pk}" checked' in html
    assert f'value="{below.pk}">' in html
    assert html.index("Leaving") < html.index("Cruelty") < html.index("To their own")
    for words in (
        "Why people left.",
        "Says that &lt;others&gt; were",
        "named as a reason",
        "seen only",
        "Invented: I saw it.",
        "Invented book",
    ):
        assert words in html
    assert html.count("restricted") == 1
    assert html.count("<ul>") == 2


def test_codes_whose_parent_is_not_offered_stand_at_the_top(book):
    html = str(form(*book[1:])["codes"])
    assert f'value="{book[1].pk}"' in html
    assert f'value="{book[2].pk}"' in html


def test_what_is_chosen_is_read_as_a_set(book):
    leaving, cruelty, below = book
    keys = [str(below.pk), str(cruelty.pk)]
    good = form(*book, data={"codes": keys}, initial={"codes": [cruelty.pk, below.pk]})
    assert good.is_valid()
    assert good.cleaned_data["codes"] == [below.pk, cruelty.pk]
    assert not good.has_changed()
    assert form(*book, data={"codes": keys[:1]}, initial={"codes": keys}).has_changed()
    assert good.fields["codes"].in_words(keys) == "Cruelty\nTo their own"
    for key in (leaving.pk, "x", "00000000-0000-4000-8000-000000000000"):
        assert not form(*book, data={"codes": [str(key)]}).is_valid()


def test_without_a_codebook_it_says_so():
    assert "There is no codebook yet" in str(form()["codes"])
