"""Watches that acts take all their locks at once, in the one order: what is locked later is waited for in a circle."""

import importlib
import threading
from contextlib import contextmanager

from django.db.models.signals import post_save
from django.dispatch import receiver

from testimonies import projections
from testimonies.projections import locks
from testimonies.services import acts

refresh = importlib.import_module("testimonies.projections.refresh")  # by its name, the package has the function
STRENGTH = {"SHARE": 1, "NO KEY UPDATE": 2}


class Watch(threading.local):
    """What the running act has locked: (kind, id) -> strength. None outside of acts."""

    taken: dict | None = None
    is_last = False


watch = Watch()


@receiver(post_save)
def _note(sender, instance, created, **_):
    """Nobody else can have locked what was made by the act itself."""
    if created and watch.taken is not None:
        watch.taken[sender._meta.model_name, instance.pk] = STRENGTH["NO KEY UPDATE"]


def install(monkeypatch) -> None:
    refreshed, lock_rows, lock_reached = projections.refreshed, locks._lock_rows, refresh.lock_reached

    @contextmanager
    def watched(*judges):
        watch.taken = {} if acts._is_within.get() else None
        try:
            with refreshed(*judges):
                yield
        finally:
            watch.taken = None

    def last(*args, **kwargs):
        watch.is_last = True
        try:
            return lock_reached(*args, **kwargs)
        finally:
            watch.is_last = False

    def lock(mine, parts, *args):
        wanted = {(noun, pk): STRENGTH["SHARE"] for noun, ids in parts.items() for pk in ids}
        wanted |= {(noun, pk): STRENGTH["NO KEY UPDATE"] for noun, ids in mine.items() for pk in ids}
        if watch.taken is not None:
            late = [key for key, strength in wanted.items() if watch.taken.get(key, 0) < strength]
            assert not (watch.is_last and late), f"locked, or locked harder, after the act has begun: {late}"
            watch.taken |= {key: max(strength, watch.taken.get(key, 0)) for key, strength in wanted.items()}
        return lock_rows(mine, parts, *args)

    monkeypatch.setattr(projections, "refreshed", watched)
    monkeypatch.setattr(refresh, "lock_reached", last)
    monkeypatch.setattr(locks, "_lock_rows", lock)
