"""The collections that ship with the service, loaded once for all of these tests."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

import testimonies
from testimonies import models
from testimonies.access import Tier
from testimonies.projections import verify
from testimonies.services import collections

PACKAGED = Path(testimonies.__file__).parent / "collections"


INVENTED_CODES = {
    "inv-01": 6, "inv-02": 8, "inv-03": 11, "inv-04": 5, "inv-05": 8, "inv-06": 7, "inv-07": 3,
    "inv-08": 4, "inv-09": 6, "inv-10": 4, "inv-11": 4, "inv-12": 5, "inv-13": 4, "inv-14": 9,
}  # fmt: skip
PRESS_CODES = [1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 6, 6, 7, 7, 7, 8, 8]
"""Of the press records in which any code was found; two have none."""


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield collections.load(path=PACKAGED)
        transaction.set_rollback(True)


@pytest.fixture
def record(loaded):
    def record(key: str, collection: str = "invented") -> models.Testimony:
        return models.Testimony.objects.get(external_ids__system=collection, external_ids__value=key)

    return record


def test_everything_is_created(loaded):
    counts = {kind: changes.created for kind, changes in loaded.kinds.items()}
    assert counts == {
        "regions": 32,
        "codebooks": 1,
        "codes": 75,
        "collections": 3,
        "figures": 40,
        "campaigns": 1,
        "groups": 1,
        "sources": 59,
        "testimonies": 35,
        "quotes": 2,
    }
    assert (loaded.n_sealed, loaded.n_coded, loaded.n_codings, loaded.n_waiting, loaded.n_gone) == (8, 69, 0, 0, 0)
    assert loaded.rejected == []


def test_two_invented_coders_coded_three_of_them(loaded):
    coders = models.User.objects.filter(username__startswith="invented-coder-").order_by("username")
    assert [one.username for one in coders] == ["invented-coder-1", "invented-coder-2"]
    assert not any(one.has_usable_password() or one.is_active for one in coders)
    assert list(models.Assignment.objects.values_list("state", flat=True)) == ["submitted"] * 6
    assert models.Assignment.objects.values("testimony").distinct().count() == 3
    codings = models.Coding.objects.select_related("text")
    assert [one.text.body[one.start : one.end] for one in codings] == [one.quote for one in codings]
    assert codings.count() == 69
    coded = models.Testimony.objects.filter(assignments__isnull=False).distinct()
    assert {one.coding_status for one in coded} == {"double_coded"}
    assert all(one.consensus_codes.exists() for one in coded)


def test_counts(loaded):
    items = Counter(models.Testimony.objects.values_list("collection_items__collection__slug", flat=True))
    assert items == {"press-testimonies": 21, "invented": 14}
    assert models.Figure.objects.filter(collection__slug="icsr2015").count() == 40
    assert models.Code.objects.filter(is_assignable=True).count() == 67
    assert models.Region.objects.count() == 32
    assert models.Collection.objects.get(is_invented=True).slug == "invented"
    assert models.Citation.objects.filter(testimony__external_ids__system="press-testimonies").count() == 37
    assert models.Source.objects.exclude(url="").filter(citations__isnull=False).distinct().count() == 28
    assert models.Text.objects.count() == 5
    assert models.Testimony.objects.filter(tier=Tier.RESTRICTED).count() == 3


def test_codes_of_each_record(loaded):
    codes = Counter(models.ConsensusCode.objects.values_list("testimony__external_ids__value", flat=True))
    invented = {key: number for key, number in codes.items() if key.startswith("inv-")}
    assert invented == INVENTED_CODES
    assert sorted(number for key, number in codes.items() if key not in invented) == PRESS_CODES
    status = Counter(models.Testimony.objects.values_list("coding_status", flat=True))
    assert status == {"single_reader": 32, "double_coded": 3}


def test_possibly_the_same_person(loaded):
    links = models.SamePersonLink.objects.values_list(
        "person__external_ids__value", "other__external_ids__value", "awaits"
    )
    assert sorted(links) == [("bbc-icsr-anon", "bbc-fear", ""), ("inv-06", "inv-14", ""), ("inv-13", "inv-02", "")]


def test_claims_stay_side_by_side(record):
    def claims(key: str) -> list[tuple]:
        rows = models.Claim.objects.filter(testimony=record(key)).order_by("position")
        return list(rows.values_list("field", "value", "is_preferred", "tier", "source__citations__position"))

    assert claims("inv-04") == [
        ("left", "../2015", False, Tier.PUBLIC, 0),
        ("left", "2016?", False, Tier.PUBLIC, 1),
        ("role_in_group", "fighter", True, Tier.PUBLIC, 0),
        ("role_in_group", "support", False, Tier.PUBLIC, 1),
    ]
    assert claims("inv-07") == [
        ("age_from", "29", True, Tier.RESTRICTED, 0),
        ("age_from", "27", False, Tier.RESTRICTED, 1),
        ("joined", "2014?", False, Tier.PUBLIC, 0),
        ("joined", "2013", False, Tier.PUBLIC, 1),
    ]
    assert models.Claim.objects.filter(testimony=record("inv-07"), field="age_from").first().note == (
        "29 preferred: first publication"
    )


def test_one_source_of_three_and_three_of_one(record):
    shared = {record(key).citations.get().source for key in ("inv-10", "inv-11", "inv-12")}
    assert [source.url for source in shared] == ["https://example.org/invented/three-people"]
    relations = record("inv-06").citations.order_by("position").values_list("relation", flat=True)
    assert list(relations) == ["original", "republication", "report_about"]


def test_an_address_that_a_record_holds_back_does_not_come_in_by_a_figure(loaded):
    """The figures give an address for an article that a press record cites without one."""
    articles = models.Source.objects.filter(
        outlet="BBC News", title="More Islamic State defectors speaking out - report"
    )
    found = {article.url != "": (article.citations.exists(), article.figure_sources.exists()) for article in articles}
    assert found == {False: (True, False), True: (False, True)}


def test_clearances(record):
    def window(key: str) -> tuple:
        row = models.Clearance.objects.get(testimony=record(key))
        return row.basis, row.starts_at, row.ends_at, row.withdrawn_at, row.uses

    utc, uses = dt.UTC, ["research", "summary"]
    assert window("inv-01") == (
        "informed", dt.datetime(2020, 1, 15, tzinfo=utc), dt.datetime(2100, 1, 1, tzinfo=utc), None, [*uses, "quote", "campaign"],
    )  # fmt: skip
    assert window("inv-07") == (
        "informed", dt.datetime(2016, 1, 1, tzinfo=utc), dt.datetime(2019, 1, 1, tzinfo=utc), None, uses,
    )  # fmt: skip
    assert window("inv-08") == (
        "informed", dt.datetime(2020, 1, 15, tzinfo=utc), None, dt.datetime(2022, 5, 9, tzinfo=utc), uses,
    )  # fmt: skip
    press = models.Clearance.objects.filter(testimony__external_ids__system="press-testimonies")
    assert set(press.values_list("basis", "starts_at", "ends_at", "reviewed_by")) == {
        ("public_source_no_contact", dt.datetime(2015, 1, 1, tzinfo=utc), None, "data steward, safety reviewer")
    }
    assert {tuple(row.uses) for row in press} == {("research", "summary")}


def test_what_is_withdrawn_embargoed_or_expired_is_not_shown(record):
    assert record("inv-08").status == "withdrawn"
    assert record("inv-06").embargo_until == dt.datetime(2098, 1, 1, tzinfo=dt.UTC)
    assert models.Testimony.objects.exclude(pk=record("inv-08").pk).exclude(status="published").count() == 0
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    shown = {
        rows: set(rows.objects.filter(during__contains=now).values_list("testimony_id", flat=True))
        for rows in (models.PublicTestimony, models.PartnerTestimony, models.RestrictedTestimony)
    }
    hidden = {record(key).pk for key in ("inv-06", "inv-07", "inv-08")}
    assert not hidden & (shown[models.PublicTestimony] | shown[models.PartnerTestimony])
    assert {rows: len(ids) for rows, ids in shown.items()} == {
        models.PublicTestimony: 27,
        models.PartnerTestimony: 29,
        models.RestrictedTestimony: 35,
    }


def test_people(record):
    arabic = record("inv-02").person
    assert (arabic.name, arabic.name_kind, arabic.tier) == ("أبو مثال", "kunya", Tier.PARTNER)
    assert set(arabic.other_names.values_list("kind", "tier")) == {("kunya", Tier.RESTRICTED)}
    cyrillic = models.PersonName.objects.get(person=record("inv-04").person)
    assert (cyrillic.value, cyrillic.kind, cyrillic.tier) == ("Primer-3", "outlet_pseudonym", Tier.PUBLIC)
    assert record("npr-2014", "press-testimonies").person.name == ""
    assert record("inv-02").person != record("inv-13").person, "two people share a name"


def test_dates_texts_and_cases(record):
    membership = record("inv-06").membership
    assert (membership.group.slug, membership.joined, membership.left) == ("islamic-state", "201X", "2015-06-15/..")
    assert (membership.joined_earliest, membership.left_latest) == (dt.date(2010, 1, 1), None)
    original, translation = record("inv-03").texts.order_by("position")
    assert (original.kind, original.language, original.tier) == ("transcript", "de", Tier.RESTRICTED)
    assert (translation.kind, translation.language, translation.tier) == ("translation", "en", Tier.PARTNER)
    assert translation.translation_of == original
    cases = Counter(models.CaseLink.objects.values_list("collection__slug", "is_case"))
    assert cases == {("icsr2015", True): 4, ("icsr2015", False): 8 + 14}


def test_figures(loaded):
    figures = {figure.slug: figure for figure in models.Figure.objects.all()}
    assert (figures["total"].value, figures["total"].filter, figures["total"].range_low) == ("58", "{}", None)
    assert (figures["women"].value, figures["women"].filter) == ("7", '{"gender":"female"}')
    assert figures["returned-share"].range_low == 0.25
    assert figures["total"].figure_sources.count() == 3
    assert models.Collection.objects.get(slug="icsr2015").unavailable[0] == "count per leaving narrative"


def test_the_campaign_uses_none_of_the_records(loaded):
    """What the press report says of it, and no more: 865,000 views of a video, as printed on a day; a handle on a platform."""
    campaign = models.Campaign.objects.get()
    assert (campaign.actor_kind, campaign.starts) == ("government", "2013-12")
    handles = campaign.channels.order_by("position").values_list("platform", "handle")
    assert list(handles) == [("Twitter", "@ThinkAgain_DOS"), ("YouTube", ""), ("Tumblr", "")]
    use = campaign.uses.get()
    assert (use.kind, use.purpose, use.published) == ("video", "campaign", "../2015-09-20")
    measured = use.measurements.get()
    article = models.Figure.objects.get(slug="video-views").figure_sources.get().source
    assert (measured.metric, measured.value, measured.measured_on, measured.source) == (
        "views", 865_000, dt.date(2015, 9, 20), article,
    )  # fmt: skip
    assert not models.UsedTestimony.objects.exists()


def test_two_passages_of_an_invented_record_may_be_quoted(loaded, record):
    quotes = models.Quote.objects.filter(status="approved", anchor="anchored")
    assert {quote.testimony for quote in quotes} == {record("inv-01")}
    assert [quote.text.body[quote.start : quote.end] for quote in quotes] == [quote.quote for quote in quotes]


def test_loading_again_changes_nothing(loaded):
    def state() -> list[tuple]:
        versions = models.Testimony.objects.order_by("pk").values_list(
            "pk", "version", "person__version", "membership__version"
        )
        rows = models.RestrictedTestimony.objects.order_by("pk").values_list("pk", "updated_at", "digest")
        return [*versions, *rows, *models.Source.objects.order_by("pk").values_list("pk", "version")]

    before = state()
    with CaptureQueriesContext(connection) as queries:
        report = collections.load(path=PACKAGED)
    assert len(queries) < 100
    assert {kind for kind, changes in report.kinds.items() if changes.created or changes.updated} == set()
    assert report.kinds["testimonies"].unchanged == 35
    assert state() == before


@pytest.mark.django_db(transaction=True)
def test_what_was_loaded_and_committed_is_what_is_read():
    assert collections.load(path=PACKAGED, dry_run=True).kinds["testimonies"].created == 35
    assert models.Testimony.objects.count() == 0
    collections.load(path=PACKAGED)
    assert list(verify.differences()) == []
    assert models.RestrictedTestimony.objects.values("testimony_id").distinct().count() == 35
