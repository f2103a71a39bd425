"""The history of one object as a reader may see it."""

from typing import Any

from governance import access
from governance.fact_limits import FactLimits
from governance.present_names import PresentNames
from governance.record import Event

# What a life cycle's verb sets beside its fields; partners read the status anyway.
_SILENT = "change"


def history_of(obj: Any, user: Any, shown: set[str]) -> list[dict[str, Any]]:
    """The events of an object, oldest first, with the ``shown`` facts (overseers: all of them).

    A change of nothing that is shown did not happen as far as the reader is concerned.
    """
    events, sees_all = list(access.history(user, obj)), access.oversees(user)
    names = PresentNames(events)
    facts = [names.in_facts(facts) for one in events for facts in (one.before, one.after)]
    if not sees_all:
        facts = [_only(one, shown) for one in facts]
    limits, model = FactLimits(user, events), type(obj)
    found = []
    for event, before, after in zip(events, facts[::2], facts[1::2], strict=True):
        if event.verb == _SILENT and not (before or after or sees_all):
            continue
        actor = names.of_actor(event)
        told = (limits.apply(model, facts) for facts in (before, after))
        found.append(event_text(event, actor, *told))
    return found


def event_text(event: Event, actor: str, before: Any, after: Any) -> dict[str, Any]:
    """One event of a history."""
    return {
        "sequence": event.sequence,
        "at": event.recorded_at,
        "on": event.happened_on,
        "by": actor or None,
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
