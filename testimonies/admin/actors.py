"""For whom a page of the desk reads and writes: found once for each request."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from testimonies.access import Actor
from testimonies.models import User
from testimonies.selectors import actors

REASON = "reason_for_history"
"""Name of the input in which somebody may say why they save."""


def actor_of(request: HttpRequest) -> Actor | None:
    """None for whoever does not work here. What Django's permission tables say is not asked: the role decides."""
    if not hasattr(request, "actor"):
        user = request.user
        actor = None
        if isinstance(user, User) and user.is_active:
            reason = request.POST.get(REASON, "").replace("\0", "").strip()[:500]
            actor = actors.of_user(user, request_id=getattr(request, "id", ""), reason=reason)
        request.actor = actor if actor and actor.is_staff else None  # type: ignore[attr-defined]
    return cast("Actor | None", getattr(request, "actor", None))


def writer(request: HttpRequest) -> Actor:
    """The actor behind a page of the desk. Errors: PermissionDenied for whoever does not work here."""
    actor = actor_of(request)
    if actor is None:
        raise PermissionDenied
    return actor
