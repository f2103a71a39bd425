"""The agenda of a consultation as it is shown: what an item tells, and what one may do with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agreements.mechanisms.agenda_rules import OPEN, Origin, Status
from agreements.models import AgendaItem, Consultation, Decision, Party, SpecialGroup, Task
from agreements.portal.regular_consultation import consultation_path
from governance.access import actions, may, seen, visible_to
from governance.portal import history
from governance.portal.pages import Page
from governance.wording import day_text, in_the_readers

# What is done at the meeting itself stands on its page.
AT_THE_MEETING = frozenset({"discuss", "defer"})
_AT_ONCE = frozenset({"accept"})
_WITH_REASON = frozenset({Status.DECLINED, Status.WITHDRAWN, Status.DEFERRED})


def item_path(item: AgendaItem, verb: str = "") -> str:
    """Where an item stands on its consultation's page, or one of its verbs."""
    if verb:
        return reverse("agenda_item_verb", kwargs={"id": item.public_id, "verb": verb})
    assert item.consultation is not None
    return f"{consultation_path(item.consultation)}#item-{item.public_id}"


@dataclass(frozen=True, slots=True)
class About:
    """What an item is about, and its address where the reader may go there."""

    label: Any
    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An item with what is told of it: ``proposer`` and ``lineage`` in words.

    ``reason``: why it was declined, withdrawn or deferred; empty where nobody said.
    ``up`` and ``down``: the places it can move to; None where it cannot.
    """

    item: AgendaItem
    proposer: Any
    lineage: str
    reason: str
    about: list[About]
    steps: list[dict[str, Any]]
    may_edit: bool
    up: int | None
    down: int | None


def entries(page: Page, consultation: Consultation, *, at_the_meeting: bool = False) -> list[Entry]:
    """The agenda as the reader sees it, in a constant number of queries."""
    user = page.request.user
    items = list(visible_to(user, AgendaItem).of(consultation))
    for item in items:
        # One and the same, so that what is asked of it is asked once.
        item.consultation = consultation
        item.agreement = consultation.agreement
    names, reasons = _Names(user, items), _reasons(user, items)
    last = max((item.number for item in items if item.number), default=0)
    return [
        Entry(
            item=item,
            proposer=proposer(item),
            lineage=lineage(item),
            reason=reasons.get(item.public_id, ""),
            about=names.about(item),
            steps=_steps(page, item, at_the_meeting=at_the_meeting),
            may_edit=item.status in OPEN and may(user, "change", item) is None,
            **_places(user, item, last),
        )
        for item in items
    ]


def _reasons(user: Any, items: Iterable[AgendaItem]) -> dict[Any, str]:
    """What was said when these items were declined, withdrawn or deferred."""
    settled = [item for item in items if item.status in _WITH_REASON]
    if not settled:
        return {}
    said = history.of_objects(user, *settled).filter(verb__in=("decline", "withdraw", "defer"))
    rows = said.order_by("sequence").values_list("object_id", "reason")
    return {key: in_the_readers(reason) for key, reason in rows}


def proposer(item: AgendaItem) -> Any:
    """Who brought it up, in words."""
    if item.proposed_by is not None:
        return item.proposed_by.label
    return _("the system") if item.origin == Origin.SYSTEM else _("the secretariat")


def lineage(item: AgendaItem) -> str:
    """Where it was raised first and how often it was deferred; empty for a new one."""
    if item.raised_at is None or not item.times_deferred:
        return ""
    return ngettext(
        "First raised on %(day)s, deferred once.",
        "First raised on %(day)s, deferred %(times)s times.",
        item.times_deferred,
    ) % {"day": day_text(item.raised_at.meeting_day), "times": item.times_deferred}


def _places(user: Any, item: AgendaItem, last: int) -> dict[str, int | None]:
    movable = (
        item.status == Status.ACCEPTED
        and item.move_refusal() is None
        and may(user, "move", item) is None
    )
    if not movable or item.number is None:
        return {"up": None, "down": None}
    return {
        "up": item.number - 1 if item.number > 1 else None,
        "down": item.number + 1 if item.number < last else None,
    }


def _steps(page: Page, item: AgendaItem, *, at_the_meeting: bool) -> list[dict[str, Any]]:
    found = []
    for action in actions(page.request.user, item, page.today):
        if action["allowed"] and (action["verb"] in AT_THE_MEETING) == at_the_meeting:
            action["path"] = item_path(item, action["verb"])
            action["at_once"] = action["verb"] in _AT_ONCE
            found.append(action)
    return found


class _Names:
    """What the items are about, as far as it exists for the reader; few queries for all."""

    def __init__(self, user: Any, items: Sequence[AgendaItem]) -> None:
        self.seen: set[Any] = set()
        for model, name in (
            (Task, "task"),
            (SpecialGroup, "about_group"),
            (Party, "about_party"),
            (Decision, "decision"),
        ):
            ids = {other.public_id for other in _others(items, name)}
            if ids:
                self.seen |= seen(user, model, ids)

    def about(self, item: AgendaItem) -> list[About]:
        found = []
        for label, other, address in (
            (_("Task"), item.task, "task"),
            (_("Decision"), item.decision, "decision"),
            (_("Group"), item.about_group, "group"),
        ):
            if other is not None and other.public_id in self.seen:
                path = reverse(address, kwargs={"id": other.public_id})
                found.append(About(label, str(other), path))
        party = item.about_party
        if party is not None and party.public_id in self.seen:
            path = reverse("agreement_parties", kwargs={"id": item.agreement.public_id})
            found.append(About(_("Party"), party.organization.label, path))
        return found


def _others(items: Iterable[AgendaItem], name: str) -> list[Any]:
    found = (getattr(item, name) for item in items)
    return [other for other in found if other is not None]
