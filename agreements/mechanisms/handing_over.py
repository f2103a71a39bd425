"""Handing over: what is open at a boundary, signing it off, and what passes on.

The list is worked out as long as the handover is open, and kept with it once both sides have
signed. What is open still is the incoming convenor's: it is told what it took over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements import notices
from agreements.agreement import Status as AgreementStatus
from agreements.mechanisms.agenda import AgendaItem
from agreements.mechanisms.agenda_rules import OPEN as OPEN_ITEMS
from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_hosts import hosts_of
from agreements.mechanisms.handover import Handover, Side, boundaries
from agreements.mechanisms.minutes import MINUTES_DUE_DAYS
from agreements.mechanisms.minutes import Status as MinutesStatus
from agreements.mechanisms.regular_consultation import TO_COME
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.mechanisms.rotating_convenor import Rotation
from agreements.mechanisms.special_group import Status as GroupStatus
from agreements.party import Party
from agreements.tasks import OPEN as OPEN_TASKS
from agreements.tasks import Status as TaskStatus
from agreements.tasks import Task
from governance import clock
from governance.base import bilingual
from governance.record import unit

Matter = dict[str, Any]
# Of how many days ahead consultations are handed over where the incoming term has no end.
AHEAD = timedelta(days=365)
_OVER = (AgreementStatus.ENDED, AgreementStatus.ABANDONED)


class MatterKind(models.TextChoices):
    """What kind of thing passes from one convenor to the next."""

    TASK = "task", _("Task")
    CONSULTATION = "consultation", _("Consultation")
    AGENDA_ITEM = "agenda_item", _("Agenda item")
    MINUTES = "minutes", _("Minutes")


# How the states of each kind are called.
STATES: dict[str, Any] = {
    MatterKind.TASK: TaskStatus,
    MatterKind.CONSULTATION: ConsultationStatus,
    MatterKind.AGENDA_ITEM: ItemStatus,
    MatterKind.MINUTES: MinutesStatus,
}
# Of what kind the object is that a matter names: minutes are those of a consultation, which may
# not be written yet.
MODELS: dict[str, type[models.Model]] = {
    MatterKind.TASK: Task,
    MatterKind.CONSULTATION: Consultation,
    MatterKind.AGENDA_ITEM: AgendaItem,
    MatterKind.MINUTES: Consultation,
}
_UNDELIVERED = Q(status=ConsultationStatus.CLOSED) & (
    Q(minutes__isnull=True) | ~Q(minutes__status=MinutesStatus.APPROVED)
)
# When they are open.
_OPEN: dict[str, Q] = {
    MatterKind.TASK: Q(status__in=OPEN_TASKS),
    MatterKind.CONSULTATION: Q(status__in=TO_COME),
    MatterKind.AGENDA_ITEM: Q(status__in=tuple(OPEN_ITEMS)),
    MatterKind.MINUTES: _UNDELIVERED,
}


@dataclass(frozen=True, slots=True)
class ReadableMatter:
    """A matter as people read it; ``who`` is empty where it lies with nobody."""

    key: str
    kind: str
    kind_label: str
    name: str
    who: str
    state: str
    due_on: date | None
    late: bool


def readable(matter: Matter) -> ReadableMatter:
    """A matter in the reader's language."""
    kind, who = MatterKind(matter["kind"]), matter["who"]
    name = bilingual(matter["name"], matter["name_zh"]) or str(kind.label)
    return ReadableMatter(
        key=matter["id"],
        kind=kind.value,
        kind_label=str(kind.label),
        name=f"{matter['reference']} {name}".strip(),
        who=bilingual(who["name"], who["name_zh"]) if who else "",
        state=str(STATES[kind](matter["state"]).label if matter["state"] else _("Not written yet")),
        due_on=date.fromisoformat(matter["due_on"]) if matter["due_on"] else None,
        late=matter["late"],
    )


# what is open


def matters_of(handovers: Iterable[Handover], on: date) -> dict[int, list[Matter]]:
    """What each handover hands over: kept, or as it is on the day ``on`` while it is open.

    A matter: ``kind``, ``id``, ``reference``, ``name``, ``name_zh``, ``state``, ``who`` (the
    organization it lies with, or None), ``due_on``, ``late``. Constant queries.
    """
    handovers = list(handovers)
    live = [one for one in handovers if one.matters is None]
    found: dict[int, list[Matter]] = {one.pk: one.matters or [] for one in handovers}
    if not live:
        return found
    of_agreements = {one.rotation.agreement_id for one in live}
    matters = [
        *_tasks(of_agreements, on),
        *_agenda_items(of_agreements),
        *_consultations(of_agreements, on),
        *_minutes(of_agreements, on),
    ]
    for one in live:
        group = one.rotation.group_id
        found[one.pk] = [
            matter
            for agreement, of_group, day, matter in matters
            if agreement == one.rotation.agreement_id
            and (group is None or of_group == group)
            and _is_handed_over(one, matter["kind"], day)
        ]
    return found


def _is_handed_over(handover: Handover, kind: str, day: date | None) -> bool:
    """Whether a matter of that day belongs to this boundary.

    Of minutes those of what was held in the outgoing term; of what is to come all that lies
    before the end of the incoming one; the rest whenever it was.
    """
    if day is None:
        return True
    if kind == MatterKind.MINUTES:
        begun = handover.outgoing.starts_on if handover.outgoing is not None else date.min
        return begun <= day < handover.boundary_on
    return day < _until(handover)


def _until(handover: Handover) -> date:
    """The day up to which coming consultations are the incoming convenor's."""
    ends_on = handover.incoming.ends_on if handover.incoming is not None else None
    return ends_on or handover.boundary_on + AHEAD


# Agreement, group, the day of the consultation it has to do with (None: none), the matter itself.
_Placed = tuple[int, int | None, date | None, Matter]


def _tasks(agreements: set[int], on: date) -> Iterable[_Placed]:
    rows = (
        Task.objects.open()
        .filter(agreement__in=agreements)
        .select_related("lead")
        .order_by(models.F("due_on").asc(nulls_last=True), "agreement", "number")
    )
    for task in rows:
        late = task.due_on is not None and task.due_on < on
        lead = task.lead and _named(task.lead)
        names = (f"T{task.number}", task.title, task.title_zh)
        matter = _matter(MatterKind.TASK, task, names, lead, task.due_on, late)
        yield task.agreement_id, task.group_id, None, matter


def _consultations(agreements: set[int], on: date) -> Iterable[_Placed]:
    awaited = list(
        Consultation.objects.filter(agreement__in=agreements, status__in=TO_COME)
        .select_related("series__host", "host")
        .order_by(models.F("starts_at").asc(nulls_last=True), "pk")
    )
    hosts = hosts_of(awaited)
    for one in awaited:
        late = one.day is not None and one.day < on
        host = hosts.get(one.pk)
        who = _named(host) if host else None
        matter = _matter(MatterKind.CONSULTATION, one, _names(one), who, one.day, late)
        yield one.agreement_id, one.group_id, one.day, matter


def _agenda_items(agreements: set[int]) -> Iterable[_Placed]:
    undecided = (
        AgendaItem.objects.open()
        .filter(agreement__in=agreements)
        .select_related("consultation__series", "proposed_by")
        .order_by("consultation__starts_at", models.F("number").asc(nulls_last=True), "pk")
    )
    for item in undecided:
        consultation = item.consultation
        day = consultation.day if consultation is not None else None
        group = consultation.group_id if consultation is not None else None
        proposer = item.proposed_by and _named(item.proposed_by)
        names = ("", item.title, item.title_zh)
        matter = _matter(MatterKind.AGENDA_ITEM, item, names, proposer, day, False)
        yield item.agreement_id, group, day, matter


def _minutes(agreements: set[int], on: date) -> Iterable[_Placed]:
    held = (
        Consultation.objects.filter(_UNDELIVERED, agreement__in=agreements)
        .select_related("series", "host", "minutes")
        .order_by("held_on", "pk")
    )
    for one in held:
        minutes = getattr(one, "minutes", None)
        due_on = one.held_on + timedelta(days=MINUTES_DUE_DAYS) if one.held_on else None
        delivered = minutes is not None and minutes.status != MinutesStatus.DRAFTED
        matter = _matter(
            MatterKind.MINUTES,
            one,
            _names(one),
            _named(one.host) if one.host else None,
            due_on,
            not delivered and due_on is not None and due_on < on,
        )
        matter["state"] = minutes.status if minutes is not None else ""
        yield one.agreement_id, one.group_id, one.held_on, matter


def _names(consultation: Consultation) -> tuple[str, str, str]:
    series = consultation.series
    return (
        "",
        consultation.title or (series.name if series else ""),
        consultation.title_zh or (series.name_zh if series else ""),
    )


def _matter(
    kind: MatterKind,
    row: Any,
    names: tuple[str, str, str],
    who: dict[str, str] | None,
    due_on: date | None,
    late: bool,
) -> Matter:
    reference, name, name_zh = names
    return {
        "kind": str(kind),
        "id": str(row.public_id),
        "reference": reference,
        "name": name,
        "name_zh": name_zh,
        "state": row.status,
        "who": who,
        "due_on": due_on.isoformat() if due_on else None,
        "late": late,
    }


def _named(organization: Any) -> dict[str, str]:
    return {
        "id": str(organization.public_id),
        "name": organization.short_name or organization.name,
        "name_zh": organization.short_name_zh or organization.name_zh,
    }


def open_now(matters: Iterable[Matter]) -> set[str]:
    """The ids of those that are open to this day. Constant queries."""
    by_kind: dict[str, list[str]] = {}
    for matter in matters:
        by_kind.setdefault(matter["kind"], []).append(matter["id"])
    return {
        str(key)
        for kind, ids in by_kind.items()
        for key in MODELS[kind]
        ._default_manager.filter(_OPEN[kind], public_id__in=ids)
        .values_list("public_id", flat=True)
    }


# changes


def sign_off(
    handover: Handover,
    side: str,
    *,
    by: Any,
    on: date,
    note: str = "",
    reason: str = "",
    version: int | None = None,
) -> Handover:
    """A side signs; with the second signature what is open that day is kept with the handover."""
    with unit():
        matters = matters_of([handover], on)[handover.pk]
        handover.sign(
            side, by=by, on=on, matters=matters, note=note, reason=reason, version=version
        )
    return handover


def open_handovers(on: date) -> int:
    """The daily step: open the handovers that are near, and keep deadlines up to date.

    A boundary from so many days ago to so many days ahead as the rotation says, though none from
    before the rotation was entered: a past that is laid down afterwards was handed over long ago.
    Returns how many were opened or moved.
    """
    done = 0
    for handover in Handover.objects.open().select_related("rotation").order_by("pk"):
        done += handover.follow(on=on)
    alive = Q(agreement__ended_on__isnull=True) & ~Q(agreement__status__in=_OVER)
    at_work = Q(group__isnull=True) | Q(group__status=GroupStatus.ACTIVE)
    for rotation in Rotation.objects.filter(alive & at_work).order_by("pk"):
        near = timedelta(days=rotation.handover_opens_days)
        start = max(on - near, clock.day_of(rotation.created_at))
        known = set(rotation.handovers.values_list("boundary_on", flat=True))
        for boundary in boundaries(rotation, start, on + near):
            if boundary not in known:
                with unit():
                    opened = Handover.enter(by=None, on=on, rotation=rotation, boundary_on=boundary)
                    _tell("handover_opened", opened, on, once=str(opened.public_id))
                done += 1
    return done


def report_late(on: date) -> int:
    """The daily step: tell both sides of each handover that is late, once per deadline.

    Returns how many were told of.
    """
    alive = Q(rotation__agreement__ended_on__isnull=True)
    late = Handover.objects.late(on).filter(alive).select_related("rotation__agreement")
    done = 0
    for handover in late.order_by("pk"):
        once = f"{handover.public_id}:{handover.due_on.isoformat()}"
        done += bool(_tell("handover_late", handover, on, once=once))
    return done


def _tell(kind: str, handover: Handover, on: date, *, once: str) -> list[notices.Notice]:
    """Tell both sides: parties through their liaison officers, others as a whole."""
    agreement = handover.rotation.agreement
    terms = [term for term in (handover.outgoing, handover.incoming) if term is not None]
    holders = {
        held.organization_id: held.organization
        for term in terms
        for held in term.holdings.select_related("organization")
    }
    parties = list(
        Party.objects.current(on)
        .filter(agreement=agreement, organization__in=holders)
        .select_related("organization", "agreement")
    )
    of_parties = {party.organization_id for party in parties}
    return notices.tell(
        kind,
        by=None,
        on=on,
        agreement=agreement,
        about=handover,
        parties=parties,
        organizations=[one for pk, one in holders.items() if pk not in of_parties],
        once=f"{kind}:{once}",
        boundary=handover.boundary_on,
        due=handover.due_on,
        outgoing=[_either(one) for one in handover.of(Side.OUTGOING)],
        incoming=[_either(one) for one in handover.of(Side.INCOMING)],
    )


def _either(holder: dict[str, str]) -> dict[str, str]:
    """A name in every language of the installation, as notices keep it."""
    name, name_zh = holder["name"], holder["name_zh"]
    return {"en": name or name_zh, "zh-hans": name_zh or name}
