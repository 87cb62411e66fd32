"""The environment variables that the launcher reads; .env.example says what each one means."""

import base64
import os
import re
import secrets
from pathlib import Path

from tools.console import Stop

PROJECT = Path(__file__).resolve().parent.parent


def text(name: str) -> str | None:
    """`name`, or what the file in `name`_FILE holds (as config/env.py reads it); None when neither is set."""
    if file := os.environ.get(f"{name}_FILE"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Stop(f"{name}_FILE names {file}, which cannot be read: {error.strerror}.") from None
    return os.environ.get(name) or None


def data_dir() -> Path:
    return PROJECT / Path(text("DATA_DIR") or ".data").expanduser()


def port() -> int:
    value = text("PORT") or "8000"
    if value.isascii() and value.isdigit() and 1 <= int(value) <= 65535:
        return int(value)
    raise Stop(f"PORT is {value!r}; write a number from 1 to 65535.")


def secret_key(home: Path) -> str:
    """SECRET_KEY, else one that is made once and kept beside the data."""
    return text("SECRET_KEY") or _kept(home / "secret_key", secrets.token_urlsafe(64))


def vault_keys(home: Path) -> str:
    """VAULT_KEYS, else one that is made once and kept beside the data."""
    return text("VAULT_KEYS") or _kept(home / "vault_keys", vault_key())


def vault_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _kept(file: Path, value: str) -> str:
    """What the file holds; the value, if there is no file yet."""
    if not file.exists():
        fresh = file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(value, encoding="utf-8")
        fresh.rename(file)
    return file.read_text(encoding="utf-8")


def documented() -> list[str]:
    """The names in .env.example."""
    lines = (PROJECT / ".env.example").read_text(encoding="utf-8").splitlines()
    return re.findall(r"^#?([A-Z][A-Z_]+)=", "\n".join(lines), re.MULTILINE)


def only(**ours: str) -> dict[str, str]:
    """The environment with `ours` and, of the documented variables, nothing else: what a check must not depend on."""
    return {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in documented()} | ours
