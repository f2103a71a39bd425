"""Indicators, measurements and progress reports over the API."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from agreements import indicators
from agreements.api.tasks import percent
from agreements.models import (
    Agreement,
    Indicator,
    Measurement,
    MeasurementCorrection,
    ProgressReport,
)
from governance import clock
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet
from governance.api.input import Day, StrictSerializer
from governance.api.resource import Resource
from governance.api.serializers import (
    Attached,
    NounSerializer,
    Related,
    decimal_text,
    grouped,
)
from governance.api.verbs import OnReason, verb
from governance.lifecycle import require_past


def _measured(ids: list[int], user: Any) -> dict[int, Any]:
    """What has been measured of each indicator, and how much of the way that is."""
    return {
        indicator.pk: {
            "value": decimal_text(indicator.value()),
            "attainment": percent(indicator.attainment()),
        }
        for indicator in indicators.with_measurements(ids)
    }


class MeasuredText(serializers.Serializer):
    """The value so far and the attainment in per cent."""

    value = serializers.CharField(allow_null=True)
    attainment = serializers.CharField(allow_null=True)


class IndicatorSerializer(NounSerializer):
    """What is counted for a task."""

    agreement = Related(Agreement, source="task.agreement", read_only=True)
    measured = Attached(MeasuredText(), _measured)

    class Meta:
        model = Indicator
        create_only = ("task",)
        fields = (
            "id",
            "agreement",
            "task",
            "task_name",
            "position",
            "name",
            "name_zh",
            "unit",
            "unit_zh",
            "definition",
            "baseline",
            "target",
            "lower",
            "direction",
            "aggregation",
            "weight",
            "measured",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class IndicatorFilters(RowFilterSet):
    """Filters of indicators."""

    agreement = RelatedFilter(field_name="task__agreement")

    class Meta:
        model = Indicator
        fields = {"task": ["exact"], "direction": CHOICES}


class Indicators(Resource):
    """The indicators of the tasks."""

    model = Indicator
    serializer_class = IndicatorSerializer
    filterset_class = IndicatorFilters
    ordering_fields = ("created_at", "changed_at", "position")


class CorrectedText(serializers.Serializer):
    """What a measurement said before it was corrected."""

    as_of = serializers.DateField()
    value = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    corrected_on = serializers.DateField()
    reason = serializers.CharField(allow_blank=True)


def _corrections(ids: list[int], user: Any) -> dict[int, list[Any]]:
    rows = MeasurementCorrection.objects.filter(measurement__in=ids).order_by("pk")
    columns = ("as_of", "value", "note", "corrected_on", "reason")
    return grouped(
        (
            row["measurement_id"],
            {**{name: row[name] for name in columns}, "value": decimal_text(row["value"])},
        )
        for row in rows.values("measurement_id", *columns)
    )


class MeasurementSerializer(NounSerializer):
    """A value of an indicator as of a day, with what was said before it was corrected."""

    corrections = Attached(CorrectedText(many=True), _corrections)

    class Meta:
        model = Measurement
        create_only = ("indicator",)
        fields = (
            "id",
            "indicator",
            "indicator_name",
            "as_of",
            "value",
            "note",
            "evidence",
            "corrections",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class MeasurementFilters(RowFilterSet):
    """Filters of measurements."""

    task = RelatedFilter(field_name="indicator__task")

    class Meta:
        model = Measurement
        fields = {"indicator": ["exact"], "as_of": DAYS}


class CorrectBody(OnReason):
    """The right value; the day only where that was wrong, too."""

    value = serializers.DecimalField(
        max_digits=indicators.DIGITS,
        decimal_places=indicators.PLACES,
        help_text=_("The right value."),
    )
    as_of = Day(required=False, help_text=_("The right day; left out: as it is."))


class Measurements(Resource):
    """What was measured."""

    model = Measurement
    serializer_class = MeasurementSerializer
    filterset_class = MeasurementFilters
    ordering = "-as_of"
    ordering_fields = ("as_of", "created_at", "changed_at")

    correct = verb("correct", label=_("Correct the value"), body=CorrectBody)


class ValueInput(StrictSerializer):
    """The value of one indicator."""

    indicator = Related(Indicator)
    value = serializers.DecimalField(max_digits=indicators.DIGITS, decimal_places=indicators.PLACES)


class ReportSerializer(NounSerializer):
    """What an organization reported of a task on a day."""

    class Meta:
        model = ProgressReport
        create_only = ("task",)
        fields = (
            "id",
            "task",
            "task_name",
            "reported_on",
            "share",
            "text",
            "evidence",
            "values",
            "created_at",
            "changed_at",
        )
        extra_kwargs = {
            "reported_on": {
                "required": False,
                "help_text": _("The day of the report; today when left out."),
            }
        }

    values = serializers.ListField(
        child=ValueInput(),
        write_only=True,
        required=False,
        help_text=_("The values measured, one for an indicator, as of the day of the report."),
    )


class ReportFilters(RowFilterSet):
    """Filters of progress reports."""

    agreement = RelatedFilter(field_name="task__agreement")

    class Meta:
        model = ProgressReport
        fields = {"task": ["exact"], "reported_on": DAYS}


class ProgressReports(Resource):
    """What was reported; a report may carry values and name evidence filed before."""

    model = ProgressReport
    serializer_class = ReportSerializer
    filterset_class = ReportFilters
    ordering = "-reported_on"
    ordering_fields = ("reported_on", "created_at", "changed_at")
    writes = ("create",)

    def enter_facts(self, facts: dict[str, Any]) -> ProgressReport:
        on = facts.get("reported_on") or clock.today()
        require_past(on, clock.today())
        values: list[tuple[Indicator, Decimal]] = [
            (given["indicator"], given["value"]) for given in facts.get("values") or ()
        ]
        return indicators.report(
            facts["task"],
            by=self.request.user,
            on=on,
            text=facts.get("text", ""),
            share=facts.get("share"),
            values=values,
            documents=facts.get("evidence") or (),
        )
