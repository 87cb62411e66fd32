"""A progress bar on standard error, where somebody is looking."""

import sys
from typing import TextIO

WIDTH = 30


def bar(done: int, total: int, *, stream: TextIO | None = None) -> None:
    stream = stream or sys.stderr
    if total and stream.isatty():
        filled = WIDTH * done // total
        end = "\n" if done >= total else ""
        stream.write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {done} of {total}{end}")
        stream.flush()
