"""Deciding: a decision with all that follows from it, in one transaction.

It creates tasks, changes one that is there through the task's own verbs, and settles its item on
the agenda.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.mechanisms.agenda import AgendaItem
from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.decisions import Decision, Effect, number_turn
from agreements.tasks import REPORTABLE, Task
from governance.record import refuse, unit
from governance.wording import in_a_row, in_every_language, labelled, side_by_side


def decide(
    consultation: Consultation,
    *,
    by: Any,
    on: date,
    agenda_item: AgendaItem | None = None,
    decided_on: date | None = None,
    tasks: Sequence[Mapping[str, Any]] = (),
    task_effect: Mapping[str, Any] | None = None,
    **facts: Any,
) -> Decision:
    """Record what was decided with all that follows from it, or nothing of it.

    ``positions``: {party or organization, stance, note}; ``tasks``: the facts of new tasks;
    ``task_effect``: {verb, task, due_on, cause, lead, reason} for one that is there, by default the
    task of the agenda item. An item that is still open is marked as discussed. Raises Refused,
    ValidationError at ``positions.N``, ``tasks.N.field`` and ``task_effect.field``.
    """
    with unit():
        number_turn(consultation.agreement)
        consultation.lock()
        day = decided_on or consultation.held_on or on
        if day > on:
            raise refuse("decided_on", _("It cannot be recorded before it was decided."))
        made = Decision.enter(
            by=by,
            on=on,
            consultation=consultation,
            agreement=consultation.agreement,
            agenda_item=agenda_item,
            decided_on=day,
            illustrative=facts.pop("illustrative", consultation.illustrative),
            **_effect_facts(consultation, agenda_item, task_effect),
            **facts,
        )
        if agenda_item is not None:
            _settle(agenda_item, by=by, on=on)
        for place, wanted in enumerate(tasks):
            with _at(f"tasks.{place}"):
                _create_task(made, wanted, by=by, on=on)
        if task_effect:
            with _at("task_effect"):
                _change_task(made, task_effect, by=by, on=on)
    made.refresh_from_db()
    return made


def _settle(item: AgendaItem, *, by: Any, on: date) -> None:
    """What was decided on has been discussed, on the agenda or not."""
    item.refresh_from_db()
    if item.status in {ItemStatus.DECLINED, ItemStatus.WITHDRAWN}:
        raise refuse("agenda_item", _("This item was declined or withdrawn."))
    if item.status == ItemStatus.PROPOSED:
        item.accept(by=by, on=max(on, item.status_since or on))
    if item.status != ItemStatus.DISCUSSED:
        item.discuss(by=by, on=max(on, item.status_since or on))


def _create_task(decision: Decision, wanted: Mapping[str, Any], *, by: Any, on: date) -> None:
    """A task that carries the decision out; one that names its lead goes there at once."""
    made = Task.enter(
        by=by,
        on=on,
        agreement=decision.agreement,
        decision=decision,
        illustrative=decision.illustrative,
        **{
            "group": decision.consultation.group,
            "source": _called(decision),
            **wanted,
        },
    )
    if made.lead is not None and not decision.agreement.is_over:
        made.assign(by=by, on=on, reason=_naming(decision))


def _effect_facts(
    consultation: Consultation, item: AgendaItem | None, wanted: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What the decision keeps of its effect on a task, checked."""
    if not wanted:
        return {}
    with _at("task_effect"):
        effect, task = wanted.get("verb"), wanted.get("task") or (item and item.task)
        if effect not in Effect.values:
            raise refuse("verb", _("Say what happens to the task."), "required")
        if task is None:
            raise refuse("task", _("Say which task is meant."), "required")
        if task.agreement_id != consultation.agreement_id:
            raise refuse("task", _("This belongs to another agreement."))
        if effect == Effect.RESCHEDULE and wanted.get("due_on") is None:
            raise refuse("due_on", _("Give the new date."), "required")
        if effect == Effect.ASSIGN and wanted.get("lead") is None:
            raise refuse("lead", _("Name the new lead organization."), "required")
    return {
        "task": task,
        "effect": effect,
        "task_due_on": wanted.get("due_on") if effect == Effect.RESCHEDULE else None,
        "task_lead": wanted.get("lead") if effect == Effect.ASSIGN else None,
    }


def _change_task(decision: Decision, wanted: Mapping[str, Any], *, by: Any, on: date) -> None:
    """The task's own verb, with a reason that names the decision. Raises what the verb raises."""
    task, reason = decision.task, str(wanted.get("reason") or "")
    assert task is not None
    task.refresh_from_db()
    told: dict[str, Any] = {
        "by": by,
        "on": max(on, task.status_since or on),
        "reason": in_a_row([_naming(decision), reason]) if reason else _naming(decision),
    }
    match decision.effect:
        case Effect.RESCHEDULE:
            task.reschedule(
                due_on=decision.task_due_on or on, cause=wanted.get("cause") or "", **told
            )
        case Effect.ASSIGN:
            if task.status in REPORTABLE and not task.needs_reassignment:
                task.flag_for_reassignment(**told)
            task.assign(lead=decision.task_lead, **told)
        case _:
            getattr(task, decision.effect)(**told)


def _called(decision: Decision) -> str:
    """Its number as it is written in every language, since what is kept is read in any of them."""
    return side_by_side(in_every_language(decision).values())


def _naming(decision: Decision) -> str:
    return labelled(_called(decision), side_by_side([decision.text, decision.text_zh]))


@contextmanager
def _at(path: str) -> Iterator[None]:
    """What is refused within stands beneath ``path``."""
    try:
        yield
    except ValidationError as wrong:
        raise ValidationError(
            {
                path if name == "__all__" else f"{path}.{name}": reasons
                for name, reasons in wrong.error_dict.items()
            }
        ) from wrong
