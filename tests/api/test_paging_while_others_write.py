"""Pages that are read while other sessions commit: whoever was there throughout is met exactly once, in both directions."""

import datetime as dt
import random
import threading
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testimonies.models.projections import PublicTestimony
from tests import factories as make
from tests.api.test_paging import orderings, walk

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/testimonies/"
WALKED = "ga"
"""The language of the rows that are walked: no other has it."""
COLUMNS = [field.column for field in PublicTestimony._meta.concrete_fields if not field.generated]
DAYS = (None, None, dt.date.min, dt.date(2014, 1, 1), dt.date(2014, 3, 1), dt.date(2015, 1, 1))


def somewhere(chance):
    """Values to order by, few enough that many rows share them."""
    return {
        "updated_at": dt.datetime(2026, 1, 5, 10, 0, 0, chance.randrange(3), tzinfo=dt.UTC),
        "given_earliest": chance.choice(DAYS),
        "joined_earliest": chance.choice(DAYS),
        "left_earliest": chance.choice(DAYS),
        "title_key": chance.choice("abc"),
        "credibility": chance.choice(["1", "6", "not_graded"]),
    }


def come(chance):
    """Commit one more row: like the one of another language, but for its id and its place."""
    new = uuid4()
    values = {**somewhere(chance), "testimony_id": new, "account_language": WALKED}
    copied = [column for column in COLUMNS if column not in {"id", "item", *values}]
    columns = ", ".join(f'"{column}"' for column in [*copied, "item", *values])
    selected = ", ".join([*(f'"{column}"' for column in copied), "replace(item, testimony_id::text, %s)"])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO projection_public ({columns}) SELECT {selected}{', %s' * len(values)} FROM projection_public WHERE account_language <> %s",
            [str(new), *values.values(), WALKED],
        )
    return str(new)


def change(chance, passing):
    """One commit: a row comes, goes or moves. Those that stay are left alone."""
    if len(passing) < 3 or chance.random() < 0.3:
        passing.append(come(chance))
        return
    number = chance.randrange(len(passing))
    with connection.cursor() as cursor:
        if chance.random() < 0.5:
            cursor.execute("DELETE FROM projection_public WHERE testimony_id = %s", [passing.pop(number)])
        else:
            moved = somewhere(chance)
            cursor.execute(
                f"UPDATE projection_public SET {', '.join(f'{column} = %s' for column in moved)} WHERE testimony_id = %s",
                [*moved.values(), passing[number]],
            )


@contextmanager
def others_write(seed, passing):
    """Another session that commits one change after the other, as fast as it can. Yields how many there were."""
    done, commits, failed = threading.Event(), [], []

    def write():
        chance = random.Random(seed)
        try:
            while not done.is_set():
                change(chance, passing)
                commits.append(1)
        except Exception as error:  # noqa: BLE001 - told by the test
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield commits
    finally:
        done.set()
        thread.join()
    assert failed == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ordering=orderings, size=st.integers(1, 7), number=st.integers(0, 25), seed=st.integers(0, 2**32))
def test_who_was_there_throughout_is_met_once_in_both_directions(api, ordering, size, number, seed):
    chance, client = random.Random(seed), api.as_("public")
    if not PublicTestimony.objects.exists():
        make.make_testimony()
    PublicTestimony.objects.filter(account_language=WALKED).delete()
    stayed = {come(chance) for _ in range(number)}
    passing = [come(chance) for _ in range(5)]
    url = f"{URL}?account_language={WALKED}&ordering={','.join(sign + field for sign, field in ordering)}&page_size={size}"
    met = []
    with others_write(seed, passing) as commits:
        met.append([item["id"] for page in walk(client, url) for item in page["results"]])
        last = list(walk(client, url))[-1]  # to the end, and back from there
        pages = [last, *walk(client, last["previous"], back=True)]
        met.append([item["id"] for page in pages for item in page["results"]])
    assert commits, "nobody wrote"
    for ids in met:
        assert sorted(one for one in ids if one in stayed) == sorted(stayed)
