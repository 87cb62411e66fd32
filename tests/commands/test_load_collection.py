import pytest
from django.core.management.base import CommandError

from testimonies.management.commands import _progress
from testimonies.models import Testimony as Record
from testimonies.models import TestimonyExternalId as ExternalId
from tests.services.folders import changed, line, write


@pytest.fixture
def folder(tmp_path):
    return lambda *lines: write(tmp_path / "folder", *lines, files={}, manifest={})


def test_the_report(run, folder):
    out, err = run("load_collection", folder(line(), line("two", possible_same_person_as=["three"])))
    assert out == (
        "                 created   updated unchanged  rejected\n"
        "regions                0         0         0         0\n"
        "codebooks              1         0         0         0\n"
        "codes                  5         0         0         0\n"
        "collections            1         0         0         0\n"
        "figures                0         0         0         0\n"
        "campaigns              0         0         0         0\n"
        "groups                 1         0         0         0\n"
        "sources                2         0         0         0\n"
        "testimonies            2         0         0         0\n"
        "quotes                 0         0         0         0\n"
        "links to records that are not loaded yet: 1\n"
    )
    assert err == ""


def test_what_is_not_taken_over_is_named(run, folder):
    run("load_collection", folder(line()))
    ExternalId.objects.update(record_digest="another")
    newer = folder(line(testimony__title="Newer"))
    out, _ = run("load_collection", newer)
    assert out.endswith("made_up.jsonl:1: changed here since it was loaded; --overwrite replaces what people wrote\n")
    run("load_collection", newer, "--overwrite")
    assert Record.objects.get().title == "Newer"


def test_every_problem_is_printed(run, folder):
    with pytest.raises(CommandError) as caught:
        run("load_collection", folder(line(tier="x"), changed(line("two"), tier="x")))
    assert str(caught.value).splitlines()[:2] == [
        "made_up.jsonl:1: tier: must be one of public, partner, restricted",
        "made_up.jsonl:2: tier: must be one of public, partner, restricted",
    ]
    assert not Record.objects.exists()


def test_a_dry_run(run, folder):
    out, _ = run("load_collection", folder(line()), "--dry-run")
    assert out.endswith("Nothing was stored: this was a dry run.\n")
    assert not Record.objects.exists()


class Screen:
    def __init__(self, *, is_a_terminal):
        self.text, self.isatty = "", lambda: is_a_terminal

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_a_bar_where_somebody_looks():
    screen = Screen(is_a_terminal=True)
    for done in (1, 2):
        _progress.bar(done, 2, stream=screen)
    assert screen.text == f"\r[{'#' * 15}{'.' * 15}] 1 of 2\r[{'#' * 30}] 2 of 2\n"


def test_no_bar_where_nobody_does():
    screen = Screen(is_a_terminal=False)
    _progress.bar(1, 2, stream=screen)
    _progress.bar(0, 0, stream=Screen(is_a_terminal=True))
    assert screen.text == ""
