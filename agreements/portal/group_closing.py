"""The end of a group: putting off its sunset, closing it, and its report against the mandate."""

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from agreements.mechanisms import group_closing
from agreements.mechanisms.group_closing import Fate, open_tasks, state_of
from agreements.models import SpecialGroup, Task
from agreements.portal.special_group import group_path, group_trail, hide_closing
from governance.access import day_read, seen, visible_to
from governance.base import bilingual
from governance.portal.forms import DayField, VerbForm
from governance.portal.pages import ObjectPage
from governance.portal.verbs import VerbPage
from governance.wording import listed


class ExtendForm(VerbForm):
    """Until when the group goes on."""

    sunset_on = DayField(label=_("New sunset"), help_text=_("The first day it is over."))

    field_order = ("sunset_on", "reason", "on")


class CloseForm(VerbForm):
    """The closing report, and what becomes of each open task."""

    field_order = ("reason",)

    def __init__(self, *args: Any, tasks: Iterable[Task], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tasks = {f"task_{task.public_id.hex}": task for task in tasks}
        for name, task in self.tasks.items():
            self.fields[name] = forms.ChoiceField(
                label=_("No. %(number)s: %(task)s") % {"number": task.number, "task": task},
                choices=Fate.choices,
                widget=forms.RadioSelect,
                help_text=_("Still open, led by %(lead)s. What becomes of it?")
                % {"lead": task.lead or _("nobody yet")},
                error_messages={"required": _("Say what becomes of this task.")},
            )
        self.order_fields(("reason", *self.tasks, "on"))

    def require_reason(self) -> None:
        super().require_reason()
        self.fields["reason"].label = _("What was achieved of the mandate")
        self.fields["reason"].help_text = _("It is kept as the closing report.")
        self.fields["reason"].widget.attrs["rows"] = 8
        self.fields["reason"].error_messages["required"] = _("Write the closing report.")

    def fates(self) -> dict[Task, str]:
        """What was chosen for each task."""
        return {task: self.cleaned_data[name] for name, task in self.tasks.items()}


class GroupVerb(VerbPage):
    """A verb of a group."""

    section = "agreements"
    model = SpecialGroup
    related = ("agreement",)
    form_class: Any = VerbForm
    sentences = {
        "extend": _("You extended the group “%(name)s”. Its members see the new sunset."),
        "close": _("You closed the group “%(name)s”. Your closing report stays with it."),
    }
    warnings = {
        "extend": _("The reason stays in the group's history."),
        "close": _(
            "The group's work ends: its coming meetings are cancelled, its memberships and its "
            "own convenor's terms end."
        ),
    }

    def get_template_names(self) -> list[str]:
        if self.transition.verb == "close":
            return ["portal/group_close.html"]
        return super().get_template_names()

    def make_form(self, **given: Any) -> Any:
        self.form_class = VerbForm
        if self.transition.verb == "extend":
            self.form_class = ExtendForm
        elif self.transition.verb == "close":
            user = self.request.user
            tasks = visible_to(user, Task).filter(pk__in=open_tasks(self.object).values("pk"))
            listed_tasks = list(tasks.select_related("lead").order_by("number"))
            self.form_class = partial(CloseForm, tasks=listed_tasks)
        return super().make_form(**given)

    def perform(self, form: Any) -> None:
        if self.transition.verb != "close":
            return super().perform(form)
        said = form.cleaned_data
        group_closing.close(
            self.object,
            by=self.request.user,
            on=said["on"],
            reason=said["reason"],
            version=said["version"],
            fates=form.fates(),
        )
        return None

    def trail(self) -> list[tuple[str, str]]:
        up = group_trail(self.request.user, self.object)
        return [*up, (self.address(), str(self.object))]

    def address(self) -> str:
        return group_path(self.object)


class GroupReport(ObjectPage):
    """The report of a group against its mandate, ready for print; an interim one while it works."""

    template_name = "portal/group_report.html"
    section = "agreements"
    model = SpecialGroup
    related = ("agreement", "lead", "topic")

    def trail(self) -> list[tuple[str, str]]:
        up = group_trail(self.request.user, self.object)
        return [*up, (group_path(self.object), str(self.object))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, group = self.request.user, self.object
        hide_closing(user, group)
        on = day_read(user, group.agreement, self.today) or self.today
        state = state_of(group, on)
        tasks = state["tasks"]
        shown_to_reader = seen(user, Task, [task["id"] for task in tasks])
        fates = dict(Fate.choices)
        return super().get_context_data(
            group=group,
            state=state,
            closed=group.closed_on is not None,
            on=on,
            members=listed(
                bilingual(member["name"], member["name_zh"]) for member in state["members"]
            ),
            tasks=[
                {
                    **task,
                    "due_on": parse_date(task["due_on"] or ""),
                    "fate_words": fates.get(task["fate"], ""),
                }
                for task in tasks
                if UUID(task["id"]) in shown_to_reader
            ],
            **kwargs,
        )
