"""`updated_at` and the digest move only when that tier's bytes do: otherwise they would tell of what is hidden."""

import datetime as dt
import json

import pytest
from django.utils import timezone

from testimonies import models, projections
from testimonies.access import Tier
from testimonies.models.projections import ROWS, SharedDocument
from testimonies.projections import verify
from tests import factories

LABELS = ("public", "partner", "restricted")
NEARER, FAR_AHEAD = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2050, 2100))


def rows(testimony):
    """What each tier has stored of it, number of the row included: a row that is written anew gets another."""
    return [
        list(
            ROWS[tier].objects.filter(testimony_id=testimony.pk).order_by("during").values_list("id", "digest", "updated_at", "item", "extra")
        )
        for tier in Tier
    ]  # fmt: skip


def moved(testimony, before):
    return [label for label, old, new in zip(LABELS, before, rows(testimony), strict=True) if old != new]


@pytest.mark.parametrize(
    ("changes", "tiers"),
    [
        ({"notes_internal": "Invented note"}, ["restricted"]),
        ({"raised": {"title": 1}}, ["public", "restricted"]),  # the version, which staff see, has grown
        ({"age_from": 26}, ["restricted"]),
        ({"missing": {"given": "refused"}}, ["restricted"]),
        ({"title": "Invented anew"}, ["public", "partner", "restricted"]),
        (
            {"embargo_until": dt.datetime(2020, 6, 1, tzinfo=dt.UTC)},
            ["public", "partner", "restricted"],
        ),  # rows hold later
    ],
)
def test_a_change_of_the_record_moves_what_shows_it(world, changes, tiers):
    before = rows(world.testimony)
    with projections.refreshed():
        models.Testimony.objects.filter(pk=world.testimony.pk).update(**changes)
    assert moved(world.testimony, before) == tiers


@pytest.mark.parametrize(
    ("tier", "tiers"),
    [
        (Tier.PUBLIC, ["public", "partner", "restricted"]),
        (Tier.PARTNER, ["partner", "restricted"]),
        (Tier.RESTRICTED, ["restricted"]),
    ],
)
@pytest.mark.parametrize("add", ["text", "claim", "code", "citation", "collection"])
def test_a_row_that_is_added_moves_the_tiers_that_see_it(world, add, tier, tiers):
    before, far = rows(world.testimony), rows(world.far)
    with factories.batch():
        if add == "text":
            factories.make_text(testimony=world.testimony, tier=tier)
        elif add == "claim":
            factories.make_claim(testimony=world.testimony, field="joined", tier=tier)
        elif add == "code":
            models.ConsensusCode.objects.create(testimony=world.testimony, code=factories.make_code(tier=tier))
        elif add == "citation":
            factories.make_citation(testimony=world.testimony, source=factories.make_source(tier=tier))
        else:
            models.CollectionItem.objects.create(
                testimony=world.testimony, collection=factories.make_collection(tier=tier)
            )
    assert moved(world.testimony, before) == tiers
    assert moved(world.far, far) == []


def test_a_hidden_change_of_a_person_moves_nothing_below(world):
    with projections.refreshed():
        models.Person.objects.filter(pk=world.person.pk).update(name_kind="kunya")
    before, shared = rows(world.testimony), documents(world.person)
    with projections.refreshed():
        models.Person.objects.filter(pk=world.person.pk).update(name="Abu Invented")
    assert moved(world.testimony, before) == ["restricted"]
    assert [label for label in LABELS if documents(world.person)[label] != shared[label]] == ["restricted"]


def documents(row):
    return {
        LABELS[found.tier]: (found.pk, found.digest, found.updated_at, found.document)
        for found in SharedDocument.objects.filter(record_id=row.pk)
    }


def test_another_testimony_of_a_source_moves_nothing_while_its_tier_stays(world):
    before, shared = rows(world.neighbour), documents(world.source)
    factories.make_testimony(sources=[world.source])
    assert moved(world.neighbour, before) == []
    assert documents(world.source) == shared


def test_a_person_and_a_source_have_changed_when_a_tier_first_sees_them(world):
    """Somebody who asks for what changed since yesterday must be told of a record that was hidden until today."""
    with factories.batch():
        draft = factories.make_testimony(status="draft")
    source = draft.citations.get().source
    before = documents(draft.person), documents(source)
    with projections.refreshed():
        models.Testimony.objects.filter(pk=draft.pk).update(status="published")
    for row, known in zip((draft.person, source), before, strict=True):
        now = documents(row)
        assert [now[label][2] > known[label][2] for label in LABELS] == [True, True, False]
        assert [now[label][1] == known[label][1] for label in LABELS] == [True, True, True]
    assert list(verify.differences()) == []


def test_another_testimony_does_not_make_them_change_again(world):
    """Not even where both are made anew at once."""
    before = documents(world.source), documents(world.person)
    with projections.refreshed():
        models.Testimony.objects.filter(pk=world.testimony.pk).update(title="Invented anew")
        other = factories.make_testimony(person=world.person, membership=world.membership, sources=[world.source])
    assert (documents(world.source), documents(world.person)) == before
    assert json.loads(ROWS[Tier.PUBLIC].objects.get(testimony_id=other.pk).item)["outlets"] == ["Invented Daily"]


def test_an_embargo_says_when_its_person_will_be_seen(world):
    hidden = factories.make_testimony(embargo_until=FAR_AHEAD)
    assert documents(hidden.person)["public"][2] == FAR_AHEAD
    assert json.loads(documents(hidden.person)["public"][3])["updated_at"] == "2100-01-01T00:00:00Z"
    assert list(verify.differences()) == []


def test_a_person_who_is_seen_earlier_does_not_tell_of_an_embargo(world):
    hidden = factories.make_testimony(embargo_until=FAR_AHEAD)
    source = hidden.citations.get().source
    factories.make_testimony(person=hidden.person, membership=None, sources=[source])
    for row in (hidden.person, source):
        for label in ("public", "partner"):
            assert documents(row)[label][2] <= timezone.now()
            assert "2100" not in documents(row)[label][3]
    assert list(verify.differences()) == []


def test_a_person_is_seen_when_the_embargo_is_lifted(world):
    hidden = factories.make_testimony(embargo_until=FAR_AHEAD)
    with projections.refreshed():
        models.Testimony.objects.filter(pk=hidden.pk).update(embargo_until=None)
    assert world.person.created_at < documents(hidden.person)["public"][2] <= timezone.now()


def test_an_embargo_on_another_testimony_of_a_person_moves_nothing(world):
    before = documents(world.person), documents(world.source)
    factories.make_testimony(person=world.person, membership=None, sources=[world.source], embargo_until=FAR_AHEAD)
    assert (documents(world.person), documents(world.source)) == before


def test_a_change_of_no_consequence_moves_nothing(world):
    before = rows(world.testimony)
    with projections.refreshed():
        models.Evidence.objects.filter(pk=world.evidence.pk).update(note="Invented: nobody is shown this.")
        models.Clearance.objects.filter(pk=world.clearance.pk).update(evidence="Invented form 1")
        models.Testimony.objects.filter(pk=world.testimony.pk).update(title=world.testimony.title)
    assert moved(world.testimony, before) == []


def test_an_embargo_writes_the_row_ahead_with_the_moment_it_will_be_seen(world):
    with projections.refreshed():
        models.Testimony.objects.filter(pk=world.testimony.pk).update(embargo_until=FAR_AHEAD)
    for tier in (Tier.PUBLIC, Tier.PARTNER):
        [row] = ROWS[tier].objects.filter(testimony_id=world.testimony.pk)
        assert (row.during.lower, row.during.upper) == (FAR_AHEAD, None)
        assert row.updated_at == FAR_AHEAD
        assert json.loads(row.item)["updated_at"] == "2100-01-01T00:00:00Z"
    staff = ROWS[Tier.RESTRICTED].objects.filter(testimony_id=world.testimony.pk)
    assert {row.updated_at < timezone.now() for row in staff} == {True}
    assert list(verify.differences()) == []


def test_a_row_that_is_ahead_keeps_its_moment_whatever_happens_before(world):
    with projections.refreshed():
        models.Testimony.objects.filter(pk=world.testimony.pk).update(embargo_until=FAR_AHEAD)
    with projections.refreshed():
        models.Testimony.objects.filter(pk=world.testimony.pk).update(title="Invented anew")
    [row] = ROWS[Tier.PUBLIC].objects.filter(testimony_id=world.testimony.pk)
    assert row.updated_at == FAR_AHEAD


def test_an_embargo_that_is_brought_forward_leaves_nothing_of_the_later_day(world):
    for until in (FAR_AHEAD, NEARER):
        with projections.refreshed():
            models.Testimony.objects.filter(pk=world.testimony.pk).update(embargo_until=until)
    [row] = ROWS[Tier.PUBLIC].objects.filter(testimony_id=world.testimony.pk)
    assert (row.during.lower, row.updated_at) == (NEARER, NEARER)
    assert "2100" not in row.item


def test_a_clearance_that_will_end_splits_the_time_and_keeps_the_moment(world):
    [before] = ROWS[Tier.PUBLIC].objects.filter(testimony_id=world.testimony.pk)
    with projections.refreshed():
        models.Clearance.objects.filter(pk=world.clearance.pk).update(ends_at=FAR_AHEAD)
    [now] = ROWS[Tier.PUBLIC].objects.filter(testimony_id=world.testimony.pk)
    assert (now.during.upper, now.digest, now.updated_at) == (FAR_AHEAD, before.digest, before.updated_at)
    factories.make_clearance(testimony=world.testimony, uses=["quote"], starts_at=FAR_AHEAD)
    now, later = ROWS[Tier.PUBLIC].objects.filter(testimony_id=world.testimony.pk).order_by("during")
    assert (now.uses, now.updated_at) == (["research", "summary"], before.updated_at)
    assert (later.uses, later.updated_at) == (["quote"], FAR_AHEAD)
    assert now.during.upper == later.during.lower == FAR_AHEAD
    assert list(verify.differences()) == []


def test_what_comes_back_as_it_was_has_moved(world):
    """A reader who asks for what changed since then must be told, although the bytes are those of the day before."""
    before = ROWS[Tier.PUBLIC].objects.get(testimony_id=world.testimony.pk)
    for title in ("Invented anew", world.testimony.title):
        with projections.refreshed():
            models.Testimony.objects.filter(pk=world.testimony.pk).update(title=title)
    after = ROWS[Tier.PUBLIC].objects.get(testimony_id=world.testimony.pk)
    assert after.digest == before.digest
    assert after.updated_at > before.updated_at


def test_what_was_over_before_yesterday_is_not_kept_for_staff(world):
    """A clearance splits time for staff too; nobody will read what they saw before it."""
    ended = timezone.now() - dt.timedelta(days=2)
    with projections.refreshed():
        models.Clearance.objects.filter(pk=world.clearance.pk).update(ends_at=ended)
    [row] = ROWS[Tier.RESTRICTED].objects.filter(testimony_id=world.testimony.pk)
    assert (row.during.lower, row.during.upper, row.uses) == (ended, None, [])
    assert list(verify.differences()) == []


def test_below_staff_it_is_kept_and_tells_since_when_its_person_is_seen(world):
    """Whom a tier saw before is not new to it: another testimony must not say so."""
    ended = timezone.now() - dt.timedelta(days=2)
    with projections.refreshed():
        models.Clearance.objects.filter(pk=world.clearance.pk).update(ends_at=ended)
    for tier in (Tier.PUBLIC, Tier.PARTNER):
        [over] = ROWS[tier].objects.filter(testimony_id=world.testimony.pk)
        assert over.during.upper == ended
    before = documents(world.person)
    factories.make_testimony(person=world.person, membership=None)
    assert documents(world.person) == before


def test_what_was_over_a_moment_ago_is_kept_for_whoever_asked_before(world):
    ended = timezone.now() - dt.timedelta(seconds=1)
    with projections.refreshed():
        models.Clearance.objects.filter(pk=world.clearance.pk).update(ends_at=ended)
    over, row = ROWS[Tier.RESTRICTED].objects.filter(testimony_id=world.testimony.pk).order_by("during")
    assert (over.during.upper, row.during.lower) == (ended, ended)
    assert list(verify.differences()) == []
