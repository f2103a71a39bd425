"""Handovers over the API: what is open at a boundary, and who has signed."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied

from actors.models import Organization
from actors.working_calendar import doubt
from agreements.mechanisms.handing_over import MODELS, MatterKind, matters_of, sign_off
from agreements.mechanisms.handover import Side
from agreements.models import Agreement, Handover, SpecialGroup
from governance import access, clock, kept_limits
from governance.api.filters import DAYS, RelatedFilter, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import Attached, Computed, Name, NounSerializer, Related
from governance.api.verbs import OnReason, verb
from governance.base import bilingual
from governance.lifecycle import Refusal


class HolderText(serializers.Serializer):
    """An organization that gives or takes the office."""

    organization = serializers.UUIDField(help_text=_("The id of the organization."))
    name = serializers.CharField(help_text=_("Its name, in the reader's language."))


class MatterText(serializers.Serializer):
    """Something that is open at the boundary."""

    kind = serializers.ChoiceField(choices=MatterKind.choices, help_text=_("What kind of thing."))
    id = serializers.UUIDField(help_text=_("Its id; of minutes that of their consultation."))
    reference = serializers.CharField(allow_blank=True, help_text=_("Its number, if it has one."))
    name = serializers.CharField(help_text=_("What it is called, in the reader's language."))
    state = serializers.CharField(
        allow_blank=True, help_text=_("Its status then; empty: minutes that are not written yet.")
    )
    organization = serializers.UUIDField(
        allow_null=True, help_text=_("With whom it lies; null: with nobody yet.")
    )
    organization_name = serializers.CharField(
        allow_blank=True, help_text=_("The name of that organization.")
    )
    due_on = serializers.DateField(allow_null=True, help_text=_("When it is due; null: no day."))
    late = serializers.BooleanField(help_text=_("Whether it was late then."))


def _loaded(ids: list[int]) -> list[Handover]:
    return list(
        Handover.objects.filter(pk__in=ids).select_related("rotation", "outgoing", "incoming")
    )


def holders_of(side: Side) -> Callable[[list[int], Any], dict[int, list[dict[str, Any]]]]:
    """The holders of a side, as far as they exist for the reader."""

    def holders(ids: list[int], user: Any) -> dict[int, list[dict[str, Any]]]:
        rows = dict(Handover.objects.filter(pk__in=ids).values_list("pk", "sides"))
        kept = {pk: sides.get(side, []) for pk, sides in rows.items()}
        return {
            pk: [
                {"organization": one["id"], "name": bilingual(one["name"], one["name_zh"])}
                for one in some
            ]
            for pk, some in kept_limits.named_seen(user, kept, Organization).items()
        }

    return holders


def matters_shown(ids: list[int], user: Any) -> dict[int, list[dict[str, Any]]]:
    """The matters of each handover, as far as they exist for the reader."""
    found = matters_of(_loaded(ids), clock.today())
    return {
        pk: [_matter_text(matter) for matter in matters]
        for pk, matters in kept_limits.matters_seen(user, found, MODELS, Organization).items()
    }


def _matter_text(matter: dict[str, Any]) -> dict[str, Any]:
    who = matter["who"]
    return {
        "kind": matter["kind"],
        "id": matter["id"],
        "reference": matter["reference"],
        "name": bilingual(matter["name"], matter["name_zh"])
        or str(MatterKind(matter["kind"]).label),
        "state": matter["state"],
        "organization": who["id"] if who else None,
        "organization_name": bilingual(who["name"], who["name_zh"]) if who else "",
        "due_on": matter["due_on"],
        "late": matter["late"],
    }


_SIGNED = ("outgoing_signed_on", "incoming_signed_on")


def _is_open(outgoing: date | None, incoming: date | None) -> bool:
    return outgoing is None or incoming is None


class HandoverSerializer(NounSerializer):
    """The handover at a boundary between two terms, with what is open there."""

    agreement = Related(Agreement, source="rotation.agreement", read_only=True)
    agreement_name = Name("rotation__agreement", ("title", "title_zh"))
    group = Related(
        SpecialGroup,
        source="rotation.group",
        read_only=True,
        allow_null=True,
        help_text=_("Null: the agreement's own convenor."),
    )
    group_name = Name("rotation__group", ("name", "name_zh"))
    due_warning = Computed(
        serializers.CharField(help_text=_("Why the deadline may still move; empty: it will not.")),
        ("due_doubts", *_SIGNED),
        lambda years, *signed: doubt(years) if _is_open(*signed) else "",
    )
    open = Computed(
        serializers.BooleanField(help_text=_("Whether a side has still to sign.")),
        _SIGNED,
        _is_open,
    )
    late = Computed(
        serializers.BooleanField(help_text=_("Whether the deadline has passed unsigned.")),
        ("due_on", *_SIGNED),
        lambda due_on, *signed: _is_open(*signed) and due_on < clock.today(),
    )
    outgoing_holders = Attached(HolderText(many=True), holders_of(Side.OUTGOING))
    incoming_holders = Attached(HolderText(many=True), holders_of(Side.INCOMING))
    matters = Attached(MatterText(many=True), matters_shown)

    class Meta:
        model = Handover
        create_only = ("rotation", "boundary_on")
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "group",
            "group_name",
            "rotation",
            "rotation_name",
            "boundary_on",
            "due_on",
            "due_warning",
            "open",
            "late",
            "outgoing",
            "outgoing_holders",
            "outgoing_note",
            "outgoing_signed_on",
            "outgoing_signed_by",
            "outgoing_signed_by_name",
            "incoming",
            "incoming_holders",
            "incoming_note",
            "incoming_signed_on",
            "incoming_signed_by",
            "incoming_signed_by_name",
            "matters",
            "created_at",
            "changed_at",
        )


class HandoverFilters(RowFilterSet):
    """Filters of handovers; ``late`` are the open ones whose deadline has passed."""

    agreement = RelatedFilter(field_name="rotation__agreement")
    open = BooleanFilter(method="is_open")
    late = BooleanFilter(method="is_late")

    class Meta:
        model = Handover
        fields = {"rotation": ["exact"], "boundary_on": DAYS, "due_on": DAYS}

    def is_open(self, rows: Any, name: str, wanted: bool) -> Any:
        return rows.open() if wanted else rows.signed()

    def is_late(self, rows: Any, name: str, wanted: bool) -> Any:
        late = rows.late(clock.today())
        return late if wanted else rows.exclude(pk__in=late.values("pk"))


class NoteBody(OnReason):
    """What a side has to say."""

    side = serializers.ChoiceField(choices=Side.choices, help_text=_("Whose note it is."))
    note = serializers.CharField(
        allow_blank=True,
        max_length=20_000,
        help_text=_("The note; it takes the place of the last."),
    )


class SignOffBody(OnReason):
    """Which side signs."""

    side = serializers.ChoiceField(choices=Side.choices, help_text=_("Which side signs."))
    note = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=20_000,
        default="",
        help_text=_("Its note; left out: the one that stands."),
    )


class Handovers(Resource):
    """The handovers between convenors."""

    model = Handover
    serializer_class = HandoverSerializer
    filterset_class = HandoverFilters
    ordering = "-boundary_on"
    ordering_fields = ("boundary_on", "due_on", "created_at", "changed_at")
    writes = ("create", "delete")

    note = verb("note", label=_("Write a note"), body=NoteBody)
    sign_off = verb("sign_off", label=_("Sign off"), body=SignOffBody)

    def allowed_actions(self, obj: Any) -> Any:
        """As of any noun; whoever has signed for their own side has no more to sign."""
        told = super().allowed_actions(obj)
        sides = access.handover_sides(self.request.user, obj)
        if sides and obj.is_open and not any(obj.signed_on(side) is None for side in sides):
            for one in told:
                one.update(allowed=False, reason=str(_("This side has signed already.")))
        return told

    def call(self, obj: Any, method: str, **facts: Any) -> None:
        side = facts.pop("side")
        refusal = side_refusal(self.request.user, obj, side)
        if refusal is not None:
            raise PermissionDenied(refusal.sentence)
        if method == "sign_off":
            sign_off(obj, side, **facts)
        else:
            obj.note(side, facts.pop("note"), **facts)


def side_refusal(user: Any, handover: Handover, side: str) -> Refusal | None:
    """Why the user does not write or sign for this side; None when they may."""
    if side in access.handover_sides(user, handover):
        return None
    return Refusal("other_side", _("Each side signs for itself."))
