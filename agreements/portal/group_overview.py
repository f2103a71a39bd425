"""All groups at one glance: their tasks by light, what comes next, when they met and meet."""

from functools import partial
from typing import Any

from django.db.models import Case, QuerySet, When
from django.utils.translation import gettext_lazy as _

from agreements.mechanisms.group_figures import LIGHTS, with_figures
from agreements.mechanisms.special_group import Status
from agreements.models import Agreement, SpecialGroup
from agreements.progress import Light
from governance import clock
from governance.access import visible_to
from governance.portal.lists import Choice, ListPage


def figured(user: Any, groups: QuerySet[Any]) -> Any:
    """The groups with their figures, counted over what exists for the reader."""
    return with_figures(groups, rows_of=partial(visible_to, user), on=clock.today(), at=clock.now())


def light_counts(group: Any) -> list[tuple[str, str, int]]:
    """The lights that the group's tasks show, the most pressing first, each with its word."""
    counted = ((light, getattr(group, f"tasks_{light}")) for light in LIGHTS)
    return [(light, str(Light(light).label), number) for light, number in counted if number]


class GroupOverview(ListPage):
    """The groups that exist for the reader: past their sunset, in trouble, at work, closed."""

    template_name = "portal/group_overview.html"
    section = "groups"
    page_size = 50
    search_fields = ("name", "name_zh", "agreement__title", "agreement__title_zh")
    orderings = {
        "late": ("standing", "-tasks_overdue", "-tasks_at_risk", "next_step_on", "sunset_on"),
        "name": ("name", "name_zh"),
        "step": ("next_step_on",),
        "held": ("last_held_on",),
        "meeting": ("next_meeting_at",),
        "evidence": ("-evidence_waiting",),
        "sunset": ("sunset_on",),
    }

    def rows(self) -> QuerySet[Any]:
        user = self.request.user
        seen: Any = visible_to(user, SpecialGroup)
        standing = Case(
            When(pk__in=seen.past_sunset(self.today).values("pk"), then=0),
            When(status=Status.ACTIVE, then=1),
            default=2,
        )
        groups: QuerySet[Any] = figured(user, seen).annotate(standing=standing)
        return groups.select_related("agreement", "lead")

    def choices(self) -> list[Choice]:
        agreements = visible_to(self.request.user, Agreement).filter(
            special_groups__in=visible_to(self.request.user, SpecialGroup).values("pk")
        )
        return [
            Choice(
                "agreement",
                _("Agreement"),
                [(str(one.public_id), str(one)) for one in agreements.distinct()],
                "agreement__public_id",
            ),
            Choice("status", _("Status"), Status.choices, "status"),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for group in context["page"].object_list:
            group.lights = light_counts(group)
            group.past_sunset = group.is_past_sunset(self.today)
            group.near_sunset = group.is_near_sunset(self.today)
        return context
