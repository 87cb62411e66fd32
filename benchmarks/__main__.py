"""`make bench`: measures the product beside its peers and writes docs/benchmarks/. See README.md."""

import argparse
import compileall
import os
import signal
import sys
import time

from benchmarks import compare, edits, exports, imports, memory, projecting, report, scale, servers
from benchmarks.services import PEERS, ROOT

PARTS = ("peers", "scale", "memory", "servers", "edits", "projecting", "door", "exports", "imports")
QUICK_PARTS = ("peers", "door")
"""What a quick run does unless it is told otherwise: two minutes."""
TITLES = {
    "peers": "Beside what one would use instead",
    "scale": "With more testimonies",
    "memory": "Memory",
    "servers": "Which server",
    "edits": "Edits",
    "projecting": "Projecting, and its size",
    "door": "What the door costs",
    "exports": "All of it as one file",
    "imports": "A file of new records",
}
QUICK = ROOT / ".test-data" / "bench-quick"
"""Where a quick run writes: its figures only show that everything runs."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a run that is ended still ends its services
    asked = arguments()
    for name in ("config", "testimonies", "benchmarks"):
        # as the Dockerfile does: a worker that compiles what it loads keeps 2 MB of that
        compileall.compile_dir(ROOT / name, quiet=1, workers=0)
    quick = asked.quick
    n = asked.records or (2_000 if quick else 200_000)
    rounds, seconds = asked.rounds or (1 if quick else 5), asked.seconds or (1 if quick else 3)
    folder = QUICK if quick else report.FOLDER
    for part in asked.parts:
        began = time.perf_counter()
        print(f"== {part}", file=sys.stderr)
        text = measure(part, asked, n, rounds, seconds, folder)
        print(f"{text}\n({part}: {time.perf_counter() - began:,.0f} s)\n", flush=True)
        parts = report.kept(folder, part, text)
        body = "\n\n".join(f"## {TITLES[name]}\n\n{parts[name]}" for name in PARTS if name in parts)
        head = "# What was measured\n\nMade by `make bench` (benchmarks/README.md). Trust ratios of one run, not absolute figures."
        report.save(folder, "README.md", f"{head}\n\n{body}\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"what to measure: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="few records, one round: shows that everything runs")
    parser.add_argument("--records", type=int, help="testimonies (200000)")
    parser.add_argument("--sizes", default="", help="numbers of testimonies to compare, such as 20000,1000000")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of each window")
    parser.add_argument("--works", default="LFDSKC", help="which requests: L F D S K C")
    parser.add_argument("--peers", default=",".join(one.name for one in PEERS))
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(unknown))}")
    asked.parts = asked.parts or list(QUICK_PARTS if asked.quick else PARTS)
    return asked


def measure(part: str, asked: argparse.Namespace, n: int, rounds: int, seconds: float, folder) -> str:
    """Its figures as text; plots are written beside."""
    run = f"{n:,} testimonies; {rounds} rounds of {seconds:g} s, 16 connections; {report.machine(os.environ['DATABASE_URL'])}."
    match part:
        case "peers":
            rates = compare.run(n, rounds=rounds, seconds=seconds, works=asked.works, names=asked.peers.split(","))
            report.save(folder, "peers.svg", report.bars(rates))
            told = report.table(rates)
            if not asked.quick and set(asked.works) == set("LFDSKC"):
                report.quote(f"{told}\n\n(Answers a second, and times as many as plain DRF in the same rounds. {run})")
            return (
                f"{run}\n\nAnswers a second · times as many as plain DRF in the same rounds:\n\n{told}\n\n![The same as bars](peers.svg)"
                f"\n\n{report.goals(rates)}\n\n{report.latencies(rates)}"
            )
        case "scale":
            sizes = [int(size) for size in asked.sizes.split(",") if size] or (
                [1_000, n] if asked.quick else [20_000, n]
            )
            found = scale.run(sizes, rounds=rounds, seconds=seconds)
            report.save(folder, "scale.svg", report.lines(found))
            return f"{report.scale(found)}\n\n![The same as lines](scale.svg)"
        case "memory":
            return report.memory(memory.run(n, requests=2_000 if asked.quick else 100_000))
        case "servers":
            return report.servers(servers.run(n, rounds=rounds, seconds=seconds))
        case "edits":
            many = 100 if asked.quick else 1_000
            edited = edits.run(n, testimonies=many)
            return (
                f"A person with {many:,} testimonies is changed in {edited.seconds:.2f} s. An edit of a draft writes "
                f"{edited.written / 1000:.1f} kB of write-ahead log, {edited.written_first / 1000:.1f} as the first after a checkpoint."
            )
        case "projecting":
            return projecting.report(n)
        case "exports":
            return f"{run}\n\n{exports.report(exports.run(n, rounds=rounds))}"
        case "imports":
            many = asked.records or (1_000 if asked.quick else 50_000)
            return f"{report.machine(os.environ['DATABASE_URL'])}.\n\n{imports.run(many, few=min(many, 5_000))}"
        case "door":
            from benchmarks import databases
            from benchmarks.seed import load

            os.environ["DATABASE_URL"] = databases.ensure(n)
            load.start()
            from benchmarks import door  # reads the product's modules, which want that first

            return door.report(quick=asked.quick)
    raise ValueError(part)


if __name__ == "__main__":
    main()
