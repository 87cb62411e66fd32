"""What each tier may see of a record, made when something is written (docs/adr/0002).

Base tables -> `reading` -> a record -> `redaction` to a tier -> `documents` and `shared` -> `storage`.
`refresh` does that for whatever a transaction made stale.
"""

from testimonies.projections.batches import Batch
from testimonies.projections.frozen import Change
from testimonies.projections.locks import lock, made
from testimonies.projections.refresh import begin_refresh, finish_refresh, is_whole, rebuild, refresh, refreshed

__all__ = [
    "Batch",
    "Change",
    "begin_refresh",
    "finish_refresh",
    "is_whole",
    "lock",
    "made",
    "rebuild",
    "refresh",
    "refreshed",
]
