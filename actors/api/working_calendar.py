"""Working calendars over the API, with their days, and the reckoning in working days."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from actors.models import CalendarDay, WorkingCalendar
from actors.working_calendar import DayKind, doubt
from governance import access, clock
from governance.api.filters import RowFilterSet, refuse_parameters
from governance.api.input import EARLIEST, LATEST, Day, StrictSerializer
from governance.api.questions import day_asked
from governance.api.resource import Resource
from governance.api.serializers import Attached, Computed, NounSerializer, grouped
from governance.api.verbs import OnReason, verb

MOST_DAYS = 2_000


class DayText(StrictSerializer):
    """A day off, or a day worked to make up for one."""

    day = Day(help_text=_("The day."))
    kind = serializers.ChoiceField(
        choices=DayKind.choices, help_text=_("What is special about it.")
    )
    name = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text=_("Its name, if it has one.")
    )
    name_zh = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text=_("Its Chinese name.")
    )
    by_hand = serializers.BooleanField(
        read_only=True,
        help_text=_("Whether people entered or changed it: loading leaves such a day alone."),
    )


def _days(ids: list[int], user: Any) -> dict[int, list[dict[str, Any]]]:
    rows = (
        access.visible_to(user, CalendarDay)
        .filter(calendar__in=ids)
        .order_by("day")
        .values("calendar_id", "day", "kind", "name", "name_zh", "by_hand")
    )
    return grouped((row.pop("calendar_id"), row) for row in rows)


class DayInput(DayText):
    """A day as it is to stand."""

    def to_internal_value(self, data: Any) -> Any:
        """Whole even within a partial change: a name that is not given is none."""
        found = super().to_internal_value(data)
        required = str(serializers.Field.default_error_messages["required"])
        missing: dict[Any, Any] = {
            name: [serializers.ErrorDetail(required, code="required")]
            for name in ("day", "kind")
            if name not in found
        }
        if missing:
            raise serializers.ValidationError(missing)
        return {"name": "", "name_zh": "", **found}


class Years(serializers.ListField):
    """Years, in their order."""

    child = serializers.IntegerField(min_value=1, max_value=9999)


class WorkingCalendarSerializer(NounSerializer):
    """The working days of a region and of what lies under it."""

    weekend = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        required=False,
        allow_empty=True,
        max_length=7,
        help_text=_("The days of the week that are not worked: 1 is Monday, 7 is Sunday."),
    )
    loaded_years = Years(read_only=True, help_text=_("The years taken from the library."))
    provisional_years = Years(
        read_only=True, help_text=_("Of these the years that are not announced yet.")
    )
    settled_years = Years(
        read_only=True, help_text=_("The years that people checked by hand: they count as known.")
    )
    warning = Computed(
        serializers.CharField(help_text=_("What is not known yet, in words; empty: nothing.")),
        ("provisional_years",),
        doubt,
    )
    days = Attached(DayText(many=True), _days)

    class Meta:
        model = WorkingCalendar
        fields = (
            "id",
            "name",
            "name_zh",
            "region",
            "region_name",
            "country",
            "subdivision",
            "weekend",
            "announced_yearly",
            "loaded_years",
            "provisional_years",
            "settled_years",
            "loaded_from",
            "warning",
            "days",
            "created_at",
            "changed_at",
        )


class WorkingCalendarInput(WorkingCalendarSerializer):
    """A working calendar with its days: the whole set of them, where they are given at all."""

    days = serializers.ListField(
        child=DayInput(), required=False, write_only=True, max_length=MOST_DAYS
    )


class WorkingCalendarFilters(RowFilterSet):
    """Filters of working calendars."""

    class Meta:
        model = WorkingCalendar
        fields = {"region": ["exact", "isnull"], "country": ["exact"]}


class LoadBody(OnReason):
    """The years to take from the library."""

    years = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=9999),
        min_length=1,
        max_length=20,
        help_text=_("The years; from 1990 to 2100."),
    )


class SettleBody(OnReason):
    """The year whose days were checked by hand."""

    year = serializers.IntegerField(min_value=1, max_value=9999, help_text=_("The year."))


_Reckoning = type(
    "ReckoningAnswer",
    (serializers.Serializer,),
    {
        "__doc__": "A day reckoned in working days.",
        "from": serializers.DateField(help_text=_("The day counted from, itself not counted.")),
        "days": serializers.IntegerField(help_text=_("How many working days.")),
        "date": serializers.DateField(help_text=_("The day that was found.")),
        "warning": serializers.CharField(
            allow_blank=True, help_text=_("Why the day may still move; empty: it will not.")
        ),
    },
)


class WorkingCalendars(Resource):
    """The working calendars of the regions, readable by everybody."""

    model = WorkingCalendar
    serializer_class = WorkingCalendarSerializer
    input_serializer_class = WorkingCalendarInput
    filterset_class = WorkingCalendarFilters
    ordering = "name"
    ordering_fields = ("name", "created_at", "changed_at")
    search_fields = ("name", "name_zh")

    load = verb("load", label=_("Load days from the library"), body=LoadBody)
    settle = verb("settle", label=_("Settle a year"), body=SettleBody)

    def enter_facts(self, facts: dict[str, Any]) -> WorkingCalendar:
        days = facts.pop("days", None)
        return WorkingCalendar.enter_with_days(
            by=self.request.user, on=clock.today(), days=days or (), **facts
        )

    def edit_facts(self, obj: Any, version: int | None, facts: dict[str, Any]) -> None:
        days = facts.pop("days", None)
        obj.edit_with_days(by=self.request.user, version=version, days=days, **facts)

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "from", OpenApiTypes.DATE, description="The day counted from; today by default."
            ),
            OpenApiParameter(
                "days",
                OpenApiTypes.INT,
                description="How many working days; negative counts backwards. 0: that day or "
                "the next working one.",
            ),
        ],
        responses=_Reckoning,
    )
    @action(detail=True, methods=["get"])
    def reckon(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Which day lies so many working days behind another."""
        calendar = self.get_object()
        refuse_parameters(request, {"from", "days"})
        start, number = day_asked(request, "from"), _number_asked(request)
        found = calendar.reckon(start, number)
        if not EARLIEST <= found.day <= LATEST:
            raise _at_days(_("Give a day between the years 1000 and 2999."), "out_of_range")
        return Response(
            {"from": start, "days": number, "date": found.day, "warning": found.warning}
        )


def _number_asked(request: Request) -> int:
    text = request.query_params.get("days", "0")
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 5 or int(digits) > MOST_DAYS:
        raise _at_days(_("Give a whole number from -2000 to 2000."), "invalid")
    return int(text)


def _at_days(sentence: Any, code: str) -> ValidationError:
    return ValidationError({"days": [ErrorDetail(str(sentence), code=code)]})
