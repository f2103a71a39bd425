"""More time in the portal: asking for a later date of a task, and answering."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.date_changes import Cause
from agreements.extension_requests import asking_refusal
from agreements.models import ExtensionRequest, Task
from agreements.portal.tasks import task_path, task_trail
from governance.access import asks_for, may
from governance.lifecycle import Refusal
from governance.portal.forms import DayField, PastDayField, VerbForm, VersionedForm
from governance.portal.verbs import ActionPage, VerbPage
from governance.templatetags.words import day


class AskForm(VersionedForm):
    """Until when, and why."""

    field_order = ("version", "due_on", "cause", "reason", "on")

    due_on = DayField(label=_("Until when"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What is in the way, and why the new date can be kept."),
        error_messages={"required": _("Please give a reason.")},
    )
    cause = forms.ChoiceField(label=_("Cause"), choices=[("", _("Please choose")), *Cause.choices])
    on = PastDayField(
        label=_("On which day"), help_text=_("Today, or the earlier day on which it happened.")
    )


class AskExtension(ActionPage):
    """Asking for a later date of a task."""

    section = "agreements"
    model = Task
    related = ("agreement", "lead")
    form_class = AskForm
    label = _("Ask for more time")
    template_name = "portal/task_verb.html"
    renamed = {"asked_on": "on"}

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "create", ExtensionRequest(task=self.object))

    def state_refusal(self) -> Refusal | None:
        return asking_refusal(self.object)

    def initial(self) -> dict[str, Any]:
        return {**super().initial(), "on": self.today}

    def perform(self, form: AskForm) -> None:
        said = form.cleaned_data
        self.made = ExtensionRequest.ask(
            self.object,
            by=self.request.user,
            asked_by=asks_for(self.request.user, self.object),
            **said,
        )

    def consequences(self) -> Any:
        return _("Until it is answered, the date stays as it is. %(who)s answers here.") % {
            "who": self.object.agreement.get_verification_display()
        }

    def done(self) -> Any:
        return _(
            "You asked for more time for “%(name)s”, until %(day)s. It waits for an answer."
        ) % {
            "name": self.object,
            "day": day(self.made.due_on),
        }

    def address(self) -> str:
        return f"{task_path(self.object)}#extensions"

    def trail(self) -> list[tuple[str, str]]:
        return [
            *task_trail(self.request.user, self.object),
            (task_path(self.object), str(self.object)),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(task=self.object, **kwargs)


class GrantForm(VerbForm):
    """With the day that is granted."""

    due_on = DayField(
        label=_("New due date"), required=False, help_text=_("Empty: the day that was asked for.")
    )
    field_order = ("version", "due_on", "on", "reason")


class ExtensionVerb(VerbPage):
    """Granting, refusing or withdrawing a request."""

    section = "agreements"
    model = ExtensionRequest
    related = ("task__agreement", "task__lead", "asked_by")
    template_name = "portal/extension_verb.html"
    sentences = {
        "grant": _("More time is granted: “%(name)s” is now due on %(day)s. Who asked is told."),
        "refuse": _("You refused more time for “%(name)s”. Who asked reads your reason."),
        "withdraw": _("You withdrew the request for “%(name)s”. The date stays as it is."),
    }
    warnings = {
        "grant": _("The task is then due on the later day; the request stays in the history."),
        "refuse": _("The date stays as it is. Your reason stands beside the request."),
    }

    def find_object(self) -> Any:
        found = super().find_object()
        self.form_class = GrantForm if self.transition.verb == "grant" else VerbForm
        return found

    def initial(self) -> dict[str, Any]:
        asked = self.object.due_on if self.transition.verb == "grant" else None
        return {**super().initial(), "due_on": asked}

    def done(self) -> Any:
        task = self.object.task
        return self.sentences[self.transition.verb] % {"name": task, "day": day(task.due_on)}

    def address(self) -> str:
        return f"{task_path(self.object.task)}#extensions"

    def trail(self) -> list[tuple[str, str]]:
        task = self.object.task
        return [*task_trail(self.request.user, task), (task_path(task), str(task))]
