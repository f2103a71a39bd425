"""The health of an agreement on one page: alive, covered, held, done, due, wrong."""

from functools import partial
from typing import Any

from django.urls import reverse

from agreements.health import Deadline, health
from agreements.portal.agreement import LIGHTS, AgreementPage, agreement_path
from agreements.portal.what_is_wrong import shown
from governance import clock
from governance.access import day_read, visible_to

_PAGES = {"task": "task", "handover": "handover"}
_TABS = {"milestone": "timetable", "agreement": "parties"}


class AgreementHealth(AgreementPage):
    """Whoever left reads how it stood on their last day."""

    template_name = "portal/agreement_health.html"
    tab = "health"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        on = day_read(user, self.object, self.today) or self.today
        found = health(self.object, on=on, at=clock.now(), rows_of=partial(visible_to, user))
        lights = found.tasks.lights
        return super().get_context_data(
            health=found,
            mechanisms=[(one, agreement_path(self.object, one.part)) for one in found.mechanisms],
            lights=[(light, lights[light]) for light in LIGHTS if lights[light]],
            deadlines=[(one, self._path(one)) for one in found.deadlines],
            matters=[shown(one, self.object) for one in found.matters],
            **kwargs,
        )

    def _path(self, deadline: Deadline) -> str:
        if deadline.kind in _PAGES:
            return reverse(_PAGES[deadline.kind], kwargs={"id": deadline.about.public_id})
        return agreement_path(self.object, _TABS[deadline.kind])
