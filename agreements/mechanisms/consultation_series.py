"""Consultation series: what was promised, and when it falls due.

A series recurs by a rule (RFC 5545 RRULE, at a local time of a named zone) or promises a mere
cadence, whose dates the host sets.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import rrulestr
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.articles import Article
from agreements.mechanisms.convenor_terms import ConvenorTerm, convenor_term
from agreements.mechanisms.regular_consultation import (
    MONTHS_OF,
    Cadence,
    HostRule,
    Level,
    QuorumKind,
    Status,
)
from agreements.mechanisms.rotating_convenor import Rotation
from agreements.mechanisms.special_group import SpecialGroup
from governance import clock
from governance.base import Noun, Sourced, bilingual
from governance.periods import add_months, in_order
from governance.record import unit

HORIZON_MONTHS = 12
# One rule and nothing else: neither a start, nor dates and exceptions beside it.
_ONE_RULE = re.compile(r"(RRULE:)?FREQ=[A-Z]+(;[A-Z]+=[A-Z0-9,+-]+)*", re.IGNORECASE)
_UNTIL = re.compile(r";UNTIL=[^;]*", re.IGNORECASE)
_UNTIL_IN_UTC = re.compile(r"(?<=;UNTIL=)(\d{8}T\d{6})Z", re.IGNORECASE)
# What the parser takes beyond RFC 5545: a year has no more than 53 Mondays, and no Easter.
_BEYOND = re.compile(r"BYEASTER|(5[4-9]|[6-9]\d|\d{3,})(MO|TU|WE|TH|FR|SA|SU)", re.IGNORECASE)
_STAMP = "%Y%m%dT%H%M%S"
_WITHIN_A_DAY = re.compile(r"HOURLY|MINUTELY|SECONDLY|BYHOUR|BYMINUTE|BYSECOND", re.IGNORECASE)
_NO_STEP = re.compile(r"INTERVAL=(-|0+(?![0-9]))", re.IGNORECASE)


class ConsultationSeries(Sourced, Noun):
    """A promise to consult regularly."""

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="series"
    )
    group = models.ForeignKey(
        SpecialGroup,
        verbose_name=_("special group"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="series",
    )
    article = models.ForeignKey(
        Article,
        verbose_name=_("article"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="series",
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    level = models.CharField(_("level"), max_length=20, choices=Level, default=Level.LEADERS)
    rrule = models.CharField(
        _("recurrence rule"),
        max_length=200,
        blank=True,
        help_text=_("For example FREQ=MONTHLY;INTERVAL=3;BYDAY=-1TH. Empty: only a cadence."),
    )
    time_zone = models.CharField(_("time zone"), max_length=50, default="Asia/Shanghai")
    starts_at = models.TimeField(_("time of day"), null=True, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(_("duration in minutes"), default=120)
    times = models.PositiveSmallIntegerField(
        _("at least … times"), null=True, blank=True, help_text=_("The cadence promised.")
    )
    cadence = models.CharField(
        _("per"), max_length=10, choices=Cadence, blank=True, help_text=_("Empty: not known.")
    )
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    host_rule = models.CharField(
        _("host"), max_length=10, choices=HostRule, default=HostRule.CONVENOR
    )
    host = models.ForeignKey(
        Organization,
        verbose_name=_("fixed host"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    rotation = models.ForeignKey(
        Rotation,
        verbose_name=_("rotation of the hosts"),
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="hosted_series",
    )
    quorum_kind = models.CharField(
        _("quorum stated as"), max_length=8, choices=QuorumKind, blank=True
    )
    quorum = models.PositiveSmallIntegerField(_("quorum"), null=True, blank=True)
    agenda_cutoff_days = models.PositiveSmallIntegerField(
        _("proposals until … days before"),
        null=True,
        blank=True,
        help_text=_("After that the host and the secretariat alone add to the agenda."),
    )
    minutes_silence_days = models.PositiveSmallIntegerField(
        _("minutes approved by silence after … days"),
        null=True,
        blank=True,
        help_text=_("Empty: minutes are approved expressly only."),
    )

    class Meta:
        verbose_name = _("consultation series")
        verbose_name_plural = _("consultation series")
        ordering = ("agreement", "id")
        constraints = (in_order("series_in_order"),)

    def __str__(self) -> str:
        return bilingual(self.name, self.name_zh) or str(_("Regular consultation"))

    def clean(self) -> None:
        super().clean()
        if self.time_zone not in available_timezones():
            raise ValidationError({"time_zone": _("Give a zone such as Asia/Shanghai.")})
        if self.rrule:
            self._check_rule()
        if self.duration_minutes == 0:
            raise ValidationError({"duration_minutes": _("It lasts at least one minute.")})
        if bool(self.times) != bool(self.cadence):
            raise ValidationError({"times": _("Say both how many times and per which period.")})
        if self.host_rule == HostRule.FIXED and self.host is None:
            raise ValidationError({"host": _("Name the organization that always hosts.")})
        if self.host_rule == HostRule.ROTATION and self.rotation is None:
            raise ValidationError({"rotation": _("Name the rotation that gives the hosts.")})
        if bool(self.quorum) != bool(self.quorum_kind):
            raise ValidationError({"quorum": _("Say the quorum and how it is counted.")})
        if self.quorum_kind == QuorumKind.PERCENT and (self.quorum or 0) > 100:
            raise ValidationError({"quorum": _("A share is at most 100 %.")})
        for name in ("group", "article", "rotation"):
            other = getattr(self, name)
            if other is not None and other.agreement_id != self.agreement_id:
                raise ValidationError({name: _("This belongs to another agreement.")})

    def _check_rule(self) -> None:
        if self.starts_on is None or self.starts_at is None:
            raise ValidationError(
                {"starts_on": _("A recurrence rule needs a first day and a time of day.")}
            )
        if not _ONE_RULE.fullmatch(self.rrule):
            raise ValidationError(
                {"rrule": _("Give one rule alone, without a start; it begins with FREQ=.")}
            )
        if _WITHIN_A_DAY.search(self.rrule):
            raise ValidationError(
                {"rrule": _("At most once a day: the time of day stands in its own field.")}
            )
        if _NO_STEP.search(self.rrule):
            raise ValidationError({"rrule": _("An interval is at least 1.")})
        first = datetime.combine(self.starts_on, self.starts_at)
        endless = _UNTIL.sub("", self.rrule)
        try:
            if _BEYOND.search(self.rrule):
                raise ValueError(self.rrule)
            # The rule itself is asked only when it is known not to search to the calendar's end.
            found = next(iter(rrulestr(endless, dtstart=_late(first))), None) and next(
                iter(self._rule(first)), None
            )
        except (ValueError, TypeError, KeyError, IndexError, OverflowError) as wrong:
            raise ValidationError(
                {"rrule": _("This is not a recurrence rule of RFC 5545.")}
            ) from wrong
        if found is None:
            raise ValidationError({"rrule": _("This rule never yields a day.")})

    def record_scope(self) -> Agreement:
        return self.agreement

    # changes

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """The coming consultations follow the rule: those it no longer yields go, new ones come.

        One that somebody moved, called or changed otherwise stays, as does one whose moment the
        rule still yields.
        """
        day = on or clock.day_of(self.changed_at)
        if self.agreement.is_over:
            return
        coming = self.consultations.filter(
            status=Status.PLANNED,
            version=1,
            rule_at__gte=datetime.combine(day, time(), tzinfo=ZoneInfo(self.time_zone)),
        ).order_by("rule_at")
        last = coming.last()
        if last is not None and last.rule_at is not None:
            yielded = set(self.occurrences(day, clock.day_of(last.rule_at) + timedelta(days=2)))
            for consultation in coming:
                if consultation.rule_at not in yielded:
                    consultation.remove(by=by)
        self.plan(by=by, on=day)

    def plan(self, *, by: Any, on: date) -> list[Any]:
        """Enter the consultations that the rule yields within a year of ``on``.

        Each is known by the moment the rule gave it, so planning again enters none twice, and
        one that was moved stays the same one. A mere cadence yields none: the host sets dates.
        """
        if not self.rrule or self.agreement.is_over:
            return []
        with unit():
            self.lock()
            known = set(self.consultations.values_list("rule_at", flat=True))
            return [
                self.consultations.model.enter(
                    by=by,
                    on=on,
                    agreement=self.agreement,
                    group=self.group,
                    series=self,
                    rule_at=moment,
                    starts_at=moment,
                    ends_at=moment + timedelta(minutes=self.duration_minutes),
                    illustrative=self.illustrative,
                )
                for moment in self.occurrences(on, add_months(on, HORIZON_MONTHS))
                if moment not in known
            ]

    # questions

    def occurrences(self, start: date, end: date) -> list[datetime]:
        """The moments that the rule yields from ``start`` until before ``end``.

        Counted in local time and then fixed to the zone, so that 14:00 stays 14:00 across a
        change of the clocks.
        """
        if not self.rrule or self.starts_on is None or self.starts_at is None:
            return []
        if self.ends_on is not None:
            end = min(end, self.ends_on)
        first = datetime.combine(self.starts_on, self.starts_at)
        zone = ZoneInfo(self.time_zone)
        found = self._rule(first).between(
            datetime.combine(start, time()), datetime.combine(end, time()), inc=True
        )
        # In UTC, since a local time that comes twice equals no other moment.
        return [local.replace(tzinfo=zone).astimezone(UTC) for local in found if local.date() < end]

    def _rule(self, first: datetime) -> Any:
        """The rule in local time, from the moment ``first``; its UNTIL may be given in UTC."""
        zone = ZoneInfo(self.time_zone)

        def in_local_time(until: re.Match[str]) -> str:
            moment = datetime.strptime(until[1], _STAMP).replace(tzinfo=UTC)
            return moment.astimezone(zone).strftime(_STAMP)

        return rrulestr(_UNTIL_IN_UTC.sub(in_local_time, self.rrule), dtstart=first)

    def host_on(self, day: date | None) -> Organization | None:
        """Who hosts on that day by the host rule; None when nobody is known to."""
        if self.host_rule == HostRule.FIXED:
            return self.host
        if day is None:
            return None
        if self.host_rule == HostRule.ROTATION:
            term = (
                ConvenorTerm.objects.current(day)
                .filter(rotation=self.rotation)
                .prefetch_related("holdings__organization")
                .first()
            )
        else:
            term = convenor_term(self.agreement, day)
        return first_holder(term)

    def held_as_promised(self, start: date, end: date) -> tuple[int, int] | None:
        """How many consultations were due and how many were held in ``[start, end)``.

        None when it is not known how many were due.
        """
        due = self.due(start, end)
        if due is None:
            return None
        held = self.consultations.filter(status=Status.CLOSED, held_on__gte=start, held_on__lt=end)
        return due, held.count()

    def due(self, start: date, end: date) -> int | None:
        """How many consultations were promised in ``[start, end)``.

        By the cadence, counted by whole periods, else by the rule; None when neither is known.
        """
        if self.times and self.cadence:
            begins, end = max(start, self.starts_on or start), min(end, self.ends_on or end)
            periods, step = 0, MONTHS_OF[self.cadence]
            while add_months(begins, step * (periods + 1)) <= end:
                periods += 1
            return periods * self.times
        if self.rrule:
            return len(self.occurrences(start, end))
        return None


def _late(first: datetime) -> datetime:
    """A moment like ``first``, 28 to 55 years before the end of the calendar.

    The days of the week return every 28 years, so a rule that yields nothing from there never
    does; asked from ``first`` it would be sought for through eight thousand years.
    """
    years = (year for year in range(9944, 9972) if year % 4 == first.year % 4)
    days = (first.replace(year=year) for year in years)
    return next(day for day in days if day.weekday() == first.weekday())


def plan_series(on: date) -> int:
    """Enter what the rules of all series yield within a year. How many consultations were entered.

    A step of the daily run.
    """
    ruled = ConsultationSeries.objects.exclude(rrule="").filter(agreement__ended_on__isnull=True)
    return sum(len(series.plan(by=None, on=on)) for series in ruled.select_related("agreement"))


def first_holder(term: ConvenorTerm | None) -> Organization | None:
    """The first who holds that term; None while nobody does."""
    if term is None:
        return None
    held = next(iter(term.holdings.all()), None)
    return held.organization if held else None
