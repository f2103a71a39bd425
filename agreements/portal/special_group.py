"""Special cooperation groups: the list of an agreement, and one group."""

from typing import Any

from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models import (
    Agreement,
    Consultation,
    GroupMembership,
    SpecialGroup,
    Task,
)
from agreements.portal.agreement import AgreementPage, agreement_path
from agreements.portal.tasks import COLUMNS as TASK_COLUMNS
from agreements.portal.tasks import shown
from governance import clock
from governance.access import actions, visible_to
from governance.portal import history
from governance.portal.pages import ObjectPage
from governance.portal.verbs import VerbPage


def group_path(group: SpecialGroup, verb: str = "") -> str:
    """The address of a group's page, or of one of its verbs."""
    if not verb:
        return reverse("group", kwargs={"id": group.public_id})
    return reverse("group_verb", kwargs={"id": group.public_id, "verb": verb})


class AgreementGroups(AgreementPage):
    """The special cooperation groups of an agreement."""

    template_name = "portal/agreement_groups.html"
    tab = "groups"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = self.request.user, self.today
        groups = list(
            self.of(SpecialGroup)
            .select_related("lead", "topic")
            .annotate(
                members=_number(visible_to(user, GroupMembership).current(today)),
                open_tasks=_number(visible_to(user, Task).open()),
            )
            .order_by("status", "name", "pk")
        )
        for group in groups:
            group.past_sunset = group.is_past_sunset(today)
        return super().get_context_data(groups=groups, **kwargs)


def _number(rows: Any) -> Any:
    counted = (
        rows.filter(group=OuterRef("pk"))
        .order_by()
        .values("group")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(counted), 0)


class GroupPage(ObjectPage):
    """Mandate, members, tasks and meetings of a group."""

    template_name = "portal/group.html"
    section = "agreements"
    model = SpecialGroup
    related = ("agreement", "article", "topic", "lead")

    def trail(self) -> list[tuple[str, str]]:
        return group_trail(self.request.user, self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, group, today = self.request.user, self.object, self.today
        members = list(
            visible_to(user, GroupMembership)
            .filter(group=group)
            .select_related("organization")
            .order_by("joined_on", "pk")
        )
        for member in members:
            member.is_now = member.is_current(today)
        tasks = visible_to(user, Task).filter(group=group).with_light(today)
        listed = actions(user, group, today)
        for action in listed:
            action["path"] = group_path(group, action["verb"])
        return super().get_context_data(
            group=group,
            past_sunset=group.is_past_sunset(today),
            members=members,
            tasks=[
                shown(row, today)
                for row in tasks.order_by(F("due_on").asc(nulls_last=True), "number").values(
                    *TASK_COLUMNS
                )
            ],
            meetings=visible_to(user, Consultation)
            .filter(group=group)
            .coming(clock.now())
            .select_related("series", "host")[:5],
            agreement_path=_seen_path(user, group.agreement),
            steps=[action for action in listed if action["allowed"]],
            history=history.entries(
                user, history.of_objects(user, group).order_by("-sequence")[:20]
            ),
            **kwargs,
        )


def _seen_path(user: Any, agreement: Agreement) -> str:
    """The agreement's address; empty for a guest who sees the group alone."""
    seen = visible_to(user, Agreement).filter(pk=agreement.pk).exists()
    return agreement_path(agreement) if seen else ""


def group_trail(user: Any, group: SpecialGroup) -> list[tuple[str, str]]:
    """The way up from a group, as far as the reader may go."""
    if not _seen_path(user, group.agreement):
        return [(reverse("my_work"), str(_("My work")))]
    return [
        (reverse("agreement_list"), str(_("Agreements"))),
        (agreement_path(group.agreement), group.agreement.reference),
        (agreement_path(group.agreement, "groups"), str(_("Groups"))),
    ]


class GroupVerb(VerbPage):
    """A verb of a group."""

    section = "agreements"
    model = SpecialGroup
    related = ("agreement",)
    sentences = {"close": _("You closed the group “%(name)s”. Your closing report stays with it.")}
    warnings = {
        "close": _("The group's work ends. What you write as the reason is its closing report.")
    }

    def trail(self) -> list[tuple[str, str]]:
        up = group_trail(self.request.user, self.object)
        return [*up, (self.address(), str(self.object))]

    def address(self) -> str:
        return group_path(self.object)
