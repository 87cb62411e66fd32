"""A file outside the database, so that neither a backup nor whoever writes the tables knows less: one JSON object a line.

What was erased, so that it does not come back (services/erasure.py), and the seals of the history, so that nobody makes
other ones (services/history_seals.py). It names nobody.
"""

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings


def enter(entry: dict[str, Any]) -> None:
    """On the disk before it returns. Without a ledger (in development) nothing is entered. Errors: OSError."""
    if path := settings.ERASURE_LEDGER:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())


def entries() -> list[dict[str, Any]]:
    """In the order in which they were made."""
    path = Path(settings.ERASURE_LEDGER) if settings.ERASURE_LEDGER else None
    if path is None or not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def is_kept() -> bool:
    return bool(settings.ERASURE_LEDGER)
