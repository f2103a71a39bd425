"""The alarm on the sunset of groups: told to its lead and to the convenor, near and past."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from agreements.mechanisms.convenor_terms import convenor_term
from agreements.mechanisms.liaison_officer import ALIVE
from agreements.mechanisms.special_group import SpecialGroup
from agreements.notices import tell
from agreements.party import Party
from agreements.tasks import Task
from governance.record import unit


def alarm_sunsets(on: date) -> int:
    """Tell of each group whose sunset nears or has passed, each once. How many groups.

    Told are the lead, through its liaison officer where it is a party, and who convenes the
    agreement that day. A sunset that was put off is told of again when it nears.
    """
    alive = SpecialGroup.objects.filter(agreement__status__in=ALIVE).select_related(
        "agreement", "lead"
    )
    return _tell("group_sunset_near", alive.near_sunset(on), on) + _tell(
        "group_sunset_past", alive.past_sunset(on), on
    )


def _tell(kind: str, groups: Iterable[SpecialGroup], on: date) -> int:
    told = 0
    for group in groups:
        with unit():
            told += bool(
                tell(
                    kind,
                    by=None,
                    on=on,
                    agreement=group.agreement,
                    about=group,
                    **_concerned(group, on),
                    once=f"{kind}:{group.public_id}:{group.sunset_on}",
                    sunset_on=group.sunset_on,
                    open_tasks=Task.objects.open().filter(group=group).count(),
                )
            )
    return told


def _concerned(group: SpecialGroup, on: date) -> dict[str, Any]:
    """The lead and the convenor of the day, as parties where they are some."""
    organizations = {group.lead} if group.lead else set()
    term = convenor_term(group.agreement, on)
    if term is not None:
        organizations |= {held.organization for held in term.holdings.all()}
    parties = list(
        Party.objects.current(on)
        .filter(agreement=group.agreement, organization__in=organizations)
        .select_related("organization", "agreement")
        .order_by("pk")
    )
    others = organizations - {party.organization for party in parties}
    return {"parties": parties, "organizations": sorted(others, key=lambda one: one.pk)}
