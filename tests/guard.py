"""Within a request, a record is written by services and projections alone. Whoever else tries fails their test."""

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import models

HANDLER = "django.core.handlers.base"
WRITERS = ("testimonies.services", "testimonies.projections")
ACCOUNTS = "django.contrib.auth"
"""One's own password, and when one logged in, are Django's to write."""
NOTED = "testimonies.selectors.actors"
"""That a key was used is noted where it is read."""
GUARDED = (
    (models.Model, "save_base"),
    (models.QuerySet, "update"),
    (models.QuerySet, "bulk_create"),
    (models.QuerySet, "bulk_update"),
    (models.QuerySet, "delete"),
    (models.QuerySet, "_raw_delete"),
    (models.Model, "delete"),
)


class SavedDirectly(AssertionError):
    pass


def check(model: type[models.Model]) -> None:
    if model._meta.app_label != "testimonies":
        return
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith(WRITERS) or (name == NOTED and model._meta.model_name == "apikey"):
            return
        if name.startswith(ACCOUNTS) and model._meta.model_name == "user":
            return
        if name == HANDLER:
            raise SavedDirectly(f"{model._meta.label} is written outside testimonies.services")
        frame = frame.f_back


@contextmanager
def guarded() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in GUARDED:
            patch.setattr(owner, name, _checked(getattr(owner, name)))
        yield


def _checked(method):
    @functools.wraps(method)
    def checked(self, *args, **kwargs):
        check(type(self) if isinstance(self, models.Model) else self.model)
        return method(self, *args, **kwargs)

    return checked
