"""When a record says that it changed, as it comes and goes by clearance and embargo alone."""

import datetime as dt

import pytest

from testimonies import projections
from testimonies.models import Testimony as Record
from tests import factories as make
from tests.api.answers import titles

pytestmark = pytest.mark.django_db
URL = "/api/v1/testimonies/"
YEAR_2090 = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def ended(keep):
    def write():
        testimony = make.make_testimony(title="back", uses=[])
        make.make_clearance(testimony=testimony, ends_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        return testimony

    return keep(write)


@pytest.fixture(scope="module")
def embargoed(keep):
    return keep(lambda: make.make_testimony(title="embargoed", embargo_until=YEAR_2090))


def moment(api, path):
    return dt.datetime.fromisoformat(api.get(f"/api/v1/{path}/").json()["updated_at"])


def test_what_is_cleared_again_is_new_then(api, ended, now):
    """`updated_since` must find a record that comes back, also where nothing but its clearance changed."""
    assert titles(api.get(URL)) == []
    make.make_clearance(testimony=ended, starts_at=now - dt.timedelta(days=1))
    assert titles(api.get(URL, {"updated_since": now.isoformat()})) == ["back"]


@pytest.mark.parametrize("noun", ["persons", "sources"])
def test_an_embargo_shows_in_nobodys_time(api, embargoed, now, noun):
    source = embargoed.citations.get().source
    make.make_testimony(person=embargoed.person, membership=None, sources=[source])
    assert moment(api, f"{noun}/{embargoed.person_id if noun == 'persons' else source.pk}") <= now


def test_a_lifted_embargo_leaves_no_time_behind(api, embargoed, now):
    with projections.refreshed():
        Record.objects.filter(pk=embargoed.pk).update(embargo_until=None)
    assert moment(api, f"testimonies/{embargoed.pk}") <= now
    assert moment(api, f"persons/{embargoed.person_id}") <= now
