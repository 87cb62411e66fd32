"""Run by test_hostile_files.py in a process of its own: reads each file with little memory, and says how it went."""

import json
import os
import resource
import sys
import time
from pathlib import Path

import django

ROOM = 256 * 1024 * 1024
"""Address space beside what the program takes before it reads anything."""


STATUS = Path("/proc/self/status")


def main() -> None:
    django.setup()
    from testimonies.errors import RejectedFile
    from testimonies.services.importing import rows

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    taken = pages * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, taken + ROOM))
    for name in sys.argv[1:]:
        start = time.process_time()
        try:
            found = rows.check(rows.read(Path(name)))
            said = f"{found.n_rows} rows, {len(found.problems) + found.n_more} problems"
        except RejectedFile as error:
            said = " ".join(error.problems)
        except MemoryError:
            said = "MemoryError"
        seconds = time.process_time() - start
        peak = next(line.split()[1] for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        said = {"file": Path(name).name, "said": said[:300], "seconds": seconds, "peak_kb": int(peak)}
        sys.stdout.write(f"{json.dumps(said)}\n")


if __name__ == "__main__":
    main()
