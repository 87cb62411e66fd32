"""Waiting for the next change: it ends with a change, with time or with the key, and takes nothing from others meanwhile."""

import datetime as dt
import os
import threading
import time
from types import SimpleNamespace

import pytest
from django.db import connection

from testimonies import projections
from testimonies.access import Role
from testimonies.api import stopping
from testimonies.api.v1 import changes as view
from testimonies.models import ApiKey, Testimony
from tests import factories as make
from tests.client import Api
from tests.following import URL, Follower

Testimony.__test__ = False
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api(settings) -> Api:
    settings.PUBLIC_READ = True
    secret = make.make_key(role=Role.READER)[1]
    return Api({"anonymous": {}, "reader": {"Authorization": f"Bearer {secret}"}})


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(act)`: what somebody else does while the first pause lasts. Pauses take no time."""
    pauses, acts = [], []

    def pause(seconds):
        pauses.append(seconds)
        assert connection.connection is None  # somebody else may have it
        if acts:
            act = acts.pop()
            thread = threading.Thread(target=lambda: (act(), connection.close()))
            thread.start()
            thread.join()
        return True

    def meanwhile(act):
        acts.append(act)
        return pauses

    monkeypatch.setattr(view, "stopping", SimpleNamespace(pause=pause))
    monkeypatch.setattr(view, "time", SimpleNamespace(monotonic=lambda: sum(pauses)))
    return meanwhile


def publish(one):
    with projections.refreshed():
        Testimony.objects.filter(pk=one.pk).update(status="published")


def test_it_ends_with_a_change(api, meanwhile):
    one = make.make_testimony(status="draft")
    follower = Follower(api)
    follower.follow()
    pauses = meanwhile(lambda: publish(one))
    assert follower.follow(wait=30) == [("kept", str(one.pk))]
    assert pauses == [view.PAUSE]


def test_it_does_not_wait_where_there_is_something(api, meanwhile):
    one = make.make_testimony()
    pauses = meanwhile(lambda: None)
    assert Follower(api).follow(wait=30) == [("kept", str(one.pk))]
    assert pauses == []


def test_what_is_hidden_from_the_caller_wakes_nobody(api, meanwhile):
    follower = Follower(api)
    pauses = meanwhile(lambda: make.make_testimony(status="draft"))
    assert follower.follow(wait=5) == []
    assert sum(pauses) == 5


def test_it_ends_empty_when_it_has_waited_long_enough(api):
    began = time.monotonic()
    assert Follower(api).follow(wait=1) == []
    assert 1 <= time.monotonic() - began < 15


def test_it_ends_with_what_merely_begins(api):
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    one = make.make_testimony(embargo_until=now + dt.timedelta(seconds=4))
    follower = Follower(api)
    assert follower.follow() == []
    assert follower.follow(wait=30) == [("kept", str(one.pk))]


def test_it_ends_with_its_key(api, meanwhile, now):
    follower = Follower(api.as_("reader"))
    follower.follow()
    meanwhile(lambda: ApiKey.objects.update(revoked_at=now))
    response = follower.client.get(URL, {"after": follower.after, "wait": 30})
    assert response.status_code == 401


def test_whoever_finds_no_place_to_wait_is_answered_at_once(api, meanwhile):
    taken = [view._places.acquire(blocking=False) for _ in range(100)]
    assert 0 < sum(taken) < 4
    try:
        pauses = meanwhile(lambda: None)
        response = api.get(URL, {"wait": 30})
    finally:
        for _ in filter(None, taken):
            view._places.release()
    assert (response.status_code, response.headers["Retry-After"], pauses) == (200, "5", [])
    assert response.json()["testimonies"] == []


def test_it_ends_when_the_process_is_told_to_stop(api, monkeypatch):
    told, tell = os.pipe()
    monkeypatch.setattr(stopping, "_told", [told])
    began = time.monotonic()
    threading.Timer(0.2, os.write, (tell, b"x")).start()
    assert Follower(api).follow(wait=30) == []
    assert time.monotonic() - began < 15
    os.close(told)
    os.close(tell)
