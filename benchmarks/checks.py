"""Before and during load: everybody answers with the same rows and values, in answers of about the same size."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.load import Request
from benchmarks.services import Running

ASKED = 4
"""Requests of each workload whose answers are compared."""
MOST = 0.2
"""How far the mean size of a list item may be from the product's."""

Asked = dict[str, list[Request]]
"""Service -> its requests of one workload, in the same order for all."""


def same(work: str, running: list[Running], asked: Asked) -> dict[str, list[list[str]]]:
    """Compares everybody's answers with the product's; the ids that each must answer under load. Errors: SystemExit."""
    answers = {
        one.service.name: [_answer(one, *request) for request in asked[one.service.name][:ASKED]] for one in running
    }
    expected = {name: [ids(answer) for answer in found] for name, found in answers.items()}
    reference = answers["product"]
    for name, found in answers.items():
        if name == "product":
            continue
        for ours, theirs in zip(reference, found, strict=True):
            if work == "S":  # each stems and ranks in its own way
                if abs(len(_rows(ours)) - len(_rows(theirs))) > MOST * len(_rows(ours)):
                    raise SystemExit(f"search: {name} finds {len(_rows(theirs))} rows, the product {len(_rows(ours))}")
                continue
            wrong = differences(ours, theirs)
            if work == "C":  # each makes its own, and staff are told why something is missing
                wrong = sorted(set(wrong) - {"other rows", "id", "ref", "updated_at", "missing"})
            if wrong:
                raise SystemExit(f"{work}: {name} does not answer what the product does: {wrong}")
        if work in "LFK":
            ours, theirs = (sum(map(_size, answers[one])) for one in ("product", name))
            if abs(theirs / ours - 1) > MOST:
                raise SystemExit(f"{work}: {name}'s items have {theirs / ours:.2f} times the size of the product's")
    return expected


def _answer(one: Running, path: str, body: str | None) -> dict:
    status, content = one.ask(path, body)
    if status not in {200, 201}:
        raise SystemExit(f"{one.service.name} answers {status} to {path}: {content[:500]!r}")
    return json.loads(content)


def _rows(answer: dict) -> list[dict]:
    return answer.get("results", [answer])


def ids(answer: dict) -> list[str]:
    return [row["id"] for row in _rows(answer)]


def _size(answer: dict) -> int:
    rows = _rows(answer)
    return sum(len(json.dumps(row, ensure_ascii=False, separators=(",", ":"))) for row in rows)


def differences(ours: dict, theirs: dict) -> list[str]:
    """Fields of theirs that say something else; a list item has all fields of ours."""
    wrong = set() if ids(ours) == ids(theirs) else {"other rows"}
    for one, other in zip(_rows(ours), _rows(theirs), strict=False):
        if "results" in ours:
            wrong |= (one.keys() ^ other.keys()) - {"snippets"}  # of searches alone
        wrong |= {name for name, value in other.items() if _spelled(value) != _spelled(_cut(one.get(name), value))}
    return sorted(wrong)


def _cut(ours, theirs):
    """Of ours, the fields that theirs has: parts of a detail may have more."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return {name: _cut(value, theirs[name]) for name, value in ours.items() if name in theirs}
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [_cut(one, other) for one, other in zip(ours, theirs, strict=True)]
    return ours


def _spelled(value):
    """Moments in one spelling; not everybody writes more than thousandths."""
    if isinstance(value, dict):
        return {name: _spelled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_spelled(one) for one in value]
    if isinstance(value, str) and value[10:11] == "T" and value[4:5] == "-":
        return dt.datetime.fromisoformat(value).astimezone(dt.UTC).isoformat(timespec="milliseconds")
    return value


@contextmanager
def watched(one: Running, requests: list[Request], expected: list[list[str]]) -> Iterator[None]:
    """While the block runs, answers are still what they were. Errors: SystemExit, after it."""
    stop, wrong = threading.Event(), []

    def watch() -> None:
        turn = 0
        while not stop.wait(0.1):
            number = turn % len(expected)
            status, body = one.ask(*requests[number])
            if status != 200 or ids(json.loads(body)) != expected[number]:
                wrong.append(f"{status} for {requests[number][0]}")
            turn += 1

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if wrong:
        raise SystemExit(f"{one.service.name} under load: {wrong[0]} and {len(wrong) - 1} more")
