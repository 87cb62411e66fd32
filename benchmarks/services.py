"""The product and its peers as processes: how each is started, waited for and ended."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.service import SERVER

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PEER_KEY = "benchmark"

Command = Callable[[int], list[str]]


def granian(application: str) -> Command:
    """With the production server's own settings, which are in the environment."""
    return lambda port: [str(BIN / "granian"), "--host", "127.0.0.1", "--port", str(port), application]


def gunicorn(application: str, kind: str, *more: str) -> Command:
    words = [str(BIN / "gunicorn"), "-w", "2", "-k", kind, *more, "--keep-alive", "60", "--log-level", "error"]
    return lambda port: [*words, "-b", f"127.0.0.1:{port}", application]


def uvicorn(application: str) -> Command:
    words = [str(BIN / "uvicorn"), "--workers", "2", "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    return lambda port: [*words, "--host", "127.0.0.1", "--port", str(port), "--log-level", "error", application]


@dataclass(frozen=True)
class Service:
    """`works` are the workloads that it can do, `style` how it spells their requests."""

    name: str
    title: str
    command: Command
    style: str
    prefix: str = ""
    works: str = "LFDSCK"
    environ: dict[str, str] = field(default_factory=dict)


SITE = "benchmarks.peers.site.wsgi:application"
PRODUCT = Service("product", "this service", granian("config.wsgi:application"), "product", "/api/v1")
PEERS = (
    Service(
        "plain",
        "DRF as everybody writes it (nested ModelSerializer, page numbers)",
        gunicorn(SITE, "sync"),
        "page",
        "/plain",
    ),
    Service("ninja", "django-ninja", gunicorn(SITE, "gthread", "--threads", "4"), "key", "/ninja"),
    Service("fastapi", "FastAPI, SQLAlchemy 2 async, asyncpg", uvicorn("benchmarks.peers.fastapi_app:app"), "key"),
    Service(
        "raw-stored",
        "no framework, no key: stored documents joined",
        granian("benchmarks.peers.stored:application"),
        "key",
        works="LFK",
    ),
)


@dataclass(frozen=True)
class Running:
    service: Service
    port: int
    process: subprocess.Popen[bytes]
    url: str
    keys: dict[str, str]

    def key(self, *, writes: bool = False) -> str:
        return self.keys["writes" if writes else "reads"] if self.service.style == "product" else PEER_KEY

    def ask(self, path: str, body: str | None = None, method: str | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        writes = body is not None
        headers = {"Authorization": f"Bearer {self.key(writes=writes)}", "Content-Type": "application/json"}
        try:
            connection.request(method or ("POST" if writes else "GET"), path, body, {**headers, "If-Match": "*"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@contextmanager
def running(asked: Iterable[tuple[Service, str]], keys: dict[str, dict[str, str]]) -> Iterator[list[Running]]:
    """Each service on its database's URL, once it answers; all ended afterwards. `keys` are the product's, by URL."""
    found: list[Running] = []
    try:
        for service, url in asked:
            environ = {
                **os.environ,
                **SERVER,
                "GRANIAN_WORKERS": "2",
                "GRANIAN_LOOP": "asyncio",  # as in production: uvloop is installed here for a peer
                **service.environ,
                "DATABASE_URL": url,
                "DEBUG": "0",
            }
            port = _free_port()
            process = subprocess.Popen(service.command(port), cwd=ROOT, env=environ, start_new_session=True)
            found.append(Running(service, port, process, url, keys[url]))
        for one in found:
            _wait(one)
        yield found
    finally:
        for one in found:
            _end(one.process)


def _free_port() -> int:
    """One that nobody has: granian would share another run's, and each would get the other's requests."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(one: Running) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and one.process.poll() is None:
        try:
            status, body = one.ask(f"{one.service.prefix}/testimonies{'/' if one.service.style == 'product' else ''}")
        except OSError:
            time.sleep(0.1)
            continue
        if status == 200:
            return
        raise SystemExit(f"{one.service.name} answers {status}: {body[:500]!r}")
    raise SystemExit(f"{one.service.name} does not start; its own words are above.")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
