"""`make bench`: the product beside its peers (benchmarks/README.md), on a cluster that keeps its data for the next time."""

import os
import subprocess

from tools import cluster, console, environment, test, variables

HOME = variables.PROJECT / ".test-data" / "bench"
REQUIREMENTS = "benchmarks/requirements.txt"
VENV = ".test-data/venv-bench"
"""An environment of its own: Django REST framework loads some of what tests need wherever it is installed, 9 MB of it."""


def command(arguments: list[str]) -> int:
    python = environment.ensure(folder=VENV)
    environment.add(python, REQUIREMENTS)
    HOME.mkdir(parents=True, exist_ok=True)
    HOME.chmod(0o755)  # the server's user passes through
    with cluster.Cluster(HOME, python, cluster.BENCH).running() as url:
        # the deployment's own choices may be tried: PREPARE=0, DB_POOL_SIZE=4
        chosen = {name: os.environ[name] for name in ("PREPARE", "DB_POOL_SIZE") if name in os.environ}
        words = [str(python), "-m", "benchmarks", *arguments]
        return subprocess.run(words, cwd=variables.PROJECT, env=test.settings(url) | chosen, check=False).returncode


if __name__ == "__main__":
    console.main(command)
