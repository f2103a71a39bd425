"""Ending an agreement: what it means for every noun, in one transaction."""

from datetime import date, datetime, time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.agreement import Agreement
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.regular_consultation import TO_COME
from agreements.tasks import Task
from governance.record import unit

ENDINGS = frozenset({"expire", "terminate", "supersede"})


def end(agreement: Agreement, verb: str, *, by: Any, on: date, **details: Any) -> Agreement:
    """End an agreement by one of :data:`ENDINGS`.

    Its coming consultations are cancelled, its projected convenor terms dropped, its open tasks
    flagged. Raises what the verb raises.
    """
    with unit():
        getattr(agreement, verb)(by=by, on=on, **details)
        day = agreement.ended_on or on
        _cancel_consultations(agreement, by=by, on=on, day=day)
        for rotation in agreement.rotations.all():
            rotation.lay_down(on)
        for task in Task.objects.open().filter(agreement=agreement):
            task.flag_for_reassignment(by=by, on=on, reason=_("The agreement has ended."))
    return agreement


def _cancel_consultations(agreement: Agreement, *, by: Any, on: date, day: date) -> None:
    from_then = datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
    coming = Consultation.objects.filter(
        agreement=agreement,
        status__in=TO_COME,
    ).exclude(starts_at__lt=from_then)
    for consultation in coming:
        # The end may be entered later than a call that was made after it.
        known_on = max(on, consultation.status_since or on)
        consultation.cancel(by=by, on=known_on, reason=_("The agreement has ended."))
