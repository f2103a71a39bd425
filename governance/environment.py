"""Reading settings from the environment: a wrong value stops the start with a plain sentence."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """The variable as text, without blanks at its ends; ``default`` when it is not set."""
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool = False) -> bool:
    """A yes or no. Raises ImproperlyConfigured for any other word."""
    value = os.environ.get(name)
    if value is None:
        return default
    word = value.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0 (or yes/no, true/false), not {value!r}.")


def listing(name: str, default: str = "") -> list[str]:
    """Comma-separated words."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def one_of(name: str, allowed: set[str], default: str) -> str:
    """A word out of a closed set. Raises ImproperlyConfigured for any other."""
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(
            f"{name} must be one of {', '.join(sorted(allowed))}, not {value!r}."
        )
    return value


def database(url: str, base_dir: Path) -> dict[str, Any]:
    """Django's settings of one database from its URL.

    ``sqlite:///relative.sqlite3``, ``sqlite:////absolute.sqlite3`` or
    ``postgres://user:password@host:port/name?sslmode=require``; a socket's folder may be
    given as ``?host=/run/postgresql``. Raises ImproperlyConfigured for any other scheme.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as wrong:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {wrong}.") from wrong
    if parts.scheme == "sqlite":
        return _sqlite(parts.path, base_dir)
    if parts.scheme in {"postgres", "postgresql"}:
        options = dict(parse_qsl(parts.query))
        name = unquote(parts.path.lstrip("/"))
        if not name:
            raise ImproperlyConfigured("DATABASE_URL names no database: postgres://user@host/NAME.")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", unquote(parts.hostname or "")),
            "PORT": options.pop("port", str(port or "")),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }
    raise ImproperlyConfigured(
        f"DATABASE_URL must begin with sqlite:/// or postgres://, not {parts.scheme or url!r}."
    )


def _sqlite(path: str, base_dir: Path) -> dict[str, Any]:
    """SQLite as an embedded server: WAL, and transactions that take the write lock at once.

    With deferred transactions in WAL mode most concurrent read-then-write transactions fail
    with "database is locked"; immediate ones wait their turn.
    """
    name = path[1:] if path.startswith("/") else path
    if not name:
        raise ImproperlyConfigured("DATABASE_URL names no file: sqlite:///concord.sqlite3.")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name if name == ":memory:" else str(base_dir / name),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def email(url: str) -> dict[str, Any]:
    """Django's mail settings from ``smtp://user:password@host:port?tls=1`` or ``console:``.

    Raises ImproperlyConfigured for any other scheme.
    """
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme != "smtp" or not parts.hostname:
        raise ImproperlyConfigured(
            f"EMAIL_URL must be smtp://user:password@host:port or console:, not {url!r}."
        )
    options = dict(parse_qsl(parts.query))
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or 25,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": options.get("tls") in _TRUE,
        "EMAIL_TIMEOUT": 20,
        "EMAIL_USE_SSL": options.get("ssl") in _TRUE,
    }
