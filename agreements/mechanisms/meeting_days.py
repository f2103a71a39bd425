"""What speaks against a day for a consultation: it is not worked, or its period has one already.

Nothing of it forbids anything: leaders do meet on a Saturday. Whoever sets a date is told first.
"""

from datetime import date

from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _

from actors.working_calendar import WorkingCalendar, calendar_for
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.promise_words import period_name
from agreements.mechanisms.regular_consultation import TO_COME, Status
from governance.base import bilingual
from governance.wording import day_text, listed, noted

STANDING = (*TO_COME, Status.CLOSED)


def doubts_about(consultation: Consultation, day: date) -> list[str]:
    """What speaks against holding it on that day, a sentence each, in the reader's language.

    By the working calendar of whoever hosts then, and by the cadence of its series. Of what lies
    years ahead it is not known which days are worked: that is said, too.
    """
    found = []
    calendar = calendar_for(consultation.host_on(day))
    if calendar is not None:
        found += [_not_worked(calendar, day), calendar.warning(day, day)]
    found.append(_period_is_kept(consultation, day))
    return [sentence for sentence in found if sentence]


def _not_worked(calendar: WorkingCalendar, day: date) -> str:
    if calendar.as_days().is_working(day):
        return ""
    off = calendar.days.filter(day=day).first()
    why = bilingual(off.name, off.name_zh) if off is not None else ""
    return _("%(day)s is not worked: %(why)s.") % {
        "day": day_text(day),
        "why": why or formatted(day, "l"),
    }


def _period_is_kept(consultation: Consultation, day: date) -> str:
    """That as many stand in the period of that day as were promised; empty when more are owed."""
    series = consultation.series
    promise = series.promise() if series is not None else None
    if series is None or promise is None:
        return ""
    begin, end = promise.period_of(day)
    others = series.consultations.filter(status__in=STANDING).exclude(pk=consultation.pk)
    there = [
        noted(one, day_text(held))
        for one in others.select_related("series").order_by("starts_at", "pk")
        if (held := one.held_on or one.day) is not None and begin <= held < end
    ]
    if len(there) < promise.times:
        return ""
    return _("%(period)s has its consultations already: %(meetings)s.") % {
        "period": period_name(promise.cadence, begin),
        "meetings": listed(there),
    }
