"""Committed rows and a key for each kind of caller, as the API's tests have them."""

from tests.api.conftest import keep, keys

__all__ = ["keep", "keys"]
