"""Rows without instances: each has what an instance would have had."""

import datetime as dt
from uuid import uuid4

import pytest
from django.db import connection

from testimonies import models, projections
from testimonies.access import Actor, Capability, Role, Tier
from testimonies.services import acts, bulk
from testimonies.values import refs


def test_each_row_has_defaults_of_its_own_and_the_bounds_of_its_dates(db):
    said = [{"outlet": f"Invented {number}", "published": "2014-09"} for number in range(2)]
    with projections.refreshed():
        bulk.insert(models.Source, said)
    one, other = models.Source.objects.order_by("outlet")
    assert (one.outlet, other.outlet) == ("Invented 0", "Invented 1")
    assert one.pk != other.pk
    assert one.ref != other.ref
    assert refs.is_ref(one.ref, "S")
    assert (one.published_earliest, one.published_latest) == (dt.date(2014, 9, 1), dt.date(2014, 9, 30))
    alike = models.Source(outlet="Invented 0", published="2014-09")
    assert (one.medium, one.tier, one.version) == (alike.medium, alike.tier, alike.version)


def test_a_value_without_a_column_is_refused(db):
    with pytest.raises(TypeError, match="invented_field"):
        bulk.insert(models.Source, [{"outlet": "Invented", "invented_field": 1}])


def test_an_instance_goes_in_with_all_its_values(db):
    made = models.Source(id=uuid4(), outlet="Invented", tier=Tier.PARTNER)
    with projections.refreshed():
        bulk.insert(models.Source, [bulk.values_of(made)])
    stored = models.Source.objects.get()
    assert (stored.pk, stored.ref, stored.tier) == (made.pk, made.ref, Tier.PARTNER)


@acts.act(Capability.IMPORT)
def _asked(*, by: Actor) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('pgtrigger.ignore')")
        return cursor.fetchone()[0]


def test_within_an_act_no_trigger_is_ignored_and_none_fails_at_asking(db, now):
    by = Actor(role=Role.EDITOR, tier=Tier.RESTRICTED, now=now)
    assert _asked(by=by) == "{}"
