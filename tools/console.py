"""What a person at the terminal sees: one line and its cure when something is wrong, never a traceback."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(Exception):
    """What is wrong and what to do about it, in one line."""


def say(line: str) -> None:
    """Progress goes beside the output, so that `make manage ARGS="create_key …"` prints the key and nothing else."""
    print(line, file=sys.stderr, flush=True)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main(command: Callable[[list[str]], int]) -> NoReturn:
    """Run `command` with the arguments; every way of being told to stop unwinds it like Ctrl-C."""
    for number in INTERRUPTS:
        signal.signal(number, _interrupt)
    try:
        sys.exit(command(sys.argv[1:]))
    except Stop as stop:
        sys.exit(str(stop))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


@contextmanager
def undisturbed() -> Iterator[None]:
    """While things are being put away a second Ctrl-C must not leave half of them running."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in INTERRUPTS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
