"""Supervising: taking the steps of the ladder, day by day, and urging by hand.

A reminder belongs to its day. The other steps are for what stays overdue: one that was missed,
since the task rested or was entered late, is made up for, and of several with the same effect
only the last. What rests, is done or waits to be verified is left in peace.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from actors.person import Person
from actors.working_calendar import calendar_for
from agreements.agreement import Agreement
from agreements.agreement import Status as AgreementStatus
from agreements.mechanisms.convenor_terms import convenor_term
from agreements.mechanisms.liaison_officer import contacts_on
from agreements.notice import Notice, is_shown
from agreements.notices import tell
from agreements.party import Party, parties_among
from agreements.supervision import USUAL, Action, Escalation, Rung, SupervisionStep, ladder
from agreements.tasks import OPEN, Task
from agreements.tasks import Status as TaskStatus
from governance.lifecycle import Refusal, Refused, status_refusal
from governance.record import unit
from governance.workdays import Calendar

SUPERVISED = (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE)
# These ask nothing of the lead organization: they rest, or wait for whoever verifies.
LEFT_IN_PEACE = (TaskStatus.SUSPENDED, TaskStatus.SUBMITTED)
# Counted in working days, a step may lie further from the due date than its number.
_STRETCH = 2


class Calendars:
    """The working days of each lead organization: of its region, as with every deadline.

    From Monday to Friday where there is no calendar at all. Asked once for each region.
    """

    def __init__(self) -> None:
        self._kept: dict[int | None, Calendar] = {}

    def day(self, rung: Rung, task: Task) -> date:
        """The day on which that step about the task is to be taken."""
        assert task.due_on is not None
        return rung.day(task.due_on, self._of(task.lead) if rung.in_working_days else Calendar())

    def _of(self, lead: Organization | None) -> Calendar:
        region = lead.region_id if lead is not None else None
        if region not in self._kept:
            found = calendar_for(lead)
            self._kept[region] = found.as_days() if found is not None else Calendar()
        return self._kept[region]


def under_supervision(on: date, *, ahead: int) -> Any:
    """The tasks that a step may be due for on that day: open, with a date, in a living agreement.

    ``ahead``: how many days before the due date the first step may lie.
    """
    return (
        Task.objects.open()
        .exclude(status__in=LEFT_IN_PEACE)
        .filter(agreement__status__in=SUPERVISED, due_on__lte=on + timedelta(days=ahead))
        .select_related("agreement", "lead__region", "group")
        .order_by("due_on", "pk")
    )


def rungs_due(
    task: Task, rungs: Iterable[Rung], taken: Iterable[Escalation], calendars: Calendars, on: date
) -> list[Rung]:
    """The steps to be taken about the task on that day, in the order of the ladder.

    ``taken``: those about its date that were taken before.
    """
    covered: dict[str, date] = {}
    for one in taken:
        covered[one.action] = max(covered.get(one.action, date.min), one.taken_on)
    last: dict[tuple[str, int], Rung] = {}
    for rung in rungs:
        day = calendars.day(rung, task)
        if day > on or covered.get(rung.action, date.min) >= day:
            continue
        if rung.action == Action.REMIND:
            if day == on:
                last[rung.action, rung.days] = rung
        else:
            last[rung.action, 0] = rung
    return sorted(last.values(), key=lambda rung: (rung.days, rung.action))


def supervise(on: date) -> int:
    """Take every step that is due on that day. How many were taken."""
    calendars = Calendars()
    taken = 0
    for task, rungs in _due(on, calendars):
        for rung in rungs:
            taken += _take(task, rung, on)
    return taken


def _due(on: date, calendars: Calendars) -> Iterator[tuple[Task, list[Rung]]]:
    steps = SupervisionStep.objects.all()
    ahead = -min([rung.days for rung in USUAL] + list(steps.values_list("days", flat=True)))
    tasks = under_supervision(on, ahead=ahead * _STRETCH).prefetch_related(
        Prefetch("agreement__supervision_steps", steps),
        Prefetch("escalations", Escalation.objects.exclude(days=None), to_attr="steps_taken"),
    )
    for task in tasks:
        about_its_date = [one for one in task.steps_taken if one.due_on == task.due_on]
        rungs = rungs_due(
            task,
            ladder(task.agreement.supervision_steps.all()),
            about_its_date,
            calendars,
            on,
        )
        if rungs:
            yield task, rungs


def _take(task: Task, rung: Rung, on: date) -> int:
    """Take one step, once. Nought when another run was quicker or the task has moved on."""
    due_on = task.due_on
    if task.lead_id is None and rung.action in {Action.REMIND, Action.LIAISON}:
        return 0  # taken as soon as it has a lead, if it is overdue then
    with unit():
        task.lock()
        if task.due_on != due_on or task.status not in OPEN or task.status in LEFT_IN_PEACE:
            return 0
        step: dict[str, Any] = {
            "due_on": due_on,
            "days": rung.days,
            "in_working_days": rung.in_working_days,
            "action": rung.action,
        }
        if Escalation.objects.filter(task=task, **step).exists():
            return 0
        escalation = Escalation.enter(by=None, on=on, task=task, taken_on=on, **step)
        escalation.notices.set(_tell(escalation, task, on))
        _note_what_came_since(task, on)
    return 1


def _note_what_came_since(task: Task, on: date) -> None:
    """On a day that is caught up with, a later report has answered the step already."""
    since = task.reports.filter(reported_on__gte=on).order_by("reported_on", "pk")
    report = since.select_related("reported_by").first()
    if report is not None:
        task.escalations.answer("report", by=report.reported_by, on=report.reported_on)


def _tell(escalation: Escalation, task: Task, on: date) -> list[Notice]:
    action = escalation.action
    kind = "task_late" if task.due_on is not None and task.due_on < on else "task_due"
    if action in {Action.CONVENOR, Action.AGENDA}:
        kind = "task_late_convenor" if action == Action.CONVENOR else "task_on_agenda"
    concerned = _convenors(task.agreement, on) if action == Action.CONVENOR else _lead(task)
    through = through_parties(task.agreement, concerned, on)
    return tell(
        kind,
        by=None,
        on=on,
        agreement=task.agreement,
        about=task,
        **through,
        people=_responsible(task, through["parties"], on) if action == Action.REMIND else (),
        once=f"supervision:{escalation.public_id}",
        due=task.due_on,
        lead=task.lead or "",
        progress=f"{task.progress // 100} %",
    )


def _lead(task: Task) -> list[Organization]:
    return [task.lead] if task.lead is not None else []


def _convenors(agreement: Agreement, on: date) -> list[Organization]:
    term = convenor_term(agreement, on)
    return [held.organization for held in term.holdings.all()] if term is not None else []


def _responsible(task: Task, told: list[Party], on: date) -> list[Person]:
    """The person named as responsible, unless told as liaison officer already.

    Nobody where the agreement is kept from its parties.
    """
    person = task.responsible
    if person is None or not is_shown(task.agreement):
        return []
    in_post = {contact.person_id for contact in contacts_on(told, on).values()}
    return [] if person.pk in in_post else [person]


def through_parties(
    agreement: Agreement, organizations: Iterable[Organization], on: date
) -> dict[str, Any]:
    """Through which parties of that day these are told; the others as organizations of their own.

    A body that signs for a party is told through that party's liaison officer.
    """
    found: dict[int, Party] = {}
    others = []
    for organization in organizations:
        parties = Party.objects.current(on).filter(agreement=agreement)
        own = (
            parties.filter(parties_among([organization.pk]))
            .select_related("organization", "agreement")
            .order_by("pk")
        )
        party = min(own, key=lambda one: one.organization_id != organization.pk, default=None)
        if party is None:
            others.append(organization)
        else:
            found[party.pk] = party
    return {"parties": list(found.values()), "organizations": others}


# what comes before the next consultation


def on_the_agenda(agreement: Agreement, on: date) -> list[Task]:
    """The overdue tasks that the ladder puts before the next consultation, the oldest first.

    Computed from the ladder, so that an agenda does not depend on when the daily run came by.
    """
    rungs = [rung for rung in ladder(agreement.supervision_steps.all()) if rung.action == "agenda"]
    if not rungs:
        return []
    calendars = Calendars()
    late = (
        Task.objects.open()
        .exclude(status__in=LEFT_IN_PEACE)
        .filter(agreement=agreement, due_on__lt=on)
        .select_related("lead__region", "group")
        .order_by("due_on", "pk")
    )
    return [task for task in late if any(calendars.day(rung, task) <= on for rung in rungs)]


# by hand


def follow_up_refusal(task: Task) -> Refusal | None:
    """Why no follow-up notice can be sent about the task; None when one can."""
    if task.status not in OPEN:
        return status_refusal(task)
    over = task.agreement.over_refusal()
    if over is not None:
        return over
    if task.lead is None:
        return Refusal("no_lead", _("Name the lead organization first."))
    return None


def send_follow_up(task: Task, *, by: Any, on: date, text: str, answer_by: date) -> Escalation:
    """Ask the lead organization what has become of a task, and for an answer by a day.

    It goes to the liaison officer in post, who confirms its receipt. Raises Refused when nobody
    can be asked, ValidationError at ``text`` or ``answer_by``.
    """
    with unit():
        task.lock()
        refusal = follow_up_refusal(task)
        if refusal is not None:
            raise Refused("follow_up", refusal)
        escalation = Escalation.enter(
            by=by,
            on=on,
            task=task,
            due_on=task.due_on,
            action=Action.FOLLOW_UP,
            taken_on=on,
            text=text,
            answer_by=answer_by,
        )
        notices = tell(
            "follow_up",
            by=by,
            on=on,
            agreement=task.agreement,
            about=task,
            **through_parties(task.agreement, _lead(task), on),
            once=f"supervision:{escalation.public_id}",
            text=escalation.text,
            answer_by=answer_by,
        )
        escalation.notices.set(notices)
    return escalation
