"""Log lines that repeat nothing of a request or a record, whoever writes them and at whatever level (docs/adr/0009)."""

import copy
import logging

WITH_ADDRESS = ("django.request", "django.security", "django.server")
"""Django's loggers whose messages repeat an address, a header or a host."""


class Sparing(logging.Formatter):
    """Of an exception its class and place, never its message, which may hold a row's values; of a request its id."""

    def format(self, record: logging.LogRecord) -> str:
        spared = copy.copy(record)
        said = []
        if record.name.startswith(WITH_ADDRESS):
            status = getattr(record, "status_code", "")
            request_id = getattr(getattr(record, "request", None), "id", "")
            said = [f"status {status}", f"request {request_id}"]
            spared.msg, spared.args = "refused or failed", ()
        if record.exc_info and record.exc_info[0]:
            said.append(f"{record.exc_info[0].__name__} at {_place(record)}")
        spared.exc_info = spared.exc_text = spared.stack_info = None
        return " ".join([super().format(spared), *said])


def _place(record: logging.LogRecord) -> str:
    trace = record.exc_info[2] if record.exc_info else None
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
