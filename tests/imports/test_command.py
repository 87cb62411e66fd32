"""manage.py import_testimonies: a file on the disk becomes drafts, here and now."""

import sys
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from testimonies import models

HEAD = "external_id.archive,title,kind,account_language,given\n"
GOOD = "1,Invented account,interview,en,2014\n2,مخترع,interview,ar,\n"
BAD = "3,Invented account,interview,en,yesterday\n"


class Screen(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(tmp_path):
    """What it prints on standard output, on standard error, and what it ends with: "" is well."""

    def run(text: str, *words: str) -> tuple[str, str, str]:
        path, out, err = tmp_path / "accounts.csv", StringIO(), StringIO()
        path.write_text(text, encoding="utf-8")
        try:
            call_command("import_testimonies", str(path), *words, stdout=out, stderr=err)
        except CommandError as error:
            assert error.returncode == 1
            return out.getvalue(), err.getvalue(), str(error)
        return out.getvalue(), err.getvalue(), ""

    return run


def test_a_dry_run_stores_nothing(run):
    out = "created 2, updated 0, unchanged 0, rejected 0\nNothing was stored: this was a dry run.\n"
    assert run(HEAD + GOOD, "--dry-run") == (out, "", "")
    assert not models.Testimony.objects.exists()
    assert not models.ImportChunk.objects.exists()


def test_a_file_is_applied_and_applied_again(run):
    assert run(HEAD + GOOD) == ("created 2, updated 0, unchanged 0, rejected 0\n", "", "")
    assert set(models.Testimony.objects.values_list("title", "status")) == {
        ("Invented account", "draft"),
        ("مخترع", "draft"),
    }
    assert run(HEAD + GOOD)[0] == "created 0, updated 0, unchanged 2, rejected 0\n"


def test_problems_go_to_standard_error_and_it_fails(run):
    out, err, end = run(HEAD + GOOD + BAD)
    assert out == "created 2, updated 0, unchanged 0, rejected 1\n"
    assert err.startswith("row 4 given: is no EDTF date.")
    assert end.startswith("Some rows cannot be stored.")
    assert not models.Testimony.objects.exists()
    out, err, end = run(HEAD + GOOD + BAD, "--on-error", "skip")
    assert (out, err.count("\n"), end) == ("created 2, updated 0, unchanged 0, rejected 1\n", 1, "")
    assert models.Testimony.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("", [], "empty"),
        (HEAD + GOOD, ["--collection", "nowhere"], "no such collection"),
        (HEAD + GOOD, ["--mapping", "nobody's"], "no mapping of this name"),
        (HEAD.replace("given", "colour") + GOOD, [], "columns do not fit"),
    ],
)
def test_what_cannot_be_begun(run, text, words, said):
    _, _, end = run(text, *words)
    assert said in end
    assert not models.Testimony.objects.exists()


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_testimonies", str(tmp_path / "nothing.csv"))


def test_progress_is_shown_where_somebody_is_looking(run, monkeypatch):
    screen, pipe = Screen(), StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    run(HEAD + GOOD, "--dry-run")
    monkeypatch.setattr(sys, "stderr", screen)
    run(HEAD + GOOD, "--dry-run")
    assert (pipe.getvalue(), "2 of 2\n" in screen.getvalue()) == ("", True)
