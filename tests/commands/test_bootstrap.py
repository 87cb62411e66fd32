import stat

import pytest
from django.contrib.auth import authenticate
from django.core.management.base import CommandError

from testimonies.models import Collection, User
from tests.factories import make_collection, make_user
from tests.services.folders import line, write


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)
    return write(tmp_path / "collections", line(), files={}, manifest={})


@pytest.fixture
def accounts(tmp_path):
    return tmp_path / "new" / "folder" / "accounts.txt"


@pytest.fixture
def bootstrap(run, folder, accounts):
    return lambda: run("bootstrap", "--accounts", accounts, "--collections", folder)


def test_an_empty_database(bootstrap, accounts):
    out, _ = bootstrap()
    assert Collection.objects.get().slug == "made-up"
    lines = out[out.index("Accounts") :].splitlines()
    assert lines[0] == f"Accounts, shown once and kept in {accounts}:"
    assert accounts.read_text() == "".join(f"{line}\n" for line in lines[1:])
    passwords = dict(line.split() for line in lines[1:])
    assert list(passwords) == ["admin", "editor1", "editor2", "coder"]
    for name, password in passwords.items():
        assert authenticate(username=name, password=password)
    assert sorted(User.objects.values_list("username", "role", "is_staff", "is_superuser")) == [
        ("admin", "editor", True, True),
        ("coder", "coder", True, False),
        ("editor1", "editor", True, False),
        ("editor2", "editor", True, False),
    ]


def test_only_its_owner_reads_the_file(bootstrap, accounts):
    bootstrap()
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
    assert stat.S_IMODE(accounts.parent.stat().st_mode) == 0o700
    assert [path.name for path in accounts.parent.iterdir()] == ["accounts.txt"]


def test_an_older_file_does_not_lend_its_mode(bootstrap, accounts):
    accounts.parent.mkdir(parents=True)
    accounts.write_text("old")
    accounts.chmod(0o644)
    bootstrap()
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
    assert "old" not in accounts.read_text()


def test_the_second_run_is_one_line(bootstrap, accounts):
    bootstrap()
    before = accounts.read_text()
    assert bootstrap() == ("Collections and accounts are there already.\n", "")
    assert accounts.read_text() == before
    assert User.objects.count() == 4


def test_what_is_there_is_left_alone(bootstrap, accounts):
    make_collection(slug="mine")
    make_user(username="me")
    bootstrap()
    assert (Collection.objects.get().slug, User.objects.get().username) == ("mine", "me")
    assert not accounts.exists()


def test_coders_of_the_packaged_collections_are_no_accounts(run, accounts, monkeypatch):
    """Nobody can enter theirs: the first accounts are made beside them."""
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)
    run("bootstrap", "--accounts", accounts)
    assert [line.split()[0] for line in accounts.read_text().splitlines()] == ["admin", "editor1", "editor2", "coder"]
    off = User.objects.filter(is_active=False).order_by("username").values_list("username", flat=True)
    assert list(off) == ["invented-coder-1", "invented-coder-2"]


def test_accounts_alone(bootstrap):
    make_collection(slug="mine")
    out, _ = bootstrap()
    assert out.startswith("Accounts")
    assert Collection.objects.get().slug == "mine"


def test_the_administrator_s_password_may_be_given(bootstrap, accounts, monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", "chosen by somebody")
    out, _ = bootstrap()
    assert authenticate(username="admin", password="chosen by somebody")
    assert "chosen by somebody" not in out + accounts.read_text()
    assert "admin    (the password in ADMIN_PASSWORD)\n" in accounts.read_text()


def test_no_account_without_its_password(bootstrap, accounts):
    accounts.parent.parent.mkdir()
    accounts.parent.write_text("a file where the folder should be")
    with pytest.raises(CommandError, match="cannot be written"):
        bootstrap()
    assert not User.objects.exists()


def test_a_folder_that_is_none(run, tmp_path, accounts):
    with pytest.raises(CommandError, match=r"collections\.json: is missing"):
        run("bootstrap", "--accounts", accounts, "--collections", tmp_path / "nowhere")
    assert not User.objects.exists()
