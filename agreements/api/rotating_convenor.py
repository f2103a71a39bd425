"""Rotations, their changes and terms over the API."""

from datetime import date
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

from actors.models import Organization, Region
from agreements.mechanisms.rotating_convenor import (
    HORIZON_MONTHS,
    Kind,
    State,
    TermHolder,
    Unit,
    convenor_term,
    enter_rotation,
    terms_shown,
)
from agreements.mechanisms.rotation_plan import Term
from agreements.models import Agreement, ConvenorTerm, Rotation, RotationChange, Seat
from governance import access, clock
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet, refuse_parameters
from governance.api.input import Day, StrictSerializer
from governance.api.questions import day_asked, flag_asked
from governance.api.resource import Resource
from governance.api.serializers import (
    Attached,
    Name,
    NounSerializer,
    Related,
    RelatedMany,
    grouped,
)
from governance.api.verbs import require_past, verb
from governance.base import bilingual
from governance.periods import add_months


class SeatInput(StrictSerializer):
    """A seat: of an organization, or of a region, whose holder is named term by term."""

    organization = Related(
        Organization,
        required=False,
        allow_null=True,
        help_text=_("The organization whose seat it is; null for the seat of a region."),
    )
    region = Related(
        Region,
        required=False,
        allow_null=True,
        help_text=_("The region whose seat it is; null for the seat of an organization."),
    )
    position = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=32767,
        help_text=_("Its place in the order as given; left out: behind the others."),
    )
    sort_name = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text=_("The name by which it is sorted in the alphabetical order."),
    )
    joined_on = Day(
        required=False,
        allow_null=True,
        help_text=_("The first day on which it belongs; null: from the start."),
    )
    left_on = Day(
        required=False,
        allow_null=True,
        help_text=_("The first day on which it no longer belongs; null: it stays."),
    )
    co_holders = serializers.ListField(
        child=Related(Organization),
        required=False,
        help_text=_("The organizations that hold its terms together with it."),
    )


class SeatText(SeatInput):
    """A seat of the rotation."""

    organization = Related(Organization, allow_null=True, help_text=_("Null: a region's seat."))
    region = Related(Region, allow_null=True, help_text=_("Null: an organization's seat."))
    name = serializers.CharField(help_text=_("Whose seat it is, in the reader's language."))
    position = serializers.IntegerField(help_text=_("Its place in the order as given."))
    sort_name = serializers.CharField(help_text=_("The name by which it is sorted."))
    joined_on = serializers.DateField(allow_null=True, help_text=_("Null: from the start."))
    left_on = serializers.DateField(allow_null=True, help_text=_("Null: it stays."))
    co_holders = serializers.ListField(
        child=serializers.UUIDField(), help_text=_("Who holds its terms together with it.")
    )


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


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "format": "uuid"},
            {"type": "array", "items": {"type": "string", "format": "uuid"}, "minItems": 1},
        ]
    }
)
class OneOrSeveral(serializers.JSONField):
    """An id, or a list of ids."""


class ChangeInput(StrictSerializer):
    """A change of a rotation; which members it takes depends on its kind."""

    kind = serializers.ChoiceField(choices=Kind.choices, help_text=_("What is changed."))
    term_on = Day(required=False, allow_null=True, help_text=_("A day of the term that is meant."))
    other_term_on = Day(
        required=False,
        allow_null=True,
        help_text=_("swap: a day of the term with which it changes places."),
    )
    turns_ahead = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=1000,
        allow_null=True,
        help_text=_("Instead of term_on where ends are not planned: the turn to come, 1 the next."),
    )
    other_turns_ahead = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=1000,
        allow_null=True,
        help_text=_("swap: instead of other_term_on, in the same way."),
    )
    organization = OneOrSeveral(
        required=False, help_text=_("An organization's (or region's) id, or a list of them.")
    )
    ends_on = Day(
        required=False,
        allow_null=True,
        help_text=_("extend, end: the first day that is no longer part of the term."),
    )
    realign = serializers.BooleanField(
        required=False, help_text=_("extend: the next term alone gives or takes the difference.")
    )
    on = Day(
        required=False,
        allow_null=True,
        help_text=_("vacate: the day from which the holder is gone."),
    )
    then = serializers.CharField(
        required=False,
        max_length=40,
        help_text=_("vacate, withdraw: next, vacant, or the id of who serves the rest."),
    )
    effective_on = Day(
        required=False,
        allow_null=True,
        help_text=_("admit, withdraw, reorder: the day from which it counts."),
    )
    after = serializers.CharField(
        required=False,
        max_length=40,
        help_text=_("admit: end, by_order, or the id of the seat behind which it goes."),
    )
    sort_name = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text=_("admit: the name by which it is sorted."),
    )
    seats = SeatInput(many=True, required=False, help_text=_("reorder: the seats in new order."))
    first = serializers.UUIDField(
        required=False, allow_null=True, help_text=_("reorder: who begins; else the first listed.")
    )
    decided_by = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        default="",
        help_text=_("Who decided it; empty when not known."),
    )
    decided_on = Day(
        required=False,
        allow_null=True,
        default=None,
        help_text=_("The day of the decision; null when not known."),
    )
    reason = serializers.CharField(
        required=False, allow_blank=True, default="", help_text=_("Why it was decided.")
    )

    def facts(self) -> dict[str, Any]:
        """What the kind takes, in the plain form in which it is stored."""
        given = dict(self.validated_data)
        for name in ("kind", "decided_by", "decided_on", "reason"):
            given.pop(name, None)
        return {
            name: self._plain(name, value) for name, value in given.items() if value is not None
        }

    def _plain(self, name: str, value: Any) -> Any:
        if name == "organization":
            return self._organizations(value)
        if name == "seats":
            return [
                {
                    key: _key(item) if key != "co_holders" else [_key(one) for one in item]
                    for key, item in seat.items()
                    if item is not None
                }
                for seat in value
            ]
        if name in {"then", "after"} and value not in {"next", "vacant", "end", "by_order"}:
            return str(self._one(name, value).public_id)
        return _key(value)

    def _organizations(self, value: Any) -> Any:
        if isinstance(value, list):
            return [str(self._one("organization", item).public_id) for item in value]
        return str(self._one("organization", value).public_id)

    def _one(self, name: str, value: Any) -> Any:
        for model in (Organization, Region):
            field = Related(model)
            field.bind(name, self)
            try:
                return field.run_validation(value)
            except serializers.ValidationError as wrong:
                missing = wrong
        raise ValidationError({name: missing.detail})


def _key(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "public_id"):
        return str(value.public_id)
    return str(value) if not isinstance(value, bool | int | list) else value


def _seats(ids: list[int], user: Any) -> dict[int, list[dict[str, Any]]]:
    rows = list(
        Seat.objects.filter(rotation__in=ids, admitted=False)
        .order_by("position", "pk")
        .values(
            "pk",
            "rotation_id",
            "organization__public_id",
            "organization__name",
            "organization__name_zh",
            "region__public_id",
            "region__name",
            "region__name_zh",
            "position",
            "sort_name",
            "joined_on",
            "left_on",
        )
    )
    seats = [row["pk"] for row in rows]
    together = grouped(
        Seat.co_holders.through.objects.filter(seat__in=seats).values_list(
            "seat_id", "organization__public_id"
        )
    )
    return grouped((row["rotation_id"], _seat(row, together.get(row["pk"], []))) for row in rows)


def _seat(row: dict[str, Any], co_holders: list[Any]) -> dict[str, Any]:
    kind = "organization" if row["organization__public_id"] else "region"
    return {
        "organization": row["organization__public_id"],
        "region": row["region__public_id"],
        "name": bilingual(row[f"{kind}__name"], row[f"{kind}__name_zh"]),
        "position": row["position"],
        "sort_name": row["sort_name"],
        "joined_on": row["joined_on"],
        "left_on": row["left_on"],
        "co_holders": co_holders,
    }


def change_text(row: dict[str, Any]) -> dict[str, Any]:
    """A change as the API shows it: its facts beside who decided it, when and why."""
    return {
        "id": row["public_id"],
        "kind": row["kind"],
        **row["terms_of_change"],
        "decided_by": row["decided_by"],
        "decided_on": row["decided_on"],
        "reason": row["reason"],
        "revoked_on": row["revoked_on"],
    }


def _changes(ids: list[int], user: Any) -> dict[int, list[dict[str, Any]]]:
    rows = (
        access.visible_to(user, RotationChange)
        .filter(rotation__in=ids)
        .order_by("number")
        .values(
            "rotation_id",
            "public_id",
            "kind",
            "terms_of_change",
            "decided_by",
            "decided_on",
            "reason",
            "revoked_on",
        )
    )
    return grouped((row["rotation_id"], change_text(row)) for row in rows)


class SeatOfChangeText(SeatInput):
    """A seat as a new order names it."""

    co_holders = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        help_text=_("Who holds its terms together with it."),
    )


class ChangeText(ChangeInput):
    """A recorded change."""

    id = serializers.UUIDField(help_text=_("The id of the change."))
    seats = SeatOfChangeText(many=True, required=False, help_text=_("reorder: the new order."))
    decided_by = serializers.CharField(help_text=_("Who decided it; empty when not known."))
    decided_on = serializers.DateField(allow_null=True, help_text=_("Null: not known."))
    reason = serializers.CharField(help_text=_("Why it was decided."))
    revoked_on = serializers.DateField(
        allow_null=True, help_text=_("The day on which it was taken back; null: it holds.")
    )


class RevokeBody(StrictSerializer):
    """Why a change is taken back."""

    reason = serializers.CharField(
        required=False, allow_blank=True, default="", help_text=_("Why it is taken back.")
    )


class RotationSerializer(NounSerializer):
    """The rule by which the convenor rotates, with its seats and changes."""

    term = TermField(required=False, allow_null=True)
    seats = Attached(SeatText(many=True), _seats)
    changes = Attached(ChangeText(many=True), _changes)

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


class TermText(serializers.Serializer):
    """A term: whose turn it is, who serves it, and its days; ``ends_on`` is not part of it."""

    class Turn(serializers.Serializer):
        """The seat that the order gave the term."""

        organization = serializers.UUIDField(allow_null=True, help_text=_("Null: a region's."))
        region = serializers.UUIDField(allow_null=True, help_text=_("Null: an organization's."))
        name = serializers.CharField(help_text=_("Whose turn it is, in the reader's language."))

    id = serializers.UUIDField(
        allow_null=True, help_text=_("The id of the stored term; null: only projected.")
    )
    turn = Turn(allow_null=True, help_text=_("Whose turn it is; null: nobody's."))
    holders = serializers.ListField(
        child=serializers.UUIDField(), help_text=_("The organizations that serve it.")
    )
    holder_names = serializers.ListField(
        child=serializers.CharField(), help_text=_("Their names, in the reader's language.")
    )
    starts_on = serializers.DateField(
        allow_null=True, help_text=_("Its first day; null: behind an end not yet set.")
    )
    ends_on = serializers.DateField(
        allow_null=True, help_text=_("The first day behind it; null: not yet set.")
    )
    expected_ends_on = serializers.DateField(
        allow_null=True, help_text=_("The forecast where the end is not set; else null.")
    )
    state = serializers.ChoiceField(
        choices=State.choices, help_text=_("How firm its holder stands.")
    )
    current = serializers.BooleanField(help_text=_("Whether it holds today."))
    changes = serializers.ListField(
        child=serializers.UUIDField(), help_text=_("The changes that shaped it.")
    )


class PersonName(serializers.Serializer):
    """A person by id and name."""

    id = serializers.UUIDField(help_text=_("The id of the person."))
    name = serializers.CharField(help_text=_("The name, in the reader's language."))


class ConvenorAnswer(serializers.Serializer):
    """Who convenes on a day, with the term before and the one to come."""

    on = serializers.DateField(help_text=_("The day asked about."))
    previous = TermText(allow_null=True, help_text=_("The term before; null: none."))
    current = TermText(allow_null=True, help_text=_("The term that holds; null: none."))
    next = TermText(allow_null=True, help_text=_("The term to come; null: none."))
    person = PersonName(allow_null=True, help_text=_("Who convenes in person; null: not named."))


class Preview(serializers.Serializer):
    """The terms before and after a change that was not made."""

    before = TermText(many=True, help_text=_("The terms as they are."))
    after = TermText(many=True, help_text=_("The terms as they would be."))


_DAY = OpenApiTypes.DATE
LONGEST_WINDOW_MONTHS = 1200


class Rotations(Resource):
    """The rotations of the convenor."""

    model = Rotation
    serializer_class = RotationSerializer
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
        inputs = (
            [self._change(change, place) for place, change in enumerate(data.get("changes") or [])]
            if changes
            else []
        )
        return enter_rotation(
            by=self.request.user, on=clock.today(), seats=seats, changes=inputs, **facts
        )

    def _change(self, data: Any, place: int) -> dict[str, Any]:
        given = ChangeInput(data=data, context={"request": self.request})
        if not given.is_valid():
            raise ValidationError({"changes": {str(place): given.errors}})
        return {**_decision(given), "kind": given.validated_data["kind"], "facts": given.facts()}

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
            raise ValidationError(
                {
                    "to": [
                        ErrorDetail(_("The end lies before the start."), code="dates_out_of_order")
                    ]
                }
            )
        if end > add_months(start, LONGEST_WINDOW_MONTHS):
            raise ValidationError(
                {
                    "to": [
                        ErrorDetail(_("Ask for at most a hundred years at once."), code="too_long")
                    ]
                }
            )
        as_of = day_asked(request, "as_of") if request.query_params.get("as_of") else None
        found = rotation.between(start, end, as_of=as_of, today=clock.today())
        read_until = access.reads_until(request.user, rotation.agreement)
        return Response(terms_shown(rotation, _up_to(found, read_until), clock.today()))

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
                description="The ETag of the rotation as it was read, or `*`; a preview needs none.",
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
        decision = _decision(given)
        if previewed:
            before, after = rotation.preview(
                kind,
                on=today,
                facts=given.facts(),
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
                kind, by=request.user, on=today, facts=given.facts(), version=version, **decision
            )
        row = RotationChange.objects.filter(pk=made.pk).values()[0]
        return Response(change_text(row), status=status.HTTP_201_CREATED)

    @extend_schema(request=RevokeBody, responses=ChangeText)
    @action(detail=True, methods=["post"], url_path="changes/<uuid:change>/revoke")
    def revoke(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a change back, with a reason."""
        rotation = self.get_object()
        seen = access.visible_to(request.user, RotationChange)
        change = seen.filter(rotation=rotation, public_id=kwargs["change"]).first()
        if change is None:
            raise Http404
        self.require("change", rotation)
        self.precondition(rotation, required=False)
        given = RevokeBody(data={} if request.data is None else request.data)
        given.is_valid(raise_exception=True)
        reason = given.validated_data["reason"]
        rotation.revoke(change, by=request.user, on=clock.today(), reason=reason)
        row = RotationChange.objects.filter(pk=change.pk).values()[0]
        return Response(change_text(row))


def _up_to(terms: list[Term], day: date | None) -> list[Term]:
    """Those that begin before ``day``: what whoever left on it may read. None: all."""
    return [term for term in terms if day is None or (term.starts_on or day) < day]


def _decision(given: ChangeInput) -> dict[str, Any]:
    decided_on = given.validated_data["decided_on"]
    if decided_on is not None:
        require_past(decided_on)
    return {
        "decided_by": given.validated_data["decided_by"],
        "decided_on": decided_on,
        "reason": given.validated_data["reason"],
    }


class ConvenorTermSerializer(NounSerializer):
    """A stored term: laid down ten years ahead."""

    agreement = Related(Agreement, source="rotation.agreement", read_only=True)
    agreement_name = Name("rotation__agreement", ("title", "title_zh"))
    turn = Related(Organization, source="seat.organization", read_only=True)
    turn_name = Name("seat__organization", ("name", "name_zh"))
    holders = RelatedMany(Organization, read_only=True)
    holder_names = Attached(
        serializers.ListField(child=serializers.CharField()),
        lambda ids, user: grouped(
            (term, bilingual(name, name_zh))
            for term, name, name_zh in TermHolder.objects.filter(term__in=ids)
            .order_by("position")
            .values_list("term_id", "organization__name", "organization__name_zh")
        ),
    )

    class Meta:
        model = ConvenorTerm
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "rotation",
            "turn",
            "turn_name",
            "holders",
            "holder_names",
            "starts_on",
            "ends_on",
            "expected_ends_on",
            "state",
            "person",
            "person_name",
            "created_at",
            "changed_at",
        )
        read_only_fields = ("rotation", "starts_on", "ends_on", "expected_ends_on", "state")


class ConvenorTermFilters(RowFilterSet):
    """Filters of terms; ``on`` gives those that hold a day."""

    agreement = RelatedFilter(field_name="rotation__agreement")
    holder = RelatedFilter(field_name="holders", distinct=True)

    class Meta:
        model = ConvenorTerm
        fields = {"rotation": ["exact"], "state": CHOICES, "starts_on": DAYS, "ends_on": DAYS}


class ConvenorTerms(Resource):
    """The terms of all rotations; changed through ``/rotations/{id}/changes/``."""

    model = ConvenorTerm
    serializer_class = ConvenorTermSerializer
    filterset_class = ConvenorTermFilters
    ordering = "starts_on"
    ordering_fields = ("starts_on", "ends_on", "created_at", "changed_at")
    writes = ("change",)

    confirm = verb("confirm", label=_("Confirm term"))


def convenor_answer(agreement: Agreement, on: date, *, until: date | None = None) -> dict[str, Any]:
    """Who convenes on a day, with the term before and the one to come.

    ``until``: only of terms that begin before that day.
    """
    rotation = agreement.rotations.filter(group__isnull=True).order_by("pk").first()
    if rotation is None:
        return {"on": on, "previous": None, "current": None, "next": None, "person": None}
    previous, current, following = rotation.around(on)
    stored = convenor_term(agreement, on) if until is None or on < until else None
    person = stored.person if stored else None

    def shown(term: Any) -> Any:
        readable = _up_to([term], until) if term else []
        return terms_shown(rotation, readable, on)[0] if readable else None

    return {
        "on": on,
        "previous": shown(previous),
        "current": shown(current),
        "next": shown(following),
        "person": {"id": person.public_id, "name": str(person)} if person else None,
    }
