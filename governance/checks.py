"""System checks of the settings on which safety rests."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import connections


def sqlite_is_immediate(
    app_configs: Any, databases: Any = None, **kwargs: Any
) -> list[CheckMessage]:
    """SQLite must take its write lock at once and keep a write-ahead log."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "sqlite":
            continue
        if connection.settings_dict["OPTIONS"].get("transaction_mode") != "IMMEDIATE":
            found.append(
                Error(
                    "SQLite must run with transaction_mode IMMEDIATE.",
                    hint="With deferred transactions writers fail: 'database is locked'.",
                    id="governance.E001",
                )
            )
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode")
            mode = cursor.fetchone()[0]
        if mode not in {"wal", "memory"}:
            found.append(
                Error(
                    f"SQLite must keep a write-ahead log, not journal_mode {mode}.",
                    id="governance.E002",
                )
            )
    return found


def uploads_are_bounded(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A limit on uploads must be set."""
    if settings.MAX_UPLOAD_BYTES <= 0:
        return [Error("MAX_UPLOAD_MB must be above 0.", id="governance.E003")]
    return []
