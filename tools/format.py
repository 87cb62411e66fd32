"""`make format`: lay out the code and mend what the linter can mend."""

import subprocess

from tools import console, environment, variables


def command(_arguments: list[str]) -> int:
    ruff = [str(environment.ensure(dev=True)), "-m", "ruff"]
    ends = [
        subprocess.run([*ruff, *words], cwd=variables.PROJECT, check=False)
        for words in (["check", "--fix"], ["format"])
    ]
    return max(end.returncode for end in ends)


if __name__ == "__main__":
    console.main(command)
