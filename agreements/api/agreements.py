"""Agreements over the API, with their life cycle and the questions asked of them."""

from datetime import date
from typing import Any

import django_filters as filters
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agreements import ending, signing
from agreements.api.baselines import BASELINE, SlippageAnswer, slippage_answer
from agreements.api.consultation_series import ConsultationsOwed, owed_answer, window_asked
from agreements.api.convenor_terms import ConvenorAnswer, convenor_answer
from agreements.api.health import HealthAnswer, health_answer
from agreements.api.reports import FILES, KIND, PERIOD, report_answer
from agreements.api.timetable_answer import TimetableAnswer, timetable_answer
from agreements.entry_rule_schema import RULE_SCHEMA, published
from agreements.models import Agreement, Party
from governance import access, clock
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet, refuse_parameters
from governance.api.questions import ON, day_asked
from governance.api.resource import Resource
from governance.api.serializers import NounSerializer, Related
from governance.api.verbs import OnReason, verb

SHARED = (
    "id",
    "reference",
    "title",
    "title_zh",
    "kind",
    "mode",
    "content_areas",
    "summary",
    "summary_zh",
    "parent",
    "parent_name",
    "confidentiality",
    "status",
    "ending",
    "signed_on",
    "in_force_on",
    "ended_on",
    "superseded_by",
    "superseded_by_name",
    "entry_into_force",
    "provisionally_applied_from",
    "implemented_on",
    "expires_on",
    "verification",
    "attest_every_months",
    "due_soon_days",
    "nearly_done_percent",
    "behind_percent",
    "far_behind_percent",
    "source",
    "illustrative",
    "created_at",
    "changed_at",
)


@extend_schema_field(published(RULE_SCHEMA), component_name="EntryRule")
class RuleField(serializers.JSONField):
    """The rule of entry into force."""


_RULE = _("When it enters into force, for whom, and how one withdraws; null: not known.")


class AgreementSerializer(NounSerializer):
    """An agreement as the secretariat reads and writes it."""

    entry_into_force = RuleField(required=False, allow_null=True, help_text=_RULE)

    class Meta:
        model = Agreement
        create_only = ("reference",)
        fields = (*SHARED, "notes")


class AgreementForPartners(NounSerializer):
    """An agreement as its parties read it."""

    entry_into_force = RuleField(read_only=True, allow_null=True, help_text=_RULE)

    class Meta:
        model = Agreement
        fields = SHARED


class AgreementFilters(RowFilterSet):
    """Filters of agreements."""

    on = filters.DateFilter(method="in_force", help_text=_("In force on that day."))
    organization = filters.UUIDFilter(
        method="with_party", help_text=_("In which this organization takes part.")
    )
    content_area = RelatedFilter(field_name="content_areas", distinct=True)

    class Meta:
        model = Agreement
        fields = {
            "reference": ["exact"],
            "status": CHOICES,
            "kind": CHOICES,
            "mode": CHOICES,
            "confidentiality": CHOICES,
            "parent": ["exact", "isnull"],
            "signed_on": DAYS,
            "in_force_on": DAYS,
            "expires_on": DAYS,
            "ended_on": DAYS,
            "illustrative": ["exact"],
        }

    def with_party(self, rows: Any, name: str, organization: Any) -> Any:
        parties = access.visible_to(self.request.user, Party)
        mine = parties.filter(organization__public_id=organization)
        return rows.filter(pk__in=mine.values("agreement"))

    def in_force(self, rows: Any, name: str, on: date) -> Any:
        return rows.in_force(on)


class SignBody(OnReason):
    """The day of signature; with ``all_parties`` it counts for each that has not signed yet."""

    all_parties = serializers.BooleanField(
        required=False, default=False, help_text=_("Every party that has not signed signs too.")
    )


class SupersedeBody(OnReason):
    """The agreement that takes its place."""

    superseded_by = Related(Agreement, help_text=_("The agreement that takes its place."))


class ConditionAnswer(serializers.Serializer):
    """One condition of the rule, with what it needs, what was reached, and when."""

    type = serializers.CharField(help_text=_("The kind of condition, as in the rule."))
    required = serializers.JSONField(help_text=_("What it takes: a number, or a share."))
    reached = serializers.JSONField(help_text=_("What was reached by that day."))
    met = serializers.BooleanField(help_text=_("Whether it holds."))
    met_on = serializers.DateField(
        allow_null=True, help_text=_("The first day on which it held; null: not yet.")
    )


class PartyEntry(serializers.Serializer):
    """When the agreement enters into force for one party, and for how long it belongs."""

    party = serializers.UUIDField(help_text=_("The id of the party."))
    name = serializers.CharField(help_text=_("Its name, in the reader's language."))
    act_on = serializers.DateField(
        allow_null=True, help_text=_("The day of its own act; null: not yet.")
    )
    in_force_on = serializers.DateField(
        allow_null=True, help_text=_("From when it is bound; null: not known yet.")
    )
    counts = serializers.BooleanField(help_text=_("Whether its act counts for the conditions."))


class EntryAnswer(serializers.Serializer):
    """The day of entry into force with its explanation."""

    date = serializers.DateField(
        allow_null=True, help_text=_("The day of entry into force; null while it does not hold.")
    )
    trigger_on = serializers.DateField(
        allow_null=True, help_text=_("The first day on which every condition held; null: none.")
    )
    met = serializers.BooleanField(help_text=_("Whether every condition holds."))
    conditions = ConditionAnswer(many=True, help_text=_("Condition by condition."))
    parties = PartyEntry(many=True, help_text=_("Party by party."))
    explanation = serializers.CharField(help_text=_("How the day comes about, in words."))
    missing = serializers.CharField(
        allow_blank=True, help_text=_("What is still missing, in words; empty: nothing.")
    )


class Agreements(Resource):
    """The cooperation agreements."""

    model = Agreement
    serializer_class = AgreementSerializer
    partner_serializer_class = AgreementForPartners
    filterset_class = AgreementFilters
    ordering = "-reference"
    ordering_fields = (
        "reference",
        "title",
        "signed_on",
        "in_force_on",
        "expires_on",
        "created_at",
        "changed_at",
    )
    search_fields = ("reference", "title", "title_zh", "summary", "summary_zh")

    negotiate = verb("negotiate")
    sign = verb("sign", body=SignBody)
    bring_into_force = verb("bring_into_force")
    suspend = verb("suspend")
    resume = verb("resume")
    expire = verb("expire")
    terminate = verb("terminate")
    supersede = verb("supersede", body=SupersedeBody)
    abandon = verb("abandon")

    def call(self, obj: Any, method: str, **facts: Any) -> None:
        if method in ending.ENDINGS:
            ending.end(obj, method, **facts)
        elif method == "sign":
            signing.sign(obj, **facts)
        else:
            super().call(obj, method, **facts)

    @extend_schema(parameters=[ON], responses=ConvenorAnswer)
    @action(detail=True, methods=["get"])
    def convenor(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who convenes on a day, who did before and who comes next."""
        agreement = self.get_object()
        refuse_parameters(request, {"on"})
        return Response(convenor_answer(request.user, agreement, day_asked(request)))

    @extend_schema(
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE, description="By default a year before."),
            OpenApiParameter("to", OpenApiTypes.DATE, description="By default yesterday."),
        ],
        responses=ConsultationsOwed,
    )
    @action(detail=True, methods=["get"], url_path="consultations-owed")
    def consultations_owed(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Held as promised: per series and together, and what the running periods still owe."""
        agreement = self.get_object()
        refuse_parameters(request, {"from", "to"})
        start, last = window_asked(request)
        return Response(owed_answer(request.user, agreement, start, last, clock.today()))

    @extend_schema(responses=HealthAnswer)
    @action(detail=True, methods=["get"])
    def health(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Implementation health: mechanisms, coverage, tasks, deadlines, what is wrong."""
        agreement = self.get_object()
        refuse_parameters(request, set())
        return Response(health_answer(request.user, agreement))

    @extend_schema(parameters=[BASELINE], responses=SlippageAnswer)
    @action(detail=True, methods=["get"])
    def slippage(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How far the timetable has slipped from a baseline: by task, by party, by cause."""
        agreement = self.get_object()
        refuse_parameters(request, {"baseline"})
        return Response(slippage_answer(request.user, agreement, request))

    @extend_schema(
        parameters=[
            OpenApiParameter("critical", bool, description="Only tasks without any slack."),
            OpenApiParameter("light", str, description="Only tasks that show this light."),
            OpenApiParameter(
                "ordering", str, description="number, due_on, slack or forecast_on; - turns it."
            ),
            OpenApiParameter(
                "slip", OpenApiTypes.UUID, description="A task: what if it ended later?"
            ),
            OpenApiParameter("days", int, description="By how many days that task ends later."),
        ],
        responses=TimetableAnswer,
    )
    @action(detail=True, methods=["get"])
    def timetable(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The timetable: phases, tasks, the critical path, slack, the forecast, and a slip."""
        agreement = self.get_object()
        refuse_parameters(request, {"critical", "light", "ordering", "slip", "days"})
        return Response(timetable_answer(request, agreement, clock.today()))

    @extend_schema(parameters=[*PERIOD, KIND], responses=FILES)
    @action(detail=True, methods=["get"])
    def report(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """How it was carried out in a period; by default this year up to today."""
        return report_answer(request, self.get_object())

    @extend_schema(parameters=[ON], responses=EntryAnswer)
    @action(detail=True, methods=["get"], url_path="entry-into-force")
    def entry_into_force(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The day of entry into force, or what is missing, explained party by party."""
        agreement = self.get_object()
        refuse_parameters(request, {"on"})
        on = day_asked(request) if request.query_params.get("on") else None
        parties = access.visible_to(request.user, Party).filter(agreement=agreement)
        regarded = access.day_read(request.user, agreement, on)
        return Response(agreement.entry_answer(regarded, parties).as_dict())
