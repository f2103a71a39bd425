"""Indicators in the back office, with what was measured and reported."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from agreements.admin.belonging import Belonging
from agreements.admin.names import shortened
from agreements.indicators import DIGITS, PLACES
from agreements.models import Indicator, Measurement, MeasurementCorrection
from governance.admin.nouns import KeptRows, NounAdmin, NounTabular, marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin, VerbForm


class MeasurementInline(NounTabular):
    """The values of an indicator, day by day."""

    model = Measurement
    fields = ("as_of", "value", "note")
    extra = 1
    show_change_link = True


class CorrectionRows(KeptRows):
    """What the measurement said before."""

    model = MeasurementCorrection
    fk_name = "measurement"
    fields = readonly_fields = (
        "as_of",
        "value",
        "note",
        "measured_by",
        "corrected_on",
        "corrected_by",
        "reason",
    )


class CorrectForm(VerbForm):
    """The right value, and the right day where that was wrong, too."""

    value = forms.DecimalField(
        label=_("Value"),
        max_digits=DIGITS,
        decimal_places=PLACES,
        widget=UnfoldAdminDecimalFieldWidget,
    )


@admin.register(Measurement, site=secretariat)
class MeasurementAdmin(Belonging, VerbAdmin):
    """What was measured, and what was said before it was corrected."""

    belongs_by = "indicator"

    list_display = ("__str__", "indicator", "as_of")
    list_filter = (("indicator__task__agreement", AutocompleteSelectFilter),)
    list_select_related = ("indicator",)
    search_fields = ("indicator__name", "indicator__name_zh", "indicator__task__title")
    autocomplete_fields = ("indicator",)
    fieldsets = (
        (
            None,
            {"fields": ("indicator", ("as_of", "value"), "note", ("source", "illustrative"))},
        ),
    )
    inlines = (CorrectionRows,)
    plain_verbs = (PlainVerb("correct", _("Correct the value"), needs_reason=True),)
    verb_forms = {"correct": CorrectForm}


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
