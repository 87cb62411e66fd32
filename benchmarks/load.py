"""Load: wrk where it is installed, else a small generator of our own, which costs more of the machine and flattens the ratios."""

import json
import multiprocessing
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.services import Running

Request = tuple[str, str | None]
"""Path with its query, and the body of a POST."""
CONNECTIONS = 16
SCRIPT = Path(__file__).with_name("replay.lua")
WRK = shutil.which("wrk")
GENERATOR = "wrk" if WRK else "benchmarks/load.py (wrk is not installed: apt-get install wrk)"


@dataclass(frozen=True)
class Window:
    """What one window of load gave: answers a second, milliseconds, bytes an answer."""

    rate: float
    p50: float
    p99: float
    size: float
    bad: int
    n: int


def window(to: Running, requests: Sequence[Request], seconds: float, connections: int = CONNECTIONS) -> Window:
    """Sends the requests in turn, over and over. Errors: SystemExit when one answer in it was no success."""
    measure = _wrk if WRK else _own
    for length in (seconds, 4 * seconds, 16 * seconds):  # a slow peer on a busy machine may need longer for one answer
        drain(to.url)
        found = measure(to, requests, length, connections)
        if found.bad:
            raise SystemExit(f"{to.service.name}: {found.bad} of {found.n} answers were errors: {requests[0][0]}, …")
        if found.n:
            return found
    raise SystemExit(f"{to.service.name} answers nothing: {requests[0][0]}, …")


def drain(url: str) -> None:
    """Wait until what was abandoned when a window closed is done: a slow peer must not run on into the next one."""
    quiet, until = 0, time.monotonic() + 20
    busy = (
        "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND backend_type = 'client backend' "
        "AND pid <> pg_backend_pid() AND datname = current_database()"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        while quiet < 4 and time.monotonic() < until:
            found = connection.execute(busy).fetchone()
            quiet = 0 if found and found[0] else quiet + 1
            time.sleep(0.025)


def _wrk(to: Running, requests: Sequence[Request], seconds: float, connections: int) -> Window:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("".join(f"{path}\t{body or ''}\n" for path, body in requests))
        file.flush()
        words = [
            str(WRK), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", str(SCRIPT),
            f"http://127.0.0.1:{to.port}", "--", file.name, to.key(), to.key(writes=True),
        ]  # fmt: skip
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found = json.loads(said.rpartition("@@")[2])
    n, took = found["requests"], found["seconds"]
    return Window(n / took, found["p50"], found["p99"], found["bytes"] / max(1, n), found["bad"], n)


def _own(to: Running, requests: Sequence[Request], seconds: float, connections: int) -> Window:
    """In a process of its own, so that this one's lock does not slow it."""
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    spelled = [_spelled(to.key(writes=body is not None), path, body) for path, body in requests]
    process = context.Process(target=_generate, args=(to.port, spelled, seconds, connections, answers))
    process.start()
    times, sizes, bad, took = answers.get()
    process.join()
    times.sort()
    n = len(times)
    if not n:
        return Window(0, 0, 0, 0, bad, 0)
    return Window(n / took, 1000 * times[n // 2], 1000 * times[n * 99 // 100], statistics.fmean(sizes), bad, n)


def _generate(port: int, spelled: list[bytes], seconds: float, connections: int, answers) -> None:
    times: list[float] = []
    sizes: list[int] = []
    bad: list[bytes] = []
    began = time.perf_counter()

    def one(number: int) -> None:
        turn = number * len(spelled) // connections
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection, connection.makefile("rb") as file:
            while (sent := time.perf_counter()) < began + seconds:
                connection.sendall(spelled[turn % len(spelled)])
                status, length = file.readline(), 0
                while (line := file.readline()) not in (b"\r\n", b""):
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                file.read(length)
                times.append(time.perf_counter() - sent)
                sizes.append(length)
                if not status.startswith((b"HTTP/1.1 2", b"HTTP/1.0 2")):
                    bad.append(status)
                turn += 1

    threads = [threading.Thread(target=one, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put((times, sizes, len(bad), time.perf_counter() - began))


def _spelled(key: str, path: str, body: str | None) -> bytes:
    content = (body or "").encode()
    head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return head.encode() + b"\r\n" + content
