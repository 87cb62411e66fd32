"""Seeds, starts both services, measures them in turns, prints the ratio. See README.md."""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PORTS = {"product": 18701, "plain": 18702}
PATHS = {"product": "/api/v1/testimonies/", "plain": "/testimonies/"}
SETTINGS = {"product": "config.settings", "plain": "benchmarks.plain_settings"}


def granian(name: str) -> subprocess.Popen:
    command = [
        str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(PORTS[name]),
        "--workers", "2", "--blocking-threads", "4", "--no-ws", "--log-level", "error", "config.wsgi:application",
    ]  # fmt: skip
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS[name], "DEBUG": "0"}
    )


def get(name: str, key: str) -> bytes:
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORTS[name]}{PATHS[name]}", headers={"Authorization": f"Bearer {key}"}
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.read()


def wait(name: str, key: str) -> bytes:
    deadline = time.monotonic() + 30
    while True:
        try:
            return get(name, key)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def measure(name: str, key: str, seconds: int) -> float:
    out = subprocess.run(
        ["wrk", "-t", "2", "-c", "16", "-d", f"{seconds}s", "-H", f"Authorization: Bearer {key}", f"http://127.0.0.1:{PORTS[name]}{PATHS[name]}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    if "Non-2xx" in out:
        raise SystemExit(f"{name} answered errors: {out}")
    get(name, key)  # what was under way when the window closed is done before the next one opens
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=int, default=20_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=int, default=4)
    given = arguments.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed: apt-get install wrk")
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from benchmarks import door, seed
    from testimonies.models import ApiKey

    seed.run(given.records)
    key = ApiKey.new_secret()
    ApiKey.objects.filter(name="bench").delete()
    ApiKey.objects.create(name="bench", digest=ApiKey.digest_of(key), role="reader", tier=0)
    door.report()
    servers = {name: granian(name) for name in PORTS}
    try:
        sizes = {name: len(wait(name, key)) for name in PORTS}
        rates: dict[str, list[float]] = {name: [] for name in PORTS}
        for _ in range(given.rounds):
            for name in PORTS:
                rates[name].append(measure(name, key, given.seconds))
    finally:
        for server in servers.values():
            server.terminate()
        for server in servers.values():
            server.wait(10)
    ratio = statistics.median(ours / theirs for ours, theirs in zip(rates["product"], rates["plain"], strict=True))
    print(f"list of 50 among {given.records:,} testimonies; bytes an answer: {sizes}")
    for name, found in rates.items():
        print(
            f"{name:>8}: {statistics.median(found):>8,.0f} requests a second (rounds: {', '.join(f'{rate:,.0f}' for rate in found)})"
        )
    print(f"   ratio: {ratio:.1f}")


if __name__ == "__main__":
    main()
