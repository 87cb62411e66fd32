"""Processor time of a server is that of all its processes, also of those that have not ended."""

import subprocess
import sys

from benchmarks.projecting import postgresql_seconds

BUSY = "import time\nwhile time.process_time() < 0.3: pass\nprint('worked', flush=True)\ninput()"


def test_a_session_counts_once_whether_or_not_it_has_ended(tmp_path):
    stand_in = ["sh", "-c", '"$0" -c "$1"; echo ended; read line', sys.executable, BUSY]
    with subprocess.Popen(stand_in, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        (tmp_path / "postmaster.pid").write_text(f"{server.pid}\n/somewhere\n")
        assert server.stdout.readline() == "worked\n"
        before = postgresql_seconds(tmp_path)
        print("end", file=server.stdin, flush=True)
        assert server.stdout.readline() == "ended\n"
        after = postgresql_seconds(tmp_path)
        server.stdin.close()
    assert 0.25 <= before <= after < 0.6


def test_of_a_server_elsewhere_nothing_is_known(tmp_path):
    assert postgresql_seconds(tmp_path) != postgresql_seconds(tmp_path)  # not a number
