"""What is wrong with an agreement, with the page on which the reader sees to it."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import Agreement, Consultation, Handover, SpecialGroup
from agreements.progress import Light
from agreements.what_is_wrong import Matter, matters
from governance import clock
from governance.access import visible_to
from governance.wording import listed

_PAGES = {Consultation: "consultation", Handover: "handover", SpecialGroup: "group"}


@dataclass(frozen=True, slots=True)
class ShownMatter:
    """A sentence, the page on which one sees to it, and who can mend it."""

    sentence: str
    address: str
    menders: str


def matters_shown(agreement: Agreement, user: Any, on: date) -> list[ShownMatter]:
    """What is wrong on the day ``on``, as far as the reader may see it."""
    found = matters(agreement, on=on, at=clock.now(), rows_of=partial(visible_to, user))
    return [shown(one, agreement) for one in found]


def shown(matter: Matter, agreement: Agreement) -> ShownMatter:
    """A matter of the agreement as the portal shows it."""
    who = [one.label for one in matter.menders]
    return ShownMatter(
        matter.sentence, _address(matter, agreement), listed([*who, _("the secretariat")])
    )


def _address(matter: Matter, agreement: Agreement) -> str:
    page = _PAGES.get(type(matter.about))
    if page is not None:
        return reverse(page, kwargs={"id": matter.about.public_id})
    tab = reverse(f"agreement_{matter.part}", kwargs={"id": agreement.public_id})
    return f"{tab}?light={Light.OVERDUE}" if matter.kind == "tasks_overdue" else tab
