"""What proposes itself: matters of an agreement that the next consultation has to deal with.

Tasks that the ladder of supervision brings there, open decisions, vacant seats, parties without a
liaison officer, groups past their sunset and minutes that nobody was sent come before the next
consultation by themselves, under whoever convenes it. Each does so once per consultation, by its
key, and withdraws when its reason has gone while it is still a mere proposal.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from agreements.agreement import Agreement
from agreements.agreement import Status as AgreementStatus
from agreements.mechanisms.agenda import AgendaItem
from agreements.mechanisms.agenda_rules import OPEN, Origin
from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.convenor_terms import ConvenorTerm, State
from agreements.mechanisms.decisions import Decision, number_turn
from agreements.mechanisms.liaison_coverage import uncovered, uncovered_soon
from agreements.mechanisms.minutes import undelivered
from agreements.mechanisms.regular_consultation import TO_COME
from agreements.mechanisms.special_group import SpecialGroup
from agreements.mechanisms.special_group import Status as GroupStatus
from agreements.supervising import on_the_agenda
from agreements.tasks import Task
from governance.record import unit
from governance.wording import day_text

ALIVE = (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE, AgreementStatus.SUSPENDED)

# A consultation that is not recorded as held by then keeps no mere proposals.
RECORDED_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to be dealt with. ``group``: whose consultation it is for, if that has one."""

    key: str
    title: Any
    explanation: Any
    names: dict[str, Any]
    group: SpecialGroup | None = None
    subjects: tuple[tuple[str, Model], ...] = ()
    illustrative: bool = False

    def facts(self) -> dict[str, Any]:
        """The facts of its agenda item, in both languages."""
        told: dict[str, Any] = {"key": self.key, "illustrative": self.illustrative}
        for language, suffix in (("en", ""), ("zh-hans", "_zh")):
            with override(language):
                names = {
                    name: day_text(value) if isinstance(value, date) else str(value)
                    for name, value in self.names.items()
                }
                told[f"title{suffix}"] = (str(self.title) % names)[:300]
                told[f"explanation{suffix}"] = str(self.explanation) % names
        return told | dict(self.subjects)


def matters(agreement: Agreement, on: date) -> list[Matter]:
    """What the agreement's next consultations have to deal with, as it stands on that day."""
    late = on_the_agenda(agreement, on)
    told = {task.decision_id for task in late}
    return [
        *(_overdue(task) for task in late),
        *(_open(one) for one in _open_decisions(agreement, on) if one.pk not in told),
        *_vacant_terms(agreement, on),
        *_uncovered_parties(agreement, on),
        *_groups_past_sunset(agreement, on),
        *_minutes_owed(agreement, on),
    ]


def _overdue(task: Task) -> Matter:
    return Matter(
        f"task:{task.public_id}",
        _("Overdue task: %(task)s"),
        _("It was due on %(due)s. Lead organization: %(lead)s."),
        {"task": task, "due": task.due_on, "lead": task.lead or _("none")},
        group=task.group,
        subjects=(("task", task),),
        illustrative=task.illustrative,
    )


def _open_decisions(agreement: Agreement, on: date) -> Iterable[Decision]:
    """Those taken before and not carried out; one whose task is late is told of by that task."""
    found = Decision.objects.open().filter(agreement=agreement, decided_on__lt=on)
    return found.select_related("consultation__group").order_by("decided_on", "pk")


def _open(decision: Decision) -> Matter:
    return Matter(
        f"decision:{decision.public_id}",
        _("%(decision)s is still being carried out"),
        _("Decided on %(day)s. Its tasks are not all done."),
        {"decision": decision, "day": decision.decided_on},
        group=decision.consultation.group,
        subjects=(("decision", decision),),
        illustrative=decision.illustrative,
    )


def _vacant_terms(agreement: Agreement, on: date) -> Iterator[Matter]:
    """The term of the day and the one behind it, of each rotation."""
    terms = (
        ConvenorTerm.objects.filter(rotation__agreement=agreement)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))
        .select_related("rotation__group")
        .order_by("rotation", "starts_on")
    )
    seen: dict[int, int] = {}
    for term in terms:
        seen[term.rotation_id] = seen.get(term.rotation_id, 0) + 1
        if seen[term.rotation_id] > 2 or term.state not in {State.VACANT, State.UNDECIDED}:
            continue
        yield Matter(
            f"term:{term.rotation.public_id}:{term.starts_on.isoformat()}",
            _("Nobody convenes from %(day)s"),
            _("The term of “%(rotation)s” that begins then has no holder."),
            {"rotation": term.rotation, "day": term.starts_on},
            group=term.rotation.group,
            illustrative=term.rotation.illustrative,
        )


def _uncovered_parties(agreement: Agreement, on: date) -> Iterator[Matter]:
    parties = agreement.party_set.select_related("organization").order_by("pk")
    for without, explanation in (
        (uncovered(parties, on), _("It has nobody in post.")),
        (uncovered_soon(parties, on), _("The appointment ends within thirty days.")),
    ):
        for party in without:
            yield Matter(
                f"liaison:{party.public_id}",
                _("%(party)s needs a liaison officer"),
                explanation,
                {"party": party},
                subjects=(("about_party", party),),
                illustrative=party.illustrative,
            )


def _groups_past_sunset(agreement: Agreement, on: date) -> Iterator[Matter]:
    for group in agreement.special_groups.filter(status=GroupStatus.ACTIVE, sunset_on__lte=on):
        yield Matter(
            f"sunset:{group.public_id}",
            _("Close or prolong the group “%(group)s”"),
            _("Its sunset was on %(day)s, and it is still at work."),
            {"group": group, "day": group.sunset_on},
            group=group,
            subjects=(("about_group", group),),
            illustrative=group.illustrative,
        )


def _minutes_owed(agreement: Agreement, on: date) -> Iterator[Matter]:
    owed = undelivered(Consultation.objects.filter(agreement=agreement), on)
    for consultation in owed.select_related("group", "series", "host").order_by("held_on", "pk"):
        yield Matter(
            f"minutes:{consultation.public_id}",
            _("Minutes outstanding: %(consultation)s, %(day)s"),
            _("They have not been circulated. Host: %(host)s."),
            {
                "consultation": consultation,
                "day": consultation.held_on,
                "host": consultation.host or _("none"),
            },
            group=consultation.group,
            illustrative=consultation.illustrative,
        )


# putting them on agendas


def propose_matters(agreement: Agreement, on: date) -> int:
    """Put before the next consultations what has to be, and take back what no longer has.

    How many items were proposed or withdrawn. Running it again changes nothing.
    """
    with unit():
        number_turn(agreement)
        # The meetings before their items, as everybody takes them who settles an agenda.
        passed, coming = _passed(agreement, on), _coming(agreement, on)
        found = matters(agreement, on) if agreement.status in ALIVE else []
        return (
            _seat_waiting(agreement, coming, on)
            + _take_back(agreement, found, on)
            + _move_on(passed, found, coming, on)
            + _put_forward(agreement, found, coming, on)
        )


def _seat_waiting(agreement: Agreement, coming: list[Consultation], on: date) -> int:
    """Put what waits for a next consultation before it, where one was planned just meanwhile."""
    waiting = agreement.agenda_items.waiting().count()
    for consultation in coming if waiting else ():
        agreement.agenda_items.join(consultation, by=None, on=on)
    return waiting - agreement.agenda_items.waiting().count() if waiting else 0


def _take_back(agreement: Agreement, found: list[Matter], on: date) -> int:
    keys = {matter.key for matter in found}
    gone = agreement.agenda_items.filter(origin=Origin.SYSTEM, status=ItemStatus.PROPOSED).exclude(
        key__in=keys
    )
    for item in gone:
        day = max(on, item.status_since or on)
        item.withdraw(by=None, on=day, reason=_("Its reason has gone."))
    return len(gone)


def _move_on(
    passed: list[Consultation], found: list[Matter], coming: list[Consultation], on: date
) -> int:
    """What was merely proposed to a consultation that nobody recorded as held goes on to the next.

    After a week, for a host may record a meeting late.
    """
    stuck = AgendaItem.objects.filter(
        consultation__in=passed, origin=Origin.SYSTEM, status=ItemStatus.PROPOSED
    )
    by_key = {matter.key: matter for matter in found}
    moved = 0
    for item in stuck.order_by("pk") if passed and coming else ():
        following = _for(by_key[item.key], coming) if item.key in by_key else None
        if following is not None:
            item.place(following, by=None, on=on)
            moved += 1
    return moved


def _put_forward(
    agreement: Agreement, found: list[Matter], coming: list[Consultation], on: date
) -> int:
    if not found:
        return 0
    open_keys = set(agreement.agenda_items.open().exclude(key="").values_list("key", flat=True))
    known = set(
        agreement.agenda_items.filter(consultation__in=coming)
        .exclude(key="")
        .values_list("consultation_id", "key")
    )
    made = 0
    for matter in found:
        consultation = _for(matter, coming)
        if consultation is None or matter.key in open_keys:
            continue
        if (consultation.pk, matter.key) in known:
            continue
        AgendaItem.enter(
            by=None,
            on=on,
            agreement=agreement,
            consultation=consultation,
            origin=Origin.SYSTEM,
            **matter.facts(),
        )
        made += 1
    return made


def _passed(agreement: Agreement, on: date) -> list[Consultation]:
    """Those whose day passed more than a week ago, and that nobody recorded as held."""
    before = datetime.combine(on - RECORDED_WITHIN, time(), tzinfo=timezone.get_default_timezone())
    rows = agreement.consultations.filter(status__in=TO_COME, starts_at__lt=before)
    return list(rows.select_for_update().order_by("starts_at", "pk"))


def _coming(agreement: Agreement, on: date) -> list[Consultation]:
    """Those to come that have a date, the nearest first; nobody closes them meanwhile."""
    from_then = datetime.combine(on, time(), tzinfo=timezone.get_default_timezone())
    rows = agreement.consultations.filter(status__in=TO_COME, starts_at__gte=from_then)
    return list(rows.select_for_update().order_by("starts_at", "pk"))


def _for(matter: Matter, coming: list[Consultation]) -> Consultation | None:
    """The next of the group it belongs to, else the next of the agreement, of a series if any."""
    own = matter.group.pk if matter.group is not None else None
    lines = [own, None] if own is not None else [None]
    for group in lines:
        of_line = [one for one in coming if one.group_id == group]
        in_series = [one for one in of_line if one.series_id is not None]
        if of_line:
            return (in_series or of_line)[0]
    return None


def propose_to_agendas(on: date) -> int:
    """Let every agreement's matters propose themselves. How many items changed."""
    concerned = Agreement.objects.filter(
        Q(status__in=ALIVE, consultations__status__in=TO_COME)
        | Q(agenda_items__consultation__isnull=True, agenda_items__status__in=OPEN)
        | Q(agenda_items__origin=Origin.SYSTEM, agenda_items__status=ItemStatus.PROPOSED)
    ).distinct()
    return sum(propose_matters(agreement, on) for agreement in concerned.order_by("pk"))
