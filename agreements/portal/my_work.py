"""My work: what is asked of me, what waits for somebody else, what comes next."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, F, Prefetch, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from agreements.agreement import Status as AgreementStatus
from agreements.agreement import Verification
from agreements.mechanisms.liaison_coverage import uncovered
from agreements.models import (
    Agreement,
    Consultation,
    ConvenorTerm,
    LiaisonAbsence,
    LiaisonAppointment,
    LiaisonAttestation,
    Notice,
    Party,
    Task,
)
from agreements.portal.convenors import holdings_seen
from agreements.portal.extension_requests_shown import requests_to_answer
from agreements.portal.handover import handovers_waiting, taken_over
from agreements.portal.meeting_work import matters_of_meetings
from agreements.portal.tasks import Step, next_step, task_path
from agreements.progress import Light
from agreements.tasks import Status
from governance import clock
from governance.access import oversees, own_organizations, registers, visible_to
from governance.portal.pages import Page

PER_GROUP = 15

_HEADINGS = {
    "verify": _("To verify"),
    "accept": _("To accept"),
    "returned": _("Returned"),
    "late": _("Late"),
    "risk": _("At risk or due soon"),
    "going": _("Going on"),
    "helping": _("You help with"),
    "waiting": _("Waiting for somebody else"),
}
_STARTED = (Status.ACCEPTED, Status.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Item:
    """A task with the one thing to do about it; None: nothing is asked of the reader."""

    task: Any
    step: Step | None
    path: str


@dataclass(frozen=True, slots=True)
class Group:
    """A heading with its first tasks and the number of all of them."""

    key: str
    heading: Any
    count: int
    items: list[Item]


class MyWork(Page):
    """The first page after signing in. Whoever oversees all agreements sees the work in all."""

    template_name = "portal/my_work.html"
    section = "my_work"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        self.own = own_organizations(user)
        groups = self._groups()
        counts = {group.key: group.count for group in groups}
        handovers = handovers_waiting(user, self.own, self.today)
        of_meetings = matters_of_meetings(user, self.today)
        extensions = list(requests_to_answer(user, self.today))
        attestations = self._attestations()
        uncovered_parties = list(
            uncovered(self._own_parties(), self.today).select_related("agreement", "organization")
        )
        receipts = self._receipts()
        of_tasks = sum(counts.get(key, 0) for key in self._asked_of_the_reader())
        return super().get_context_data(
            groups=groups,
            own=self.own,
            late=counts.get("late", 0),
            # Every list on the page that waits for the reader, as long as it is shown there.
            asked=of_tasks
            + len(attestations)
            + len(uncovered_parties)
            + len(handovers)
            + len(of_meetings)
            + len(extensions)
            + receipts,
            extensions=extensions,
            receipts=receipts,
            of_meetings=of_meetings,
            nothing_waits="waiting" not in counts,
            turns=self._turns(),
            handovers=handovers,
            meetings=visible_to(user, Consultation)
            .coming(clock.now())
            .select_related("series", "agreement", "group", "host")[:5],
            duties=self._duties(),
            attestations=attestations,
            uncovered=uncovered_parties,
            oversees=oversees(user),
            has_agreements=bool(groups) or visible_to(user, Agreement).exists(),
            acts_for_nobody=not self.own and not oversees(user),
            **kwargs,
        )

    def _asked_of_the_reader(self) -> tuple[str, ...]:
        user = self.request.user
        if registers(user):
            return ("verify",)
        return () if oversees(user) else ("verify", "accept", "returned")

    # tasks

    def _tasks(self) -> QuerySet[Any]:
        user = self.request.user
        tasks = visible_to(user, Task).open().with_light(self.today)
        alive = Q(
            agreement__status__in=(
                AgreementStatus.NEGOTIATING,
                AgreementStatus.SIGNED,
                AgreementStatus.IN_FORCE,
            )
        )
        mine = Q(lead__in=self.own) | Q(pk__in=tasks.of(self.own).values("pk"))
        to_verify = Q(
            status=Status.SUBMITTED,
            agreement__verification=Verification.CONVENOR,
            agreement__in=self._convened(),
        ) & ~Q(lead__in=self.own)
        if registers(user):
            to_verify = Q(status=Status.SUBMITTED)
        asked = tasks.filter(alive)
        if not oversees(user):
            asked = asked.filter(mine | to_verify)
        return asked.annotate(
            pile=Case(
                When(to_verify, then=Value("verify")),
                When(self._only_helped(), then=Value("helping")),
                When(status=Status.SUBMITTED, then=Value("waiting")),
                When(status=Status.RETURNED, then=Value("returned")),
                When(Q(status=Status.ASSIGNED) & self._led(), then=Value("accept")),
                When(light=Light.OVERDUE, then=Value("late")),
                When(light=Light.AT_RISK, then=Value("risk")),
                When(status__in=_STARTED, then=Value("going")),
                default=Value(""),
                output_field=CharField(),
            )
        )

    def _led(self) -> Q:
        """Only its lead accepts a task; whoever oversees sees it under its light instead."""
        return Q(pk__in=()) if oversees(self.request.user) else Q(lead__in=self.own)

    def _only_helped(self) -> Q:
        """Others lead it, and the reader's organization cooperates."""
        return Q(pk__in=()) if oversees(self.request.user) else ~Q(lead__in=self.own)

    def _convened(self) -> QuerySet[Any]:
        """The agreements that an organization of the reader convenes today."""
        terms = visible_to(self.request.user, ConvenorTerm).current(self.today)
        return terms.filter(rotation__group__isnull=True, holders__in=self.own).values(
            "rotation__agreement"
        )

    def _groups(self) -> list[Group]:
        tasks = self._tasks()
        counts = dict(tasks.order_by().values_list("pile").annotate(number=Count("pk")).order_by())
        return [
            Group(key, heading, counts[key], self._items(tasks, key))
            for key, heading in _HEADINGS.items()
            if counts.get(key)
        ]

    def _items(self, tasks: QuerySet[Any], pile: str) -> list[Item]:
        rows = (
            tasks.filter(pile=pile)
            .select_related("agreement", "lead", "article")
            .order_by(F("due_on").asc(nulls_last=True), "agreement", "number")[:PER_GROUP]
        )
        return [self._item(task) for task in rows]

    def _item(self, task: Any) -> Item:
        user = self.request.user
        step = None
        if task.pile == "verify":
            step = Step("verify", _("Verify completion"), "")
        elif registers(user) or task.lead_id in self.own:
            step = next_step(user, task, self.today)
        return Item(task, step, task_path(task, step.verb) if step else task_path(task))

    # beside the tasks

    def _turns(self) -> list[Any]:
        """The running or next term of each rotation in which the reader convenes."""
        terms = (
            visible_to(self.request.user, ConvenorTerm)
            .filter(holders__in=self.own)
            .exclude(ends_on__lte=self.today)
            .exclude(rotation__agreement__status=AgreementStatus.ENDED)
            .select_related("rotation__agreement", "rotation__group", "person")
            .prefetch_related(holdings_seen(self.request.user))
            .order_by("starts_on", "pk")
            .distinct()[:60]
        )
        first: dict[int, Any] = {}
        for term in terms:
            first.setdefault(term.rotation_id, term)
        taken = taken_over(self.request.user, list(first.values()))
        for term in first.values():
            term.took_over, term.open_matters = taken.get(term.pk, (None, 0))
        return list(first.values())

    def _duties(self) -> QuerySet[Any]:
        user: Any = self.request.user
        away = visible_to(user, LiaisonAbsence).exclude(ends_on__lte=self.today)
        return (
            visible_to(user, LiaisonAppointment)
            .current(self.today)
            .filter(person=user.person_id or 0)
            .exclude(
                party__agreement__status__in=(AgreementStatus.ENDED, AgreementStatus.ABANDONED)
            )
            .select_related("party__agreement", "party__organization")
            .prefetch_related(Prefetch("absences", away, to_attr="away"))
        )

    def _attestations(self) -> list[Any]:
        """What the reader, or their organization, has been asked and not answered."""
        user: Any = self.request.user
        asked = visible_to(user, LiaisonAttestation).waiting(self.today)
        if oversees(user):
            asked = asked.filter(appointment__person=user.person_id or 0)
        return list(
            asked.select_related(
                "appointment__party__agreement",
                "appointment__party__organization",
                "appointment__person",
            ).order_by("asked_on", "pk")
        )

    def _receipts(self) -> int:
        """How many notices to the reader wait for a week already for their receipt."""
        user: Any = self.request.user
        to_chase = visible_to(user, Notice).addressed_to(user.person_id, self.own)
        return int(to_chase.to_chase(self.today).count())

    def _own_parties(self) -> QuerySet[Any]:
        return visible_to(self.request.user, Party).filter(organization__in=self.own)
