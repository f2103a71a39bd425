"""What the first page of the back office is made of: lines, each with its way there."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from governance.wording import day_text

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One matter: what it is, what is the matter with it, where it is mended."""

    name: str
    says: str
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """Matters of one kind; ``total`` may exceed the lines shown."""

    title: str
    lines: list[Line]
    total: int
    url: str
    late: bool = False


def shown_day(day: Any) -> str:
    """A day in words, or a dash."""
    return day_text(day) if day else "—"


def _address(page: str, name: str, args: Iterable[Any], said: dict[str, Any]) -> str:
    address = reverse(f"admin:agreements_{name}_{page}", args=list(args))
    return f"{address}?{urlencode(said)}" if said else address


def list_address(name: str, **filters: Any) -> str:
    """The address of a list, narrowed."""
    return _address("changelist", name, (), filters)


def change_address(name: str, key: int) -> str:
    """The address of one thing's page."""
    return _address("change", name, (key,), {})


def add_address(name: str, **initial: Any) -> str:
    """The address at which one is added, with what is known of it."""
    return _address("add", name, (), initial)
