"""The history of one object as a reader may see it."""

from typing import Any

from governance import access
from governance.api.relations import FactLimits
from governance.record import Event

# What a life cycle's verb sets beside its fields; partners read the status anyway.
_SILENT = "change"


def history_of(obj: Any, user: Any, shown: set[str]) -> list[dict[str, Any]]:
    """The events of an object, oldest first, with the ``shown`` facts (overseers: all of them).

    A change of nothing that is shown did not happen as far as the reader is concerned.
    """
    events = list(access.history(user, obj))
    if access.oversees(user):
        return [event_text(event, event.before, event.after) for event in events]
    facts = [_only(facts, shown) for one in events for facts in (one.before, one.after)]
    limits = FactLimits(type(obj), user, facts)
    found = []
    for event, before, after in zip(events, facts[::2], facts[1::2], strict=True):
        if event.verb == _SILENT and not before and not after:
            continue
        found.append(event_text(event, limits.apply(before), limits.apply(after)))
    return found


def event_text(event: Event, before: Any, after: Any) -> dict[str, Any]:
    """One event of a history."""
    return {
        "sequence": event.sequence,
        "at": event.recorded_at,
        "on": event.happened_on,
        "by": event.actor_name or None,
        "door": event.door,
        "verb": event.verb,
        "reason": event.reason,
        "before": before,
        "after": after,
    }


def _only(facts: dict[str, Any] | None, shown: set[str]) -> dict[str, Any] | None:
    if facts is None:
        return None
    return {name: value for name, value in facts.items() if name in shown}
