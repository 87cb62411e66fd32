import pytest

from tests.tools.conftest import PYTHON, filled
from tools import locks, test
from tools.cluster import TEST, Cluster


@pytest.fixture
def base(open_folder, monkeypatch):
    monkeypatch.setattr(test, "CLUSTERS", open_folder / "clusters")
    return open_folder / "clusters"


def test_it_is_gone_afterwards(base):
    with test.throwaway(PYTHON) as url:
        assert url.startswith("postgresql://")
        assert len(list(base.iterdir())) == 1
    assert list(base.iterdir()) == []


def test_what_a_killed_run_left_is_removed_and_what_runs_is_not(base, template):
    for name in ("left", "running"):
        filled(Cluster(base / name, PYTHON, TEST), template).start()
    users = locks.Lock(base / "running" / "users.lock")
    users.take(shared=True)
    with test.throwaway(PYTHON):
        names = {home.name for home in base.iterdir()}
        assert {"left", "running"} & names == {"running"}
    users.close()
    assert test.sweep(PYTHON) == 0
    assert list(base.iterdir()) == []
