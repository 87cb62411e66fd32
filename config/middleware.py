"""What only people in a browser need: requests of the API, which carry a key and no cookie, pass it by."""

from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

API = "/api/v1/"


class _BesideTheApi:
    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(API):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class Files(_BesideTheApi, WhiteNoiseMiddleware):
    """Static files."""


class Sessions(_BesideTheApi, SessionMiddleware):
    """Who is logged in at the desk."""


class Users(_BesideTheApi, AuthenticationMiddleware):
    """Their accounts."""


class Messages(_BesideTheApi, MessageMiddleware):
    """What the desk tells them."""


class Policy(CSPMiddleware):
    """The content security policy; the API's answers, which are no pages, all have the same."""

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self.policy = build_policy(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"])

    def __call__(self, request: HttpRequest) -> Any:
        if not request.path_info.startswith(API):
            return super().__call__(request)
        response: Any = self.get_response(request)
        response.headers[HEADER] = self.policy
        return response
