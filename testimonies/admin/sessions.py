"""How one logs in at the desk, and for how long: throttled, ended by idleness and by age (docs/adr/0018)."""

import time
from collections.abc import Callable
from math import ceil
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from testimonies.services import logins

BEGAN, SEEN = "began_at", "seen_at"
NOTED_EVERY = 60
"""Seconds: not every page that is opened writes."""


class SessionMiddleware:
    """Ends sessions that nobody used for a while, and those that lasted long enough, before a page of the desk is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        if request.resolver_match is None or "admin" not in request.resolver_match.app_names:
            return
        if not request.user.is_authenticated:
            return
        now, session = int(time.time()), request.session
        began, seen = session.get(BEGAN, now), session.get(SEEN, now)
        if now - seen >= settings.SESSION_IDLE or now - began >= settings.SESSION_COOKIE_AGE:
            logout(request)
            return
        if BEGAN not in session or now - seen >= NOTED_EVERY:
            session[BEGAN], session[SEEN] = began, now


def address_of(request: HttpRequest) -> str:
    """Where a request comes from. A header is believed only behind a proxy, and of it only what that proxy added: the last."""
    if settings.BEHIND_PROXY:
        return str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def throttled(request: HttpRequest, log_in: Callable[[], Any], context: dict[str, Any]) -> Any:
    """The answer of `log_in`, or 429 to whoever tried too often."""
    tried = {"name": request.POST.get("username", ""), "address": address_of(request)}
    if wait := logins.charge(**tried):
        context = {**context, "title": "Too many attempts", "minutes": ceil(wait / 60)}
        answer = TemplateResponse(request, "testimonies/locked.html", context, status=429)
        answer.headers["Retry-After"] = str(wait)
        return answer
    answer = log_in()
    if request.user.is_authenticated and answer.status_code == 302:
        logins.succeeded(**tried)
        request.session[BEGAN] = request.session[SEEN] = int(time.time())
    return answer
