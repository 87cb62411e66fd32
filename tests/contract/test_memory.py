"""An answer is gone when it is sent: what only the collector frees, a large answer included, would pile up until it comes by."""

import gc
import weakref

import pytest
from django.test import RequestFactory
from django.urls import resolve

from tests.factories import make_testimony


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
