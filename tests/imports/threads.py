"""What somebody else does meanwhile, on a connection of their own."""

import threading

from django.db import connections


def in_thread(step):
    found = {}

    def run():
        try:
            found["value"] = step()
        except Exception as error:  # noqa: BLE001 - told to the test, which runs in another thread
            found["error"] = error
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found
