"""A key that has a rate is told to wait; others are not."""

import pytest

from testimonies.access import Role
from testimonies.api import rates
from testimonies.errors import DomainError
from testimonies.selectors import actors
from testimonies.services import keys
from tests import factories as make
from tests.client import Api

ME = "/api/v1/me/"


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1_000.0

        def monotonic(self):
            return self.now

    monkeypatch.setattr(rates, "time", Clock())
    monkeypatch.setattr(rates, "_buckets", {})
    return rates.time


def asking(rate):
    key, secret = make.make_key(role=Role.READER)
    type(key).objects.filter(pk=key.pk).update(rate=rate)
    return Api({"one": {"Authorization": f"Bearer {secret}"}}, "one")


def test_who_asks_too_often_waits_and_then_is_answered(db, clock):
    api = asking(3)
    assert [api.get(ME).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = api.get(ME)
    assert (refused.json()["code"], refused.headers["Retry-After"]) == ("too_many_requests", "20")
    clock.now += 19
    assert api.get(ME).status_code == 429
    clock.now += 1
    assert [api.get(ME).status_code for _ in range(2)] == [200, 429]
    clock.now += 3_600
    assert [api.get(ME).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_each_key_has_its_own_and_without_a_rate_there_is_none(db, clock):
    one, other, free = asking(1), asking(1), asking(None)
    assert [one.get(ME).status_code for _ in range(2)] == [200, 429]
    assert other.get(ME).status_code == 200
    assert {free.get(ME).status_code for _ in range(5)} == {200}


def test_a_write_counts_as_a_read_does(db, clock):
    api = asking(1)
    assert api.post("/api/v1/testimonies/", {}, content_type="application/json").status_code == 403
    assert api.get(ME).status_code == 429


def test_idle_buckets_are_forgotten(clock, monkeypatch):
    monkeypatch.setattr(rates, "MOST", 2)
    for key_id in (1, 2):
        rates.wait(key_id, 60)
    clock.now += 61
    rates.wait(3, 60)
    assert set(rates._buckets) == {3}


@pytest.mark.parametrize("rate", [0, -1, 1_000_001])
def test_a_rate_lets_something_through(db, rate):
    with pytest.raises(DomainError, match="requests a minute"):
        keys.create(by=actors.of_command(), name="app", role=Role.READER, rate=rate)
    key, _ = keys.create(by=actors.of_command(), name="app", role=Role.READER, rate=60)
    assert key.rate == 60
