"""Implementation health of an agreement: are its mechanisms alive, and is what was promised done?

A view over the rest that writes nothing. Counted over what exists for whoever asks: ``rows_of``
gives it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.indicators import Indicator
from agreements.mechanisms.cadence_alarm import missed, runs_out
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.convenor_terms import ConvenorTerm, TermHolder
from agreements.mechanisms.handover import Handover
from agreements.mechanisms.held_as_promised import lately, reckoned, together
from agreements.mechanisms.liaison_coverage import Cover, coverage
from agreements.mechanisms.liaison_officer import ALIVE, LiaisonAppointment
from agreements.mechanisms.rotating_convenor import Rotation
from agreements.mechanisms.special_group import SpecialGroup
from agreements.party import Party
from agreements.progress import Light, weighted
from agreements.tasks import Status, Task
from agreements.timetable import Milestone
from agreements.what_is_wrong import Matter, Rows, matters
from governance.wording import day_text, listed

# How many of the next deadlines are told.
DEADLINES = 8


class State(models.TextChoices):
    """How a mechanism stands."""

    ABSENT = "absent", gettext_lazy("Not in place")
    DORMANT = "dormant", gettext_lazy("In place, not alive")
    ALIVE = "alive", gettext_lazy("In place and alive")


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One of the four mechanisms: how it stands, and the sentence that says why.

    ``part`` is the part of the agreement in which it is seen.
    """

    key: str
    label: str
    state: State
    sentence: str
    part: str


@dataclass(frozen=True, slots=True)
class Promised:
    """Consultations held against promised in the last twelve months, and still owed."""

    promised: int
    held: int
    missed: int
    owed: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the tasks stand. Shares are counted in hundredths of one per cent.

    ``lights`` has all five, those without a task too; ``resting``: suspended or cancelled, without
    a light. ``quantified``: with an indicator that has a target, out of those not cancelled.
    ``progress`` and ``expected``: weighted means, the latter of the tasks that have both dates;
    None without a task to count.
    """

    lights: dict[str, int]
    resting: int
    counted: int
    quantified: int
    progress: int | None
    expected: int | None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day by which something is due. ``kind``: task, milestone, handover or agreement."""

    on: date
    kind: str
    about: Any
    title: str


@dataclass(frozen=True, slots=True)
class Health:
    """How an agreement is carried out on a day.

    ``is_alive``: signed and not ended, so that something is expected of it. ``promised`` is None
    where it is not known how often the parties meet.
    """

    on: date
    is_alive: bool
    mechanisms: tuple[Mechanism, ...]
    covers: tuple[Cover, ...]
    promised: Promised | None
    tasks: Standing
    deadlines: tuple[Deadline, ...]
    matters: tuple[Matter, ...]

    @property
    def covered(self) -> int:
        """How many of the parties that owe a liaison officer have one that day."""
        return sum(_is_covered(cover, self.on) for cover in self.covers)


def _is_covered(cover: Cover, on: date) -> bool:
    return cover.vacant_from is None or cover.vacant_from > on


def health(agreement: Agreement, *, on: date, at: datetime, rows_of: Rows) -> Health:
    """The health of the agreement on the day ``on``, in a constant number of queries.

    ``at`` is the moment after which consultations are still to come.
    """
    parties = rows_of(Party).filter(agreement=agreement)
    covers = tuple(coverage(parties, on, rows_of=rows_of))
    series = list(
        rows_of(ConsultationSeries).filter(agreement=agreement).select_related("agreement")
    )
    meetings = rows_of(Consultation).filter(agreement=agreement)
    found = [
        one for one in reckoned(series, *lately(on), on, among=meetings).values() if one is not None
    ]
    kept = together(found)
    promised = Promised(*kept) if kept else None
    coming = meetings.coming(at).select_related("series", "group").first()
    return Health(
        on=on,
        is_alive=agreement.status in ALIVE,
        mechanisms=(
            _convenor(agreement, on, rows_of),
            _liaison(agreement, covers, on, rows_of),
            _consultation(series, found, promised, coming, meetings, on),
            _groups(agreement, on, rows_of),
        ),
        covers=covers,
        promised=promised,
        tasks=standing(rows_of(Task).filter(agreement=agreement), on, rows_of=rows_of),
        deadlines=tuple(deadlines(agreement, on, rows_of)),
        matters=tuple(matters(agreement, on=on, at=at, rows_of=rows_of)),
    )


# the four mechanisms


def _convenor(agreement: Agreement, on: date, rows_of: Rows) -> Mechanism:
    key, label, part = "rotating_convenor", _("Rotating convenor"), "rotation"
    if not rows_of(Rotation).filter(agreement=agreement, group__isnull=True).exists():
        sentence = _("It is not known how the convenor rotates.")
        return Mechanism(key, label, State.ABSENT, sentence, part)
    seen = rows_of(Organization).values("pk")
    holders = TermHolder.objects.filter(organization__in=seen).select_related("organization")
    term = (
        rows_of(ConvenorTerm)
        .convening(on)
        .filter(rotation__agreement=agreement, rotation__group__isnull=True)
        .prefetch_related(Prefetch("holdings", holders))
        .order_by("rotation", "starts_on")
        .first()
    )
    names = [held.organization.label for held in term.holdings.all()] if term else []
    if term is None or not names:
        sentence = _("Nobody is known to convene on this day.")
        return Mechanism(key, label, State.DORMANT, sentence, part)
    sentence = _("Convened by %(names)s since %(day)s.") % {
        "names": listed(names),
        "day": day_text(term.starts_on),
    }
    return Mechanism(key, label, State.ALIVE, sentence, part)


def _liaison(agreement: Agreement, covers: tuple[Cover, ...], on: date, rows_of: Rows) -> Mechanism:
    key, label, part = "liaison_officer", _("Liaison officers"), "parties"
    if not rows_of(LiaisonAppointment).filter(party__agreement=agreement).exists():
        sentence = _("No party has named a liaison officer.")
        return Mechanism(key, label, State.ABSENT, sentence, part)
    covered = sum(_is_covered(cover, on) for cover in covers)
    sentence = ngettext(
        "%(covered)s of %(number)s party has a liaison officer in post.",
        "%(covered)s of %(number)s parties have a liaison officer in post.",
        len(covers),
    ) % {"covered": covered, "number": len(covers)}
    state = State.ALIVE if covers and covered == len(covers) else State.DORMANT
    return Mechanism(key, label, state, sentence, part)


def _consultation(
    series: list[Any],
    found: list[Any],
    promised: Promised | None,
    coming: Consultation | None,
    meetings: Any,
    on: date,
) -> Mechanism:
    """Alive: what was promised last was held, and what comes next is not forgotten.

    Where it is not known how often: one was held in the last twelve months, or one is planned.
    """
    key, label, part = "regular_consultation", _("Regular consultation"), "consultations"
    if not series:
        sentence = _("Nothing is agreed on when the parties meet.")
        return Mechanism(key, label, State.ABSENT, sentence, part)
    if promised is not None:
        alive = not any(missed(one) or runs_out(one, on) for one in found)
        told = _("%(held)s of %(promised)s promised in the last twelve months were held.") % {
            "held": promised.held,
            "promised": promised.promised,
        }
    else:
        held = meetings.filter(held_on__gte=lately(on)[0], held_on__lte=on).count()
        alive = bool(held) or coming is not None
        told = ngettext(
            "%(held)s was held in the last twelve months; how many were promised is not known.",
            "%(held)s were held in the last twelve months; how many were promised is not known.",
            held,
        ) % {"held": held}
    following = _("None is planned.")
    if coming is not None and coming.day is not None:
        following = _("The next one is on %(day)s.") % {"day": day_text(coming.day)}
    sentence = _("%(told)s %(sentence)s") % {"told": told, "sentence": following}
    return Mechanism(key, label, State.ALIVE if alive else State.DORMANT, sentence, part)


def _groups(agreement: Agreement, on: date, rows_of: Rows) -> Mechanism:
    """Alive: every active group has its lead and time left."""
    key, label, part = "special_cooperation", _("Special cooperation"), "groups"
    groups = rows_of(SpecialGroup).filter(agreement=agreement)
    active = groups.active().count()
    if not active:
        sentence = _("No group is at work.")
        state = State.DORMANT if groups.exists() else State.ABSENT
        return Mechanism(key, label, state, sentence, part)
    ailing = groups.filter(
        Q(pk__in=groups.past_sunset(on).values("pk")) | Q(pk__in=groups.leaderless(on).values("pk"))
    ).count()
    sentence = ngettext(
        "%(number)s group is at work.", "%(number)s groups are at work.", active
    ) % {"number": active}
    if ailing:
        told = ngettext(
            "%(number)s is past its sunset or without a lead.",
            "%(number)s are past their sunset or without a lead.",
            ailing,
        ) % {"number": ailing}
        sentence = _("%(told)s %(sentence)s") % {"told": sentence, "sentence": told}
    return Mechanism(key, label, State.DORMANT if ailing else State.ALIVE, sentence, part)


# tasks and deadlines


def standing(tasks: Any, on: date, *, rows_of: Rows) -> Standing:
    """How these tasks stand on the day ``on``, in one query."""
    with_target = rows_of(Indicator).filter(task=OuterRef("pk"), target__isnull=False)
    rows = list(
        tasks.with_light(on)
        .annotate(quantified=Exists(with_target))
        .order_by()
        .values_list("light", "status", "weight", "progress", "expected", "quantified")
    )
    return tally(rows)


def tally(rows: Iterable[tuple[str | None, str, Decimal, int, int | None, bool]]) -> Standing:
    """The standing of tasks given as (light, status, weight, progress, expected, quantified)."""
    lights = {str(light): 0 for light in Light}
    resting = counted = quantified = 0
    progress: list[tuple[Decimal, int | None]] = []
    expected: list[tuple[Decimal, int | None]] = []
    for light, status, weight, share, due, has_target in rows:
        if light is None:
            resting += 1
        else:
            lights[light] += 1
        if status == Status.CANCELLED:
            continue
        counted += 1
        quantified += has_target
        progress.append((weight, share))
        expected.append((weight, due))
    return Standing(lights, resting, counted, quantified, weighted(progress), weighted(expected))


def deadlines(
    agreement: Agreement, on: date, rows_of: Rows, most: int = DEADLINES
) -> list[Deadline]:
    """What is due next from the day ``on``, the nearest first."""
    tasks = (
        rows_of(Task)
        .filter(agreement=agreement)
        .open()
        .exclude(status=Status.SUSPENDED)
        .filter(due_on__gte=on)
        .select_related("lead")
        .order_by("due_on", "number")[:most]
    )
    milestones = (
        rows_of(Milestone)
        .filter(agreement=agreement, reached_on__isnull=True, due_on__gte=on)
        .order_by("due_on", "pk")[:most]
    )
    handovers = (
        rows_of(Handover)
        .filter(rotation__agreement=agreement)
        .open()
        .filter(due_on__gte=on)
        .order_by("due_on", "pk")[:most]
    )
    found = [
        *(Deadline(one.due_on, "task", one, str(one)) for one in tasks),
        *(Deadline(one.due_on, "milestone", one, str(one)) for one in milestones),
        *(
            Deadline(
                one.due_on,
                "handover",
                one,
                _("Sign the handover of %(day)s") % {"day": day_text(one.boundary_on)},
            )
            for one in handovers
        ),
    ]
    if agreement.expires_on is not None and agreement.expires_on >= on:
        found.append(
            Deadline(agreement.expires_on, "agreement", agreement, _("The agreement expires"))
        )
    return sorted(found, key=lambda one: one.on)[:most]
