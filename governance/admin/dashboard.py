"""What needs a hand today: the first page of the back office, each line with its way there."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.agreement import Status as AgreementStatus
from agreements.mechanisms.cadence_alarm import missed, owing
from agreements.mechanisms.handover import Side
from agreements.mechanisms.held_as_promised import Reckoning
from agreements.mechanisms.liaison_coverage import uncovered, uncovered_soon
from agreements.mechanisms.special_group import Status as GroupStatus
from agreements.models import (
    Agreement,
    Consultation,
    ConsultationSeries,
    ConvenorTerm,
    Handover,
    LiaisonAttestation,
    Party,
    SpecialGroup,
    Task,
)
from agreements.progress import Light
from agreements.tasks import Status as TaskStatus
from governance import clock
from governance.access import visible_to
from governance.admin.dashboard_lines import (
    SHOWN,
    Line,
    Section,
    add_address,
    change_address,
    list_address,
    shown_day,
)
from governance.admin.dashboard_meetings import of_meetings
from governance.base import bilingual
from governance.wording import listed

HANDOVER_DAYS = 30
COMING_DAYS = 14
IDLE_DAYS = 30
ALIVE = (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE, AgreementStatus.SUSPENDED)


def sections(user: Any) -> list[Section]:
    """Everything the user sees that needs a hand today."""
    today = clock.today()
    return [
        _overdue(user, today),
        _to_verify(user),
        _to_reassign(user),
        _without_liaison(user, today),
        _without_liaison_soon(user, today),
        _late_handovers(user, today),
        _handovers(user, today),
        _coming(user, today),
        _owed(user, today),
        *of_meetings(user, today),
        _past_sunset(user, today),
        _near_sunset(user, today),
        _to_chase(user, today),
        _idle_drafts(user, today),
    ]


def _overdue(user: Any, today: date) -> Section:
    late = visible_to(user, Task).open().with_light(today).filter(light=Light.OVERDUE)
    by_agreement = list(
        late.order_by()
        .values("agreement", "agreement__title", "agreement__title_zh", "agreement__reference")
        .annotate(number=Count("pk"))
        .order_by("-number", "agreement__reference")
    )
    return Section(
        _("Overdue tasks"),
        [
            Line(
                bilingual(row["agreement__title"], row["agreement__title_zh"]),
                ngettext("%(count)d task", "%(count)d tasks", row["number"])
                % {"count": row["number"]},
                list_address("task", light=Light.OVERDUE, agreement__id__exact=row["agreement"]),
            )
            for row in by_agreement[:SHOWN]
        ],
        sum(row["number"] for row in by_agreement),
        list_address("task", light=Light.OVERDUE),
        late=True,
    )


def _to_verify(user: Any) -> Section:
    waiting = (
        visible_to(user, Task).filter(status=TaskStatus.SUBMITTED).order_by("submitted_on", "id")
    )
    return Section(
        _("Tasks waiting for verification"),
        [
            Line(
                str(task),
                _("submitted on %(day)s") % {"day": shown_day(task.submitted_on)},
                change_address("task", task.pk),
            )
            for task in waiting[:SHOWN]
        ],
        waiting.count(),
        list_address("task", status__exact=TaskStatus.SUBMITTED),
    )


def _to_reassign(user: Any) -> Section:
    flagged = (
        visible_to(user, Task)
        .open()
        .filter(needs_reassignment=True)
        .select_related("lead", "agreement")
    )
    return Section(
        _("Tasks that need another organization"),
        [
            Line(str(task), str(task.lead or task.agreement), change_address("task", task.pk))
            for task in flagged[:SHOWN]
        ],
        flagged.count(),
        list_address("task", needs_reassignment__exact=1),
        late=True,
    )


def _without_liaison(user: Any, today: date) -> Section:
    parties = uncovered(visible_to(user, Party), today)
    return Section(
        _("Parties without a liaison officer"),
        _parties(parties),
        parties.count(),
        list_address("party", covered="no"),
        late=True,
    )


def _without_liaison_soon(user: Any, today: date) -> Section:
    parties = uncovered_soon(visible_to(user, Party), today)
    return Section(
        _("Liaison officers leaving within 30 days, nobody named"),
        _parties(parties),
        parties.count(),
        list_address("party", covered="soon"),
    )


def _parties(parties: Any) -> list[Line]:
    ordered = parties.select_related("organization", "agreement").order_by("agreement", "position")
    return [
        Line(
            str(party.organization),
            str(party.agreement),
            add_address("liaisonappointment", party=party.pk),
        )
        for party in ordered[:SHOWN]
    ]


def _late_handovers(user: Any, today: date) -> Section:
    late = (
        visible_to(user, Handover)
        .late(today)
        .select_related("rotation__agreement")
        .order_by("due_on", "id")
    )
    return Section(
        _("Late handovers"),
        [
            Line(
                str(handover.rotation.agreement),
                _("%(one)s to %(other)s, to be signed by %(day)s")
                % {
                    "one": listed(handover.names_of(Side.OUTGOING)),
                    "other": listed(handover.names_of(Side.INCOMING)),
                    "day": shown_day(handover.due_on),
                },
                change_address("handover", handover.pk),
            )
            for handover in late[:SHOWN]
        ],
        late.count(),
        list_address("handover", standing="late"),
        late=True,
    )


def _handovers(user: Any, today: date) -> Section:
    ending = (
        visible_to(user, ConvenorTerm)
        .filter(
            rotation__agreement__status__in=ALIVE,
            starts_on__lte=today,
            ends_on__gt=today,
            ends_on__lte=today + timedelta(days=HANDOVER_DAYS),
        )
        .select_related("rotation__agreement")
        .order_by("ends_on", "id")
    )
    shown = list(ending[:SHOWN])
    following = visible_to(user, ConvenorTerm).filter(
        rotation__in=[term.rotation_id for term in shown],
        starts_on__in=[term.ends_on for term in shown],
    )
    holders: dict[tuple[int, date], str] = {}
    for term in [*shown, *following.prefetch_related("holdings__organization")]:
        names = listed(held.organization.label for held in term.holdings.all())
        holders[(term.rotation_id, term.starts_on)] = names or _("nobody yet")
    return Section(
        _("Convenor hand-overs within 30 days"),
        [
            Line(
                str(term.rotation.agreement),
                _("%(day)s: from %(one)s to %(other)s")
                % {
                    "day": shown_day(term.ends_on),
                    "one": holders[(term.rotation_id, term.starts_on)],
                    "other": holders.get((term.rotation_id, term.ends_on), _("nobody yet")),
                },
                change_address("rotation", term.rotation_id),
            )
            for term in shown
        ],
        ending.count(),
        list_address("convenorterm", when="ending"),
    )


def _coming(user: Any, today: date) -> Section:
    coming = (
        visible_to(user, Consultation)
        .coming(clock.now())
        .filter(starts_at__date__lte=today + timedelta(days=COMING_DAYS))
        .select_related("agreement", "series")
    )
    return Section(
        _("Consultations within 14 days"),
        [
            Line(
                str(consultation),
                f"{shown_day(consultation.day)} · {consultation.agreement}",
                change_address("consultation", consultation.pk),
            )
            for consultation in coming[:SHOWN]
        ],
        coming.count(),
        list_address("consultation", when="coming"),
    )


def _owed(user: Any, today: date) -> Section:
    owed = owing_series(user, today)
    return Section(
        _("Consultations owed"),
        [
            Line(
                str(found.series.agreement),
                _what_is_owed(found),
                change_address("consultationseries", found.series.pk),
            )
            for found in owed[:SHOWN]
        ],
        len(owed),
        list_address("consultationseries", owed="yes"),
        late=True,
    )


def _what_is_owed(found: Reckoning) -> str:
    if missed(found):
        last = found.periods[-1]
        return _("%(held)d of %(times)d held by %(day)s") % {
            "held": last.held,
            "times": last.promised,
            "day": shown_day(last.ends_on - timedelta(days=1)),
        }
    assert found.running is not None
    return _("none planned by %(day)s") % {
        "day": shown_day(found.running.ends_on - timedelta(days=1))
    }


def owing_series(user: Any, today: date) -> list[Reckoning]:
    """What series owe: their last whole period was not kept, or this one runs out unplanned."""
    seen = visible_to(user, Consultation)
    return owing(visible_to(user, ConsultationSeries).order_by("agreement", "id"), today, seen)


def _past_sunset(user: Any, today: date) -> Section:
    past = (
        visible_to(user, SpecialGroup)
        .filter(status=GroupStatus.ACTIVE, sunset_on__lte=today)
        .select_related("agreement")
    )
    return Section(
        _("Groups past their sunset"),
        [
            Line(
                str(group),
                _("sunset on %(day)s") % {"day": shown_day(group.sunset_on)},
                change_address("specialgroup", group.pk),
            )
            for group in past[:SHOWN]
        ],
        past.count(),
        list_address("specialgroup", sunset="past"),
    )


def _near_sunset(user: Any, today: date) -> Section:
    near = visible_to(user, SpecialGroup).near_sunset(today).select_related("agreement")
    return Section(
        _("Groups that reach their sunset within 30 days"),
        [
            Line(
                str(group),
                _("sunset on %(day)s") % {"day": shown_day(group.sunset_on)},
                change_address("specialgroup", group.pk),
            )
            for group in near.order_by("sunset_on", "pk")[:SHOWN]
        ],
        near.count(),
        list_address("specialgroup", sunset="near"),
    )


def _to_chase(user: Any, today: date) -> Section:
    """Only those that were reminded already, or said no: the others have time to answer."""
    open_ones = visible_to(user, LiaisonAttestation).to_chase(today)
    chased = open_ones.exclude(answered_on__isnull=True, reminded_on__isnull=True)
    return Section(
        _("Liaison officers who do not answer"),
        [
            Line(
                str(one.appointment),
                _("asked on %(day)s") % {"day": shown_day(one.asked_on)},
                change_address("liaisonattestation", one.pk),
            )
            for one in chased.select_related(
                "appointment__person", "appointment__party__organization"
            )[:SHOWN]
        ],
        chased.count(),
        list_address("liaisonattestation", chase="open"),
    )


def _idle_drafts(user: Any, today: date) -> Section:
    idle = idle_drafts(user, today)
    return Section(
        _("Drafts without progress"),
        [
            Line(
                str(draft) or draft.reference,
                _("untouched since %(day)s") % {"day": shown_day(draft.changed_at.date())},
                change_address("agreement", draft.pk),
            )
            for draft in idle[:SHOWN]
        ],
        idle.count(),
        list_address("agreement", idle="yes"),
    )


def idle_drafts(user: Any, today: date) -> Any:
    """Drafts that nobody has touched for thirty days."""
    long_ago = today - timedelta(days=IDLE_DAYS)
    drafts = visible_to(user, Agreement).filter(status=AgreementStatus.DRAFT)
    return drafts.filter(changed_at__date__lt=long_ago).order_by("changed_at")
