"""`make check`: everything that is judged without running the service. `make format` and `make schema` mend most of it."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tools import console, environment, schema, test, variables
from tools.console import Stop

Verdict = tuple[bool, str]


def command(_arguments: list[str]) -> int:
    python = environment.ensure(dev=True)
    with test.throwaway(python) as url:
        failed = _all(_checks(python, test.settings(url)))
    if failed:
        raise Stop(f"Failed: {', '.join(failed)}. make format and make schema mend what a program can.")
    return 0


def _checks(python: Path, settings: dict[str, str]) -> dict[str, Callable[[], Verdict]]:
    """Slowest first, since they run side by side."""
    production = settings | {"HTTPS": "1"}
    tool = partial(_run, settings, str(python), "-m")
    manage = str(variables.PROJECT / "manage.py")
    return {
        "mypy": partial(tool, "mypy"),
        "docs/openapi.yaml is current": partial(_schema, python, settings),
        "migrations are complete": partial(
            _run, settings, str(python), manage, "makemigrations", "--check", "--dry-run"
        ),
        "fit to deploy": partial(_run, production, str(python), manage, "check", "--deploy", "--fail-level", "WARNING"),
        "layers": partial(_run, settings, str(python.with_name("lint-imports"))),
        "ruff": partial(tool, "ruff", "check"),
        "format": partial(tool, "ruff", "format", "--check"),
    }


def _all(checks: dict[str, Callable[[], Verdict]]) -> list[str]:
    failed = []
    with ThreadPoolExecutor(4) as pool:
        for name, future in [(name, pool.submit(check)) for name, check in checks.items()]:
            good, said = future.result()
            print(f"{'ok    ' if good else 'FAILED'}  {name}", flush=True)
            if not good:
                print(said, flush=True)
                failed.append(name)
    return failed


def _run(settings: dict[str, str], *words: str) -> Verdict:
    run = subprocess.run(
        words,
        cwd=variables.PROJECT,
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return run.returncode == 0, run.stdout


def _schema(python: Path, settings: dict[str, str]) -> Verdict:
    try:
        drift = schema.drift(schema.generated(python, settings))
    except Stop as stop:
        return False, str(stop)
    return not drift, f"{drift}The API's document changed. If that is meant: make schema"


if __name__ == "__main__":
    console.main(command)
