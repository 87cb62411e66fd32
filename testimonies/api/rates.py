"""How often a key may ask: a bucket for each key, in the memory of each process.

Counted in PostgreSQL, every read would be a write. So a key of 60 a minute asks at most 60 times the number of processes:
the rate keeps an app that runs wild from taking the service from others; it is no bill.
"""

import threading
import time

SPAN = 60.0
"""Seconds in which a whole bucket fills."""
MOST = 10_000
"""Buckets kept; full ones are the same as none."""

_buckets: dict[int, tuple[float, float]] = {}
_lock = threading.Lock()


def wait(key_id: int, rate: int) -> float:
    """Take one request; the seconds after which there is one to take, 0 if there was."""
    now, per_second = time.monotonic(), rate / SPAN
    with _lock:
        left, at = _buckets.get(key_id, (float(rate), now))
        left = min(float(rate), left + (now - at) * per_second)
        is_one = left >= 1
        _buckets[key_id] = (left - 1 if is_one else left, now)
        if len(_buckets) > MOST:
            _drop_idle(now)
    return 0.0 if is_one else (1 - left) / per_second


def _drop_idle(now: float) -> None:
    for key_id in [key_id for key_id, (_, at) in _buckets.items() if now - at >= SPAN]:
        del _buckets[key_id]
