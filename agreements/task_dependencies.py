"""Dependencies between tasks: one begins when another is over and a lag has passed."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements import schedule
from agreements.agreement import Agreement
from agreements.schedule import LagUnit, Link
from agreements.tasks import Task
from governance.base import Noun, NounQuerySet, Sourced
from governance.lifecycle import Refusal, Refused

# Ten years either way: more is a mistake in typing.
LONGEST_LAG = 3_650


class TaskDependencyQuerySet(NounQuerySet):
    def of(self, agreement: Agreement) -> "TaskDependencyQuerySet":
        """Those between the tasks of an agreement."""
        return self.filter(successor__agreement=agreement)

    def links(self) -> list[Link]:
        """As the schedule reckons with them: between the keys of the tasks in the database."""
        return [one.as_link() for one in self.order_by("pk")]


class TaskDependency(Sourced, Noun):
    """The successor begins when the predecessor is over and the lag has passed."""

    predecessor = models.ForeignKey(
        Task,
        verbose_name=gettext_lazy("predecessor"),
        on_delete=models.CASCADE,
        related_name="dependents",
        help_text=gettext_lazy("The task that has to be over first."),
    )
    successor = models.ForeignKey(
        Task,
        verbose_name=gettext_lazy("successor"),
        on_delete=models.CASCADE,
        related_name="dependencies",
        help_text=gettext_lazy("The task that waits for it."),
    )
    lag = models.SmallIntegerField(
        gettext_lazy("lag"),
        default=0,
        validators=[MinValueValidator(-LONGEST_LAG), MaxValueValidator(LONGEST_LAG)],
        help_text=gettext_lazy(
            "How many days lie between the end of the one and the beginning of the other. "
            "Less than 0: they overlap by as many."
        ),
    )
    lag_unit = models.CharField(
        gettext_lazy("lag counted in"), max_length=12, choices=LagUnit, default=LagUnit.DAYS
    )

    named_by = ("predecessor", "successor")

    objects = TaskDependencyQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("task dependency")
        verbose_name_plural = gettext_lazy("task dependencies")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("predecessor", "successor"),
                name="task_dependency_once",
                violation_error_message=gettext_lazy("The one waits for the other already."),
            ),
            models.CheckConstraint(
                name="task_dependency_of_two",
                condition=~Q(predecessor=F("successor")),
                violation_error_code="itself",
                violation_error_message=gettext_lazy("A task cannot wait for itself."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"

    def clean(self) -> None:
        """Both tasks belong to one agreement, and nothing comes to wait for itself."""
        super().clean()
        if self.predecessor_id is None or self.successor_id is None:
            return
        if self.predecessor.agreement_id != self.successor.agreement_id:
            raise ValidationError(
                {"predecessor": ValidationError(_("This belongs to another agreement."))}
            )
        if self.predecessor_id != self.successor_id:
            self._refuse_circle()

    def _refuse_circle(self) -> None:
        others = TaskDependency.objects.of(self.successor.agreement).exclude(pk=self.pk)
        pairs = others.values_list("predecessor_id", "successor_id")
        found = schedule.way(pairs, self.successor_id, self.predecessor_id)
        if found is None:
            return
        tasks = Task.objects.in_bulk(found)
        named = [numbered(tasks[key]) for key in found if isinstance(key, int)]
        raise ValidationError(
            {
                "predecessor": ValidationError(
                    _("These tasks would wait for each other in a circle: %(tasks)s."),
                    code="circle",
                    params={"tasks": " → ".join([*named, named[0]])},
                )
            }
        )

    def record_scope(self) -> Agreement:
        return self.successor.agreement

    def refuse_edit(self, facts: dict[str, Any]) -> None:
        """It stays within its agreement, which is what is locked while circles are looked for."""
        for name in ("predecessor", "successor"):
            task = facts.get(name)
            if task is not None and task.agreement_id != self.successor.agreement_id:
                raise Refused(
                    "change",
                    Refusal("another_agreement", _("This belongs to another agreement.")),
                )

    def _take_turn(self) -> None:
        """Two links entered at once could close a circle that neither of them closes alone."""
        super()._take_turn()
        if self.successor_id is not None:
            Agreement.objects.select_for_update().filter(pk=self.successor.agreement_id).first()

    # questions

    def as_link(self) -> Link:
        """As the schedule reckons with it: between the keys of the tasks in the database."""
        return Link(self.predecessor_id, self.successor_id, self.lag, self.lag_unit)

    @property
    def lag_words(self) -> str:
        """The lag in words; empty for none."""
        return lag_words(self.lag, self.lag_unit)


def numbered(task: Task) -> str:
    """A task by its number and title."""
    return _("No. %(number)s “%(title)s”") % {"number": task.number, "title": task}


def lag_words(lag: int, unit: str) -> str:
    """A lag in words: “after 5 working days”, “overlapping by 3 days”; empty for none."""
    if lag == 0:
        return ""
    number = abs(lag)
    if unit == LagUnit.WORKING_DAYS:
        days = ngettext("%(number)d working day", "%(number)d working days", number)
    else:
        days = ngettext("%(number)d day", "%(number)d days", number)
    frame = _("after %(days)s") if lag > 0 else _("overlapping by %(days)s")
    return frame % {"days": days % {"number": number}}
