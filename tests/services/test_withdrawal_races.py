"""A withdrawal while others read, and while a collection is loaded: whoever comes first, in the end it shows nowhere."""

import pytest
from django.db import transaction

from testimonies import models, projections
from testimonies.access import Actor
from testimonies.services import collections, workflow
from tests import factories as make
from tests.projections.sessions import Session, Signal
from tests.services import folders
from tests.writers import Writers, nothing_is_stale

LONG_AGO = "2020-01-01T00:00:00Z"


@pytest.fixture
def w(transactional_db, tmp_path) -> Writers:
    """`w.loaded` is published and came from a file; `w.load(…)` loads that file again, with changed values."""
    w = Writers()

    def load(name: str, **changed):
        folder = folders.write(tmp_path / name, folders.line(**changed), files={}, manifest={})
        return collections.load(path=folder, overwrite=True)

    w.load = load
    load("first")
    w.loaded = models.TestimonyExternalId.objects.get().testimony
    with projections.refreshed():
        rows = models.Testimony.objects.filter(pk=w.loaded.pk)
        rows.update(status="published", published_at=LONG_AGO)
    return w


def withdraw(w: Writers, testimony: models.Testimony, by: Actor) -> None:
    workflow.move(testimony.pk, by=by, to="withdrawn")


def is_hidden(w: Writers, testimony: models.Testimony) -> bool:
    asked = [w.ask("reader", "get", f"testimonies/{testimony.pk}/").status_code]
    listed = {one["id"] for one in w.ask("reader", "get", "testimonies/").json()["results"]}
    return asked == [404] and str(testimony.pk) not in listed


def test_an_import_that_comes_while_it_is_withdrawn_brings_nothing_back(w):
    """The load has read the file, and waits for the record; it then sees what became of it."""
    reports = []
    with transaction.atomic():
        withdraw(w, w.loaded, w.actor("custodian"))
        load = Session(lambda: reports.append(w.load("again", testimony__title="Invented: another")))
        load.wait_until_blocked()
    load.finish()
    (report,) = reports
    assert [line.partition(": ")[2] for line in report.rejected] == ["withdrawn here; no load brings it back"]
    found = models.Testimony.objects.get(pk=w.loaded.pk)
    assert (found.status, found.title) == ("withdrawn", w.loaded.title)
    assert is_hidden(w, w.loaded)
    assert nothing_is_stale()


def test_a_withdrawal_that_comes_while_it_is_loaded_is_done_as_soon_as_that_ends(w, monkeypatch):
    """The load has written all and not committed; nobody below staff ever reads between the two."""
    written, go_on, refresh = Signal(), Signal(), projections.refresh

    def refresh_and_wait(*arguments, **options):
        found = refresh(*arguments, **options)
        if not written.is_set():
            written.set()
            go_on.await_()
        return found

    custodian = w.actor("custodian")
    monkeypatch.setattr(projections, "refresh", refresh_and_wait)
    load = Session(lambda: w.load("again", testimony__title="Invented: another"))
    written.await_()
    withdrawal = Session(lambda: withdraw(w, w.loaded, custodian))
    withdrawal.wait_until_blocked()
    go_on.set()
    load.finish()
    withdrawal.finish()
    found = models.Testimony.objects.get(pk=w.loaded.pk)
    assert (found.status, found.title) == ("withdrawn", "Invented: another")
    assert is_hidden(w, w.loaded)
    assert nothing_is_stale()


def test_a_record_that_is_deleted_while_it_is_loaded_is_reported(w):
    reports = []
    with projections.refreshed():
        models.Testimony.objects.filter(pk=w.loaded.pk).update(status="draft", published_at=None)
    with transaction.atomic(), projections.refreshed():
        models.Testimony.objects.get(pk=w.loaded.pk).delete()
        load = Session(lambda: reports.append(w.load("again", testimony__title="Invented: another")))
        load.wait_until_blocked()
    load.finish()
    assert [line.partition(": ")[2] for line in reports[0].rejected] == [
        "deleted here while it was loaded; load it again"
    ]
    assert nothing_is_stale()


def test_no_read_that_begins_after_a_withdrawal_shows_it(w):
    """Readers ask without end in sessions of their own, before, during and after."""
    testimony = make.make_testimony(sources=[w.source])
    withdrawn, enough = Signal(), Signal()
    answers: list[tuple[bool, int, bool]] = []
    custodian = w.actor("custodian")

    def read() -> None:
        while not enough.is_set():
            was_withdrawn = withdrawn.is_set()
            detail = w.ask("reader", "get", f"testimonies/{testimony.pk}/")
            rows = w.ask("reader", "get", "testimonies/").json()["results"]
            answers.append((was_withdrawn, detail.status_code, str(testimony.pk) in {row["id"] for row in rows}))

    def until(wanted) -> None:
        while not any(wanted(answer) for answer in list(answers)):
            for reader in readers:
                assert reader.is_alive(), reader.error

    readers = [Session(read) for _ in range(2)]
    until(lambda answer: answer[1] == 200)
    withdraw(w, testimony, custodian)
    withdrawn.set()
    until(lambda answer: answer[0])
    enough.set()
    for reader in readers:
        reader.finish()
    assert {answer[1:] for answer in answers if answer[0]} == {(404, False)}
    assert {answer[1] for answer in answers} == {200, 404}
