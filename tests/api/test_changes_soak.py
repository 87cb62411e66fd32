"""Many write at once, in transactions of any length, and some follow: nobody misses anything, nobody has it in a wrong order.

SOAK_SECONDS=60 make test ARGS=tests/api/test_changes_soak.py is the whole of it.
"""

import datetime as dt
import os
import random
import threading
import time

import pytest
from django.db import connection
from django.db.utils import OperationalError

from testimonies import projections
from testimonies.access import Role, Tier
from testimonies.models import Clearance, Testimony
from tests import factories as make
from tests.client import Api
from tests.contract.seed import SEED
from tests.following import Follower, listed

Testimony.__test__ = False
pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = float(os.environ.get("SOAK_SECONDS", "5"))
WRITERS, FOLLOWERS, RECORDS = 20, ("anonymous", "anonymous", "reader", "campaigner", "editor"), 30


class Writer(threading.Thread):
    """Does one thing after another to whichever records, and keeps some transactions open for a while before and after."""

    def __init__(self, number, ids, barrier, until) -> None:
        super().__init__()
        self.chance, self.ids, self.barrier, self.until = random.Random(f"{SEED} {number}"), ids, barrier, until
        self.acts, self.error = 0, None

    def run(self):
        try:
            self.barrier.wait()
            while time.monotonic() < self.until():
                self.act()
        except Exception as error:  # noqa: BLE001 - told by the test
            self.error = error
        finally:
            connection.close()

    def act(self):
        chance, one = self.chance, self.chance.choice(self.ids)
        moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=chance.uniform(-1, 2))
        try:
            with projections.refreshed():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_current_xact_id()")  # it begins here, whatever it waits for
                self.pause()
                projections.lock(testimony=[one])
                rows = Testimony.objects.filter(pk=one)
                chance.choice(
                    [
                        lambda: rows.update(title=f"Invented {rows.get().version:09}"),  # grows, as it is locked
                        lambda: rows.update(notes_internal=f"Invented {chance.random()}"),
                        lambda: rows.update(status=chance.choice(["draft", "published", "published", "withdrawn"])),
                        lambda: rows.update(embargo_until=chance.choice([None, moment])),
                        lambda: Clearance.objects.filter(testimony=one).update(
                            withdrawn_at=chance.choice([None, moment]),
                            uses=chance.choice([["research"], ["research", "campaign"]]),
                        ),
                    ]
                )()
                self.pause()
            self.acts += 1
        except OperationalError:  # a deadlock: the services repeat these (tests/services)
            pass

    def pause(self):
        if self.chance.random() < 0.2:
            time.sleep(self.chance.choice([0.01, 0.1, 0.5]))


class Following(threading.Thread):
    """Follows at random, and is never told of a record's past after its present."""

    def __init__(self, client, number, barrier, until) -> None:
        super().__init__()
        self.follower = Follower(client, page_size=random.Random(number).choice([1, 3, 50]))
        self.chance, self.barrier, self.until, self.error = random.Random(f"{SEED} {number}"), barrier, until, None
        self.latest = {}

    def run(self):
        try:
            self.barrier.wait()
            while time.monotonic() < self.until():
                for one in self.follower.page()["testimonies"]:
                    assert self.latest.get(one["id"], "") <= one["title"]
                    self.latest[one["id"]] = one["title"]
                time.sleep(self.chance.choice([0, 0.01, 0.1]))
        except Exception as error:  # noqa: BLE001 - told by the test
            self.error = error
        finally:
            connection.close()


@pytest.fixture
def connections():
    """One for each thread, and some for those that begin while others end."""
    connection.ensure_connection()
    smallest, most = connection.pool.min_size, connection.pool.max_size
    connection.pool.resize(smallest, WRITERS + 2 * len(FOLLOWERS))
    yield
    connection.pool.resize(smallest, most)


@pytest.mark.usefixtures("connections")
def test_nobody_misses_anything_while_many_write(settings):
    settings.PUBLIC_READ = True
    secrets = {
        "reader": make.make_key(role=Role.READER)[1],
        "campaigner": make.make_key(role=Role.READER, tier=Tier.PUBLIC, uses=["campaign"])[1],
        "editor": make.make_key(role=Role.EDITOR)[1],
    }
    keys = {"anonymous": {}} | {name: {"Authorization": f"Bearer {secret}"} for name, secret in secrets.items()}
    with make.batch():
        ids = [make.make_testimony(title=f"Invented {0:09}", uses=["research", "campaign"]).pk for _ in range(RECORDS)]
    end = []
    barrier = threading.Barrier(
        WRITERS + len(FOLLOWERS), action=lambda: end.append(time.monotonic() + SECONDS), timeout=60
    )
    writers = [Writer(number, ids, barrier, lambda: end[0]) for number in range(WRITERS)]
    following = [Following(Api(keys, name), number, barrier, lambda: end[0]) for number, name in enumerate(FOLLOWERS)]
    for thread in (*writers, *following):
        thread.start()
    for thread in (*writers, *following):
        thread.join()
    assert [thread.error for thread in (*writers, *following)] == [None] * (WRITERS + len(FOLLOWERS))
    time.sleep(2.1)  # what was written ahead has begun, or ended
    for thread in following:
        follower = thread.follower
        follower.follow()
        follower.follow()
        assert follower.has == listed(follower.client), f"TEST_SEED={SEED}"
        assert follower.follow() == []
    acts = sum(writer.acts for writer in writers)
    told = [len(thread.follower.told) for thread in following]
    print(f"{acts} acts of {WRITERS} writers in {SECONDS:g} s; {told} entries told to {len(FOLLOWERS)} followers")  # noqa: T201
    assert acts > WRITERS / 2
    assert all(told)
