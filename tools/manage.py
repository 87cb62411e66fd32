"""`make manage ARGS="…"`: manage.py with the database of `make run`, whether that runs or not."""

import subprocess

from tools import console, environment, service, variables


def command(arguments: list[str]) -> int:
    python = environment.ensure()
    with service.database(python) as url:
        words = [str(python), "manage.py", *arguments]
        return subprocess.run(words, cwd=variables.PROJECT, env=service.settings(url), check=False).returncode


if __name__ == "__main__":
    console.main(command)
