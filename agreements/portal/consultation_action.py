"""What the acts within a consultation share: the way up, and where one goes on."""

from typing import Any

from django.urls import reverse

from agreements.models import Consultation
from agreements.portal.regular_consultation import consultation_path, consultation_trail
from governance.portal.verbs import ActionPage

RELATED = ("agreement", "group", "series__host", "series__rotation", "host")


def meeting_path(consultation: Consultation) -> str:
    """The address of the page to run the meeting from."""
    return reverse("meeting", kwargs={"id": consultation.public_id})


class ConsultationAction(ActionPage):
    """Something done within a consultation; one goes on at ``anchor`` of its page."""

    section = "agreements"
    model = Consultation
    related = RELATED
    anchor = ""

    def trail(self) -> list[tuple[str, str]]:
        up = consultation_trail(self.request.user, self.object)
        return [*up, (consultation_path(self.object), str(self.object))]

    def address(self) -> str:
        page = consultation_path(self.object)
        return f"{page}#{self.anchor}" if self.anchor else page

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"consultation": self.object, **kwargs})
