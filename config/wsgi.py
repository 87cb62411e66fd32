"""What the production server loads: `granian --interface wsgi config.wsgi:application`."""

import os
import threading
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
if threading.current_thread() is threading.main_thread():
    import_module("testimonies.api.stopping").listen()

# One request must not hold up the others: no statement lasts for ever, none takes several cores or a compiler.
# What is read lies in memory: a page of it costs as much as twenty entries of an index, not as four hundred (docs/adr/0040).
settings.DATABASES["default"]["OPTIONS"]["options"] += (
    f" -c statement_timeout={settings.STATEMENT_TIMEOUT}s -c max_parallel_workers_per_gather=0 -c jit=off"
    " -c seq_page_cost=0.1 -c random_page_cost=0.1"
)
