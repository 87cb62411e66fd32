"""A key in the database, looked up at each request."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed


def holder(secret: str) -> Any:
    from benchmarks.peers.site.models import Key

    key = Key.objects.filter(pk=secret, is_active=True).first()
    if key is not None:
        key.is_authenticated = True
    return key


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request):
        key = holder(request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer "))
        if key is None:
            raise AuthenticationFailed
        return key, key
