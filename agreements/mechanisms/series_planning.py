"""Planning ahead: what the rules of all series yield, day by day."""

from datetime import date

from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.regular_consultation import OnHoliday
from governance.record import unit


def plan_series(on: date) -> int:
    """Enter what the rules of all series yield within a year. How many consultations changed.

    Where a series minds days that are not worked, its coming consultations follow the working
    calendar too, since holidays are announced after a year was planned. A step of the daily run.
    """
    ruled = ConsultationSeries.objects.exclude(rrule="").filter(agreement__ended_on__isnull=True)
    changed = 0
    for series in ruled.select_related("agreement", "continues"):
        if series.on_holiday == OnHoliday.KEEP:
            changed += len(series.plan(by=None, on=on))
        elif not series.agreement.is_over:
            with unit():
                changed += series.settle(by=None, on=on)
    return changed
