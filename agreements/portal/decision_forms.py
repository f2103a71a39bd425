"""What is asked for a decision: its words, what the parties hold, and what follows from it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actors.models import Organization
from agreements.date_changes import Cause
from agreements.mechanisms.attendance import Participant
from agreements.mechanisms.decisions import Effect, Stance
from agreements.models import AgendaItem, Task
from governance.bilingual_pairs import in_order
from governance.portal.forms import DayField, PastDayField, VersionedForm

MOST_TASKS = 12


class WordsForm(VersionedForm):
    """The words of a decision, its day, and what each of those with a voice held of it."""

    text = forms.CharField(
        label=_("What is decided"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    text_zh = forms.CharField(
        label=_("The same in Chinese"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One of the two is enough."),
    )
    decided_on = PastDayField(label=_("Decided on"))

    def __init__(self, *args: Any, voices: Sequence[Participant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.voices = voices
        for one in voices:
            label = one.organization.label
            self.fields[_stance(one.organization)] = forms.ChoiceField(
                label=label, required=False, choices=[("", _("Not recorded")), *Stance.choices]
            )
            self.fields[_note(one.organization)] = forms.CharField(
                label=_("Remark of %(organization)s") % {"organization": label},
                required=False,
                max_length=2000,
            )

    @property
    def position_fields(self) -> list[tuple[Any, Any]]:
        """For each with a voice: what it held, and its remark."""
        return [
            (self[_stance(one.organization)], self[_note(one.organization)]) for one in self.voices
        ]

    def positions(self) -> list[dict[str, Any]]:
        """What was said of what the parties held."""
        said = self.cleaned_data
        return [
            {
                "organization": one.organization,
                "stance": said[_stance(one.organization)],
                "note": said[_note(one.organization)],
            }
            for one in self.voices
            if said[_stance(one.organization)]
        ]

    def places(self) -> dict[str, str]:
        """The domain's names of the positions, as this form calls them."""
        given = [one["organization"] for one in self.positions()]
        return {
            f"positions.{place}": _stance(organization) for place, organization in enumerate(given)
        }


def _stance(organization: Organization) -> str:
    return f"stance_{organization.public_id.hex}"


def _note(organization: Organization) -> str:
    return f"note_{organization.public_id.hex}"


def held(positions: Any) -> dict[str, Any]:
    """What stands there of the positions, as the form takes it."""
    found: dict[str, Any] = {}
    for one in positions:
        found[_stance(one.organization)] = one.stance
        found[_note(one.organization)] = one.note
    return found


class DecideForm(WordsForm):
    """A decision with the tasks made from it, and what it does to one that is there."""

    item: Any = forms.ModelChoiceField(
        label=_("Agenda item"), queryset=None, required=False, empty_label=_("None")
    )
    all_for = forms.BooleanField(
        label=_("Everybody there was for it"),
        required=False,
        help_text=_("Who is there or represented, as far as nothing else is chosen below."),
    )
    effect = forms.ChoiceField(
        label=_("What happens to a task that is there"),
        required=False,
        choices=[("", _("Nothing")), *Effect.choices],
    )
    task: Any = forms.ModelChoiceField(
        label=_("Which task"),
        queryset=None,
        required=False,
        empty_label=_("The task of the agenda item"),
    )
    task_due_on = DayField(
        label=_("New date"), required=False, help_text=_("Where it gets another date.")
    )
    task_cause = forms.ChoiceField(
        label=_("Cause of the new date"),
        required=False,
        choices=[("", _("Please choose")), *Cause.choices],
        help_text=_("Where an agreed date moves."),
    )
    task_lead: Any = forms.ModelChoiceField(
        label=_("New lead organization"),
        queryset=None,
        required=False,
        empty_label=_("Choose an organization"),
        help_text=_("Where it goes to another one."),
    )
    rows = forms.IntegerField(required=False, widget=forms.HiddenInput, initial=1)

    def __init__(
        self, *args: Any, items: Any, tasks: Any, leads: Any, rows: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.count = max(1, min(rows, MOST_TASKS))
        for name, found, told in (
            ("item", items, _numbered_item),
            ("task", tasks, _numbered_task),
            ("task_lead", leads, _label),
        ):
            field: Any = self.fields[name]
            field.queryset, field.label_from_instance = found, told
        for place in range(self.count):
            self.fields |= _task_fields(place, leads)
        self.arrange()

    @property
    def task_fields(self) -> list[list[Any]]:
        """The bound fields of each new task."""
        return [
            [self[f"task{place}_{name}"] for name in in_order(_TASK)] for place in range(self.count)
        ]

    @property
    def can_grow(self) -> bool:
        """Whether another task fits."""
        return self.count < MOST_TASKS

    def new_tasks(self) -> list[dict[str, Any]]:
        """The facts of the tasks that were given."""
        found = [
            {name: self.cleaned_data[f"task{place}_{name}"] for name in _TASK}
            for place in range(self.count)
        ]
        return [facts for facts in found if any(facts.values())]

    def task_effect(self) -> dict[str, Any] | None:
        """What happens to a task that is there; None when nothing does."""
        said = self.cleaned_data
        if not said["effect"]:
            return None
        return {
            "verb": said["effect"],
            "task": said["task"],
            "due_on": said["task_due_on"],
            "cause": said["task_cause"],
            "lead": said["task_lead"],
        }

    def places(self) -> dict[str, str]:
        given = [
            place
            for place in range(self.count)
            if any(self.cleaned_data[f"task{place}_{name}"] for name in _TASK)
        ]
        new = {
            f"tasks.{number}.{name}": f"task{place}_{name}"
            for number, place in enumerate(given)
            for name in _TASK
        }
        effect = {
            "task_effect.verb": "effect",
            "task_effect.task": "task",
            "task_effect.due_on": "task_due_on",
            "task_effect.cause": "task_cause",
            "task_effect.lead": "task_lead",
        }
        return {**super().places(), "agenda_item": "item", **new, **effect}


_TASK = ("title", "title_zh", "lead", "due_on")


def _task_fields(place: int, leads: Any) -> Mapping[str, Any]:
    lead: Any = forms.ModelChoiceField(
        label=_("Lead organization"),
        queryset=leads,
        required=False,
        empty_label=_("Not decided"),
    )
    lead.label_from_instance = _label
    return {
        f"task{place}_title": forms.CharField(
            label=_("What is to be done"), required=False, max_length=300
        ),
        f"task{place}_title_zh": forms.CharField(
            label=_("The same in Chinese"), required=False, max_length=300
        ),
        f"task{place}_lead": lead,
        f"task{place}_due_on": DayField(label=_("Due"), required=False),
    }


def _numbered_item(item: AgendaItem) -> str:
    return f"{item.number}. {item}" if item.number else str(item)


def _numbered_task(task: Task) -> str:
    return f"{task.number} · {task}"


def _label(organization: Organization) -> str:
    return organization.label
