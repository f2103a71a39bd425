"""Working calendars: which days are worked in a region, and for which years that is known.

The days come from the library ``holidays`` and are kept in a table that people may correct: what
was entered by hand is never overwritten. Where a government announces each year by itself, as
China does in the autumn before, the library gives an unannounced year without a word as if no
day were moved. Such a year is kept as provisional, and whoever reckons with it is told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from actors import public_holidays
from actors.region import Region
from governance import clock
from governance.base import Noun, bilingual, require_one_name
from governance.lifecycle import Refusal, Refused
from governance.record import refuse, unit
from governance.wording import listed
from governance.workdays import Calendar

FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST_YEARS = 20
_WEEKDAYS = range(1, 8)


class DayKind(models.TextChoices):
    """What is special about a day."""

    HOLIDAY = "holiday", _("Day off")
    WORKING = "working", _("Make-up working day")


def _usual_weekend() -> list[int]:
    return [6, 7]


class WorkingCalendar(Noun):
    """The working days of a region and of what lies under it; without a region, of all the rest.

    ``country`` and ``subdivision`` are codes of the library; without a country every day is
    entered by hand.
    """

    name = models.CharField(_("name"), max_length=200, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    region = models.OneToOneField(
        Region,
        verbose_name=_("region"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="working_calendar",
        help_text=_("Holds for it and for all under it. Empty: wherever there is no other."),
    )
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        help_text=_("Two letters, for example CN. Empty: all days are entered by hand."),
    )
    subdivision = models.CharField(
        _("subdivision"),
        max_length=10,
        blank=True,
        help_text=_("Its code where a country's parts have holidays of their own, as BY in DE."),
    )
    weekend = models.JSONField(
        _("weekend"),
        default=_usual_weekend,
        help_text=_("The days of the week that are not worked: 1 is Monday, 7 is Sunday."),
    )
    announced_yearly = models.BooleanField(
        _("announced year by year"),
        default=False,
        help_text=_("Which days are moved is known only when the government announces the year."),
    )
    loaded_years = models.JSONField(_("years loaded"), default=list, editable=False)
    provisional_years = models.JSONField(_("years not announced yet"), default=list, editable=False)
    settled_years = models.JSONField(_("years checked by hand"), default=list, editable=False)
    loaded_from = models.CharField(_("loaded from"), max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                Coalesce("region", 0),
                condition=models.Q(region__isnull=True),
                name="calendar_one_default",
                violation_error_message=_("There is already a calendar without a region."),
            ),
        )

    def __str__(self) -> str:
        return bilingual(self.name, self.name_zh)

    def clean(self) -> None:
        super().clean()
        require_one_name(self.name, self.name_zh)
        self.country = self.country.strip().upper()
        self.subdivision = self.subdivision.strip().upper()
        known = public_holidays.countries()
        if self.country and self.country not in known:
            raise refuse("country", _("The library does not know this country."), "unknown")
        if self.subdivision and self.subdivision not in known.get(self.country, ()):
            raise refuse("subdivision", _("The library does not know this part of it."), "unknown")
        self._check_weekend()

    def _check_weekend(self) -> None:
        days = self.weekend
        if not isinstance(days, list) or any(
            type(day) is not int or day not in _WEEKDAYS for day in days
        ):
            raise refuse("weekend", _("Give days of the week from 1 to 7."), "invalid")
        if len(set(days)) > 6:
            raise refuse("weekend", _("One day of the week at least is worked."), "no_working_day")
        self.weekend = sorted(set(days))

    # changes

    @classmethod
    def enter_with_days(
        cls, *, by: Any, on: date, days: Iterable[dict[str, Any]], **facts: Any
    ) -> Self:
        """Enter it with its days (``day``, ``kind``, ``name``, ``name_zh``), all or nothing."""
        with unit():
            made = cls.enter(by=by, on=on, **facts)
            made._set_days(days, by=by)
        return made

    def edit_with_days(
        self, *, by: Any, version: int | None, days: Iterable[dict[str, Any]] | None, **facts: Any
    ) -> Self:
        """Change facts, and the whole set of days unless it is None."""
        with unit():
            self.edit(by=by, version=version, **facts)
            if days is not None and self._set_days(days, by=by):
                self.touch()
        return self

    def _set_days(self, days: Iterable[dict[str, Any]], *, by: Any) -> bool:
        """Make these its days; what differs from what stands is by hand. Whether any did."""
        wanted: dict[date, dict[str, Any]] = {}
        for given in days:
            if given["day"] in wanted:
                raise refuse("days", _("A day stands twice in the list."), "unique")
            wanted[given["day"]] = given
        changed = False
        for row in list(self.days.all()):
            new = wanted.pop(row.day, None)
            if new is None:
                row.remove(by=by)
            elif any(getattr(row, name) != value for name, value in new.items()):
                row.edit(by=by, **new)
            else:
                continue
            changed = True
        for day in sorted(wanted):
            CalendarDay.enter(by=by, calendar=self, **wanted[day])
        return changed or bool(wanted)

    def load(
        self,
        years: Iterable[int],
        *,
        by: Any,
        on: date,
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """Take the days of these years from the library: what stands by hand stays as it is.

        What the library gave before is replaced, and a year that is announced by now is no longer
        provisional. Loading what is loaded already changes nothing and is not on record. Raises
        Refused without a country, ValidationError at ``years``.
        """
        with unit():
            self.lock(version)
            refusal = self.refusal("load", on)
            if refusal is not None:
                raise Refused("load", refusal)
            wanted = sorted(set(years))
            if not wanted or len(wanted) > MOST_YEARS:
                raise refuse("years", _("Give one year, or up to twenty."), "invalid")
            if wanted[0] < FIRST_YEAR or wanted[-1] > LAST_YEAR:
                raise refuse("years", _("Give years from 1990 to 2100."), "out_of_range")
            before = self.facts()
            told_before, told = self._load_days(wanted)
            announced = {year for year in wanted if self._is_announced(year)}
            provisional = set(self.provisional_years) | set(wanted)
            self.loaded_years = sorted({*self.loaded_years, *wanted})
            self.provisional_years = sorted(provisional - announced - {*self.settled_years})
            self.loaded_from = public_holidays.VERSION
            if self.facts() != before or told_before or told:
                self._put_loaded(before, told_before, told, by=by, on=on, reason=reason)
        return self

    def settle(
        self, year: int, *, by: Any, on: date, reason: str = "", version: int | None = None
    ) -> Self:
        """The days of the year stand as announced, whatever the library knows: checked by hand."""
        with unit():
            self.lock(version)
            if not FIRST_YEAR <= year <= LAST_YEAR:
                raise refuse("year", _("Give years from 1990 to 2100."), "out_of_range")
            if year in self.settled_years:
                raise Refused("settle", Refusal("settled", _("This year is settled already.")))
            before = self.facts()
            self.settled_years = sorted({*self.settled_years, year})
            self.provisional_years = [one for one in self.provisional_years if one != year]
            self.put(by=by, verb="settle", before=before, on=on, reason=reason)
        return self

    def _load_days(self, years: Sequence[int]) -> tuple[list[str], list[str]]:
        """Replace what the library gave for these years; what went and what came, as text."""
        rows = {row.day: row for row in self.days.filter(day__year__in=years)}
        found = {
            day: one
            for day, one in self._library_days(years).items()
            if day not in rows or not rows[day].by_hand
        }
        gone = [
            row
            for day, row in rows.items()
            if not row.by_hand and (day not in found or row.said() != found[day])
        ]
        same = {row.day for row in rows.values() if row not in gone}
        new = [
            CalendarDay(
                calendar=self, day=day, kind=kind, name=name, name_zh=name_zh, by_hand=False
            )
            for day, (kind, name, name_zh) in sorted(found.items())
            if day not in same
        ]
        self.days.filter(pk__in=[row.pk for row in gone]).delete()
        CalendarDay.objects.bulk_create(new)
        return _told(gone), _told(new)

    def _library_days(self, years: Sequence[int]) -> dict[date, tuple[str, str, str]]:
        """The days of these years as the library has them: kind, English and Chinese name."""
        place = (self.country, self.subdivision, years)
        days_off = public_holidays.days_off(*place)
        return {
            **{day: (str(DayKind.HOLIDAY), *names) for day, names in days_off.items()},
            **{day: (str(DayKind.WORKING), "", "") for day in public_holidays.days_made_up(*place)},
        }

    def _put_loaded(
        self,
        before: dict[str, Any],
        gone: list[str],
        new: list[str],
        *,
        by: Any,
        on: date,
        reason: str,
    ) -> None:
        """Save, and record the load with the days that went and came."""
        after = self.facts()
        self.version += 1
        self.changed_at = clock.now()
        self.save()
        changed = [name for name in after if after[name] != before[name]]
        days = {"days": gone} if gone or new else {}
        self.record(
            "load",
            by=by,
            on=on,
            reason=reason,
            before={name: before[name] for name in changed} | days,
            after={name: after[name] for name in changed} | ({"days": new} if days else {}),
        )

    def _is_announced(self, year: int) -> bool:
        return public_holidays.is_announced(
            self.country, self.subdivision, year, yearly=self.announced_yearly
        )

    # questions

    def refusal(self, verb: str, on: date) -> Refusal | None:
        """Why nothing can be loaded; None when it can."""
        if verb == "load" and not self.country:
            return Refusal("no_country", _("Without a country the days are entered by hand."))
        return None

    def removal_refusal(self) -> Refusal | None:
        """The calendar of all the rest stays: deadlines are reckoned with it."""
        if self.region_id is None:
            return Refusal("default_calendar", _("The calendar without a region is needed."))
        return None

    def as_days(self) -> Calendar:
        """The calendar as plain data, to reckon with: one query."""
        rows = list(self.days.values_list("day", "kind"))
        return Calendar.of(
            (day - 1 for day in self.weekend),
            (day for day, kind in rows if kind == DayKind.HOLIDAY),
            (day for day, kind in rows if kind == DayKind.WORKING),
        )

    def reckon(self, day: date, number: int) -> "Reckoning":
        """The ``number``-th working day behind ``day``, with what makes it uncertain.

        Raises OverflowError at the end of the calendar.
        """
        found = self.as_days().add_working_days(day, number)
        return Reckoning(found, self.warning(day, found))

    def warning(self, first: date, last: date) -> str:
        """Why reckoning between two days is uncertain, in a sentence; empty when it is not."""
        start, end = sorted((first, last))
        years = range(start.year, end.year + 1)
        return doubt([year for year in years if not self.is_known(year)])

    def is_known(self, year: int) -> bool:
        """Whether the days of the year are known as they will be."""
        if year in self.settled_years:
            return True
        return year in self.loaded_years and year not in self.provisional_years


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A day that was reckoned, and why it may still move; empty when it will not."""

    day: date
    warning: str


class CalendarDay(Noun):
    """A day off, or a day that is worked to make up for one."""

    calendar = models.ForeignKey(
        WorkingCalendar,
        verbose_name=_("working calendar"),
        on_delete=models.CASCADE,
        related_name="days",
    )
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=8, choices=DayKind, default=DayKind.HOLIDAY)
    name = models.CharField(_("name"), max_length=200, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    by_hand = models.BooleanField(_("by hand"), default=True, editable=False)

    named_by = ("calendar",)

    class Meta:
        verbose_name = _("day of a working calendar")
        verbose_name_plural = _("days of a working calendar")
        ordering = ("calendar", "day")
        constraints = (
            models.UniqueConstraint(
                fields=("calendar", "day"),
                name="calendar_day_once",
                violation_error_message=_("This day stands in the calendar already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.day.isoformat()} {bilingual(self.name, self.name_zh)}".strip()

    def edit(self, *, by: Any, version: int | None = None, reason: str = "", **facts: Any) -> Self:
        """Change it: from then on it stands by hand, and loading leaves it alone."""
        return super().edit(by=by, version=version, reason=reason, **facts, by_hand=True)

    def said(self) -> tuple[str, str, str]:
        """What it says of its day, as the library is read."""
        return (self.kind, self.name, self.name_zh)


def default_calendar() -> WorkingCalendar | None:
    """The calendar for wherever there is no other; None before the first daily run."""
    return WorkingCalendar.objects.filter(region__isnull=True).first()


def calendar_for(place: Any) -> WorkingCalendar | None:
    """The calendar of a region, or of an organization's: the nearest one up the tree of regions.

    Without one the default calendar; None when there is none either.
    """
    region = place if place is None or isinstance(place, Region) else place.region
    if region is None:
        return default_calendar()
    calendars = WorkingCalendar.objects.filter(
        models.Q(region__in=region.ancestors_and_self()) | models.Q(region__isnull=True)
    ).select_related("region")
    return max(calendars, key=lambda one: len(one.region.path) if one.region else 0, default=None)


def doubt(years: Sequence[int]) -> str:
    """The plain warning where days of these years are not known yet; empty without any."""
    if not years:
        return ""
    return ngettext(
        "The holidays and make-up working days of %(years)s are not announced yet: "
        "a date reckoned with that year may still move.",
        "The holidays and make-up working days of %(years)s are not announced yet: "
        "a date reckoned with those years may still move.",
        len(years),
    ) % {"years": listed(str(year) for year in years)}


def _told(rows: Iterable[CalendarDay]) -> list[str]:
    """Days as they go on record."""
    return [
        f"{row.day.isoformat()} {row.kind} {row.name or row.name_zh}".strip()
        for row in sorted(rows, key=lambda row: row.day)
    ]
