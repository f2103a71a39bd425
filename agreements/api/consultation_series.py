"""Consultation series over the API: the promise, its rule, its changes, and whether it is kept."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agreements.mechanisms.held_as_promised import Reckoning, lately, reckoned
from agreements.mechanisms.series_preview import Moved, previewed
from agreements.models import Consultation, ConsultationSeries
from governance import access, clock
from governance.api.filters import CHOICES, RowFilterSet, refusal_of, refuse_parameters
from governance.api.input import Day
from governance.api.questions import day_asked, flag_asked
from governance.api.resource import Resource
from governance.api.serializers import Attached, NounSerializer
from governance.api.verbs import verb
from governance.lifecycle import require_past
from governance.periods import add_months

LONGEST_WINDOW_MONTHS = 1200


class PeriodText(serializers.Serializer):
    """One period of the calendar: what was promised in it, and what was held."""

    starts_on = serializers.DateField(help_text=_("Its first day."))
    ends_on = serializers.DateField(help_text=_("The first day after it."))
    promised = serializers.IntegerField(help_text=_("How many were promised."))
    held = serializers.IntegerField(help_text=_("How many were held."))
    owed = serializers.IntegerField(help_text=_("How many are missing."))


class RunningText(PeriodText):
    """The period that runs."""

    planned = serializers.IntegerField(help_text=_("How many are planned in what is left of it."))


class ReckoningText(serializers.Serializer):
    """Whether it was held as promised; a period counts when its last day lies in the window."""

    promised = serializers.IntegerField(help_text=_("How many were promised."))
    held = serializers.IntegerField(help_text=_("How many were held."))
    missed = serializers.IntegerField(
        help_text=_("How many were missing at the ends of their periods.")
    )
    periods = PeriodText(many=True, help_text=_("Period by period; empty for a mere rule."))
    running = RunningText(
        allow_null=True, help_text=_("The running period; null where no whole one runs.")
    )


class OwedText(ReckoningText):
    """One series of the agreement."""

    series = serializers.UUIDField(help_text=_("The id of the series."))
    name = serializers.CharField(help_text=_("Its name."))


class ConsultationsOwed(serializers.Serializer):
    """Held as promised, for an agreement and each of its series."""

    to = serializers.DateField(help_text=_("The last day of the window."))
    promised = serializers.IntegerField(help_text=_("How many were promised."))
    held = serializers.IntegerField(help_text=_("How many were held."))
    missed = serializers.IntegerField(
        help_text=_("How many were missing at the ends of their periods.")
    )
    owed = serializers.IntegerField(help_text=_("How many the running periods still owe."))
    series = OwedText(many=True, help_text=_("The series of which the promise is known."))

    def get_fields(self) -> dict[str, Any]:
        first = serializers.DateField(help_text=_("The first day of the window."))
        return {"from": first, **super().get_fields()}


def reckoning_text(found: Reckoning) -> dict[str, Any]:
    """A reckoning as the API shows it."""
    now = found.running
    return {
        "promised": found.promised,
        "held": found.held,
        "missed": found.missed,
        "periods": [_period(one) for one in found.periods],
        "running": None if now is None else {**_period(now), "planned": found.planned},
    }


def _period(one: Any) -> dict[str, Any]:
    return {
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
        "promised": one.promised,
        "held": one.held,
        "owed": one.owed,
    }


def _reckonings(ids: list[int], user: Any) -> dict[int, Any]:
    today = clock.today()
    series = ConsultationSeries.objects.filter(pk__in=ids).select_related("agreement")
    seen = access.visible_to(user, Consultation)
    found = reckoned(series, *lately(today), today, among=seen)
    return {pk: reckoning_text(one) if one is not None else None for pk, one in found.items()}


def _in_words(ids: list[int], user: Any) -> dict[int, Any]:
    series = ConsultationSeries.objects.filter(pk__in=ids)
    return {one.pk: one.rule_in_words() for one in series}


def owed_answer(user: Any, agreement: Any, start: date, last: date, on: date) -> dict[str, Any]:
    """Whether an agreement's consultations were held as promised, as far as the user sees them."""
    series = list(
        access.visible_to(user, ConsultationSeries)
        .filter(agreement=agreement)
        .select_related("agreement")
    )
    end = date.fromordinal(last.toordinal() + 1)
    seen = access.visible_to(user, Consultation)
    found = reckoned(series, start, end, on, among=seen)
    known = [one for one in found.values() if one is not None]
    return {
        "from": start,
        "to": last,
        "promised": sum(one.promised for one in known),
        "held": sum(one.held for one in known),
        "missed": sum(one.missed for one in known),
        "owed": sum(one.owed for one in known),
        "series": [
            {"series": one.series.public_id, "name": str(one.series), **reckoning_text(one)}
            for one in known
        ],
    }


def window_asked(request: Request) -> tuple[date, date]:
    """The window that ``from`` and ``to`` name, both included; by default the last year."""
    today = clock.today()
    last = day_asked(request, "to", date.fromordinal(today.toordinal() - 1))
    start = day_asked(request, "from", add_months(last, -12))
    if last < start:
        raise refusal_of("to", _("The end lies before the start."))
    if last > add_months(start, LONGEST_WINDOW_MONTHS):
        raise refusal_of("to", _("Ask for at most a hundred years at once."))
    return start, last


class SeriesSerializer(NounSerializer):
    """A promise to consult regularly."""

    rrule_text = Attached(
        serializers.CharField(help_text=_("The rule in words, in the reader's language.")),
        _in_words,
        empty=str,
    )
    held_as_promised = Attached(
        ReckoningText(
            allow_null=True,
            help_text=_("Over the last twelve months; null: not known how often."),
        ),
        _reckonings,
        empty=lambda: None,
    )

    class Meta:
        model = ConsultationSeries
        create_only = ("agreement", "group")
        read_only_fields = ("continues",)
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "group",
            "group_name",
            "article",
            "name",
            "name_zh",
            "level",
            "rrule",
            "rrule_text",
            "time_zone",
            "starts_at",
            "on_holiday",
            "duration_minutes",
            "times",
            "cadence",
            "held_as_promised",
            "starts_on",
            "ends_on",
            "continues",
            "host_rule",
            "host",
            "host_name",
            "rotation",
            "quorum_kind",
            "quorum",
            "agenda_cutoff_days",
            "minutes_silence_days",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class SplitBody(SeriesSerializer):
    """From which day on, and what changes from then; what is left out stays."""

    starts_on = Day(help_text=_("The first day on which the new series may fall."))
    on = Day(required=False, help_text=_("The day of the decision; today when left out."))
    reason = serializers.CharField(
        required=False, allow_blank=True, default="", help_text=_("Why.")
    )

    class Meta(SeriesSerializer.Meta):
        create_only = ()
        fields = (
            "article",
            "name",
            "name_zh",
            "level",
            "rrule",
            "time_zone",
            "starts_at",
            "on_holiday",
            "duration_minutes",
            "times",
            "cadence",
            "starts_on",
            "ends_on",
            "host_rule",
            "host",
            "rotation",
            "quorum_kind",
            "quorum",
            "agenda_cutoff_days",
            "minutes_silence_days",
            "source",
            "on",
            "reason",
        )


class MovedText(serializers.Serializer):
    """What becomes of one consultation."""

    what = serializers.ChoiceField(
        choices=("stays", "moves", "goes", "comes"), help_text=_("What becomes of it.")
    )
    consultation = serializers.UUIDField(
        allow_null=True, help_text=_("Its id; null for one still to come.")
    )
    name = serializers.CharField(help_text=_("Its name."))
    before = serializers.DateTimeField(allow_null=True, help_text=_("When it begins now."))
    after = serializers.DateTimeField(allow_null=True, help_text=_("When it would begin then."))


class SeriesPreview(serializers.Serializer):
    """What a change would do to the coming consultations."""

    results = MovedText(many=True, help_text=_("The coming consultations, in their order."))


PREVIEW = OpenApiParameter(
    "preview",
    OpenApiTypes.BOOL,
    description="`true`: tell what would become of the consultations, and change nothing.",
)


class SeriesFilters(RowFilterSet):
    """Filters of series."""

    class Meta:
        model = ConsultationSeries
        fields = {"agreement": ["exact"], "group": ["exact", "isnull"], "level": CHOICES}


class AllConsultationSeries(Resource):
    """The promises to consult; a rule's consultations are planned a year ahead.

    A change has three scopes. One occurrence: ``move``, ``postpone`` or ``cancel`` the
    consultation itself, which keeps its place in the rule. This and following: ``split``. All:
    change the series; its coming consultations follow and keep their ids, where the new rule has
    a place for them; what was moved, called or held stays.
    """

    model = ConsultationSeries
    serializer_class = SeriesSerializer
    filterset_class = SeriesFilters
    ordering_fields = ("created_at", "changed_at", "starts_on")

    plan = verb("plan", label=_("Plan the coming consultations"))

    def call(self, obj: Any, method: str, **facts: Any) -> None:
        if method == "plan":
            facts = {"by": facts["by"], "on": facts["on"]}
        super().call(obj, method, **facts)

    @extend_schema(
        request=SplitBody,
        parameters=[PREVIEW],
        responses={200: SeriesPreview, 201: SeriesSerializer},
    )
    @action(detail=True, methods=["post"])
    def split(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """This and following: a new series continues this one from ``starts_on`` on.

        What was planned from then on moves to it with its id; what was called or held stays.
        """
        series = self.get_object()
        self.require("split", series)
        refuse_parameters(request, {"preview"})
        version = self.precondition(series, required=False)
        given = SplitBody(
            series, data=request.data or {}, partial=True, context={"request": request}
        )
        given.is_valid(raise_exception=True)
        facts = dict(given.validated_data)
        if "starts_on" not in facts:
            raise refusal_of("starts_on", _("Give the first day of the new series."))
        on = facts.pop("on", None) or clock.today()
        require_past(on, clock.today())
        said = {"by": request.user, "on": on, "reason": facts.pop("reason", ""), **facts}
        if flag_asked(request, "preview"):
            return self._previewed(series, lambda one: one.split(**said))
        with self.unless_stale(series):
            made = series.split(version=version, **said)
        return self._answer(made, status.HTTP_201_CREATED)

    split.verb, split.label = "split", _("Change this and following")  # type: ignore[attr-defined]

    @extend_schema(
        parameters=[PREVIEW],
        responses={
            200: PolymorphicProxySerializer(
                "SeriesOrPreview", [SeriesSerializer, SeriesPreview], resource_type_field_name=None
            )
        },
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change all of it; with ``?preview=true`` answers what would become of its consultations.

        The preview has the shape of that of ``split``.
        """
        if not flag_asked(request, "preview"):
            return super().partial_update(request, *args, **kwargs)
        series = self.get_object()
        self.require("change", series)
        self.precondition(series, required=True)
        facts = self.facts_of(request.data, series, partial=True)
        return self._previewed(series, lambda one: one.edit(by=request.user, **facts))

    def _previewed(
        self, series: ConsultationSeries, change: Callable[[ConsultationSeries], object]
    ) -> Response:
        """What a change would do, with the ETag of the series as it stands."""
        moves = previewed(series, change, clock.now())
        return Response(_shown(moves), headers={"ETag": self.represent(series)[1]})


def _shown(moves: list[Moved]) -> dict[str, Any]:
    return {
        "results": [
            {
                "what": one.what,
                "consultation": None if one.what == "comes" else one.consultation.public_id,
                "name": str(one.consultation),
                "before": one.before,
                "after": one.after,
            }
            for one in moves
        ]
    }
