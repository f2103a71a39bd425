"""Indicators in the back office, with what was measured and reported."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from agreements.admin.belonging import Belonging
from agreements.admin.names import shortened
from agreements.models import Indicator, Measurement
from governance.admin.nouns import NounAdmin, NounTabular, marked_name
from governance.admin.site import secretariat


class MeasurementInline(NounTabular):
    """The values of an indicator, day by day."""

    model = Measurement
    fields = ("as_of", "value", "note")
    extra = 1


@admin.register(Indicator, site=secretariat)
class IndicatorAdmin(Belonging, NounAdmin):
    """What quantifies the tasks."""

    belongs_by = "task"

    list_display = (
        marked_name,
        "task",
        "agreement",
        "counted_in",
        "baseline",
        "target",
        "direction",
    )
    list_filter = ("direction", ("task__agreement", AutocompleteSelectFilter))
    list_select_related = ("task__agreement",)
    search_fields = (
        "name",
        "name_zh",
        "task__title",
        "task__title_zh",
        "task__agreement__reference",
    )
    autocomplete_fields = ("task",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("task", "position"),
                    ("name", "name_zh"),
                    ("unit", "unit_zh"),
                    "definition",
                    ("baseline", "target", "lower"),
                    ("direction", "aggregation", "weight"),
                    ("source", "illustrative"),
                )
            },
        ),
    )
    inlines = (MeasurementInline,)

    @display(description=_("agreement"))
    def agreement(self, obj: Indicator) -> str:
        return shortened(obj.task.agreement)

    @display(description=_("unit"), ordering="unit")
    def counted_in(self, obj: Indicator) -> str:
        return obj.unit_name
