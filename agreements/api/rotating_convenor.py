"""Rotations and their changes over the API."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agreements.api.convenor_terms import Preview, TermText, readable_terms
from agreements.api.rotation_changes import (
    ChangeInput,
    ChangeText,
    SeatInput,
    SeatText,
    change_text,
    changes_of,
    seats_of,
)
from agreements.mechanisms.convenor_entry import edit_rotation, enter_rotation
from agreements.mechanisms.convenor_rule import Unit
from agreements.mechanisms.convenor_shown import terms_shown
from agreements.mechanisms.rotating_convenor import HORIZON_MONTHS
from agreements.models import Rotation, RotationChange
from governance import access, clock
from governance.api.filters import CHOICES, RowFilterSet, refuse_parameters
from governance.api.input import StrictSerializer
from governance.api.questions import day_asked, flag_asked
from governance.api.resource import Resource
from governance.api.serializers import (
    Attached,
    NounSerializer,
)
from governance.api.verbs import OnReason
from governance.lifecycle import require_past
from governance.periods import add_months


class TermLength(StrictSerializer):
    """The length of a term."""

    length = serializers.IntegerField(
        min_value=1, max_value=32767, help_text=_("How many units a term lasts.")
    )
    unit = serializers.ChoiceField(choices=Unit.choices, help_text=_("What is counted."))


@extend_schema_field(TermLength)
class TermField(serializers.Field):
    """``{"length": 6, "unit": "month"}``; null while it is not known."""

    def columns(self) -> tuple[str, ...]:
        return ("length", "unit")

    def from_row(self, row: dict[str, Any]) -> dict[str, Any] | None:
        if row["length"] is None:
            return None
        return {"length": row["length"], "unit": row["unit"]}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        checked = TermLength(data=data)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)


class RotationSerializer(NounSerializer):
    """The rule by which the convenor rotates, with its seats and changes."""

    term = TermField(required=False, allow_null=True)
    seats = Attached(SeatText(many=True), seats_of)
    changes = Attached(ChangeText(many=True), changes_of)

    class Meta:
        model = Rotation
        create_only = ("agreement", "group")
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "group",
            "group_name",
            "article",
            "name",
            "name_zh",
            "basis",
            "order",
            "reverse",
            "term",
            "boundaries",
            "starts_on",
            "first",
            "first_name",
            "on_admission",
            "handover_days",
            "handover_in_working_days",
            "handover_opens_days",
            "seats",
            "changes",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )

    def to_internal_value(self, data: Any) -> Any:
        facts = super().to_internal_value(data)
        if "term" in facts:
            term = facts.pop("term") or {"length": None}
            facts.update(term)
        return facts


class RotationInput(RotationSerializer):
    """A rotation with its seats and changes, entered at once."""

    seats = SeatInput(many=True, required=False, help_text=_("Who takes turns."))
    changes = ChangeInput(
        many=True, required=False, help_text=_("Changes decided already, in their order.")
    )


class SeatEdit(SeatInput):
    """A seat as it was read, or as it shall be."""

    name = serializers.CharField(read_only=True)


class RotationEdit(RotationSerializer):
    """The rule, and with ``seats`` who takes turns: those left out are as they were."""

    seats = SeatEdit(many=True, required=False, help_text=_("Who takes turns, from the start."))


class RotationFilters(RowFilterSet):
    """Filters of rotations."""

    class Meta:
        model = Rotation
        fields = {
            "agreement": ["exact"],
            "group": ["exact", "isnull"],
            "basis": CHOICES,
            "illustrative": ["exact"],
        }


_DAY = OpenApiTypes.DATE
LONGEST_WINDOW_MONTHS = 1200


class Rotations(Resource):
    """The rotations of the convenor."""

    model = Rotation
    serializer_class = RotationSerializer
    input_serializer_class = RotationEdit
    filterset_class = RotationFilters

    @extend_schema(request=RotationInput)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Enter a rotation, whole or empty: without a term, a first day or seats: no terms yet."""
        return super().create(request, *args, **kwargs)

    def unstated(self, serializer: NounSerializer) -> dict[str, Any]:
        return {**super().unstated(serializer), "length": None, "unit": Unit.MONTH}

    def enter(self, data: Any) -> Any:
        given = RotationInput(data=data, context={"request": self.request})
        given.is_valid(raise_exception=True)
        facts = dict(given.validated_data)
        seats, changes = facts.pop("seats", []), facts.pop("changes", [])
        self.require_on(facts)
        return enter_rotation(
            by=self.request.user,
            on=clock.today(),
            seats=seats,
            changes=[
                {"kind": one["kind"], "facts": one["facts"], **_decision(one)} for one in changes
            ],
            **facts,
        )

    def edit_facts(self, obj: Any, version: int | None, facts: dict[str, Any]) -> None:
        edit_rotation(obj, by=self.request.user, on=clock.today(), version=version, **facts)

    @extend_schema(
        parameters=[
            OpenApiParameter("from", _DAY, description="The first day; by default the start."),
            OpenApiParameter("to", _DAY, description="The last day; by default ten years ahead."),
            OpenApiParameter("as_of", _DAY, description="The plan as it stood on that day."),
        ],
        responses=TermText(many=True),
    )
    @action(detail=True, methods=["get"])
    def terms(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The terms that overlap a window, both days included, whole, in order."""
        rotation = self.get_object()
        refuse_parameters(request, {"from", "to", "as_of"})
        start = day_asked(request, "from", rotation.starts_on)
        end = day_asked(request, "to", add_months(max(clock.today(), start), HORIZON_MONTHS))
        if end < start:
            raise _at_end(_("The end lies before the start."), "dates_out_of_order")
        if end > add_months(start, LONGEST_WINDOW_MONTHS):
            raise _at_end(_("Ask for at most a hundred years at once."), "too_long")
        as_of = day_asked(request, "as_of") if request.query_params.get("as_of") else None
        found = rotation.between(start, end, as_of=as_of, today=clock.today())
        return Response(readable_terms(request.user, rotation, found, clock.today()))

    @extend_schema(
        request=ChangeInput,
        parameters=[
            OpenApiParameter(
                "preview",
                OpenApiTypes.BOOL,
                description="`true`: show the terms before and after, and change nothing.",
            ),
            OpenApiParameter(
                "If-Match",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                required=True,
                description="The ETag of the rotation as it was read, or `*`.",
            ),
        ],
        responses={200: Preview, 201: ChangeText},
    )
    @action(detail=True, methods=["post"])
    def changes(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record a change, or with ``?preview=true`` show the terms before and after it."""
        rotation = self.get_object()
        self.require("change", rotation)
        previewed = flag_asked(request, "preview")
        version = self.precondition(rotation, required=not previewed)
        given = ChangeInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        kind, today = given.validated_data["kind"], clock.today()
        decision = _decision(given.validated_data)
        if previewed:
            before, after = rotation.preview(
                kind,
                on=today,
                facts=given.validated_data["facts"],
                decided_on=decision["decided_on"],
                reason=decision["reason"] or _("preview"),
            )
            return Response(
                {
                    "before": terms_shown(rotation, before, today),
                    "after": terms_shown(rotation, after, today),
                }
            )
        with self.unless_stale(rotation):
            made = rotation.change(
                kind,
                by=request.user,
                on=today,
                facts=given.validated_data["facts"],
                version=version,
                **decision,
            )
        row = RotationChange.objects.filter(pk=made.pk).values()[0]
        return Response(change_text(row), status=status.HTTP_201_CREATED)

    @extend_schema(request=OnReason, responses=ChangeText)
    @action(detail=True, methods=["post"], url_path="changes/<uuid:change>/revoke")
    def revoke(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a change back; once it has taken effect, with a reason."""
        rotation = self.get_object()
        seen = access.visible_to(request.user, RotationChange)
        change = seen.filter(rotation=rotation, public_id=kwargs["change"]).first()
        if change is None:
            raise Http404
        self.require("change", rotation)
        self.precondition(rotation, required=False)
        given = OnReason(data={} if request.data is None else request.data)
        given.is_valid(raise_exception=True)
        on = given.validated_data.get("on") or clock.today()
        require_past(on, clock.today())
        rotation.revoke(change, by=request.user, on=on, reason=given.validated_data["reason"])
        row = RotationChange.objects.filter(pk=change.pk).values()[0]
        return Response(change_text(row, str(request.user)))


def _decision(given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("decided_by", "decided_on", "reason")}


def _at_end(sentence: Any, code: str) -> ValidationError:
    return ValidationError({"to": [ErrorDetail(str(sentence), code=code)]})
