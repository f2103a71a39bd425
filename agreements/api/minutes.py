"""Minutes and their confirmations over the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agreements.mechanisms.minutes import Stance
from agreements.models import Confirmation, Minutes
from governance import access, clock
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet, refuse_parameters
from governance.api.resource import Resource
from governance.api.serializers import Computed, Name, NounSerializer
from governance.api.verbs import verb
from governance.lifecycle import require_past
from governance.record import refuse


class MinutesSerializer(NounSerializer):
    """The minutes of a consultation: the text of the last revision, and how far it is approved."""

    based_on = serializers.IntegerField(
        write_only=True,
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2_147_483_647,
        help_text=_("The revision that the text was written on; 412 when there is a later one."),
    )

    class Meta:
        model = Minutes
        create_only = ("consultation",)
        fields = (
            "id",
            "consultation",
            "consultation_name",
            "text",
            "text_zh",
            "based_on",
            "revision",
            "sha256",
            "status",
            "circulated_on",
            "silence_until",
            "approved_on",
            "approved_by",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class MinutesFilters(RowFilterSet):
    """Filters of minutes."""

    agreement = RelatedFilter(field_name="consultation__agreement")

    class Meta:
        model = Minutes
        fields = {
            "consultation": ["exact"],
            "status": CHOICES,
            "circulated_on": DAYS,
            "approved_on": DAYS,
        }


class WordText(serializers.Serializer):
    """What one participant said to the minutes."""

    organization = serializers.UUIDField(help_text=_("The id of the organization."))
    organization_name = serializers.CharField(help_text=_("Its name, in the reader's language."))
    stance = serializers.ChoiceField(
        choices=Stance.choices, allow_null=True, help_text=_("Null: it said nothing yet.")
    )
    note = serializers.CharField(help_text=_("Its reservation."))
    confirmed_on = serializers.DateField(allow_null=True)
    sha256 = serializers.CharField(help_text=_("The digest of the text it spoke of."))
    matches = serializers.BooleanField(help_text=_("Whether that is the text as it is now."))


class StandingAnswer(serializers.Serializer):
    """What each participant said."""

    revision = serializers.IntegerField(help_text=_("The last revision."))
    sha256 = serializers.CharField(help_text=_("Its digest."))
    results = WordText(many=True, help_text=_("One entry for each that has a voice."))


class RevisionText(serializers.Serializer):
    """One saved text."""

    number = serializers.IntegerField()
    text = serializers.CharField()
    text_zh = serializers.CharField()
    sha256 = serializers.CharField()
    saved_at = serializers.DateTimeField()


class RevisionsAnswer(serializers.Serializer):
    """Every text that was saved, oldest first."""

    results = RevisionText(many=True, help_text=_("The revisions."))


class AllMinutes(Resource):
    """The minutes of the consultations; each text that is saved becomes a revision."""

    model = Minutes
    serializer_class = MinutesSerializer
    filterset_class = MinutesFilters
    ordering_fields = ("circulated_on", "approved_on", "created_at", "changed_at")
    search_fields = ("text", "text_zh")
    creating_revises = True

    def enter_facts(self, facts: dict[str, Any]) -> Minutes:
        """Write them, or revise those that are there and were read: else 412."""
        consultation = facts.pop("consultation")
        there = Minutes.objects.filter(consultation=consultation).first()
        if there is None:
            return Minutes.draft(consultation, by=self.request.user, on=clock.today(), **facts)
        with self.unless_stale(there):
            return Minutes.draft(consultation, by=self.request.user, on=clock.today(), **facts)

    @extend_schema(responses=StandingAnswer)
    @action(detail=True, methods=["get"])
    def standing(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What each participant said to the text as it is now, or to an earlier one."""
        minutes = self.get_object()
        refuse_parameters(request, set())
        results = [
            {
                "organization": word.organization.public_id,
                "organization_name": str(word.organization),
                "stance": word.stance,
                "note": word.note,
                "confirmed_on": word.confirmed_on,
                "sha256": word.sha256,
                "matches": word.matches,
            }
            for word in minutes.standing()
        ]
        return Response(
            {"revision": minutes.revision, "sha256": minutes.sha256, "results": results}
        )

    @extend_schema(responses=RevisionsAnswer)
    @action(detail=True, methods=["get"])
    def revisions(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every text that was saved, oldest first: for whoever writes them or oversees all."""
        minutes = self.get_object()
        if not access.oversees(request.user):
            self.require("revise", minutes)
        refuse_parameters(request, set())
        columns = ("number", "text", "text_zh", "sha256", "saved_at")
        return Response({"results": list(minutes.revisions.order_by("number").values(*columns))})

    circulate = verb("circulate")
    approve = verb("approve")


def _matches(said: str, current: str) -> bool:
    return said == current


class ConfirmationSerializer(NounSerializer):
    """What a participant said to one text of the minutes."""

    consultation_name = Name("minutes__consultation", ("title", "title_zh"))
    matches = Computed(
        serializers.BooleanField(),
        ("sha256", "minutes__sha256"),
        _matches,
        help_text=_("Whether it is a word to the text as it is now."),
    )

    class Meta:
        model = Confirmation
        create_only = ("minutes", "organization", "sha256")
        fields = (
            "id",
            "minutes",
            "consultation_name",
            "organization",
            "organization_name",
            "party",
            "sha256",
            "matches",
            "stance",
            "note",
            "confirmed_on",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )
        extra_kwargs = {
            "organization": {
                "required": False,
                "help_text": _("Left out: the organization that you speak for."),
            },
            "sha256": {
                "required": False,
                "help_text": _("The digest of the text that is meant; left out: as it is now."),
            },
            "confirmed_on": {"required": False, "help_text": _("Left out: today.")},
        }


class ConfirmationFilters(RowFilterSet):
    """Filters of confirmations."""

    class Meta:
        model = Confirmation
        fields = {
            "minutes": ["exact"],
            "organization": ["exact"],
            "stance": CHOICES,
            "confirmed_on": DAYS,
        }


class Confirmations(Resource):
    """What the participants said to the minutes; said again, it replaces what was said before."""

    model = Confirmation
    serializer_class = ConfirmationSerializer
    filterset_class = ConfirmationFilters
    ordering = "-confirmed_on"
    ordering_fields = ("confirmed_on", "created_at", "changed_at")
    writes = ("create",)

    def enter(self, data: Any) -> Any:
        """Give a word; a partner that names nobody speaks for its own organization."""
        facts = self.facts_of(data)
        if facts.get("organization") is None:
            spoken_for = access.speaks_for(self.request.user, facts["minutes"].consultation)
            if not spoken_for:
                raise refuse("organization", _("Say whose word it is."), "required")
            facts["organization"] = spoken_for[0].organization
        self.require_on(facts)
        return self.enter_facts(facts)

    def enter_facts(self, facts: dict[str, Any]) -> Confirmation:
        on = facts.pop("confirmed_on", None) or clock.today()
        require_past(on, clock.today(), at="confirmed_on")
        return Confirmation.give(
            facts.pop("minutes"), facts.pop("organization"), by=self.request.user, on=on, **facts
        )
