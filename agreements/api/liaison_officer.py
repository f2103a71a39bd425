"""Liaison appointments over the API, and the question which party has nobody."""

from datetime import date
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import DateFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from actors.models import Person
from agreements.mechanisms.liaison_coverage import Cover, coverage, uncovered_soon
from agreements.models import Agreement, LiaisonAbsence, LiaisonAppointment, Party
from governance import access
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet, refuse_parameters
from governance.api.input import Day, StrictSerializer
from governance.api.questions import ON, day_asked
from governance.api.resource import Resource
from governance.api.serializers import Name, NounSerializer, Related
from governance.api.verbs import OnReason, verb
from governance.base import bilingual


class LiaisonSerializer(NounSerializer):
    """A person who speaks for a party, from a day until a day."""

    agreement = Related(Agreement, source="party.agreement", read_only=True)
    agreement_name = Name("party__agreement", ("title", "title_zh"))
    organization_name = Name("party__organization", ("name", "name_zh"))

    class Meta:
        model = LiaisonAppointment
        create_only = ("party",)
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "party",
            "organization_name",
            "person",
            "person_name",
            "rank",
            "article",
            "starts_on",
            "ends_on",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class LiaisonFilters(RowFilterSet):
    """Filters of liaison appointments; ``on`` gives those in post that day."""

    agreement = RelatedFilter(field_name="party__agreement")
    organization = RelatedFilter(field_name="party__organization")
    on = DateFilter(method="in_post")

    class Meta:
        model = LiaisonAppointment
        fields = {
            "party": ["exact"],
            "person": ["exact"],
            "rank": CHOICES,
            "starts_on": DAYS,
            "ends_on": DAYS,
        }

    def in_post(self, rows: Any, name: str, on: Any) -> Any:
        return rows.current(on)


class FromDayBody(OnReason):
    """The day from which it holds, which may lie ahead, and why."""

    foresees = True
    on = Day(required=False, help_text=_("The day from which it holds; today when left out."))


class WhyBody(StrictSerializer):
    """Why, if that is to be on record."""

    reason = serializers.CharField(required=False, allow_blank=True, default="")


class SucceedBody(FromDayBody):
    """Who takes over, on the day on which this appointment ends."""

    person = Related(Person, help_text=_("The successor."))


class LiaisonAppointments(Resource):
    """The liaison officers of the parties."""

    model = LiaisonAppointment
    serializer_class = LiaisonSerializer
    filterset_class = LiaisonFilters
    ordering_fields = ("created_at", "changed_at", "starts_on", "ends_on")

    relieve = verb("relieve", label=_("End appointment"), body=FromDayBody)
    succeed = verb("succeed", label=_("Name successor"), body=SucceedBody)


class AbsenceSerializer(NounSerializer):
    """Days on which a liaison officer is away and a deputy stands in."""

    agreement = Related(Agreement, source="appointment.party.agreement", read_only=True)
    organization_name = Name("appointment__party__organization", ("name", "name_zh"))
    person_name = Name("appointment__person", ("name", "name_zh"))

    class Meta:
        model = LiaisonAbsence
        create_only = ("appointment",)
        fields = (
            "id",
            "agreement",
            "appointment",
            "organization_name",
            "person_name",
            "starts_on",
            "ends_on",
            "remark",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class AbsenceFilters(RowFilterSet):
    """Filters of absences; ``on`` gives those that last on that day."""

    agreement = RelatedFilter(field_name="appointment__party__agreement")
    on = DateFilter(method="lasting")

    class Meta:
        model = LiaisonAbsence
        fields = {"appointment": ["exact"], "starts_on": DAYS, "ends_on": DAYS}

    def lasting(self, rows: Any, name: str, on: Any) -> Any:
        return rows.current(on)


class LiaisonAbsences(Resource):
    """The absences of liaison officers."""

    model = LiaisonAbsence
    serializer_class = AbsenceSerializer
    filterset_class = AbsenceFilters
    ordering_fields = ("created_at", "changed_at", "starts_on", "ends_on")

    come_back = verb("come_back", label=_("Record return"), body=FromDayBody)

    @extend_schema(request=WhyBody, responses={204: None})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take back an absence that lies ahead: it is deleted; 409 once it has begun."""
        absence, facts = self.asked("withdraw", WhyBody)
        with self.unless_stale(absence):
            absence.withdraw(by=request.user, **facts)
        return Response(status=status.HTTP_204_NO_CONTENT)

    withdraw.verb = "withdraw"  # type: ignore[attr-defined]
    withdraw.label = _("Withdraw absence")  # type: ignore[attr-defined]


class PartyText(serializers.Serializer):
    """A party of an agreement."""

    party = serializers.UUIDField(help_text=_("The id of the party."))
    agreement = serializers.UUIDField(help_text=_("The id of its agreement."))
    agreement_name = serializers.CharField(help_text=_("The agreement's title."))
    organization = serializers.UUIDField(help_text=_("The id of the organization."))
    organization_name = serializers.CharField(help_text=_("The organization's name."))


class GapText(PartyText):
    """A party without a liaison officer, or with nobody there."""

    gap_from = serializers.DateField(
        allow_null=True, help_text=_("The first day on which nobody is there; null: only foreseen.")
    )


class StandInText(PartyText):
    """A party whose liaison officer is away or missing, and who stands in."""

    officer_name = serializers.CharField(
        allow_null=True, help_text=_("The liaison officer; null: nobody is in post.")
    )
    deputy = serializers.UUIDField(help_text=_("The appointment of whoever stands in."))
    deputy_name = serializers.CharField(help_text=_("Who stands in."))
    until = serializers.DateField(
        allow_null=True, help_text=_("The officer's first day back; null: not known.")
    )


class CoverageAnswer(serializers.Serializer):
    """Which parties have nobody, on a day and within thirty days, and where a deputy stands in."""

    on = serializers.DateField(help_text=_("The day asked about."))
    uncovered = GapText(many=True, help_text=_("Those who have nobody in post that day."))
    uncovered_soon = GapText(
        many=True, help_text=_("Those who will have nobody in post within thirty days.")
    )
    unattended = GapText(
        many=True,
        help_text=_("Those whose officer is away, then or within thirty days, with no stand-in."),
    )
    stand_ins = StandInText(many=True, help_text=_("Those for whom a deputy stands in that day."))


class LiaisonCoverage(APIView):
    """Which party of which agreement has no liaison officer, that day or thirty days on."""

    family = "liaison-appointments"

    @extend_schema(parameters=[ON], responses=CoverageAnswer)
    def get(self, request: Request) -> Response:
        """The gaps on a day, those to come within thirty days, and who stands in."""
        refuse_parameters(request, {"on"})
        on = day_asked(request)
        rows_of = partial(access.visible_to, request.user)
        covers = coverage(rows_of(Party), on, rows_of=rows_of)
        known = {cover.party.pk for cover in covers}
        joining = [
            Cover(party)
            for party in uncovered_soon(rows_of(Party), on)
            .exclude(pk__in=known)
            .select_related("agreement", "organization")
        ]
        vacant = [cover for cover in covers if cover.vacant_from == on]
        soon = [cover for cover in covers if cover.vacant_from and cover.vacant_from > on]
        return Response(
            {
                "on": on,
                "uncovered": [_gap(cover, cover.vacant_from) for cover in vacant],
                "uncovered_soon": [
                    _gap(cover, cover.vacant_from or cover.party.joined_on)
                    for cover in (*soon, *joining)
                ],
                "unattended": [
                    _gap(cover, cover.silent_from)
                    for cover in covers
                    if cover.silent_from and cover.silent_from != cover.vacant_from
                ],
                "stand_ins": [_stand_in(cover) for cover in covers if cover.is_stood_in_for],
            }
        )


def _party(cover: Cover) -> dict[str, Any]:
    party = cover.party
    return {
        "party": party.public_id,
        "agreement": party.agreement.public_id,
        "agreement_name": bilingual(party.agreement.title, party.agreement.title_zh),
        "organization": party.organization.public_id,
        "organization_name": str(party.organization),
    }


def _gap(cover: Cover, day: date | None) -> dict[str, Any]:
    return {**_party(cover), "gap_from": day}


def _stand_in(cover: Cover) -> dict[str, Any]:
    assert cover.contact is not None
    return {
        **_party(cover),
        "officer_name": str(cover.officer.person) if cover.officer else None,
        "deputy": cover.contact.public_id,
        "deputy_name": str(cover.contact.person),
        "until": cover.absence.ends_on if cover.absence else None,
    }
