"""Real servers in folders of their own; nothing here needs Django or the suite's own cluster."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tools.cluster import TEST, Cluster

PYTHON = Path(sys.executable)


def eventually(question, seconds=15.0):
    """What `question` answers as soon as that is true."""
    until = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.02)
    return answer


def commands(mark):
    """The command lines that mention `mark` (a folder), by process; what ends meanwhile is not among them."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if os.fsencode(mark) in words:
                found[int(entry.name)] = os.fsdecode(words)
    return found


def processes(mark):
    """The processes whose command line mentions `mark` (a folder)."""
    return list(commands(mark))


def filled(cluster, template):
    cluster._make_folder()
    subprocess.run(["cp", "-a", template.data, cluster.folder], check=True)
    return cluster


@pytest.fixture
def open_folder():
    """A folder that every user may enter, unlike pytest's own, and with a space in its name."""
    folder = Path(tempfile.mkdtemp(prefix="trs test ", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A cluster that was initialised and stopped: the others copy it, which takes a tenth of the time."""
    cluster = Cluster(tmp_path_factory.mktemp("template"), PYTHON, TEST)
    with cluster.running():
        pass
    yield cluster
    cluster.remove()


@pytest.fixture
def cluster_in(open_folder):
    """Makes empty clusters, and removes them and their servers before the folder that they lie in."""
    made = []

    def make(home, settings=TEST):
        made.append(Cluster(home, PYTHON, settings))
        return made[-1]

    yield make
    for cluster in made:
        cluster.remove()


@pytest.fixture
def cluster(cluster_in, open_folder, template):
    """One with its database, which has not started yet."""
    return filled(cluster_in(open_folder / "data"), template)


@pytest.fixture
def sql():
    """Asks one server one question."""

    def ask(cluster, statement):
        socket = str((cluster.folder / "socket").resolve())
        words = ["--no-psqlrc", "-At", "-h", socket, "-U", "testimonies", "-d", "testimonies", "-c", statement]
        answer = cluster.programs.run("psql", *words, cwd=Path("/"))
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()

    return ask
