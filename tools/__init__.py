"""The launcher behind the Makefile: `make run` is tools/run.py, `make test` is tools/test.py, and so on.

It runs on the system's Python before anything is installed, so it uses the standard library only.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036  an older Python must get this far to be told
    sys.exit("Python 3.11 or later is needed. Name one that is installed, for example: make run PYTHON=python3.12")
if os.name != "posix":
    sys.exit("The launcher needs Linux or macOS. Elsewhere use: docker compose up")
