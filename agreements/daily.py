"""The daily run: everything that happens by itself on a day, step by step.

A step is a function of its noun that takes the day and says how many things it did. It acts in
units of its own, as the system by itself, and only where its work is not done yet, so that it may
run again: after a failure, after a day on which nobody ran it, or twice at once.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from actors.calendar_keeping import keep_up
from agreements.mechanisms.agenda_proposals import propose_to_agendas
from agreements.mechanisms.cadence_alarm import alarm
from agreements.mechanisms.confirmations import settle_minutes
from agreements.mechanisms.group_sunset import alarm_sunsets
from agreements.mechanisms.handing_over import open_handovers, report_late
from agreements.mechanisms.liaison_attestation import ask_officers, remind_officers
from agreements.mechanisms.rotating_convenor import extend_rotations
from agreements.mechanisms.series_planning import plan_series
from agreements.notices import send_digests
from agreements.supervising import supervise
from governance import clock
from governance.delivery.outbox import Message

Step = tuple[str, Callable[[date], int]]


def forget_messages(on: date) -> int:
    """Empty the mails whose text nobody needs any more. How many were emptied or dropped."""
    return int(Message.objects.forget(clock.actual()))


# In this order: first what others build on, last what writes to people of all the others told.
# The name of a step is also the key under which it is noted as done: it stays as it is.
STEPS: tuple[Step, ...] = (
    ("working calendars loaded", keep_up),
    ("convenor terms laid down", extend_rotations),
    ("handovers opened", open_handovers),
    ("late handovers reported", report_late),
    ("consultations planned", plan_series),
    ("minutes settled", settle_minutes),
    ("tasks supervised", supervise),
    ("matters proposed to agendas", propose_to_agendas),
    ("consultations owed", alarm),
    ("liaison officers asked", ask_officers),
    ("liaison officers reminded", remind_officers),
    ("sunsets of groups told", alarm_sunsets),
    ("digests written", send_digests),
    ("old mails emptied", forget_messages),
)


# What people read of the steps, by their keys.
_WORDS: dict[str, Any] = {
    "working calendars loaded": _("working calendars loaded"),
    "convenor terms laid down": _("convenor terms laid down"),
    "handovers opened": _("handovers opened"),
    "late handovers reported": _("late handovers reported"),
    "consultations planned": _("consultations planned"),
    "minutes settled": _("minutes settled"),
    "tasks supervised": _("tasks supervised"),
    "matters proposed to agendas": _("matters proposed to agendas"),
    "consultations owed": _("consultations owed told"),
    "liaison officers asked": _("liaison officers asked"),
    "liaison officers reminded": _("liaison officers reminded"),
    "sunsets of groups told": _("sunsets of groups told"),
    "digests written": _("digests written"),
    "old mails emptied": _("old mails emptied"),
}


def step_word(key: str) -> str:
    """What a step is called; one that no longer exists keeps its key."""
    return str(_WORDS.get(key, key))


class DailyRun(models.Model):
    """A day, and which steps of it are done: killed in between, the rest is done next time."""

    day = models.DateField(_("day"), unique=True)
    done = models.JSONField(_("steps done"), default=dict)
    failed = models.JSONField(_("steps that failed"), default=dict)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("daily run")
        verbose_name_plural = _("daily runs")
        ordering = ("-day",)

    def __str__(self) -> str:
        return str(self.day)

    def note(self, step: str, did: int | None, error: str = "") -> None:
        """Note that a step is done, or what it failed of (``did`` is None).

        What another run has done meanwhile has not failed.
        """
        with transaction.atomic():
            kept = DailyRun.objects.select_for_update().get(pk=self.pk)
            kept.failed.pop(step, None)
            if did is None and step not in kept.done:
                kept.failed[step] = error
            elif did is not None:
                kept.done[step] = kept.done.get(step, 0) + did
            kept.finished_at = None if _open_steps(kept) else clock.actual()
            kept.save()
        self.done, self.failed, self.finished_at = kept.done, kept.failed, kept.finished_at


def _open_steps(run: DailyRun) -> list[Step]:
    return [(name, act) for name, act in STEPS if name not in run.done]


def days_to_run(until: date) -> list[date]:
    """The days up to ``until`` that are unfinished or were missed; at least ``until`` itself.

    Missed are those since the last day run before; before the first there is nothing to catch up.
    """
    runs = DailyRun.objects.filter(day__lte=until)
    days = set(runs.filter(finished_at__isnull=True).values_list("day", flat=True))
    last = runs.aggregate(last=models.Max("day"))["last"]
    missed = (until - last).days if last is not None else 1
    days |= {until - timedelta(days=back) for back in range(missed)}
    return sorted(days) or [until]


def run_day(day: date) -> Iterator[tuple[str, int | None, Exception | None]]:
    """Do what is left to do of a day: each step with how much it did, or why it failed.

    A step that fails does not hold up the others; it is tried again by the next run.
    """
    run, _made = DailyRun.objects.get_or_create(day=day)
    for name, act in _open_steps(run):
        try:
            with clock.fixed(day):
                did = act(day)
        except Exception as wrong:  # whatever it is, the other steps are still to be done
            run.note(name, None, f"{type(wrong).__name__}: {wrong}"[:500])
            yield name, None, wrong
        else:
            run.note(name, did)
            yield name, did, None


def last_finished() -> Any:
    """The last day whose run is finished; None before the first."""
    finished = DailyRun.objects.filter(finished_at__isnull=False)
    return finished.aggregate(last=models.Max("day"))["last"]
