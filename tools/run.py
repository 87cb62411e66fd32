"""`make run`: everything from nothing to a served request, and everything put away again on Ctrl-C."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tools import console, environment, locks, service, variables
from tools.console import Stop, say

HOST = "127.0.0.1"
PATIENCE = 60.0  # seconds for the first answer
LOOK = 1.0  # seconds between looks whether the worker is still there
GRACE = 15.0  # seconds for requests that are being answered when told to stop


def command(_arguments: list[str]) -> int:
    port, home = variables.port(), variables.data_dir()
    home.mkdir(parents=True, exist_ok=True)
    note = home / "run.lock"
    lock = _only_one(note, port)
    _check_free(port)
    python = environment.ensure()
    with service.database(python) as url:
        # the loopback address whatever is set: this service answers without a key
        settings = service.settings(url) | {"GRANIAN_HOST": HOST, "GRANIAN_PORT": str(port)}
        _manage(python, settings, "migrate", "--noinput", "-v", "0")
        _manage(python, settings, "replay_erasures")
        _manage(python, settings, "bootstrap", "--accounts", str(home / "accounts.txt"))
        with _server(python, settings, lock) as server, Worker(python, settings) as worker:
            _note(note, port, server.pid)
            return _serve(server, worker, port)


def _only_one(note: Path, port: int) -> locks.Lock:
    lock = locks.Lock(note)
    if not lock.take(wait=False):
        raise Stop(
            f"It runs already: {note.read_text(encoding='utf-8').strip()}. "
            f"Stop that one, or start another with its own data: make run DATA_DIR=.data-2 PORT={port + 1}"
        )
    _note(note, port, os.getpid())
    return lock


def _note(note: Path, port: int, pid: int) -> None:
    note.write_text(f"http://{HOST}:{port}/ (kill {pid} stops it)\n", encoding="utf-8")


def _manage(python: Path, settings: dict[str, str], *words: str) -> None:
    if subprocess.run([str(python), "manage.py", *words], cwd=variables.PROJECT, env=settings, check=False).returncode:
        raise Stop(f"manage.py {words[0]} failed; its own words are above. Nothing is left running.")


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise Stop(f"Only root may open port {port}. Choose another: make run PORT=8000") from None
        except OSError:
            raise Stop(f"Port {port} is taken by another program. Choose another: make run PORT={port + 1}") from None


@contextmanager
def _server(python: Path, settings: dict[str, str], lock: locks.Lock) -> Iterator[subprocess.Popen[bytes]]:
    """The server, in a session of its own: Ctrl-C reaches this process alone, which ends it before the database.

    It holds the lock too, so that a start after this process was killed tells of it.
    """
    words = [str(python), "-m", "granian", "config.wsgi:application"]
    server = subprocess.Popen(words, cwd=variables.PROJECT, env=settings, start_new_session=True, pass_fds=(lock.fd,))
    try:
        yield server
    finally:
        with console.undisturbed():
            _end(server)


class Worker:
    """Does what takes longer than a request, in a session of its own as the server; begun anew whenever it has ended.

    It ends by itself once this process is gone.
    """

    def __init__(self, python: Path, settings: dict[str, str]) -> None:
        self._python, self._settings = python, settings

    def __enter__(self) -> Self:
        self._process = self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with console.undisturbed():
            _end(self._process)

    def keep(self) -> None:
        if self._process.poll() is not None:
            self._process = self._begin()

    def _begin(self) -> subprocess.Popen[bytes]:
        words = [str(self._python), "-m", "config.worker"]
        return subprocess.Popen(words, cwd=variables.PROJECT, env=self._settings, start_new_session=True)


def _serve(server: subprocess.Popen[bytes], worker: Worker, port: int) -> int:
    try:
        _await_answer(server, port)
        here = f"http://{HOST}:{port}"
        print(
            f"\n  API     {here}/api/v1/\n  Docs    {here}/api/docs/\n  Admin   {here}/admin/\n\nCtrl-C stops it.",
            flush=True,
        )
        ended = _watch(server, worker)
    except KeyboardInterrupt:
        ended = 0
    if ended:
        raise Stop(f"The server ended by itself (code {ended}); its own words are above.")
    say("Stopping")
    return 0


def _watch(server: subprocess.Popen[bytes], worker: Worker) -> int:
    """The server's exit code, once it has one."""
    while True:
        try:
            return server.wait(LOOK)
        except subprocess.TimeoutExpired:
            worker.keep()


def _await_answer(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < until:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise Stop("The server does not answer; its own words are above.")


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


if __name__ == "__main__":
    console.main(command)
