"""`make clean`: remove what can be made again, .venv too. The data in .data stays."""

import shutil

from tools import console, environment, locks, test, variables
from tools.console import Stop

MADE = [".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis", ".test-data", ".venv"]


def command(_arguments: list[str]) -> int:
    running = variables.data_dir() / "run.lock"
    if running.exists() and not locks.Lock(running).take(wait=False):
        raise Stop("make run is running from here: stop it first.")
    python = variables.PROJECT / ".venv" / "bin" / "python"
    if environment.embedded(python) and test.sweep(python):
        raise Stop("Tests are running from here: let them end first.")
    for name in MADE:
        shutil.rmtree(variables.PROJECT / name, ignore_errors=True)
    return 0


if __name__ == "__main__":
    console.main(command)
