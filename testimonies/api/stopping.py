"""Pauses that end when the process is told to stop, so that no request that waits holds up its end."""

import os
import select
import signal
import time

_told: list[int] = []
"""The end of a pipe that is read; Python writes into the other one when a signal arrives, whoever handles it."""


def listen() -> None:
    """Called by whoever serves, once in each process, by its main thread."""
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    _told.append(told)


def pause(seconds: float) -> bool:
    """Whether the process is still to go on."""
    if not _told:
        time.sleep(seconds)
        return True
    return not select.select(_told, [], [], seconds)[0]
