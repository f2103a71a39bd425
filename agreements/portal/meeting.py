"""The page to run a meeting from: who is there, the quorum, item by item, decisions."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from agreements.mechanisms.agenda_rules import ON_THE_AGENDA, approved_refusal
from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.attendance import MET, State
from agreements.mechanisms.regular_consultation import Status
from agreements.portal.agenda_shown import entries
from agreements.portal.attendance_shown import roll
from agreements.portal.consultation import MeetingPart
from agreements.portal.regular_consultation import consultation_path
from governance.lifecycle import Refusal


class Meeting(MeetingPart):
    """One page for the day of the meeting; for whoever hosts, and the secretariat."""

    template_name = "portal/meeting.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refusal = self.run_refusal()
        status = 403
        if refusal is None:
            refusal, status = self._state_refusal(), 409
        if refusal is None:
            return super().get(request, *args, **kwargs)
        self.template_name = "portal/action.html"
        context = super().get_context_data(
            heading=_("Run the meeting"),
            refusal=refusal.sentence,
            form=None,
            address=consultation_path(self.object),
        )
        return self.render_to_response(context, status=status)

    def _state_refusal(self) -> Refusal | None:
        if self.object.status not in MET:
            return Refusal("not_convened", _("The consultation has not been called."))
        return approved_refusal(self.object)

    def trail(self) -> list[tuple[str, str]]:
        return [*super().trail(), (consultation_path(self.object), str(self.object))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        consultation = self.object
        agenda = entries(self, consultation, at_the_meeting=True)
        context = super().get_context_data(
            agenda=[one for one in agenda if one.item.status in ON_THE_AGENDA],
            proposals=[one for one in agenda if one.item.status == ItemStatus.PROPOSED],
            open_items=[one for one in agenda if one.item.status == ItemStatus.ACCEPTED],
            roll=roll(self, consultation),
            states=State.choices,
            is_over=consultation.status == Status.CLOSED,
            is_early=consultation.day is not None and consultation.day > self.today,
            close_path=consultation_path(consultation, "close"),
            **kwargs,
        )
        by_item: dict[int, list[Any]] = {}
        for decision in context["decisions"]:
            by_item.setdefault(decision.agenda_item_id, []).append(decision)
        context["agenda"] = [(one, by_item.get(one.item.pk, [])) for one in context["agenda"]]
        return context
