"""Writes what was measured to docs/benchmarks/: tables of ratios, and plots."""

import json
import math
import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from benchmarks import compare, load, workloads
from benchmarks.servers import Cost
from benchmarks.services import PEERS, PRODUCT, ROOT

if TYPE_CHECKING:
    from benchmarks.memory import Held  # which measures with what the tests do without

FOLDER = ROOT / "docs" / "benchmarks"
GOALS = {"L": (60, 15, 0.25), "F": (30, 15, 0.7), "D": (8, 4, None), "S": (6, 5, None), "C": (1.2, 0.6, None), "K": (400, 12, 0.25)}  # fmt: skip
"""Workload -> how often as many answers as plain DRF and as FastAPI, and which share of the floor's."""
BEGIN, END = "<!-- benchmark -->", "<!-- /benchmark -->"
COLOURS = {"product": "#0b6e4f", "plain": "#888888", "ninja": "#b8860b", "fastapi": "#1f77b4", "raw-stored": "#c0392b"}


def table(rates: compare.Rates) -> str:
    """A row for each service: answers a second, and how often as many as plain DRF in the same rounds."""
    lines = [f"| | {' | '.join(workloads.TITLES[work] for work in rates)} |", "|---" * (len(rates) + 1) + "|"]
    for one in (PRODUCT, *PEERS):
        cells = [_cell(rates[work], one.name) for work in rates]
        lines.append(f"| {'**this service**' if one is PRODUCT else one.title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(of: dict[str, list[load.Window]], name: str) -> str:
    if not of.get(name):
        return "-"
    rate = statistics.median(one.rate for one in of[name])
    ratio = compare.ratios(of, "plain").get(name)
    return f"{_figure(rate)} · {_figure(ratio)}" if ratio else _figure(rate)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def goals(rates: compare.Rates) -> str:
    """What this service reached beside what it is to reach."""
    lines = ["| | × plain DRF (goal) | × FastAPI (goal) | share of the floor (goal) |", "|---|---|---|---|"]
    for work, of in rates.items():
        cells = []
        for base, goal in zip(("plain", "fastapi", "raw-stored"), GOALS[work], strict=True):
            ratio = compare.ratios(of, base).get("product")
            if ratio is None or goal is None:
                cells.append("-")
            elif base == "raw-stored":
                cells.append(f"{100 * ratio:.0f} % ({100 * goal:.0f} %)")
            else:
                cells.append(f"{_figure(ratio)} ({goal})")
        lines.append(f"| {workloads.TITLES[work]} | {' | '.join(cells)} |")
    return "\n".join(lines)


def latencies(rates: compare.Rates) -> str:
    lines = ["| milliseconds, median and 99th percentile; KB an answer | " + " | ".join(workloads.TITLES[work] for work in rates) + " |"]  # fmt: skip
    lines.append("|---" * (len(rates) + 1) + "|")
    for one in (PRODUCT, *PEERS):
        cells = []
        for work in rates:
            found = rates[work].get(one.name)
            p50, p99, size = ((statistics.median(getattr(w, name) for w in found) for name in ("p50", "p99", "size")) if found else (0, 0, 0))  # fmt: skip
            cells.append(f"{_figure(p50)} / {_figure(p99)}; {_figure(size / 1024)}" if found else "-")
        lines.append(f"| {one.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _title(work: str) -> str:
    return "deep page" if work == "K" else workloads.TITLES[work]  # of few testimonies there is no page 3,001


def scale(found: tuple[dict[str, dict[int, float]], dict[int, float]]) -> str:
    """How many times as long as with the fewest testimonies."""
    times, matches = found
    sizes = list(next(iter(times.values())))
    lines = [f"| × the time at {sizes[0]:,} | {' | '.join(f'{n:,}' for n in sizes[1:])} |", "|---" * len(sizes) + "|"]
    for work, of in times.items():
        lines.append(f"| {_title(work)} | {' | '.join(f'{of[n] / of[sizes[0]]:.2f}' for n in sizes[1:])} |")
    lines.append(
        f"| (matches of a search) | {' | '.join(f'{matches[n] / matches[sizes[0]]:.2f}' for n in sizes[1:])} |"
    )
    return "\n".join(lines)


def servers(found: dict[str, dict[str, Cost]]) -> str:
    lines = [f"| answers a second; ms of processor for one | {' | '.join(found)} |", "|---" * (len(found) + 1) + "|"]
    for name in next(iter(found.values())):
        cells = [f"{_figure(of[name].rate)}; {of[name].processor:.2f}" for of in found.values()]
        lines.append(f"| {'as delivered' if name == PRODUCT.name else name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def machine(url: str) -> str:
    with psycopg.connect(url) as connection:
        version = connection.execute("SHOW server_version").fetchone()
    cores = f"{os.cpu_count()} cores that client, servers and PostgreSQL share"
    return f"{cores}; {platform.system()}, Python {platform.python_version()}, PostgreSQL {version and version[0]}; load by {load.GENERATOR}"  # fmt: skip


def memory(curve: Sequence["Held"]) -> str:
    head = "The largest worker, in MB: resident, its share of what is shared, its own alone.\n\n| requests | RSS | PSS | USS |\n|---|---|---|---|\n"
    return head + "\n".join(f"| {of.requests:,} | {of.rss:.0f} | {of.pss:.0f} | {of.uss:.0f} |" for of in curve)


def quote(text: str) -> None:
    """Put it between the README's marks."""
    readme = ROOT / "README.md"
    before, begin, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if begin and end:
        readme.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def save(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def kept(folder: Path, part: str, text: str) -> dict[str, str]:
    """All parts, of this run and of others before it: each may be measured by itself."""
    file = folder / "parts.json"
    parts = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    parts[part] = text
    save(folder, file.name, json.dumps(parts, indent=1, ensure_ascii=False) + "\n")
    return parts


# --- Plots -----------------------------------------------------------------------------------------------------------


def _svg(width: int, height: int, inside: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">'
    return "\n".join([head, f'<rect width="{width}" height="{height}" fill="white"/>', *inside, "</svg>", ""])


def _text(x: float, y: float, said: str, more: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" {more}>{said}</text>'


def bars(rates: compare.Rates) -> str:
    """Times as many answers as plain DRF, by workload; the axis is logarithmic."""
    row, left, width, most, least = 15, 150, 480, 4.0, -1.0
    inside, y = [_text(left, 18, "times as many answers a second as plain DRF (logarithmic)")], 40
    for power in range(-1, 5):
        x = left + width * (power - least) / (most - least)
        inside.append(f'<line x1="{x:.0f}" x2="{x:.0f}" y1="26" y2="{40 + sum(row * (len(of) + 1) for of in rates.values())}" stroke="#ddd"/>')  # fmt: skip
        inside.append(_text(x, 32, f"{10**power:g}", 'text-anchor="middle" fill="#888" font-size="10"'))
    for work, of in rates.items():
        inside.append(_text(8, y + row, workloads.TITLES[work], 'font-weight="bold"'))
        for name, ratio in compare.ratios(of, "plain").items():
            length = width * (min(most, max(least, math.log10(ratio))) - least) / (most - least)
            inside.append(f'<rect x="{left}" y="{y + 3}" width="{length:.0f}" height="{row - 3}" fill="{COLOURS[name]}"/>')  # fmt: skip
            inside.append(_text(left + length + 5, y + row - 2, f"{name} {_figure(ratio)}", 'font-size="10"'))
            y += row
        y += row
    return _svg(left + width + 120, y + 10, inside)


def lines(found: tuple[dict[str, dict[int, float]], dict[int, float]]) -> str:
    """Times as long as with the fewest testimonies; the axis of the sizes is logarithmic."""
    times, _ = found
    sizes = list(next(iter(times.values())))
    top = max(1.5, *(of[n] / of[sizes[0]] for of in times.values() for n in sizes))
    left, bottom, width, height = 60, 260, 420, 220
    span = math.log(sizes[-1] / sizes[0]) or 1

    def place(n: int, value: float) -> tuple[float, float]:
        return left + width * math.log(n / sizes[0]) / span, bottom - height * value / top

    inside = [_text(left, 20, f"time of an answer, times that at {sizes[0]:,} testimonies")]
    for value in (1, 1.3, top):
        _, y = place(sizes[0], value)
        inside.append(f'<line x1="{left}" x2="{left + width}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ddd"/>')
        inside.append(_text(left - 6, y + 4, f"{value:.1f}", 'text-anchor="end" fill="#888"'))
    inside += [_text(place(n, 0)[0], bottom + 18, f"{n:,}", 'text-anchor="middle" fill="#888"') for n in sizes]
    ends: list[tuple[float, str, str]] = []
    for colour, (work, of) in zip(COLOURS.values(), times.items(), strict=False):
        points = [place(n, of[n] / of[sizes[0]]) for n in sizes]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        inside.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        ends.append((points[-1][1], f"{_title(work)} {of[sizes[-1]] / of[sizes[0]]:.2f}", colour))
    below = 0.0
    for y, title, colour in sorted(ends):
        below = max(y + 4, below + 14)  # no title on another
        inside.append(_text(left + width + 6, below, title, f'fill="{colour}"'))
    return _svg(left + width + 160, bottom + 30, inside)
