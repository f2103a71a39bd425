"""Fields in pairs, one for each language: in forms the reader's own comes first.

A pair is a name and the same with ``_zh``. In Chinese it reads “标题” and “英文标题”, in English
“Title” and “Chinese title”, in every form of the portal and of the back office alike.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

CHINESE = "_zh"


def reads_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return (get_language() or "").startswith("zh")


def pairs(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The pairs among the names, each with the English one first."""
    known = set(names)
    for name in sorted(known):
        if name + CHINESE in known:
            yield name, name + CHINESE


def in_order(names: Iterable[str]) -> list[str]:
    """The names with the reader's own of each pair before the other one."""
    ordered = list(names)
    for english, chinese in pairs(ordered):
        first, second = sorted((ordered.index(english), ordered.index(chinese)))
        own, other = (chinese, english) if reads_chinese() else (english, chinese)
        ordered[first], ordered[second] = own, other
    return ordered


def rows_in_order(rows: Iterable[Any]) -> list[Any]:
    """As :func:`in_order`, for the rows of a fieldset, some of which hold several fields."""
    flat = [name for row in rows for name in ((row,) if isinstance(row, str) else row)]
    ordered = iter(in_order(flat))
    return [
        next(ordered) if isinstance(row, str) else tuple(next(ordered) for _name in row)
        for row in rows
    ]


def name_in_order(fields: Mapping[str, Any]) -> None:
    """Name the fields of each pair for a reader of Chinese: theirs plainly, the other as English.

    In English the fields say by themselves which is the Chinese one.
    """
    if not reads_chinese():
        return
    for english, chinese in pairs(fields):
        plain = getattr(fields[english], "plain_label", fields[english].label)
        if plain is None:
            continue
        fields[english].plain_label = plain
        fields[chinese].label = plain
        fields[english].label = _("%(what)s in English") % {"what": capfirst(str(plain))}
