"""Decisions in the back office: their words, their positions and tasks, how far they went."""

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from agreements.admin.belonging import Belonging
from agreements.admin.names import of_agreement
from agreements.mechanisms.deciding import decide
from agreements.mechanisms.decisions import Standing
from agreements.models import Decision, DecisionPosition, Task
from governance import clock
from governance.access import visible_to
from governance.admin.forms import NounForm
from governance.admin.nouns import KeptRows, marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import VerbAdmin
from governance.wording import detailed

STANDING_LABELS = {
    Standing.NO_TASK: "",
    Standing.OPEN: "warning",
    Standing.CARRIED_OUT: "success",
    Standing.REVOKED: "",
}


class StandingFilter(admin.SimpleListFilter):
    """Decisions by how far they have been carried out."""

    title = gettext_lazy("how far")
    parameter_name = "standing"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Standing.choices)

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset.filter(standing=self.value()) if self.value() else queryset


class DecisionForm(NounForm):
    """The words of a decision; taking it settles its item on the agenda."""

    def enter(self, *, by: Any, **facts: Any) -> Decision:
        return decide(facts.pop("consultation"), by=by, on=clock.today(), **facts)


class PositionInline(KeptRows):
    """What the parties held; recorded on the page of the meeting."""

    model = DecisionPosition
    fields = readonly_fields = ("whose", "stance", "note")
    verbose_name_plural = gettext_lazy("What the parties held")

    def get_queryset(self, request: Any) -> Any:
        return DecisionPosition.objects.select_related("organization")

    @display(description=gettext_lazy("organization"))
    def whose(self, obj: DecisionPosition) -> str:
        return str(obj.organization)


@admin.register(Decision, site=secretariat)
class DecisionAdmin(Belonging, VerbAdmin):
    """What consultations decided."""

    belongs_by = "consultation"
    form = DecisionForm
    inlines = (PositionInline,)

    list_display = ("numbered", "words", "standing", "consultation", "decided_on", of_agreement)
    list_filter = (StandingFilter, "year", ("agreement", AutocompleteSelectFilter))
    list_select_related = ("agreement", "consultation__series")
    search_fields = ("text", "text_zh", "agreement__reference")
    autocomplete_fields = ("consultation", "agenda_item")
    readonly_fields = ("effect", "made_tasks")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("consultation", "agenda_item"),
                    ("text", "text_zh"),
                    ("decided_on", "effect"),
                    "made_tasks",
                    ("source", "illustrative"),
                )
            },
        ),
    )

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).with_standing()

    @display(description=gettext_lazy("decision"), ordering=F("year") * 1_000_000 + F("number"))
    def numbered(self, obj: Decision) -> Any:
        return marked_name(obj)

    @display(description=gettext_lazy("text"))
    def words(self, obj: Decision) -> str:
        return str(Truncator(obj.wording).chars(80))

    @display(description=gettext_lazy("how far"), label=STANDING_LABELS, ordering="standing")
    def standing(self, obj: Any) -> tuple[str, Any]:
        return obj.standing, Standing(obj.standing).label

    @display(description=gettext_lazy("tasks"))
    def made_tasks(self, obj: Decision) -> Any:
        if obj.pk is None:
            return "—"
        tasks = Task.objects.filter(decision=obj).order_by("number")
        rows = format_html_join(
            "",
            "<li>{}</li>",
            ((detailed(f"{task.number} {task}", task.get_status_display()),) for task in tasks),
        )
        return format_html("<ul>{}</ul>", rows) if rows else "—"

    def consequences(self, request: Any, obj: Decision, verb: str) -> list[str]:
        open_tasks = visible_to(request.user, Task).open().filter(decision=obj).count()
        if not open_tasks:
            return []
        return [
            _("Its open tasks stay until somebody cancels them: %(count)d.") % {"count": open_tasks}
        ]
