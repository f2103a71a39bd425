"""The dates of a series as people say them: the fields that the portal and the back office share.

Every n weeks on weekdays; every n months, quarters, half-years or years on a day, the last day, or
the k-th or last weekday, in which month of the period; until when. Whatever cannot be said so is
kept, and changed, as a rule.
"""

from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.mechanisms.recurrence import (
    LAST,
    MONTHS_IN,
    PLACES,
    Spoken,
    first_day,
    problem,
    rule_of,
    spoken,
)
from agreements.mechanisms.recurrence_words import month_name, place_name, weekday_name
from agreements.mechanisms.regular_consultation import OnHoliday
from governance.periods import require_calendar_day

WAYS = (
    ("said", _("By fixed dates")),
    ("none", _("The host sets each date")),
    ("rule", _("By a rule (RRULE of RFC 5545)")),
)
UNITS = (
    ("week", pgettext_lazy("every … weeks", "weeks")),
    ("month", pgettext_lazy("every … weeks", "months")),
    ("quarter", pgettext_lazy("every … weeks", "quarters")),
    ("half_year", pgettext_lazy("every … weeks", "half-years")),
    ("year", pgettext_lazy("every … weeks", "years")),
)
ENDS = (
    ("never", _("No end")),
    ("until", _("Until a day")),
    ("count", _("After a number of times")),
)
_WRONG = {
    "every": _("Give a number from 1 to 99."),
    "weekdays": _("Choose at least one day of the week."),
    "weekday": _("Choose a day of the week."),
    "day": _("Choose a day of the month."),
    "month": _("The period has no such month."),
    "months": _("Choose one month, or every year and several."),
    "count": _("Give a number from 1 to 999."),
}


def _weekdays() -> list[tuple[str, str]]:
    return [(str(day), weekday_name(day)) for day in range(7)]


def _months() -> list[tuple[str, str]]:
    return [(str(month), month_name(month)) for month in range(1, 13)]


def _places() -> list[tuple[str, str]]:
    return [(str(place), place_name(place)) for place in PLACES]


def _days() -> list[tuple[str, Any]]:
    days: list[tuple[str, Any]] = [(str(day), str(day)) for day in range(1, 31)]
    return [("", "—"), *days, (str(LAST), pgettext_lazy("of a month", "last day"))]


def _months_of_the_period() -> list[tuple[str, Any]]:
    return [("", _("as it comes")), *((str(one), str(one)) for one in range(1, 7))]


class RecurrenceFields(forms.Form):
    """When it recurs. ``dates`` gives what the series keeps of it."""

    way = forms.ChoiceField(label=_("Dates"), choices=WAYS, widget=forms.RadioSelect)
    every = forms.IntegerField(label=_("Every"), initial=1, min_value=1, max_value=99)
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS, initial="quarter")
    weekdays = forms.MultipleChoiceField(
        label=_("On these days of the week"),
        choices=_weekdays,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For weeks."),
    )
    how = forms.ChoiceField(
        label=_("On"),
        choices=(("place", _("a day of the week")), ("day", _("a day of the month"))),
        initial="place",
        widget=forms.RadioSelect,
    )
    place = forms.ChoiceField(label=_("Which one"), choices=_places, initial="-1")
    weekday = forms.ChoiceField(label=_("Day of the week"), choices=_weekdays, initial="3")
    day = forms.ChoiceField(
        label=_("Day of the month"),
        choices=_days,
        required=False,
        help_text=_("Where a month has no such day, its last one."),
    )
    month = forms.ChoiceField(
        label=_("In which month of the quarter or half-year"),
        choices=_months_of_the_period,
        required=False,
        help_text=_("As it comes: the last one for the last day, else the first."),
    )
    months = forms.MultipleChoiceField(
        label=_("In these months"),
        choices=_months,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For years."),
    )
    rrule = forms.CharField(
        label=_("Rule"),
        required=False,
        max_length=200,
        help_text=_("For example FREQ=MONTHLY;INTERVAL=3;BYDAY=-1TH."),
    )
    ends = forms.ChoiceField(label=_("End"), choices=ENDS, initial="never")
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[require_calendar_day],
    )
    count = forms.IntegerField(label=_("Times"), required=False, min_value=1, max_value=999)
    starts_on = forms.DateField(
        label=_("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[require_calendar_day],
    )
    starts_at = forms.TimeField(
        label=_("Time of day"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    time_zone = forms.CharField(label=_("Time zone"), max_length=50)
    duration_minutes = forms.IntegerField(
        label=_("Duration in minutes"), min_value=1, max_value=32767
    )
    on_holiday = forms.ChoiceField(
        label=_("On a day that is not worked"),
        choices=OnHoliday.choices,
        help_text=_("By the working calendar of the fixed host, else by the general one."),
    )

    # What those fields need that only one way of saying it uses.
    SAID = ("every", "unit", "how", "place", "weekday", "ends")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.data.get(self.add_prefix("way")) != "said":
            for name in self.SAID:
                self.fields[name].required = False

    def clean_time_zone(self) -> str:
        """A zone that is known."""
        zone = str(self.cleaned_data["time_zone"])
        if zone not in available_timezones():
            raise ValidationError(_("Give a zone such as Asia/Shanghai."))
        return zone

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("way") != "said" or self.errors:
            return given
        wrong = problem(self._said(given))
        if wrong:
            field = {"place": "weekday", "months": self._field_of_months(given)}.get(wrong, wrong)
            self.add_error(field, ValidationError(_WRONG[field]))
        for name in ("until", "count"):
            if given.get("ends") == name and not given.get(name):
                self.add_error(name, ValidationError(_("This is needed here."), code="required"))
        return given

    @staticmethod
    def _field_of_months(given: dict[str, Any]) -> str:
        return "months" if given["unit"] == "year" else "month"

    @staticmethod
    def _said(given: dict[str, Any]) -> Spoken:
        unit = given["unit"]
        by_place = unit != "week" and given["how"] == "place"
        chosen = given["weekdays"] if unit == "week" else [given["weekday"]]
        if unit == "year":
            months = tuple(int(month) for month in given["months"])
        else:
            months = (int(given["month"]),) if given["month"] and MONTHS_IN.get(unit, 1) > 1 else ()
        return Spoken(
            unit,
            given["every"],
            weekdays=tuple(int(day) for day in chosen) if unit == "week" or by_place else (),
            day=int(given["day"]) if given["day"] and unit != "week" and not by_place else None,
            place=int(given["place"]) if by_place else None,
            months=months,
            count=given["count"] if given["ends"] == "count" else None,
            until=given["until"] if given["ends"] == "until" else None,
        )

    def dates(self, series: Any) -> dict[str, Any]:
        """What the series keeps: the rule, its first day, the time of day and the zone.

        Where the same is said as before, the rule stays as it is written.
        """
        given = self.cleaned_data
        facts = {
            name: given[name]
            for name in ("starts_on", "starts_at", "time_zone", "duration_minutes", "on_holiday")
        }
        facts["rrule"] = given["rrule"].strip() if given["way"] == "rule" else ""
        if given["way"] == "said":
            said = self._said(given)
            if said.normal() == _said_of(series):
                facts["rrule"] = series.rrule
                return facts
            facts["rrule"] = rule_of(said, given["time_zone"])
            if facts["starts_on"] is not None:
                facts["starts_on"] = first_day(said, facts["starts_on"])
        return facts

    def first_from(self, day: date) -> date:
        """The first day from ``day`` on that what was said can mean."""
        given = self.cleaned_data
        return first_day(self._said(given), day) if given["way"] == "said" else day


def initial_of_new(starts_on: date, time_zone: str) -> dict[str, Any]:
    """What the fields hold for a series still to be entered: by fixed dates, from that day on."""
    return {
        "way": "said",
        "starts_on": starts_on,
        "time_zone": time_zone,
        "duration_minutes": 120,
        "on_holiday": OnHoliday.NEXT,
    }


def initial_of(series: Any) -> dict[str, Any]:
    """What the fields hold for a series: its rule as people say it, where it can be said."""
    found: dict[str, Any] = {
        "way": "none" if not series.rrule else "rule",
        "rrule": series.rrule,
        "starts_on": series.starts_on,
        "starts_at": series.starts_at,
        "time_zone": series.time_zone,
        "duration_minutes": series.duration_minutes,
        "on_holiday": series.on_holiday,
        "ends": "never",
    }
    said = _said_of(series)
    if said is None:
        return found
    ends = "count" if said.count else "until" if said.until else "never"
    return found | {
        "way": "said",
        "every": said.every,
        "unit": said.unit,
        "weekdays": [str(day) for day in said.weekdays] if said.unit == "week" else [],
        "how": "day" if said.day is not None else "place",
        "place": str(said.place or LAST),
        "weekday": str(said.weekdays[0]) if said.weekdays else "3",
        "day": str(said.day or ""),
        "month": str(said.months[0]) if said.unit in {"quarter", "half_year"} else "",
        "months": [str(month) for month in said.months] if said.unit == "year" else [],
        "ends": ends,
        "until": said.until,
        "count": said.count,
    }


def _said_of(series: Any) -> Spoken | None:
    start: date | None = series.starts_on
    if not series.rrule or start is None:
        return None
    return spoken(series.rrule, start, series.time_zone)
