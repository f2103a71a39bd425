"""Life cycles as data: one table of transitions per noun, read by every door.

A verb has the states it may start from, the state it leads to, and guards: functions of the
object and the day that return None or the sentence that says why not. The table gives the
buttons of the pages, ``allowed_actions`` of the API and the refusals of the verbs.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from governance.wording import day_text

Guard = Callable[[Any, date], "Refusal | None"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a verb is not possible: a stable ``guard`` for programs, a ``sentence`` for people.

    ``about`` is the noun that stands against it, where that is another one than the object.
    """

    guard: str
    sentence: Any
    about: Any = None


class Refused(Exception):
    """A verb was refused by the state of the object. Doors answer 409 or show the sentence."""

    def __init__(self, verb: str, refusal: Refusal) -> None:
        self.verb = verb
        self.guard = refusal.guard
        self.sentence = refusal.sentence
        self.about = refusal.about
        super().__init__(f"{verb}: {refusal.guard}")

    def __str__(self) -> str:
        return str(self.sentence)


class Stale(Exception):
    """Somebody else changed the object since it was read (compare-and-set failed)."""

    def __init__(self, current: Any) -> None:
        self.current = current
        super().__init__("changed meanwhile")


@dataclass(frozen=True, slots=True)
class Transition:
    """One verb: where it starts, where it leads, what it is called and what it needs."""

    verb: str
    label: Any
    sources: frozenset[str]
    target: str | None
    guards: tuple[Guard, ...] = ()
    needs_reason: bool = False
    danger: bool = False
    method: str = ""

    @property
    def method_name(self) -> str:
        """The method of the noun that performs it: the verb itself, unless Python reserves it."""
        return self.method or self.verb


def require_past(on: date, today: date, *, at: str | None = "on") -> None:
    """What is entered has happened: a day in the future is refused.

    The doors ask this, since the domain reads no clock. Raises ValidationError at the field
    ``at``; None: without a field, as a field of a form says it itself.
    """
    if on <= today:
        return
    refusal = ValidationError(
        _("This day is still to come: give today or an earlier day."), code="in_the_future"
    )
    raise refusal if at is None else ValidationError({at: refusal})


def status_refusal(obj: Any) -> Refusal:
    """That the status of ``obj`` stands against what is asked."""
    return Refusal(
        f"status_{obj.status}",
        _("Not possible while the status is “%(status)s”.") % {"status": obj.get_status_display()},
    )


class Lifecycle:
    """The transitions of one noun."""

    def __init__(self, states: type, transitions: Iterable[Transition]) -> None:
        self.states = states
        self.transitions = {transition.verb: transition for transition in transitions}

    def refusal(self, verb: str, obj: Any, on: date) -> Refusal | None:
        """Why ``verb`` is not possible for ``obj`` on the day ``on``; None when it is."""
        transition = self.transitions[verb]
        if obj.status not in transition.sources:
            return status_refusal(obj)
        for guard in transition.guards:
            refusal = guard(obj, on)
            if refusal is not None:
                return refusal
        return None

    def require(self, verb: str, obj: Any, on: date, reason: str) -> Transition:
        """The transition, when nothing stands against it.

        Raises Refused with the first guard that failed; ValidationError at ``reason`` when one
        is needed, at ``on`` when the day lies before the last change of status.
        """
        refusal = self.refusal(verb, obj, on)
        if refusal is not None:
            raise Refused(verb, refusal)
        transition = self.transitions[verb]
        if transition.needs_reason and not reason.strip():
            raise ValidationError(
                {"reason": ValidationError(_("Please give a reason."), code="required")}
            )
        if obj.status_since is not None and on < obj.status_since:
            sentence = _(
                "The status before this one began on %(day)s: give that day or a later one."
            )
            raise ValidationError(
                {
                    "on": ValidationError(
                        sentence,
                        code="dates_out_of_order",
                        params={"day": day_text(obj.status_since)},
                    )
                }
            )
        return transition
