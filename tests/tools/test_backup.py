"""A backup and the way back, on a real server."""

import stat

import pytest

from tools import backup, restore
from tools.console import Stop


@pytest.fixture
def served(cluster, monkeypatch, tmp_path):
    """DATABASE_URL of a running server, and a folder for its secrets."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "home"))
    monkeypatch.setenv("ERASURE_LEDGER", str(tmp_path / "erasures.jsonl"))
    with cluster.running() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield cluster


def test_there_and_back(served, sql, tmp_path):
    sql(served, "CREATE TABLE invented (name text)")
    sql(served, "INSERT INTO invented VALUES ('kept')")
    file = tmp_path / "backup"
    assert backup.command([str(file)]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    sql(served, "UPDATE invented SET name = 'later'")
    assert restore.command([str(file)]) == 0
    assert sql(served, "SELECT name FROM invented") == "kept"
    assert sql(served, "SELECT count(*) FROM testimonies_testimony") == "0"  # migrated, and the ledger replayed


def test_what_is_refused(served, tmp_path):
    file = tmp_path / "backup"
    file.write_text("no backup")
    for command, arguments, reason in (
        (backup.command, [str(file)], "is there already"),
        (backup.command, [str(tmp_path / "none" / "backup")], "There is no folder"),
        (backup.command, [], "make backup ARGS=FILE"),
        (restore.command, [str(tmp_path / "none")], "There is no file"),
        (restore.command, [str(file)], "pg_restore failed"),
    ):
        with pytest.raises(Stop, match=reason):
            command(arguments)


def test_nothing_is_restored_under_a_running_service(served, tmp_path):
    from tools import locks

    (tmp_path / "home").mkdir()
    lock = locks.Lock(tmp_path / "home" / "run.lock")
    assert lock.take(wait=False)
    file = tmp_path / "backup"
    file.touch()
    with pytest.raises(Stop, match="Stop it first"):
        restore.command([str(file)])
