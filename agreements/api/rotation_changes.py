"""The seats and the changes of a rotation, as they come in and as they are shown."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from actors.models import Organization, Region, User
from agreements.mechanisms.convenor_changes import Kind
from agreements.models import RotationChange, Seat
from governance import access, clock
from governance.api.input import Day, StrictSerializer
from governance.api.serializers import (
    Related,
    grouped,
)
from governance.base import bilingual
from governance.lifecycle import require_past


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
    joined_on = Day(allow_null=True, help_text=_("Null: from the start."))
    left_on = Day(allow_null=True, help_text=_("Null: it stays."))
    co_holders = serializers.ListField(
        child=serializers.UUIDField(), help_text=_("Who holds its terms together with it.")
    )


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


class ListedSeat(SeatInput):
    """A seat as a new order names it: by its holder's id alone, or whole where it is new."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str):
            kind = "region" if _names_region(data) else "organization"
            data = {kind: data}
        return super().to_internal_value(data)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if (given.get("organization") is None) is (given.get("region") is None):
            sentence = str(_("A seat belongs to an organization or to a region."))
            raise ValidationError({"organization": [ErrorDetail(sentence, code="required")]})
        return given


def _names_region(key: str) -> bool:
    try:
        return Region.objects.filter(public_id=UUID(key)).exists()
    except ValueError:
        return False


class ChangeInput(StrictSerializer):
    """A change of a rotation; which members it takes depends on its kind."""

    kind = serializers.ChoiceField(choices=Kind.choices, help_text=_("What is changed."))
    term_on = Day(
        required=False, allow_null=True, help_text=_("The first day of the term that is meant.")
    )
    other_term_on = Day(
        required=False,
        allow_null=True,
        help_text=_("swap: the first day of the term with which it changes places."),
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
    region = Related(
        Region,
        required=False,
        allow_null=True,
        help_text=_("admit: the region whose seat it is, instead of an organization."),
    )
    organization = OneOrSeveral(
        required=False,
        allow_null=True,
        help_text=_("An organization's (or region's) id, or a list of them."),
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
        allow_null=True,
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
        allow_null=True,
        max_length=40,
        help_text=_("admit: end, by_order, or the id of the seat behind which it goes."),
    )
    sort_name = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text=_("admit: the name by which it is sorted."),
    )
    seats = ListedSeat(
        many=True,
        required=False,
        allow_null=True,
        help_text=_("reorder: the seats in new order."),
    )
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

    def validate_decided_on(self, day: date | None) -> date | None:
        """What was decided has been decided by today."""
        if day is not None:
            require_past(day, clock.today(), at=None)
        return day

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Besides what was given, the ``facts``: what the kind takes, as it is stored."""
        beside = {"kind", "decided_by", "decided_on", "reason"}
        facts = {
            name: self._plain(name, value, given["kind"])
            for name, value in given.items()
            if value is not None and name not in beside
        }
        if given["kind"] == Kind.ADMIT and self._is_region(facts.get("organization")):
            facts["region"] = facts.pop("organization")
        return {**given, "facts": facts}

    def _plain(self, name: str, value: Any, kind: str) -> Any:
        if name == "organization":
            return self._organizations(value, kind)
        if name == "seats":
            return [
                {
                    key: _key(item) if key != "co_holders" else [_key(one) for one in item]
                    for key, item in seat.items()
                    if item is not None
                }
                for seat in value
            ]
        if name == "then" and value not in {"next", "vacant"}:
            return self._one(name, value, Organization)
        if name == "after" and value not in {"end", "by_order"}:
            return self._one(name, value, Organization, Region)
        return _key(value)

    def _organizations(self, value: Any, kind: str) -> Any:
        if kind == Kind.ASSIGN:
            several = value if isinstance(value, list) else [value]
            return [self._one("organization", item, Organization) for item in several]
        if isinstance(value, list):
            if len(value) != 1:
                sentence = str(_("Name one organization."))
                raise ValidationError({"organization": [ErrorDetail(sentence, code="not_one")]})
            value = value[0]
        return self._one("organization", value, Organization, Region)

    def _one(self, name: str, value: Any, *models: type[Any]) -> str:
        """The id of the row that is meant. Raises ValidationError at the member ``name``."""
        missing: Any = None
        for model in models:
            field = Related(model)
            field.bind(name, self)
            try:
                return str(field.run_validation(value).public_id)
            except serializers.ValidationError as wrong:
                missing = missing or wrong
        raise ValidationError({name: missing.detail})

    def _is_region(self, key: Any) -> bool:
        return key is not None and Region.objects.filter(public_id=key).exists()


def _key(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "public_id"):
        return str(value.public_id)
    return str(value) if not isinstance(value, bool | int | list) else value


def seats_of(ids: list[int], user: Any) -> dict[int, list[dict[str, Any]]]:
    """The seats of each rotation as they were given, in their order."""
    known = access.visible_to(user, Organization).values("pk")
    rows = list(
        access.visible_to(user, Seat)
        .filter(Q(organization__isnull=True) | Q(organization__in=known), rotation__in=ids)
        .filter(admitted=False)
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
        Seat.co_holders.through.objects.filter(seat__in=seats, organization__in=known).values_list(
            "seat_id", "organization__public_id"
        )
    )
    return grouped((row["rotation_id"], _seat(row, together.get(row["pk"], []))) for row in rows)


def _seat(row: Mapping[str, Any], co_holders: list[Any]) -> dict[str, Any]:
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


def change_text(row: Mapping[str, Any], revoker: str | None = None) -> dict[str, Any]:
    """A change as the API shows it: its facts beside who decided it, when and why.

    ``revoker`` is the name of whoever took it back.
    """
    return {
        "id": row["public_id"],
        "kind": row["kind"],
        **row["terms_of_change"],
        "decided_by": row["decided_by"],
        "decided_on": row["decided_on"],
        "reason": row["reason"],
        "revoked_on": row["revoked_on"],
        "revoked_by": revoker,
        "revocation_reason": row["revocation_reason"],
    }


def changes_of(ids: list[int], user: Any) -> dict[int, list[dict[str, Any]]]:
    """The changes of each rotation that the user may see, in the order of recording."""
    rows = list(
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
            "revoked_by",
            "revocation_reason",
        )
    )
    names = revokers(row["revoked_by"] for row in rows)
    return grouped(
        (row["rotation_id"], change_text(row, names.get(row["revoked_by"]))) for row in rows
    )


def revokers(ids: Iterable[int | None]) -> dict[int, str]:
    """The names of the users who took changes back, by their keys."""
    wanted = {pk for pk in ids if pk is not None}
    users = User.objects.filter(pk__in=wanted).select_related("person") if wanted else ()
    return {user.pk: str(user) for user in users}


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
    decided_on = Day(allow_null=True, help_text=_("Null: not known."))
    reason = serializers.CharField(help_text=_("Why it was decided."))
    revoked_on = serializers.DateField(
        allow_null=True, help_text=_("The day on which it was taken back; null: it holds.")
    )
    revoked_by = serializers.CharField(
        allow_null=True, help_text=_("Who took it back, by name; null: nobody, or the system.")
    )
    revocation_reason = serializers.CharField(help_text=_("Why it was taken back."))
