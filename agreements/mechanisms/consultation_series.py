"""Consultation series: what was promised, and when it falls due.

A series recurs by a rule (RFC 5545 RRULE, at a local time of a named zone) or promises a mere
cadence, whose dates the host sets.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from actors.working_calendar import calendar_for, default_calendar
from agreements.agreement import Agreement
from agreements.articles import Article
from agreements.mechanisms import occurrences
from agreements.mechanisms.convenor_terms import ConvenorTerm, convenor_term, first_holder
from agreements.mechanisms.promises import Promise
from agreements.mechanisms.recurrence_words import in_words
from agreements.mechanisms.regular_consultation import (
    RULE_PROBLEMS,
    Cadence,
    HostRule,
    Level,
    OnHoliday,
    QuorumKind,
    Status,
)
from agreements.mechanisms.rotating_convenor import Rotation
from agreements.mechanisms.special_group import SpecialGroup
from governance import clock
from governance.base import Noun, Sourced, bilingual
from governance.lifecycle import Refusal, Refused
from governance.periods import add_months, in_order
from governance.record import refuse, unit

HORIZON_MONTHS = 12
# A new rule may give a consultation a later place within its quarter.
_LONGEST_PLACE = timedelta(days=93)


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
    on_holiday = models.CharField(
        _("on a day that is not worked"),
        max_length=8,
        choices=OnHoliday,
        default=OnHoliday.KEEP,
        help_text=_("By the working calendar of the fixed host, else by the general one."),
    )
    continues = models.ForeignKey(
        "self",
        verbose_name=_("continues"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="continued_by",
        editable=False,
    )
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

    # How long its consultations lasted before the change that is being made.
    lasted: timedelta | None = None

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
        first = datetime.combine(self.starts_on, self.starts_at)
        wrong = occurrences.problem(self.rrule, first, self.zone)
        if wrong:
            raise ValidationError({"rrule": RULE_PROBLEMS[wrong]})

    def record_scope(self) -> Agreement:
        return self.agreement

    # changes

    def edit(self, *, by: Any, version: int | None = None, reason: str = "", **facts: Any) -> Self:
        """All of it: the coming consultations follow what changes."""
        self.lasted = self.duration
        return super().edit(by=by, version=version, reason=reason, **facts)

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """The coming consultations follow the rule.

        Each takes the place that answers to its own under the new rule and keeps its identity;
        one that somebody moved or called keeps its moment all the same. Those without a place go,
        if nobody has touched them; what the rule yields besides is entered.
        """
        if not self.agreement.is_over:
            self.settle(by=by, on=on or clock.day_of(self.changed_at))

    def settle(self, *, by: Any, on: date) -> int:
        """Bring the coming consultations in line with the rule, as ``follow_up`` says.

        How many were entered, moved or dropped.
        """
        if self.continues is not None:
            self.lasted = self.continues.duration
            self._take_over(by=by)
        begin = datetime.combine(on, time(), tzinfo=self.zone)
        coming = list(self.occupied.filter(rule_at__gte=begin).order_by("rule_at"))
        changed = 0
        if coming:
            end = max(
                clock.day_of(coming[-1].rule_at) + _LONGEST_PLACE, add_months(on, HORIZON_MONTHS)
            )
            found = occurrences.places(
                [one.rule_at for one in coming], self.occurrences(on, end), self.zone
            )
            placing = self.placing()
            for one in coming:
                changed += one.follow_rule(self, found.get(one.rule_at), placing, by=by)
        return changed + len(self.plan(by=by, on=on))

    def _take_over(self, *, by: Any) -> None:
        """From its first day on, what the series before had planned is its own.

        What was called or held there stays there.
        """
        assert self.continues is not None and self.starts_on is not None
        begin = datetime.combine(self.starts_on, time(), tzinfo=self.zone)
        theirs = self.continues.consultations.filter(
            Q(rule_at__gte=begin) | Q(rule_at__isnull=True, starts_at__gte=begin),
            status__in=(Status.PLANNED, Status.POSTPONED, Status.CANCELLED),
        )
        for consultation in theirs:
            consultation.edit(by=by, series=self)

    def split(
        self,
        *,
        by: Any,
        on: date,
        starts_on: date,
        reason: str = "",
        version: int | None = None,
        **facts: Any,
    ) -> Self:
        """This and following: it ends before ``starts_on``, and a new series continues it.

        The new one has the same facts but for ``facts``. What was planned from then on moves to
        it and keeps its identity; what was called or held stays. Raises Refused at the first
        day, since then all of it changes (``edit``).
        """
        with unit():
            self.lock(version)
            refusal = self.refusal("split", on)
            if refusal is not None:
                raise Refused("split", refusal)
            if starts_on <= (self.starts_on or date.min) or (
                self.ends_on is not None and starts_on >= self.ends_on
            ):
                raise refuse("starts_on", _("Give a day within the series, behind its first one."))
            said = {**self._handed_on(starts_on, same="rrule" not in facts), **facts}
            before, self.ends_on = self.facts(), starts_on
            self.full_clean()
            self.put(by=by, verb="split", before=before, on=on, reason=reason)
            return type(self).enter(by=by, on=on, reason=reason, continues=self, **said)

    def _handed_on(self, starts_on: date, *, same: bool) -> dict[str, Any]:
        """The facts with which a series goes on from that day, under the ``same`` rule or not."""
        own = {"id", "public_id", "created_at", "changed_at", "version", "continues"}
        facts = {
            field.name: getattr(self, field.name)
            for field in self._meta.concrete_fields
            if field.name not in own
        }
        facts["starts_on"] = starts_on
        if same and self.rrule and self.starts_on and self.starts_at:
            first = datetime.combine(self.starts_on, self.starts_at)
            facts["rrule"] = occurrences.rest_of(self.rrule, first, self.zone, starts_on)
            following = self.occurrences(starts_on, add_months(starts_on, 240))
            if following:
                # The rhythm counts from the first day, which is therefore one of its days.
                facts["starts_on"] = following[0].astimezone(self.zone).date()
        return facts

    def plan(self, *, by: Any, on: date) -> list[Any]:
        """Enter the consultations that the rule yields within a year of ``on``.

        Each is known by the moment the rule gave it, so planning again enters none twice, and
        one that was moved stays the same one. A mere cadence yields none: the host sets dates.
        """
        if not self.rrule or self.agreement.is_over:
            return []
        with unit():
            self.lock()
            known = set(self.occupied.values_list("rule_at", flat=True))
            placing = self.placing()
            return [
                self.consultations.model.enter(
                    by=by,
                    on=on,
                    agreement=self.agreement,
                    group=self.group,
                    series=self,
                    rule_at=moment,
                    placed_at=placing(moment),
                    starts_at=placing(moment),
                    ends_at=placing(moment) + self.duration,
                    illustrative=self.illustrative,
                )
                for moment in self.occurrences(on, add_months(on, HORIZON_MONTHS))
                if moment not in known
            ]

    # questions

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which it recurs."""
        return ZoneInfo(self.time_zone)

    @property
    def duration(self) -> timedelta:
        """How long one of its consultations lasts."""
        return timedelta(minutes=self.duration_minutes)

    @property
    def occupied(self) -> Any:
        """Its consultations that have a place in the rule, with those of the series before it."""
        rows = self.consultations.model.objects.filter(rule_at__isnull=False)
        own = Q(series=self)
        if self.continues_id is not None and self.starts_on is not None:
            begin = datetime.combine(self.starts_on, time(), tzinfo=self.zone)
            own |= Q(series=self.continues_id, rule_at__gte=begin)
        return rows.filter(own)

    def refusal(self, verb: str, on: date) -> Refusal | None:
        """Why the state does not allow a verb; None when it does."""
        if verb == "plan" and not self.rrule:
            return Refusal("no_rule", _("Without a recurrence rule, the host sets the dates."))
        return self.agreement.over_refusal()

    def occurrences(self, start: date, end: date) -> list[datetime]:
        """The moments that the rule yields from ``start`` until before ``end``, in UTC."""
        if not self.rrule or self.starts_on is None or self.starts_at is None:
            return []
        if self.ends_on is not None:
            end = min(end, self.ends_on)
        first = datetime.combine(self.starts_on, self.starts_at)
        return occurrences.moments(self.rrule, first, self.zone, start, end)

    def placing(self) -> Callable[[datetime], datetime]:
        """Where a moment of the rule is put, as ``on_holiday`` says: at the same time of day."""
        calendar = None
        if self.on_holiday != OnHoliday.KEEP:
            fixed = self.host if self.host_rule == HostRule.FIXED else None
            calendar = calendar_for(fixed) if fixed is not None else default_calendar()
        if calendar is None:
            return lambda moment: moment
        step = 1 if self.on_holiday == OnHoliday.NEXT else -1
        return occurrences.put_on_working_days(calendar.as_days(), step, self.zone)

    def rule_in_words(self) -> str:
        """When it recurs, as people say it; empty where only a cadence was promised."""
        if not self.rrule or self.starts_on is None or self.starts_at is None:
            return ""
        return in_words(self.rrule, self.starts_on, self.starts_at, self.time_zone)

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

    def promise(self) -> Promise | None:
        """The cadence promised; None when it is not known how often, or since when."""
        since = self.starts_on or self.agreement.in_force_on or self.agreement.signed_on
        if not self.times or not self.cadence or since is None:
            return None
        ends = [day for day in (self.ends_on, self.agreement.ended_on) if day is not None]
        return Promise(self.cadence, self.times, since, min(ends, default=None))
