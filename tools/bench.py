"""`make bench`: the list and a create beside plain DRF (benchmarks/README.md), on a cluster that is thrown away."""

import subprocess

from tools import console, environment, test, variables


def command(arguments: list[str]) -> int:
    python = environment.ensure()
    with test.throwaway(python) as url:
        for words in (["manage.py", "migrate", "-v0"], ["-m", "benchmarks.run", *arguments]):
            done = subprocess.run([str(python), *words], cwd=variables.PROJECT, env=test.settings(url), check=False)
            if done.returncode:
                return done.returncode
    return 0


if __name__ == "__main__":
    console.main(command)
