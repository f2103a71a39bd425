"""The agenda in the back office: on the page of its consultation, and item by item."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from agreements.admin.belonging import Belonging
from agreements.admin.names import of_agreement
from agreements.mechanisms.agenda_rules import Status
from agreements.models import AgendaItem
from governance import clock
from governance.admin.forms import NounForm
from governance.admin.nouns import NounStacked, marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import VerbAdmin

STATUS_LABELS = {
    Status.PROPOSED: "warning",
    Status.ACCEPTED: "info",
    Status.DISCUSSED: "success",
    Status.DEFERRED: "",
    Status.DECLINED: "",
    Status.WITHDRAWN: "",
}


class ItemForm(NounForm):
    """An item as it is proposed; the cut-off of the parties does not bind the secretariat."""

    def enter(self, *, by: Any, **facts: Any) -> AgendaItem:
        consultation = facts.pop("consultation", None)
        if consultation is None:
            return AgendaItem.enter(by=by, consultation=None, **facts)
        return AgendaItem.propose(consultation, by=by, on=clock.today(), bound=False, **facts)


class AgendaInline(NounStacked):
    """What is proposed for a consultation, and what stands on its agenda."""

    model = AgendaItem
    fk_name = "consultation"
    form = ItemForm
    section = gettext_lazy("Agenda")
    fields = (
        ("title", "title_zh"),
        ("explanation", "explanation_zh"),
        ("proposed_by", "task", "status"),
        "minutes_note",
    )
    readonly_fields = ("status",)
    autocomplete_fields = ("proposed_by", "task")
    show_change_link = True

    def get_queryset(self, request: Any) -> Any:
        items = super().get_queryset(request)
        return items.select_related("proposed_by", "task").order_by("number", "pk")

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """Items are declined or withdrawn, with the buttons of their own page."""
        return False


class OpenFilter(admin.SimpleListFilter):
    """Items that nobody has answered, or that wait for a consultation."""

    title = gettext_lazy("waiting")
    parameter_name = "waiting"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("answer", gettext_lazy("for an answer")),
            ("consultation", gettext_lazy("for a next consultation")),
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() == "answer":
            return queryset.filter(status=Status.PROPOSED, consultation__isnull=False)
        if self.value() == "consultation":
            return queryset.waiting()
        return queryset


@admin.register(AgendaItem, site=secretariat)
class AgendaItemAdmin(Belonging, VerbAdmin):
    """Matters for consultations, proposed, taken up, carried on."""

    belongs_by = "consultation"
    neighbours = ("task", "about_group", "about_party", "decision")
    form = ItemForm

    list_display = (
        marked_name,
        "state",
        "consultation",
        "number",
        "proposed_by",
        "times_deferred",
        of_agreement,
    )
    list_filter = ("status", OpenFilter, "origin", ("agreement", AutocompleteSelectFilter))
    list_select_related = ("agreement", "consultation__series", "proposed_by")
    search_fields = ("title", "title_zh", "agreement__reference")
    autocomplete_fields = ("consultation", "proposed_by", "task", "about_group", "decision")
    raw_id_fields = ("about_party",)
    readonly_fields = ("number", "lineage")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("consultation", "number"),
                    ("title", "title_zh"),
                    ("explanation", "explanation_zh"),
                    ("proposed_by", "lineage"),
                    "minutes_note",
                )
            },
        ),
        (
            gettext_lazy("What it is about"),
            {
                "classes": ("collapse",),
                "fields": (
                    ("task", "decision"),
                    ("about_group", "about_party"),
                    ("source", "illustrative"),
                ),
            },
        ),
    )

    @display(description=gettext_lazy("status"), label=STATUS_LABELS, ordering="status")
    def state(self, obj: AgendaItem) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=gettext_lazy("first raised at"))
    def lineage(self, obj: AgendaItem) -> str:
        return str(obj.raised_at) if obj.raised_at is not None else "—"
