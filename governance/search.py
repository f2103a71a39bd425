"""Finding rows by words: every word must occur in one of the fields, in either language."""

from typing import Any

from django.db.models import Q

_LONGEST = 200


def matching(rows: Any, fields: tuple[str, ...], words: str) -> Any:
    """The rows in which every word of ``words`` occurs in one of ``fields``."""
    for word in words[:_LONGEST].replace("\x00", "").split():
        found = Q()
        for field in fields:
            found |= Q(**{f"{field}__icontains": word})
        rows = rows.filter(found)
    return rows
