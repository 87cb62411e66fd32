"""What a worker holds: no answer that was sent, and no library before it is needed (docs/adr/0037)."""

import gc
import subprocess
import sys
import weakref

import pytest
from django.test import RequestFactory
from django.urls import resolve

from tests.factories import make_testimony

SERVED = """
import sys
import config.wsgi
from django.urls import get_resolver
assert get_resolver().url_patterns
print("numpy" in sys.modules)
"""


@pytest.mark.parametrize("path", ["/api/v1/testimonies/", "/api/v1/testimonies/{}/", "/api/v1/testimonies/?q=invented"])
def test_no_answer_waits_for_the_collector(db, settings, path):
    settings.PUBLIC_READ = True
    path = path.format(make_testimony().pk)
    view, args, kwargs = resolve(path.partition("?")[0])
    gc.disable()
    try:
        response = view(RequestFactory().get(path), *args, **kwargs)
        assert response.status_code == 200
        answer = weakref.ref(response)
        del response
        assert answer() is None
    finally:
        gc.enable()


def test_what_few_workers_need_is_read_when_it_is_needed():
    assert (
        subprocess.run([sys.executable, "-c", SERVED], check=True, capture_output=True, text=True).stdout == "False\n"
    )
