"""Who is asking, and whether people like them do this kind of thing at all. What they may see is decided in SQL."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission

from testimonies.access import Actor, Capability, Role
from testimonies.api import rates
from testimonies.selectors import actors, reference

SCHEME = "Bearer"
LONGEST_REASON = 500


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`. `request.user` becomes the actor, `request.auth` the reference data of this request."""

    def authenticate(self, request: Any) -> tuple[Actor, reference.Reference]:
        caller = actors.caller(self._secret(request))
        if caller is None:
            raise exceptions.AuthenticationFailed
        if caller.key_id is not None and caller.rate is not None and (left := rates.wait(caller.key_id, caller.rate)):
            raise exceptions.Throttled(left)
        actor = caller.actor
        if request.method not in SAFE_METHODS:  # what the history says of it
            actor = replace(actor, through="api", request_id=request._request.id, reason=_reason(request))
        return actor, reference.at(caller.revision)

    def again(self, request: Any) -> Actor:
        """Who is asking by now: a request that waited may have outlived its key."""
        caller = actors.caller(self._secret(request))
        if caller is None:
            raise exceptions.AuthenticationFailed
        return caller.actor

    def authenticate_header(self, request: Any) -> str:  # noqa: ARG002
        return SCHEME

    def _secret(self, request: Any) -> str | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != SCHEME.lower() or not secret.strip():
            raise exceptions.AuthenticationFailed
        return secret.strip()  # type: ignore[no-any-return]


def _reason(request: Any) -> str:
    """The Change-Reason header: why something is changed, in at most 500 printable characters (UTF-8)."""
    try:
        reason = str(request.META.get("HTTP_CHANGE_REASON", "")).encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        raise SuspiciousOperation("Change-Reason") from None
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        raise SuspiciousOperation("Change-Reason")
    return reason


class MayAsk(BasePermission):
    """Reading needs a key, or a deployment that opens what is public to everybody; writing a role that writes such records.

    `capability` of a view is what writing there takes.
    """

    def has_permission(self, request: Any, view: Any) -> bool:
        actor: Actor = request.user
        is_reading, is_anonymous = request.method in SAFE_METHODS, actor.role == Role.ANONYMOUS
        if is_anonymous and not settings.PUBLIC_READ:
            raise exceptions.NotAuthenticated
        if request.method not in view.allowed_methods:
            return True  # nobody does that here: the view says 405
        if is_anonymous and not is_reading:
            raise exceptions.NotAuthenticated
        return actor.may(Capability.READ if is_reading else getattr(view, "capability", Capability.DRAFT))
