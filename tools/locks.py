"""Locks that the system frees when their holder dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.console import Stop


class Lock:
    """A lock on a file (or on a folder as such); the open descriptor is the lock."""

    def __init__(self, path: Path) -> None:
        try:
            flags = os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT
            self.fd = os.open(path, flags, 0o644)
        except PermissionError:
            raise Stop(
                f"{path} belongs to another user: start as that user, or set DATA_DIR to a folder of yours."
            ) from None

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Whether it was taken; a lock that is already ours changes between shared and exclusive."""
        kind = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        try:
            fcntl.flock(self.fd, kind)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        os.close(self.fd)


@contextmanager
def held(path: Path) -> Iterator[None]:
    lock = Lock(path)
    try:
        lock.take()
        yield
    finally:
        lock.close()
