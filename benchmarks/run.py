"""Seeds, starts both services, measures them in turns, prints the ratios. See README.md."""

import argparse
import http.client
import itertools
import json
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
CREATES = 60
"""In each round, of each service."""
EDITS = 5
TESTIMONIES_OF_ONE_PERSON = 1_000


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


def ask(name: str, key: str, method: str, path: str, body: dict) -> tuple[float, dict]:
    """Seconds that one request takes over a connection that is open already, and its answer."""
    connection = connections[name]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "If-Match": "*"}
    begun = time.perf_counter()
    connection.request(method, path, json.dumps(body), headers)
    response = connection.getresponse()
    content = response.read()
    seconds = time.perf_counter() - begun
    if response.status not in {200, 201}:
        raise SystemExit(f"{name} answered {response.status}: {content[:500]}")
    return seconds, json.loads(content)


connections = {name: http.client.HTTPConnection("127.0.0.1", port, timeout=60) for name, port in PORTS.items()}


def sent(name: str, person: str, number: int) -> dict:
    """The same testimony for both, in the shape that each of them takes."""
    common = {
        "title": f"Synthetic: {number}", "summary": "Synthetic. " + "road village letter " * 20, "kind": "interview",
        "speaking_conditions": "free", "account_language": "en", "given": "2017-05", "given_country": "SY", "age_from": 30,
        "age_to": 31, "collections": ["bench"],
    }  # fmt: skip
    if name == "product":
        return common | {"person_id": person, "group": "bench-group", "membership": "says_member", "left": "2016"}
    member = {"group": "bench-group", "belonging": "says_member", "left": "2016"}
    return common | {"person": person, "membership": member}


def said(name: str, answer: dict) -> tuple:
    """What both must answer alike."""
    if name == "product":
        of_person = answer["person"]["id"], answer["group"], answer["membership"], answer["left"]
    else:
        member = answer["membership"]
        of_person = answer["person"]["id"], member["group"], member["belonging"], member["left"]
    return (*of_person, answer["title"], answer["given"], answer["collections"], answer["age_to"])


def creates(key: str, rounds: int, persons: list[str]) -> None:
    """One client that creates one testimony after the other; in turns, each of another person."""
    taken: dict[str, list[list[float]]] = {name: [] for name in PORTS}
    person, number = itertools.cycle(persons), itertools.count()
    for _ in range(rounds + 1):  # the first one warms up
        for name in PORTS:
            taken[name].append([])
        for _ in range(CREATES):
            at, whose = next(number), next(person)
            answers = {}
            for name in PORTS:
                seconds, answer = ask(name, key, "POST", PATHS[name], sent(name, whose, at))
                taken[name][-1].append(seconds)
                answers[name] = said(name, answer)
            if answers["product"] != answers["plain"]:
                raise SystemExit(f"the answers differ: {answers}")
    medians = {name: [statistics.median(found) * 1_000 for found in of_rounds[1:]] for name, of_rounds in taken.items()}
    print("create of a testimony with its membership and collection, one after the other")
    for name, found in medians.items():
        print(f"{name:>8}: {statistics.median(found):>8.1f} ms (rounds: {', '.join(f'{ms:.1f}' for ms in found)})")
    ratio = statistics.median(theirs / ours for ours, theirs in zip(medians["product"], medians["plain"], strict=True))
    print(f"   ratio: {ratio:.2f} (above 1: faster than plain DRF)")


def edits(key: str, person: str) -> None:
    """A change that every testimony of the person shows."""
    taken = []
    for number in range(EDITS):
        change = {"origin_stated": f"Synthetic {number}"}
        seconds, answer = ask("product", key, "PATCH", f"/api/v1/persons/{person}/", change)
        if answer["origin_stated"] != change["origin_stated"]:
            raise SystemExit(f"not what was sent: {answer}")
        taken.append(seconds)
    print(f"edit of a person with {TESTIMONIES_OF_ONE_PERSON:,} testimonies, all of them rebuilt before the answer")
    print(f" product: {statistics.median(taken):>8.2f} s (each: {', '.join(f'{seconds:.2f}' for seconds in taken)})")


def report(records: int, sizes: dict[str, int], rates: dict[str, list[float]]) -> None:
    ratio = statistics.median(ours / theirs for ours, theirs in zip(rates["product"], rates["plain"], strict=True))
    print(f"list of 50 among {records:,} testimonies; bytes an answer: {sizes}")
    for name, found in rates.items():
        print(
            f"{name:>8}: {statistics.median(found):>8,.0f} requests a second (rounds: {', '.join(f'{rate:,.0f}' for rate in found)})"
        )
    print(f"   ratio: {ratio:.1f}")


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
    from django.db import connection

    from benchmarks import door, seed
    from testimonies.models import ApiKey, Person, User

    seed.run(given.records)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # plans as they are when a day has passed
    persons = [str(pk) for pk in Person.objects.values_list("pk", flat=True)[:5_000]]
    editor = User.objects.get_or_create(username="bench", defaults={"role": "editor"})[0]
    ApiKey.objects.filter(name__in=["bench", "bench-writes"]).delete()
    key, writing = ApiKey.new_secret(), ApiKey.new_secret()
    ApiKey.objects.create(name="bench", digest=ApiKey.digest_of(key), role="reader", tier=0)
    ApiKey.objects.create(name="bench-writes", digest=ApiKey.digest_of(writing), role="editor", tier=2, user=editor)
    tables = [sys.executable, "manage.py", "migrate", "--run-syncdb", "--skip-checks", "-v0"]
    subprocess.run(tables, cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS["plain"]}, check=True)
    door.report()
    servers = {name: granian(name) for name in PORTS}
    try:
        sizes = {name: len(wait(name, key)) for name in PORTS}
        rates: dict[str, list[float]] = {name: [] for name in PORTS}
        for _ in range(given.rounds):
            for name in PORTS:
                rates[name].append(measure(name, key, given.seconds))
        report(given.records, sizes, rates)
        creates(writing, given.rounds, persons)
        edits(writing, str(seed.one_person(TESTIMONIES_OF_ONE_PERSON)))
    finally:
        for server in servers.values():
            server.terminate()
        for server in servers.values():
            server.wait(10)


if __name__ == "__main__":
    main()
