"""`make backup ARGS=FILE`: the database in one file. `make restore ARGS=FILE` makes it the database again.

The ledger of erasures, the vault's keys and the secret key are no part of the file: keep them apart from it.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from tools import console, environment, programs, service
from tools.console import Stop, say


def command(arguments: list[str]) -> int:
    """A whole file, or none: it gets its name at the end."""
    file = named(arguments, "backup")
    if file.exists():
        raise Stop(f"{file} is there already. Name another file.")
    if not file.parent.is_dir():
        raise Stop(f"There is no folder {file.parent}. Make it, or name another file.")
    python = environment.ensure()
    with service.database(python) as url:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # which only we may read
        os.close(handle)
        try:
            call(python, "pg_dump", "--format=custom", "--no-owner", "--file", name, "--dbname", url)
            Path(name).rename(file)
        finally:
            Path(name).unlink(missing_ok=True)
    say(f"{file}: {file.stat().st_size:,} bytes. Keep the ledger of erasures and the vault's keys apart from it.")
    return 0


def named(arguments: list[str], target: str) -> Path:
    if len(arguments) != 1:
        raise Stop(f"Write: make {target} ARGS=FILE")
    return Path(arguments[0]).expanduser()


def call(python: Path, name: str, *arguments: str) -> None:
    """One of PostgreSQL's programs, as ourselves: it is only a client."""
    folder = programs.find(python, None).folder
    done = subprocess.run([str(folder / name), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Stop(f"{name} failed: {programs.last_line(done)}")


if __name__ == "__main__":
    console.main(command)
