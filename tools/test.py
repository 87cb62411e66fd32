"""`make test`: the whole suite, in parallel, on a cluster that is thrown away. `ARGS` go to pytest."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tools import cluster, console, environment, locks, variables

MOST_WORKERS = 4
NEXT = {"Django": "Django==6.1.*"}
"""What `make test-next` tries, on a newer Python: where the next long-term release is heading."""

CLUSTERS = variables.PROJECT / ".test-data" / "clusters"


def command(arguments: list[str]) -> int:
    if arguments[:1] == ["--next"]:
        arguments = arguments[1:]
        python = environment.ensure(dev=True, folder=".test-data/venv-next", instead=NEXT)
    else:
        python = environment.ensure(dev=True)
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    with throwaway(python) as url:
        words = [str(python), "-m", "pytest", "-n", str(workers), *arguments]
        return subprocess.run(words, cwd=variables.PROJECT, env=settings(url), check=False).returncode


def settings(url: str) -> dict[str, str]:
    key = "guards nothing: for tests and checks, and long enough for both"
    return variables.only(
        DATABASE_URL=url, SECRET_KEY=key, VAULT_KEYS=variables.vault_key(), ERASURE_LEDGER="", SEAL_EVERY="0"
    )


@contextmanager
def throwaway(python: Path) -> Iterator[str]:
    """The URL of a server that is gone afterwards, with its data."""
    CLUSTERS.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with locks.held(CLUSTERS):
            _sweep(python)
            ours = cluster.Cluster(Path(tempfile.mkdtemp(dir=CLUSTERS)), python, cluster.TEST)
            ours.home.chmod(0o755)  # the server's user passes through
            stack.callback(ours.remove)
            url = stack.enter_context(ours.running())
        yield url


def sweep(python: Path) -> int:
    """Remove what killed runs left behind; how many are running."""
    if not CLUSTERS.exists():
        return 0
    with locks.held(CLUSTERS):
        return _sweep(python)


def _sweep(python: Path) -> int:
    running = 0
    for home in CLUSTERS.iterdir():
        users = locks.Lock(home / "users.lock")
        if users.take(wait=False):
            cluster.Cluster(home, python, cluster.TEST).remove()
        else:
            running += 1
        users.close()
    return running


if __name__ == "__main__":
    console.main(command)
