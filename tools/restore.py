"""`make restore ARGS=FILE`: the database becomes what a backup says, but for what was erased since."""

import subprocess

from tools import backup, console, environment, locks, service, variables
from tools.console import Stop, say


def command(arguments: list[str]) -> int:
    """All of it or nothing; then what the ledger says was erased is erased again, before anything is served."""
    file = backup.named(arguments, "restore")
    if not file.is_file():
        raise Stop(f"There is no file {file}.")
    python, home = environment.ensure(), variables.data_dir()
    home.mkdir(parents=True, exist_ok=True)
    lock = locks.Lock(home / "run.lock")
    if not lock.take(wait=False):
        raise Stop("The service runs. Stop it first: nobody may read what was erased.")
    with service.database(python) as url:
        whole = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
        backup.call(python, "pg_restore", *whole, "--dbname", url, str(file))
        for words in (["migrate", "--noinput", "-v", "0"], ["replay_erasures"], ["seal_history", "--anew"]):
            manage, settings = [str(python), "manage.py", *words], service.settings(url)
            if subprocess.run(manage, cwd=variables.PROJECT, env=settings, check=False).returncode:
                raise Stop(f"manage.py {words[0]} failed; its own words are above. Do not serve before it has run.")
    say(f"Restored from {file}.")
    return 0


if __name__ == "__main__":
    console.main(command)
