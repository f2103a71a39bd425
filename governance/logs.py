"""What never enters a log: the secret part of an address."""

import logging
import re
from typing import Any

# Whoever writes down the addresses that were asked for.
LOGS_OF_REQUESTS = ("django.request", "django.server", "gunicorn.access", "gunicorn.error")
_SECRET = re.compile(r"(/calendars/)[^/\s?\"']+")


def without_secrets(record: logging.LogRecord) -> bool:
    """Blank the secrets in what is about to be logged; everything is logged."""
    record.msg = _blanked(record.msg)
    if isinstance(record.args, dict):
        # In place: gunicorn's own kind of dictionary knows what to say for what is missing.
        for key, value in list(record.args.items()):
            record.args[key] = _blanked(value)
    elif record.args:
        record.args = tuple(_blanked(value) for value in record.args)
    return True


def _blanked(value: Any) -> Any:
    return _SECRET.sub(r"\1…", value) if isinstance(value, str) else value
