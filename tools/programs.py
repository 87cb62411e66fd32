"""PostgreSQL's programs, and the user who may run them: PostgreSQL refuses to run as root."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools import environment, locks, variables
from tools.console import Stop

ELSEWHERE = Path("/var/lib/testimony-records")
"""Where root keeps what its PostgreSQL needs when the project lies under a folder that only root may enter."""

OLDEST = 15


@dataclass(frozen=True)
class Programs:
    folder: Path
    user: pwd.struct_passwd | None
    """Who runs them; None for ourselves."""

    def run(self, name: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return as_user(self.user, [str(self.folder / name), *arguments], cwd=cwd)

    @property
    def major(self) -> int:
        """The version that wrote, and alone can read, a data folder."""
        said = self.run("postgres", "--version", cwd=Path("/"))
        if number := re.search(r"\) (\d+)", said.stdout):
            return int(number[1])
        raise Stop(f"{self.folder}/postgres does not run: {last_line(said)} Set PG_BIN to PostgreSQL's bin folder.")


def as_user(user: pwd.struct_passwd | None, command: list[str], *, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run `command`, as `user` if one is given; a command that cannot even start counts as failed."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    uid, gid, groups = (None, None, None) if user is None else (user.pw_uid, user.pw_gid, list[int]())
    try:
        return subprocess.run(
            command,
            cwd=cwd,
            env=environ | {"LC_ALL": "C"},
            user=uid,
            group=gid,
            extra_groups=groups,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 126, "", str(error))


def server_user(data: Path) -> pwd.struct_passwd | None:
    """Who the server runs as: ourselves, but as root whoever owns the data already, else postgres or nobody."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Stop(
        "PostgreSQL refuses to run as root, and there is no user postgres or nobody: make one, or set DATABASE_URL."
    )


def find(python: Path, user: pwd.struct_passwd | None) -> Programs:
    """PG_BIN's programs or the wheel's, where `user` can run them."""
    named = variables.text("PG_BIN")
    folder = Path(named).expanduser() if named else environment.embedded(python)
    if folder is None or not (folder / "initdb").exists():
        where = f"PG_BIN names {folder}, which has" if named else "There are"
        raise Stop(f"{where} no PostgreSQL programs. Set PG_BIN to a folder with initdb in it, or set DATABASE_URL.")
    programs = Programs(folder, user)
    if not named and programs.run("postgres", "--version", cwd=Path("/")).returncode:
        programs = Programs(_copied(folder), user)
    if programs.major < OLDEST:
        raise Stop(f"{folder} holds PostgreSQL {programs.major}; {OLDEST} or later is needed.")
    return programs


def _copied(folder: Path) -> Path:
    """A copy of the wheel's programs that every user can reach.

    The libraries beside the package come along: the programs look for them by a path relative to themselves.
    """
    package = folder.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    version = next(package.parent.glob(f"{package.name}-*.dist-info")).name.removesuffix(".dist-info")
    place = elsewhere() / version
    with locks.held(place.parent):
        if not place.exists():
            fresh = Path(tempfile.mkdtemp(dir=place.parent))
            for part in (folder.parent, libraries):
                shutil.copytree(part, fresh / part.relative_to(package.parent), symlinks=True)
            for path in (fresh, *fresh.rglob("*")):  # a strict umask may have kept them to root
                if not path.is_symlink():
                    path.chmod(0o755)
            fresh.rename(place)
    return place / folder.relative_to(package.parent)


def elsewhere() -> Path:
    ELSEWHERE.mkdir(parents=True, exist_ok=True)
    ELSEWHERE.chmod(0o755)
    return ELSEWHERE


def last_line(run: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in (run.stderr or run.stdout).splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"exit code {run.returncode}."
