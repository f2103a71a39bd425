"""Special cooperation groups: the list of an agreement, and one group."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actors.models import Organization
from agreements.mechanisms.group_closing import Fate
from agreements.models import (
    Agreement,
    Consultation,
    ConvenorTerm,
    GroupMembership,
    SpecialGroup,
    Task,
)
from agreements.portal.agreement import AgreementPage, agreement_path
from agreements.portal.convenors import holdings_seen
from agreements.portal.liaison_coverage import DayForm
from agreements.portal.tasks import COLUMNS as TASK_COLUMNS
from agreements.portal.tasks import shown
from governance import clock
from governance.access import actions, closings_read, may, seen, visible_to
from governance.lifecycle import Refusal
from governance.portal import history
from governance.portal.forms import DayField, VersionedForm
from governance.portal.pages import ObjectPage
from governance.portal.verbs import ActionPage
from governance.templatetags.words import day


def group_path(group: SpecialGroup, verb: str = "") -> str:
    """The address of a group's page, or of one of its verbs."""
    if not verb:
        return reverse("group", kwargs={"id": group.public_id})
    return reverse("group_verb", kwargs={"id": group.public_id, "verb": verb})


def hide_closing(user: Any, group: SpecialGroup) -> None:
    """Of a closing behind their leaving the user reads nothing: the report goes, unsaved."""
    if not closings_read(user, visible_to(user, SpecialGroup).filter(pk=group.pk)).exists():
        group.closing_report, group.closing_state, group.status_since = "", None, None


def fates_seen(user: Any, group: SpecialGroup) -> list[dict[str, Any]]:
    """What became of the tasks that were open when the group closed, as far as the user sees."""
    words = dict(Fate.choices)
    open_then = [task for task in (group.closing_state or {}).get("tasks", ()) if task["fate"]]
    there = seen(user, Task, [task["id"] for task in open_then])
    return [
        {**task, "fate_words": words[task["fate"]]}
        for task in open_then
        if UUID(task["id"]) in there
    ]


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

    def _convenor(self) -> ConvenorTerm | None:
        """The running term of the group's own rotation; None: it has none, or nobody's turn."""
        user = self.request.user
        found: ConvenorTerm | None = (
            visible_to(user, ConvenorTerm)
            .current(self.today)
            .filter(rotation__group=self.object)
            .select_related("person")
            .prefetch_related(holdings_seen(user))
            .first()
        )
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, group, today = self.request.user, self.object, self.today
        hide_closing(user, group)
        form = DayForm(self.request.GET if self.request.GET.get("on") else None)
        on = form.cleaned_data["on"] if form.is_bound and form.is_valid() else today
        members = list(
            visible_to(user, GroupMembership)
            .filter(group=group)
            .select_related("organization")
            .order_by("joined_on", "pk")
        )
        for member in members:
            member.is_now = member.is_current(on)
            member.may_leave = (
                member.is_current(today) and may(user, "leave", member) is None and group.is_active
            )
        tasks = visible_to(user, Task).filter(group=group).with_light(today)
        listed = actions(user, group, today)
        for action in listed:
            action["path"] = group_path(group, action["verb"])
        return super().get_context_data(
            group=group,
            past_sunset=group.is_past_sunset(today),
            near_sunset=group.is_near_sunset(today),
            lead_has_left=group.lead_has_left(today),
            members=members,
            may_join=group.is_active and may(user, "create", GroupMembership(group=group)) is None,
            form=form if form.is_bound else DayForm(initial={"on": on}),
            on=on,
            convenor=self._convenor() if group.is_active else None,
            fates=fates_seen(user, group),
            last_meeting=visible_to(user, Consultation)
            .filter(group=group, held_on__isnull=False)
            .select_related("series")
            .order_by("-held_on", "-pk")
            .first(),
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


class JoinForm(VersionedForm):
    """Which organization joins the group, and when."""

    organization: Any = forms.ModelChoiceField(
        label=_("Organization"),
        queryset=None,
        empty_label=_("Choose an organization"),
        help_text=_("It need not be a party: a guest sees the group and its members."),
    )
    joined_on = DayField(label=_("From"))

    def __init__(self, *args: Any, organizations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organization"]
        field.queryset = organizations


class Join(ActionPage):
    """An organization becomes a member of a group."""

    section = "agreements"
    model = SpecialGroup
    related = ("agreement",)
    label = _("Add member")

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "create", GroupMembership(group=self.object))

    def initial(self) -> dict[str, Any]:
        return {"joined_on": self.today}

    def make_form(self, **given: Any) -> JoinForm:
        seen_here = visible_to(self.request.user, Organization).order_by("name", "name_zh")
        return JoinForm(initial=self.initial(), organizations=seen_here, **given)

    def perform(self, form: JoinForm) -> None:
        said = form.cleaned_data
        self.made = GroupMembership.enter(
            by=self.request.user,
            on=self.today,
            group=self.object,
            organization=said["organization"],
            joined_on=said["joined_on"],
        )

    def done(self) -> Any:
        return _("%(organization)s is a member of the group from %(day)s.") % {
            "organization": self.made.organization,
            "day": day(self.made.joined_on),
        }

    def address(self) -> str:
        return group_path(self.object)

    def trail(self) -> list[tuple[str, str]]:
        up = group_trail(self.request.user, self.object)
        return [*up, (self.address(), str(self.object))]


class LeaveForm(VersionedForm):
    """From when it is no longer a member, and why."""

    on = DayField(label=_("From which day"), help_text=_("The first day it is no longer a member."))
    reason = forms.CharField(
        label=_("Remark"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class Leave(ActionPage):
    """An organization leaves a group."""

    section = "agreements"
    model = GroupMembership
    related = ("group__agreement", "organization")
    label = _("Record leaving")
    form_class = LeaveForm
    danger = True

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "leave", self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal("leave", self.today)
        return refusal

    def initial(self) -> dict[str, Any]:
        return {**super().initial(), "on": self.today}

    def perform(self, form: LeaveForm) -> None:
        self.object.leave(by=self.request.user, **form.cleaned_data)

    def done(self) -> Any:
        return _("%(organization)s leaves the group on %(day)s.") % {
            "organization": self.object.organization,
            "day": day(self.object.left_on),
        }

    def address(self) -> str:
        return group_path(self.object.group)

    def trail(self) -> list[tuple[str, str]]:
        up = group_trail(self.request.user, self.object.group)
        return [*up, (self.address(), str(self.object.group))]


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
