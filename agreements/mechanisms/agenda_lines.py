"""Items of agendas in their lines: what is open, what waits, what goes on to the next meeting."""

from datetime import date
from typing import Any, Self

from django.db.models import F, Max, Q

from agreements.mechanisms.agenda_rules import OPEN
from agreements.mechanisms.consultation import Consultation
from governance.base import NounQuerySet
from governance.record import unit


class AgendaQuerySet(NounQuerySet):
    def of(self, consultation: Consultation) -> Self:
        """Its items as a page shows them: in their order, then what is proposed; few queries."""
        return (
            self.filter(consultation=consultation)
            .select_related("proposed_by", "task", "about_group", "about_party__organization")
            .select_related("carried_from__consultation", "raised_at__series", "decision")
            .select_related("carried_on")
            .order_by(F("number").asc(nulls_last=True), "pk")
        )

    def open(self) -> Self:
        """Neither settled nor sent on. Twin: ``is_open``."""
        return self.filter(status__in=OPEN)

    def waiting(self) -> Self:
        """Carried over from a consultation behind which none is planned yet."""
        return self.open().filter(consultation__isnull=True)

    def last_place(self) -> int:
        """The last place that is taken among them; 0 when none is."""
        return int(self.aggregate(last=Max("number"))["last"] or 0)

    def close_up(self) -> None:
        """Take out the gaps between their places."""
        placed = self.filter(number__isnull=False).order_by("number", "pk")
        for place, (pk, number) in enumerate(placed.values_list("pk", "number"), 1):
            if number != place:
                self.filter(pk=pk).update(number=place)

    def join(self, consultation: Consultation, *, by: Any, on: date) -> None:
        """What waits for the next consultation of its line comes onto its agenda."""
        waiting = self.filter(agreement=consultation.agreement_id).waiting()
        if consultation.series_id is not None:
            line = Q(series=consultation.series_id)
        else:
            line = Q(series=None, carried_from__consultation__group=consultation.group_id)
        for item in waiting.filter(line).order_by("pk"):
            item.place(consultation, by=by, on=on)

    def release(self, consultation: Consultation, *, by: Any) -> None:
        """The consultation is deleted: what is open goes on as it is, the rest goes with it."""
        following = consultation.following()
        for item in self.filter(consultation=consultation).order_by("pk"):
            if item.status in OPEN and (consultation.series_id or following):
                item.place(following, by=by)
            elif item.status not in OPEN:
                item.remove(by=by)

    def carry_over(self, *, by: Any, on: date, reason: Any) -> None:
        """What these consultations left open goes to the next ones."""
        for item in self.open().order_by(F("number").asc(nulls_last=True), "pk"):
            with unit():
                item.lock()
                if item.is_open:  # nobody has settled it meanwhile
                    item.defer(by=by, on=max(on, item.status_since or on), reason=reason)
