"""Typed readers of environment variables that fail with the remedy in the message."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from testimonies.values.seals import BadKey, Keyring

TRUE, FALSE = {"1", "true", "on"}, {"0", "false", "off", ""}


def text(name: str, default: str | None = None) -> str:
    """`name` as text; `NAME_FILE` may name a file that holds it instead (a Docker secret)."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from None
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE); .env.example says what it is.")
    return value


def flag(name: str, *, default: bool) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name} is {value!r}; write 1 or 0.")


def number(name: str, default: int, *, least: int = 0) -> int:
    value = text(name, str(default))
    if value.isascii() and value.isdigit() and int(value) >= least:
        return int(value)
    raise ImproperlyConfigured(f"{name} is {value!r}; write a whole number of at least {least}.")


def words(name: str, default: str = "") -> list[str]:
    """A list, separated by commas or spaces."""
    return text(name, default).replace(",", " ").split()


def keyring(name: str, default: str | None = None) -> Keyring:
    """Keys of the vault, separated by commas or spaces; the first seals, all of them open."""
    try:
        return Keyring(text(name, default).replace(",", " ").split())
    except BadKey as error:
        raise ImproperlyConfigured(f"{name}: {error} Make one with: openssl rand -base64 32 | tr +/ -_") from None


def database(name: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/database?option=value` as Django's DATABASES entry.

    A socket folder stands percent-encoded in place of the host: `postgresql://user@%2Fvar%2Frun/database`.
    """
    url = urlsplit(text(name))
    try:
        port = url.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} has a port that is no number.") from None
    if url.scheme not in {"postgres", "postgresql"} or not url.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:5432/database.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or "")
        if "%" not in url.netloc
        else unquote(url.netloc.rpartition("@")[2].partition(":")[0]),
        "PORT": port or "",
        "OPTIONS": dict(parse_qsl(url.query)),
    }
