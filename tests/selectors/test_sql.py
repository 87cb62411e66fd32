"""Statements of the read path: what they mean to PostgreSQL, and what becomes of errors."""

import uuid

import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction

from testimonies.selectors import sql
from testimonies.selectors.sql import Sql, fetch

SETTING = "SELECT current_setting('testimonies.tried', true)"


@pytest.mark.parametrize("prepare", [True, False])
def test_values_arrive_as_what_they_are(db, prepare):
    key = uuid.uuid4()
    asked = Sql("SELECT %s::uuid, %s::text[], %s::int, %s::text, 7 %% 4", (key, ["é", "%s"], 3, None))
    assert fetch(asked, prepare=prepare) == [(key, ["é", "%s"], 3, None, 3)]
    assert fetch(Sql("SELECT '%'"), prepare=prepare) == [("%",)]


def test_a_statement_belongs_to_the_transaction_around_it(transactional_db):
    with transaction.atomic():
        fetch(Sql("SELECT set_config('testimonies.tried', 'yes', true)"))
        assert fetch(Sql(SETTING)) == [("yes",)]
    assert fetch(Sql(SETTING))[0][0] in {"", None}


def test_only_so_many_statements_stay_prepared(transactional_db):
    for turn in (1, 2):
        for number in range(sql.MOST_PREPARED + 20):
            assert fetch(Sql(f"SELECT {number}, {turn}"), prepare=True) == [(number, turn)]
    kept = fetch(Sql("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'read%'"))
    assert kept == [(sql.MOST_PREPARED,)]


def test_what_is_forgotten_is_prepared_again(transactional_db):
    asked = Sql("SELECT 'forgotten', %s::int", (1,))
    assert fetch(asked, prepare=True) == fetch(asked, prepare=True) == [("forgotten", 1)]
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert fetch(asked, prepare=True) == [("forgotten", 1)]
    with transaction.atomic():
        assert fetch(asked, prepare=True) == [("forgotten", 1)]


def test_nothing_is_prepared_where_that_is_switched_off(transactional_db, monkeypatch):
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    assert fetch(Sql("SELECT 'switched off'"), prepare=True) == [("switched off",)]
    assert fetch(Sql("SELECT FROM pg_prepared_statements WHERE statement = %s", ("SELECT 'switched off'",))) == []


@pytest.mark.parametrize("prepare", [True, False])
def test_an_error_is_one_of_django_with_its_cause(transactional_db, prepare):
    with pytest.raises(ProgrammingError) as caught:
        fetch(Sql("SELECT nothing"), prepare=prepare)
    assert caught.value.__cause__.sqlstate == "42703"
    assert fetch(Sql("SELECT 1")) == [(1,)]


def test_a_lost_connection_is_said_to_be_lost(transactional_db):
    with pytest.raises(OperationalError):
        fetch(Sql("SELECT pg_terminate_backend(pg_backend_pid())"))
    connection.close()
    assert fetch(Sql("SELECT 1")) == [(1,)]
