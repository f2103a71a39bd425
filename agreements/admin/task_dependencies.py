"""Dependencies in the back office: on the page of a task, before it and behind it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from agreements.models import Task, TaskDependency
from agreements.task_dependencies import numbered
from governance.access import visible_to
from governance.admin.nouns import NounTabular


class WaitsForInline(NounTabular):
    """The tasks that have to be over before this one begins."""

    model = TaskDependency
    fk_name = "successor"
    other = "predecessor"
    fields = ("predecessor", "lag", "lag_unit")
    verbose_name = _("dependency")
    verbose_name_plural = _("Waits for")

    def get_queryset(self, request: Any) -> Any:
        """With the two tasks, of which its name is made."""
        return super().get_queryset(request).select_related("predecessor", "successor__agreement")

    def get_formset(self, request: Any, obj: Any = None, **kwargs: Any) -> Any:
        """The other task is one of the same agreement."""
        formset = super().get_formset(request, obj, **kwargs)
        field = formset.form.base_fields.get(self.other)
        if field is not None and obj is not None:
            tasks = visible_to(request.user, Task).filter(agreement=obj.agreement)
            field.queryset = tasks.exclude(pk=obj.pk)
            field.widget = UnfoldAdminSelectWidget()
            # Asked once, not once for each row.
            field.choices = [
                ("", "—"),
                *((task.pk, numbered(task)) for task in field.queryset.order_by("number")),
            ]
        return formset


class HoldsUpInline(WaitsForInline):
    """The tasks that begin when this one is over."""

    fk_name = "predecessor"
    other = "successor"
    fields = ("successor", "lag", "lag_unit")
    verbose_name_plural = _("Is waited for by")
