"""Joining and leaving over the API: what they take, and how their previews are told."""

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from actors.models import Organization
from agreements.api.convenor_terms import PreviewedTermText
from agreements.membership_preview import Preview
from governance.api.input import Day
from governance.api.serializers import Related
from governance.api.verbs import OnReason

PREVIEW = OpenApiParameter(
    "preview",
    OpenApiTypes.BOOL,
    description="`true`: show the mechanisms before and after, and change nothing.",
)


class AccedeBody(OnReason):
    """Where the newcomer's seat goes, as far as the rotation asks."""

    seat_on = Day(
        required=False,
        allow_null=True,
        help_text=_("From when its seat in the rotation takes turns; left out: the day it joins."),
    )
    after = Related(
        Organization,
        required=False,
        help_text=_("Behind whose seat the new one stands, where the rotation asks."),
    )
    sort_name = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=200,
        help_text=_("Its name in an alphabetical order; left out: its own name."),
    )


class WithdrawBody(OnReason):
    """When the withdrawal takes effect; left out: as the agreement's rule says."""

    effective_on = Day(required=False)


class NamedText(serializers.Serializer):
    """Something by its id and name."""

    id = serializers.UUIDField(help_text=_("Its id."))
    name = serializers.CharField(help_text=_("Its name, in the reader's language."))


class RotationPictureText(NamedText):
    """The seats of a rotation on the day, and its terms from that day."""

    seats = serializers.ListField(
        child=serializers.CharField(), help_text=_("The members, in the order of their seats.")
    )
    terms = PreviewedTermText(many=True, help_text=_("The terms that are running or to come."))


class ConsultationPictureText(NamedText):
    """A coming consultation: who hosts it, and how many make a quorum."""

    on = serializers.DateField(help_text=_("The day for which it is set."))
    host = serializers.UUIDField(allow_null=True, help_text=_("Who hosts; null: nobody yet."))
    host_name = serializers.CharField(allow_null=True, help_text=_("The name of the host."))
    invited = serializers.IntegerField(help_text=_("How many parties take part that day."))
    quorum = serializers.IntegerField(
        allow_null=True, help_text=_("How many make a quorum; null: none was agreed.")
    )


class GroupPictureText(NamedText):
    """A group at work: its members on the day, and whether its lead has left."""

    members = serializers.ListField(
        child=serializers.CharField(), help_text=_("The members on that day.")
    )
    lead_has_left = serializers.BooleanField(
        help_text=_("Whether it needs another lead organization.")
    )


class TargetPictureText(NamedText):
    """A target of a task that needs another organization."""

    target = serializers.CharField(help_text=_("The value to be reached."))
    unit = serializers.CharField(help_text=_("What is counted."))


class PictureText(serializers.Serializer):
    """The mechanisms of the agreement on the day, and what is planned from it."""

    parties = serializers.ListField(
        child=serializers.CharField(), help_text=_("Who takes part that day.")
    )
    rotations = RotationPictureText(many=True, help_text=_("The rotations."))
    consultations = ConsultationPictureText(many=True, help_text=_("The coming consultations."))
    uncovered = NamedText(many=True, help_text=_("The parties without a liaison officer."))
    groups = GroupPictureText(many=True, help_text=_("The groups at work."))
    tasks = NamedText(many=True, help_text=_("The tasks that need another organization."))
    targets = TargetPictureText(many=True, help_text=_("The targets of these tasks."))


class MembershipPreview(serializers.Serializer):
    """What an accession or a withdrawal would change; nothing is changed."""

    on = serializers.DateField(help_text=_("The day from which it would hold."))
    seats_on = serializers.DateField(help_text=_("The day whose seats are shown."))
    before = PictureText(help_text=_("The mechanisms as they are."))
    after = PictureText(help_text=_("The mechanisms as they would be."))


def preview_answer(preview: Preview) -> dict[str, Any]:
    """The preview as the API tells it."""
    return asdict(preview)
