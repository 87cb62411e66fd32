"""A PostgreSQL server of our own in one folder: made, started, shared by those who use it, stopped by the last.

    python3 -m tools.cluster run -- COMMAND     COMMAND with DATABASE_URL set; starts and stops the server if need be
    python3 -m tools.cluster start              leaves it running and prints its URL
    python3 -m tools.cluster url                prints its URL if it runs
    python3 -m tools.cluster stop

DATA_DIR (.data) names the folder. What lies in it:

    postgres           a link into /var/lib where root's project lies under a folder that only root may enter
    postgres/data      the data itself           postgres/log     what the server says
    postgres/socket    where it listens: a socket that only its user (and root) may open; there is no TCP port
    cluster.lock       held while the server starts or stops         users.lock    shared by those who use it
    kept               there while `start` wants the server to outlive its users
"""

import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tools import console, environment, locks, programs, variables
from tools.console import Stop

NAME = "testimonies"
LONGEST_SOCKET_FOLDER = 85  # bytes: a socket's path ends after 103 on macOS, and "/.s.PGSQL.5432" follows
PATIENCE = 20.0  # seconds that the children of a killed server get to notice

COMMON = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "jit": "off",
    # the first change of a page after a checkpoint writes all of it ahead: packed, and seldom (docs/adr/0038)
    "wal_compression": "on",
    "checkpoint_timeout": "30min",
}
RUN = COMMON | {"shared_buffers": "256MB", "random_page_cost": "1.1", "max_wal_size": "2GB"}
TEST = COMMON | {"shared_buffers": "128MB", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For data that nobody will miss."""
BENCH = COMMON | {
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "random_page_cost": "1.1",
}
"""For `make bench`: a server as one would set it up for a million records, and as careful with its disk as any."""


class Cluster:
    def __init__(self, home: Path, python: Path, settings: Mapping[str, str] = RUN) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home.resolve()
        self.settings = settings
        self.programs = programs.find(python, programs.server_user(self.home / "postgres"))

    @property
    def folder(self) -> Path:
        return (self.home / "postgres").resolve()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}@{quote(str((self.folder / 'socket').resolve()), safe='')}/{NAME}"

    @contextmanager
    def running(self) -> Iterator[str]:
        """The URL of the server, which runs until its last user has left."""
        with locks.held(self.home / "cluster.lock"):
            users = locks.Lock(self.home / "users.lock")
            users.take(shared=True)
            self._start()
        try:
            yield self.url
        finally:
            with console.undisturbed(), locks.held(self.home / "cluster.lock"):
                if users.take(wait=False) and not (self.home / "kept").exists():
                    self._stop()
                users.close()

    def start(self) -> str:
        with locks.held(self.home / "cluster.lock"):
            self._start()
            (self.home / "kept").touch()
        return self.url

    def stop(self) -> None:
        with locks.held(self.home / "cluster.lock"):
            (self.home / "kept").unlink(missing_ok=True)
            self._stop()

    def remove(self) -> None:
        if not self.home.exists():
            return
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def answers(self) -> bool:
        """Whether a server is there, be it still starting; pg_ctl's own word is not to be trusted after a crash."""
        socket = str((self.folder / "socket").resolve())
        return self._run("pg_isready", "--quiet", "--host", socket, "--timeout", "5").returncode in {0, 1}

    def _start(self) -> None:
        self._make_folder()
        self._check_version()
        if not self.data.exists():
            self._initdb()
        if not self.answers():
            self._make_socket_folder()
            self._launch()
        made = self._psql(f"CREATE DATABASE {NAME}")
        if made.returncode and "already exists" not in made.stderr:
            raise Stop(f"PostgreSQL runs, but made no database: {programs.last_line(made)}")

    def _stop(self) -> None:
        if self.answers():
            self._pg_ctl("stop", "--mode", "fast", "--timeout", "60")
        socket = self.folder / "socket"
        if socket.is_symlink():
            shutil.rmtree(socket.resolve(), ignore_errors=True)
            socket.unlink()

    def _make_folder(self) -> None:
        """DATA_DIR/postgres, or a link to a folder elsewhere when the server's user cannot come here."""
        place = self.home / "postgres"
        if place.is_symlink() and not place.exists():
            place.unlink()
        if not place.exists():
            place.mkdir(mode=0o700)
            self._own(place)
            if not self._reaches(place):
                place.rmdir()
                other = Path(tempfile.mkdtemp(prefix="data-", dir=programs.elsewhere()))
                self._own(other)
                place.symlink_to(other)
        if not self._reaches(self.folder):
            who = self.programs.user.pw_name if self.programs.user else "this user"
            raise Stop(f"{self.folder} is not {who}'s to write: start as its owner, or set DATA_DIR to another folder.")

    def _reaches(self, folder: Path) -> bool:
        script = 'cd "$1" && test -w .'
        run = programs.as_user(self.programs.user, ["/bin/sh", "-c", script, "sh", str(folder)], cwd=Path("/"))
        return run.returncode == 0

    def _own(self, folder: Path) -> None:
        if user := self.programs.user:
            os.chown(folder, user.pw_uid, user.pw_gid)

    def _check_version(self) -> None:
        file = self.data / "PG_VERSION"
        if file.exists() and (wrote := file.read_text(encoding="ascii").strip()) != str(self.programs.major):
            raise Stop(
                f"{self.data} was written by PostgreSQL {wrote}, and {self.programs.folder} is {self.programs.major}: "
                f"set PG_BIN to the bin folder of {wrote} (and pg_dump from there to move), or DATA_DIR to a new folder."
            )

    def _initdb(self) -> None:
        """Made beside its place and moved there when whole, so that an interrupted start leaves no half."""
        fresh = self.data.with_name("data.new")
        shutil.rmtree(fresh, ignore_errors=True)
        # the same order on every system; where 17 and later still ask the system (case of letters), it is UTF-8 too
        order = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.programs.major >= 17 else []
        sync = ["--no-sync"] if self.settings.get("fsync") == "off" else []
        choices = [*sync, "--username", NAME, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", *order]
        made = self._run("initdb", "--pgdata", str(fresh), "--no-instructions", *choices)
        if made.returncode:
            raise Stop(f"initdb made no database in {self.folder}: {programs.last_line(made)}")
        fresh.rename(self.data)

    def _make_socket_folder(self) -> None:
        """A folder for the socket; a link to one under /tmp where the path is too long, or has what separates hosts."""
        socket = self.folder / "socket"
        if socket.is_symlink():  # left by a crash; others may own the name by now
            socket.unlink()
        elif socket.exists():
            return
        if len(os.fsencode(socket)) <= LONGEST_SOCKET_FOLDER and "," not in str(socket):
            socket.mkdir(mode=0o700)
            self._own(socket)
            return
        short = Path(tempfile.mkdtemp(prefix="trs-", dir="/tmp"))
        self._own(short)
        socket.symlink_to(short)

    def _launch(self) -> None:
        quoted = str((self.folder / "socket").resolve()).replace('"', '""')
        settings = {**self.settings, "unix_socket_directories": f'"{quoted}"'}
        options = shlex.join(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
        log = self.folder / "log"
        until = time.monotonic() + PATIENCE
        while True:
            self._forget_other_pid()
            seen = log.stat().st_size if log.exists() else 0
            if not self._pg_ctl("start", "--timeout", "300", "--log", log.name, "--options", options).returncode:
                return
            said = log.read_bytes()[seen:].decode(errors="replace") if log.exists() else ""
            # a killed server's children hold its memory until they notice
            if time.monotonic() > until or not ("still in use" in said or "lock file" in said):
                raise Stop(f"PostgreSQL does not start: {_reason(said)} All it said is in {log}.")
            time.sleep(0.1)

    def _forget_other_pid(self) -> None:
        """After a crash the pid in postmaster.pid may be a zombie's or another program's, which PostgreSQL trusts."""
        file = self.data / "postmaster.pid"
        try:
            process = Path("/proc", file.read_text(encoding="utf-8").split("\n", 1)[0])
        except FileNotFoundError:
            return
        if process.is_dir() and _working_folder(process) != self.data:  # else PostgreSQL sees to it
            file.unlink()

    def _psql(self, statement: str) -> subprocess.CompletedProcess[str]:
        socket = str((self.folder / "socket").resolve())
        return self._run(
            "psql", "--no-psqlrc", "--host", socket, "--username", NAME, "--dbname", "postgres", "--command", statement
        )

    def _pg_ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """From the folder itself: pg_ctl passes names on to a shell, which would read a $ in a path."""
        return self.programs.run(
            "pg_ctl", *arguments, "--pgdata", self.data.name, "--wait", "--silent", cwd=self.folder
        )

    def _run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.programs.run(name, *arguments, cwd=Path("/"))


def _working_folder(process: Path) -> Path | None:
    try:
        return (process / "cwd").readlink()
    except OSError:  # a zombie has none, and another user's is not told
        return None


def _reason(said: str) -> str:
    lines = [line for line in said.splitlines() if "FATAL" in line]
    return lines[-1].split("FATAL:", 1)[1].strip().rstrip(".") + "." if lines else "it gave no reason."


def command(arguments: list[str]) -> int:
    match arguments:
        case ["start"]:
            print(_here().start())
        case ["stop"]:
            _here().stop()
        case ["url"]:
            cluster = _here()
            if not cluster.answers():
                raise Stop("It does not run. Start it: make run, or python3 -m tools.cluster start")
            print(cluster.url)
        case ["run", "--", *words] if words:
            with _here().running() as url:
                return subprocess.run(words, env=os.environ | {"DATABASE_URL": url}, check=False).returncode
        case _:
            raise Stop("Write: python3 -m tools.cluster start|stop|url|run -- COMMAND")
    return 0


def _here() -> Cluster:
    return Cluster(variables.data_dir(), environment.ensure())


if __name__ == "__main__":
    console.main(command)
