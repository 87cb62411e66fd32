"""`make schema`: write docs/openapi.yaml, the API's contract; its diff is what a reviewer reads."""

import difflib
import subprocess
from pathlib import Path

from tools import console, environment, test, variables
from tools.console import Stop

DOCUMENT = variables.PROJECT / "docs" / "openapi.yaml"
MOST_LINES = 100


def command(_arguments: list[str]) -> int:
    python = environment.ensure(dev=True)
    with test.throwaway(python) as url:
        fresh = generated(python, test.settings(url))
    DOCUMENT.write_text(fresh, encoding="utf-8")
    return 0


def generated(python: Path, settings: dict[str, str]) -> str:
    """The document as the code has it; a warning of the generator is an error."""
    words = [str(python), "manage.py", "spectacular", "--validate", "--fail-on-warn"]
    run = subprocess.run(words, cwd=variables.PROJECT, env=settings, capture_output=True, encoding="utf-8", check=False)
    if run.returncode:
        raise Stop(f"{run.stderr.strip()}\nmanage.py spectacular --validate --fail-on-warn failed.")
    return run.stdout


def drift(fresh: str) -> str:
    kept = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    pair = kept.splitlines(keepends=True), fresh.splitlines(keepends=True)
    lines = list(difflib.unified_diff(*pair, "docs/openapi.yaml", "generated", n=2))
    more = f"... and {len(lines) - MOST_LINES} more lines\n" if len(lines) > MOST_LINES else ""
    return "".join(lines[:MOST_LINES]) + more


if __name__ == "__main__":
    console.main(command)
