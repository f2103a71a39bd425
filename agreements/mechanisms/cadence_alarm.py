"""The alarm on the convenor: a period runs out with nothing planned, or it ran out.

A step of the daily run. It speaks thirty and seven days before the end of a period of which a
promised consultation is neither held nor planned, and once when a period ended without it; each
once per series and period, to whoever hosts that day, through the liaison officer in post.
"""

from datetime import date, timedelta
from typing import Any

from actors.organization import Organization
from agreements.agreement import Status as AgreementStatus
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.held_as_promised import Reckoning, lately, reckoned
from agreements.notices import tell
from agreements.party import Party

ALARM_DAYS = (30, 7)
# How long after the end of a period it is still news that it was not kept.
MISSED_DAYS = 30


def promising(rows: Any) -> Any:
    """The series of agreements in force that say how often."""
    return rows.filter(
        agreement__status=AgreementStatus.IN_FORCE, times__isnull=False
    ).select_related("agreement", "host", "rotation")


def owing(rows: Any, on: date, among: Any = None) -> list[Reckoning]:
    """What needs a hand on that day among these series: a period not kept, or about to be."""
    series = list(promising(rows))
    found = reckoned(series, *lately(on), on, among=among)
    return [one for one in found.values() if one is not None and (missed(one) or runs_out(one, on))]


def missed(found: Reckoning) -> bool:
    """Whether the last whole period ended with less than was promised."""
    return bool(found.periods) and found.periods[-1].owed > 0


def runs_out(found: Reckoning, on: date) -> bool:
    """Whether the running period ends within thirty days with something not even planned."""
    days = max(ALARM_DAYS)
    return bool(
        found.running and found.unplanned and found.running.ends_on - on <= timedelta(days=days)
    )


def alarm(on: date) -> int:
    """Tell the hosts of the day what they owe. How many notices were written."""
    series = list(promising(ConsultationSeries.objects.all()))
    told = 0
    for found in reckoned(series, *lately(on), on).values():
        if found is not None:
            told += _before_it_runs_out(found, on) + _after_it_ran_out(found, on)
    return told


def _before_it_runs_out(found: Reckoning, on: date) -> int:
    if not runs_out(found, on):
        return 0
    assert found.running is not None
    end = found.running.ends_on
    days = min(one for one in ALARM_DAYS if end - on <= timedelta(days=one))
    return _tell(
        "consultation_owed",
        found,
        on,
        key=f"{end}:{days}",
        number=found.unplanned,
        last=end - timedelta(days=1),
    )


def _after_it_ran_out(found: Reckoning, on: date) -> int:
    if not missed(found):
        return 0
    period = found.periods[-1]
    if on - period.ends_on > timedelta(days=MISSED_DAYS):
        return 0
    return _tell(
        "consultation_missed",
        found,
        on,
        key=str(period.ends_on),
        number=period.owed,
        last=period.ends_on - timedelta(days=1),
    )


def _tell(kind: str, found: Reckoning, on: date, *, key: str, **said: Any) -> int:
    series = found.series
    host = series.host_on(on)
    if host is None:
        return 0
    parties, others = told_for(series, host, on)
    return len(
        tell(
            kind,
            by=None,
            on=on,
            agreement=series.agreement,
            about=series,
            parties=parties,
            organizations=others,
            once=f"{kind}:{series.public_id}:{key}",
            **said,
        )
    )


def told_for(
    series: ConsultationSeries, organization: Organization, on: date
) -> tuple[list[Party], list[Organization]]:
    """Its party on that day, else the organization itself (a member of a group)."""
    party = Party.objects.filter(agreement=series.agreement, organization=organization)
    current = party.current(on).first()
    return ([current], []) if current is not None else ([], [organization])
