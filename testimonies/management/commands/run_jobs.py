"""manage.py run_jobs"""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app

from testimonies.services import imports
from testimonies.services.jobs import STALLED


class Command(BaseCommand):
    requires_system_checks = []  # made when the service was migrated; they would load all that answers requests
    help = "Do the jobs that wait, and those that a dead worker left, then end. `python -m config.worker` calls it when there are some."

    def handle(self, **_: Any) -> None:
        imports.sweep()
        connector: Any = app.connector
        with app.replace_connector(connector.get_worker_connector()):
            asyncio.run(_run())


async def _run() -> None:
    async with app.open_async():
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            await app.job_manager.retry_job(job)
        await app.run_worker_async(
            wait=False,
            concurrency=1,
            listen_notify=False,
            # an import is one transaction: to end in the middle of it is to have done nothing
            install_signal_handlers=False,
            update_heartbeat_interval=STALLED / 5,
            stalled_worker_timeout=STALLED,
            delete_jobs="always",
        )
