"""A worker that is killed in the middle, and two that want the same: the outcome is as if one had run once.

The processes and their transactions are real.
"""

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from django.db import connection

from testimonies import models
from testimonies.services import import_runs, jobs
from tests import factories as make
from tests.imports.test_imports import URL, counts, file, row, send
from tests.imports.threads import in_thread
from tools.variables import PROJECT

PATIENCE = 90


@pytest.fixture
def worker():
    """`worker()` begins one on the test's database."""
    begun = []

    def begin():
        given = connection.settings_dict
        url = f"postgresql://{given['USER']}:{given['PASSWORD']}@{given['HOST'].replace('/', '%2F')}:{given['PORT']}/{given['NAME']}"
        words = [sys.executable, "manage.py", "run_jobs"]
        begun.append(subprocess.Popen(words, cwd=PROJECT, env=os.environ | {"DATABASE_URL": url}))
        return begun[-1]

    yield begin
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.wait()


def until(condition):
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def backend_waits():
    """Whether somebody waits for the lock that the test holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0


def test_a_worker_killed_in_the_middle_is_followed_by_one_that_does_it_once(editor, worker):
    send(editor, row("1"))
    made = editor.post(URL, {"file": file(*(row(str(number), given="2014") for number in range(1, 21)))})
    url = made.headers["Location"]
    testimony = models.Testimony.objects.get()
    with psycopg.connect(**plain_parameters()) as blocker:  # the worker comes so far and no further
        blocker.execute("SELECT FROM testimonies_testimony WHERE id = %s FOR UPDATE", [testimony.pk])
        first = worker()
        until(lambda: editor.get(url).json()["state"] == "applying" and backend_waits())
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert models.Testimony.objects.count() == 1
    with connection.cursor() as cursor:  # as it is once the dead worker's time is over
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => %s)", [jobs.STALLED + 1]
        )
    assert worker().wait(PATIENCE) == 0
    done = editor.get(url).json()
    assert (done["state"], counts(done)) == ("done", (19, 1, 0, 0))
    assert models.Testimony.objects.count() == 20
    assert models.ImportRow.objects.filter(of_import=done["id"]).count() == 20
    assert not models.ImportChunk.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)


def test_one_worker_applies_what_another_has_checked(editor, worker):
    """A plan is the same in every process."""
    full = {
        "group": make.make_group().slug, "membership": "says_member", "joined": "2013", "left": "2014", "role_in_group": "cook",
        "source.outlet": "Invented Times", "source.relation": "original", "source.published": "2014", "clearance.basis": "informed",
        "clearance.uses": ["research", "quote"], "clearance.starts_at": "2020-01-01", "person.gender": "female", "person.nationality": "SY",
    }  # fmt: skip
    made = editor.post(URL, {"file": file(row("1", **full), row("2", given="2014")), "dry_run": "true"})
    url = made.headers["Location"]
    assert worker().wait(PATIENCE) == 0
    assert editor.get(url).json()["state"] == "checked"
    assert editor.post(f"{url}apply/").status_code == 202
    assert worker().wait(PATIENCE) == 0
    done = editor.get(url).json()
    assert (done["state"], counts(done)) == ("done", (2, 0, 0, 0))


def plain_parameters():
    given = connection.get_connection_params()
    return {name: value for name, value in given.items() if name not in {"pool", "context", "cursor_factory"}}


def test_two_workers_at_one_import_do_it_once(editor):
    made = editor.post(URL, {"file": file(*(row(str(number)) for number in range(10)))})
    threads = [in_thread(lambda: import_runs.run(made.json()["id"])) for _ in range(2)]
    for thread, found in threads:
        thread.join(PATIENCE)
        assert "error" not in found
    done = editor.get(made.headers["Location"]).json()
    assert (done["state"], counts(done)) == ("done", (10, 0, 0, 0))
    assert models.Testimony.objects.count() == 10


def test_a_withdrawal_that_comes_first_is_not_undone_by_an_import_that_waits(editor, api):
    """The import looks at its records again once it has their locks."""
    send(editor, row("1"))
    testimony = models.Testimony.objects.get()
    made = editor.post(URL, {"file": file(row("1", given="2014"))})
    with psycopg.connect(**plain_parameters()) as blocker:
        blocker.execute("SELECT FROM testimonies_testimony WHERE id = %s FOR UPDATE", [testimony.pk])
        importing, found = in_thread(lambda: import_runs.run(made.json()["id"]))
        until(backend_waits)
        withdrawing, withdrawn = in_thread(
            lambda: api.as_("custodian").post(
                f"/api/v1/testimonies/{testimony.pk}/transitions/", {"to": "withdrawn"}, content_type="application/json"
            )
        )
        time.sleep(0.3)
    importing.join(PATIENCE)
    withdrawing.join(PATIENCE)
    assert ("error" in found, "error" in withdrawn) == (False, False)
    assert withdrawn["value"].status_code == 200
    testimony.refresh_from_db()
    assert testimony.status == "withdrawn"
    # whoever came first, nothing of it is left to read in what became of the rows
    assert not models.ImportRow.objects.filter(testimony_id=testimony.pk).exclude(changes=[]).exists()
    assert not models.ImportChunk.objects.exists()
